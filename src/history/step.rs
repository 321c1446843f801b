//! Why a version began: from the versions before and after, what else happened, and the stored causes. Pure.

use std::collections::{BTreeSet, HashSet};

use chrono::TimeDelta;
use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};

use super::content::{Members, id, ids, members_of, text, value_text};
use super::reason::{Author, Reason};
use super::store::Audit;
use super::{Difference, Happening};
use crate::roster::{self, Version};

/// The beginning of a version, or the end of a tombstone, with all that is known about it.
pub(super) struct Step<'a> {
    pub(super) kind: Kind,
    pub(super) before: Option<&'a Version>,
    /// `None` = the tombstone was removed.
    pub(super) after: Option<&'a Version>,
    pub(super) now: &'a roster::Generation,
    /// The generation before; `None` when it is no longer kept.
    pub(super) previous: Option<&'a roster::Generation>,
    /// First generation kept whole.
    pub(super) whole_from: i64,
    /// The accounts that activated each school year, the oldest first.
    pub(super) activations: &'a [(String, Author)],
    /// What happened to the username of the user it is about.
    pub(super) audits: &'a [Audit],
    /// Objects that were added or became active again in the same generation, by kind and id.
    pub(super) added: &'a HashSet<(Kind, String)>,
    /// Classes that the user of an enrollment joined in the same generation.
    pub(super) joined: &'a [String],
    /// Why the user or class of an enrollment was removed in the same generation.
    pub(super) of_owners: &'a [Cause],
}

impl Step<'_> {
    /// Returns what happened.
    pub(super) fn happening(&self) -> Happening {
        let (before, after) = match (self.before, self.after) {
            (_, None) => return Happening::Purged,
            // The version before is purged; the causes stored with the tombstone show that it was removed then.
            (None, Some(after)) if after.status == StatusType::ToBeDeleted => {
                return if after.causes.is_empty() {
                    Happening::OldestKeptGone
                } else {
                    Happening::Removed
                };
            }
            (None, Some(_)) if is_oldest_kept(self.now.number, self.whole_from) => {
                return Happening::OldestKept;
            }
            (None, Some(_)) => return Happening::Added,
            (Some(before), Some(after)) => (before, after),
        };
        match (before.status, after.status) {
            (StatusType::Active, StatusType::ToBeDeleted) => Happening::Removed,
            (StatusType::ToBeDeleted, StatusType::Active) => Happening::Returned,
            (StatusType::Active, StatusType::Active) if before.content != after.content => Happening::Changed,
            (StatusType::Active, StatusType::Active) | (StatusType::ToBeDeleted, StatusType::ToBeDeleted) => {
                Happening::Redated
            }
        }
    }

    /// Returns why, as far as it is known.
    pub(super) fn reasons(&self) -> Vec<Reason> {
        match self.happening() {
            Happening::OldestKept | Happening::OldestKeptGone => Vec::new(),
            Happening::Added if self.now.number == 1 => vec![Reason::FirstPublication],
            Happening::Added => self.reasons_added(),
            Happening::Returned => {
                let mut reasons = self.reasons_added();
                reasons.extend(self.reasons_changed());
                reasons
            }
            Happening::Changed => self.reasons_changed(),
            Happening::Removed => self.reasons_removed(),
            Happening::Redated => vec![Reason::Redated],
            Happening::Purged => vec![Reason::TombstoneOver],
        }
    }

    fn is_different(&self, difference: Difference) -> bool {
        self.previous
            .is_some_and(|previous| differences(self.now, previous).contains(&difference))
    }

    fn school_year(&self) -> Option<Reason> {
        self.is_different(Difference::SchoolYear)
            .then(|| Reason::SchoolYearActivated {
                school_year: self.now.school_year.clone(),
                author: self.activator(),
            })
    }

    /// Returns the account that activated the school year between the generation before and this one.
    fn activator(&self) -> Option<Author> {
        let since = self.previous?.committed_at;
        let mut latest = self.activations.iter().rev();
        let (_, author) = latest.find(|(school_year, author)| {
            *school_year == self.now.school_year && since < author.at && author.at <= self.now.committed_at
        })?;
        Some(author.clone())
    }

    /// Returns `true` if nothing but the tenant file can have changed what is emitted.
    fn by_configuration(&self) -> bool {
        self.previous
            .is_some_and(|previous| differences(self.now, previous) == [Difference::Configuration])
    }

    /// The last change of a field to a value before this generation; with `since_previous`, after the one before.
    fn author(&self, field: &str, value: Option<&str>, since_previous: bool) -> Option<Author> {
        let since = self.previous.map(|previous| previous.committed_at);
        let found = self
            .audits
            .iter()
            .rev()
            .find(|audit| audit.field == field && audit.changed_at <= self.now.committed_at)?;
        let is_it = value.is_none_or(|value| found.new_value.as_deref() == Some(value));
        let is_in_time = !since_previous || since.is_some_and(|since| found.changed_at > since);
        (is_it && is_in_time).then(|| Author {
            by: found.changed_by.clone(),
            at: found.changed_at,
            handed_over: self.is_of_handover(found),
        })
    }

    /// Returns `true` if a change of a record belongs to the handover of a username: both are entered in one statement.
    fn is_of_handover(&self, change: &Audit) -> bool {
        self.audits.iter().any(|audit| {
            let took = change.changed_at - audit.changed_at;
            matches!(audit.field.as_str(), "handed_to" | "handed_from")
                && audit.changed_by == change.changed_by
                && TimeDelta::zero() <= took
                && took < HANDOVER_MAX
        })
    }

    fn causes(&self) -> &[Cause] {
        self.after
            .map(|after| after.causes.as_slice())
            .unwrap_or_default()
    }

    fn reasons_added(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.school_year().into_iter().collect();
        let content = self.after.map(members_of).unwrap_or_default();
        match self.kind {
            Kind::Users => {
                // If they were removed because the flag was off, a later edit switched it on, be it while that publication ran.
                let was_off = self
                    .before
                    .is_some_and(|before| before.causes.contains(&Cause::SyncOff));
                let sync_on = self.author("sync", Some("true"), !was_off);
                reasons.extend(sync_on.map(|author| Reason::SyncOn { author }));
                let created = self.author("created", None, true);
                reasons.extend(created.map(|author| Reason::UsernameGiven { author }));
                reasons.extend(self.site_published(ids(&content, "orgs").first()));
                reasons.extend(self.causes().iter().cloned().map(Reason::Found));
            }
            Kind::Enrollments => {
                let (user, class) = (id(&content, "user"), id(&content, "class"));
                if user.is_some_and(|user| self.added.contains(&(Kind::Users, user))) {
                    reasons.push(Reason::UserPublished);
                }
                reasons.push(Reason::Joined {
                    class: class.unwrap_or_default(),
                    role: text(&content, "role").unwrap_or_default(),
                    first_day: text(&content, "beginDate"),
                });
            }
            Kind::Classes => reasons.extend(self.site_published(id(&content, "school").as_ref())),
            Kind::Courses => reasons.extend(self.site_published(id(&content, "org").as_ref())),
            Kind::AcademicSessions | Kind::Orgs => {}
        }
        if reasons.is_empty() {
            reasons.push(Reason::New);
        }
        reasons
    }

    fn site_published(&self, org: Option<&String>) -> Option<Reason> {
        let org = org?;
        self.added
            .contains(&(Kind::Orgs, org.clone()))
            .then(|| Reason::SitePublished { org: org.clone() })
    }

    fn reasons_removed(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.school_year().into_iter().collect();
        for cause in self.causes().iter().chain(self.of_owners) {
            reasons.push(if *cause == Cause::SyncOff {
                Reason::SyncOff {
                    author: self.author("sync", Some("false"), false),
                }
            } else {
                Reason::Found(cause.clone())
            });
        }
        let is_class_move = self.kind == Kind::Enrollments
            && !self.causes().contains(&Cause::UserNotPublished)
            && self
                .before
                .or(self.after)
                .is_some_and(|version| text(&members_of(version), "role").as_deref() == Some("student"));
        if let ([class], true) = (self.joined, is_class_move) {
            reasons.push(Reason::WentTo { class: class.clone() });
        }
        if reasons.is_empty() {
            reasons.push(Reason::NoLongerPublished);
        }
        reasons
    }

    fn reasons_changed(&self) -> Vec<Reason> {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return Vec::new();
        };
        let (before, after) = (members_of(before), members_of(after));
        let (mut reasons, explained) = match self.kind {
            Kind::Users => (self.user_changes(&before, &after), USER_FIELDS),
            Kind::Orgs => (self.retitled(&before, &after, "name"), NAME_FIELDS),
            Kind::AcademicSessions | Kind::Courses | Kind::Classes => {
                (self.retitled(&before, &after, "title"), NAME_FIELDS)
            }
            Kind::Enrollments => (Vec::new(), NAME_FIELDS),
        };
        let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for field in fields {
            if before.get(field) != after.get(field) && !explained.contains(&field.as_str()) {
                reasons.push(field_changed(field, &before, &after));
            }
        }
        if !reasons.is_empty() && self.is_different(Difference::Program) {
            reasons.push(Reason::NewerProgram);
        }
        reasons
    }

    fn retitled(&self, before: &Members, after: &Members, field: &str) -> Vec<Reason> {
        let (from, to) = (text(before, field), text(after, field));
        if from == to {
            return Vec::new();
        }
        vec![Reason::Retitled {
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            by_configuration: self.by_configuration(),
        }]
    }

    fn user_changes(&self, before: &Members, after: &Members) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let (from, to) = (
            text(before, "username").unwrap_or_default(),
            text(after, "username").unwrap_or_default(),
        );
        let (old, new) = (parts(&from), parts(&to));
        if old.0 != new.0 {
            let author = self.author("local_part", Some(new.0), false);
            reasons.push(Reason::Renamed {
                author,
                from: from.clone(),
                to: to.clone(),
            });
        } else if old.1 != new.1 {
            reasons.push(Reason::DomainChanged {
                from: old.1.map(str::to_owned),
                to: new.1.map(str::to_owned),
                author: self.author("domain", new.1, true),
                by_configuration: self.by_configuration(),
            });
        }
        let name = |members: &Members| {
            let parts = ["givenName", "familyName"].map(|field| text(members, field).unwrap_or_default());
            parts.join(" ")
        };
        if name(before) != name(after) {
            reasons.push(Reason::NameChanged {
                from: name(before),
                to: name(after),
            });
        }
        let (from, to) = (ids(before, "orgs"), ids(after, "orgs"));
        if from
            .iter()
            .any(|from| to.iter().any(|to| is_other_form(from, to)))
        {
            // The tenant file changed the form of every org's id: no user moved by that.
            reasons.push(field_changed("orgs", before, after));
        } else {
            reasons.extend(self.org_changes(&from, &to));
        }
        reasons
    }

    fn org_changes(&self, before: &[String], after: &[String]) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let (from, to) = (before.first(), after.first());
        let moved = from.zip(to).filter(|(from, to)| from != to);
        if let Some((from, to)) = moved {
            let since = self.causes().iter().find_map(|cause| cause.first_day_at(to));
            reasons.push(Reason::Moved {
                from: from.clone(),
                to: to.clone(),
                since,
            });
        }
        let is_explained = |org: &String| moved.is_some_and(|(from, to)| org == from || org == to);
        for org in after
            .iter()
            .filter(|org| !before.contains(org) && !is_explained(org))
        {
            reasons.push(Reason::OrgJoined { org: org.clone() });
        }
        for org in before
            .iter()
            .filter(|org| !after.contains(org) && !is_explained(org))
        {
            reasons.push(Reason::OrgLeft { org: org.clone() });
        }
        reasons
    }
}

/// Returns what a generation was computed from that was not as at the one before.
pub(super) fn differences(now: &roster::Generation, previous: &roster::Generation) -> Vec<Difference> {
    let (after, before) = (&now.versions, &previous.versions);
    [
        (Difference::SchoolYear, now.school_year != previous.school_year),
        (
            Difference::ReferenceDate,
            now.reference_date != previous.reference_date,
        ),
        (Difference::Data, after.mirror != before.mirror),
        (
            Difference::Configuration,
            after.configuration != before.configuration,
        ),
        (Difference::Usernames, after.usernames != before.usernames),
        (Difference::Program, after.projection != before.projection),
    ]
    .into_iter()
    .filter_map(|(difference, is_different)| is_different.then_some(difference))
    .collect()
}

/// How long after its entry the changes of a handover are entered, at most.
const HANDOVER_MAX: TimeDelta = TimeDelta::seconds(1);
/// Fields of a user with reasons of their own.
const USER_FIELDS: &[&str] = &["username", "givenName", "familyName", "orgs"];
/// Fields of other kinds with reasons of their own.
const NAME_FIELDS: &[&str] = &["title", "name"];

fn field_changed(field: &str, before: &Members, after: &Members) -> Reason {
    Reason::FieldChanged {
        field: field.to_owned(),
        from: before.get(field).and_then(value_text),
        to: after.get(field).and_then(value_text),
    }
}

/// Returns `true` if two ids are those of one site without and with its structure, such as `001507-1` and `001507-1-211` (R123).
fn is_other_form(one: &str, other: &str) -> bool {
    let is_longer = |long: &str, short: &str| {
        let structure = long.strip_prefix(short).and_then(|rest| rest.strip_prefix('-'));
        structure.is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_longer(one, other) || is_longer(other, one)
}

/// Returns `true` if an object's first version that is kept, begun with this generation, may have followed another one.
pub(super) const fn is_oldest_kept(number: i64, whole_from: i64) -> bool {
    number <= whole_from && number > 1
}

/// Splits a username at its `@`.
fn parts(username: &str) -> (&str, Option<&str>) {
    match username.split_once('@') {
        Some((local, domain)) => (local, Some(domain)),
        None => (username, None),
    }
}
