//! The rows of *Vooruitblik*, in words.

use std::collections::BTreeMap;

use chrono::{Datelike, Weekday};
use fluent_templates::fluent_bundle::FluentValue;
use oneroster_school::outlook::{EndingAssignment, Outlook, Seen, SeenStanding};
use oneroster_standard::RoleType;

use crate::desk::cause;
use crate::desk::dates::shown;
use crate::desk::language::{self, Language};
use crate::publication::outlook::TenantOutlook;

/// How many causes a row names.
const CAUSES_SHOWN: usize = 3;

/// What the rows are put in words with.
pub(super) struct View {
    language: Language,
    orgs: BTreeMap<String, String>,
    /// The day that is looked at, and what it is compared with.
    pub(super) day: String,
    pub(super) today: String,
    pub(super) monday: String,
    /// Whether that day is a Monday: before the school year it is the first day of the year.
    pub(super) is_monday: bool,
}

/// What becomes of an org.
pub(super) struct OrgRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) come: usize,
    pub(super) go: usize,
    pub(super) change: usize,
    pub(super) classes: Vec<ClassRow>,
}

/// What becomes of a class.
pub(super) struct ClassRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) come: usize,
    pub(super) go: usize,
}

/// Somebody who comes, goes or changes.
pub(super) struct PersonRow {
    pub(super) id: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) class: String,
    pub(super) username: String,
    pub(super) why: String,
    /// Whether they are still to be released.
    pub(super) is_to_release: bool,
}

impl PersonRow {
    /// The order of a list: by place, class, name.
    pub(super) fn key(&self) -> [String; 5] {
        let folded = |text: &String| text.to_lowercase();
        [
            folded(&self.place),
            folded(&self.class),
            folded(&self.family_name),
            folded(&self.given_name),
            self.id.clone(),
        ]
    }
}

/// Somebody whose last assignment ends.
pub(super) struct EndingRow {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) last_day: String,
    pub(super) published_until: String,
    pub(super) is_to_release: bool,
}

impl View {
    pub(super) fn new(language: Language, other: &TenantOutlook, monday: &TenantOutlook) -> Self {
        Self {
            language,
            orgs: other.outlook.orgs.clone(),
            day: shown(other.outlook.day),
            today: shown(other.outlook.today),
            monday: shown(monday.outlook.day),
            is_monday: monday.outlook.day.weekday() == Weekday::Mon,
        }
    }

    pub(super) fn text_with<const N: usize>(
        &self,
        key: &str,
        arguments: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        language::text_with(self.language, key, arguments)
    }

    pub(super) fn org(&self, id: &str) -> String {
        self.orgs.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    pub(super) fn class(outlook: &Outlook, id: &str) -> String {
        let class = outlook.classes.get(id);
        class.map_or_else(|| id.to_owned(), |class| class.name.clone())
    }

    pub(super) fn person(&self, outlook: &Outlook, seen: &Seen<'_>) -> PersonRow {
        let standing = seen.after.as_ref().or(seen.before.as_ref());
        let kind = match standing.map(|standing| standing.role) {
            Some(RoleType::Teacher) => "outlook-staff",
            _ => "outlook-pupil",
        };
        let of_orgs = |standing: &SeenStanding<'_>| {
            let orgs = standing.orgs.iter().map(|id| self.org(id));
            orgs.collect::<Vec<_>>().join(", ")
        };
        let of_classes = |standing: &SeenStanding<'_>| {
            let classes = standing.classes.iter().map(|id| Self::class(outlook, id));
            classes.collect::<Vec<_>>().join(", ")
        };
        let username = |standing: &SeenStanding<'_>| standing.username.to_owned();
        let causes = seen.causes.iter().take(CAUSES_SHOWN);
        let causes: Vec<String> = causes
            .map(|cause| cause::in_words(self.language, cause, |org| self.org(org)))
            .collect();
        PersonRow {
            id: seen.person.sourced_id.clone(),
            given_name: seen.person.given_name.clone(),
            family_name: seen.person.family_name.clone(),
            kind: language::text(self.language, kind),
            place: self.change(seen, of_orgs),
            class: self.change(seen, of_classes),
            username: self.change(seen, username),
            why: causes.join("; "),
            is_to_release: !seen.person.is_released,
        }
    }

    /// What something is, or from what it becomes what.
    fn change(&self, seen: &Seen<'_>, what: impl Fn(&SeenStanding<'_>) -> String) -> String {
        let none = || language::text(self.language, "outlook-nothing");
        let named = |text: String| if text.is_empty() { none() } else { text };
        match (seen.before.as_ref().map(&what), seen.after.as_ref().map(&what)) {
            (Some(before), Some(after)) if before != after => {
                let arguments = [("from", named(before).into()), ("to", named(after).into())];
                self.text_with("outlook-from-to", arguments)
            }
            (Some(only), _) | (None, Some(only)) => only,
            (None, None) => String::new(),
        }
    }

    pub(super) fn ending(&self, ending: &EndingAssignment) -> EndingRow {
        let names = [ending.given_name.as_str(), ending.family_name.as_str()];
        EndingRow {
            name: names.join(" ").trim().to_owned(),
            place: self.org(&ending.org),
            last_day: shown(ending.last_day),
            published_until: shown(ending.published_until),
            is_to_release: !ending.is_released,
        }
    }
}
