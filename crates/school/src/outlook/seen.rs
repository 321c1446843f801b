//! What of an outlook somebody may see: people at the places they see, and of these people nothing about other places.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_standard::RoleType;

use super::{Outlook, PersonOutlook, Standing};
use crate::projection::Cause;

/// What becomes of somebody, seen from the places that are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// They are there on the other day and not today.
    Comes,
    /// They are there today and not on the other day.
    Goes,
    /// They are there on both, and something is different.
    Changes,
}

/// Somebody who comes, goes or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The person.
    pub person: &'a PersonOutlook,
    /// What becomes of them.
    pub movement: Movement,
    /// What is seen of today.
    pub before: Option<SeenStanding<'a>>,
    /// What is seen of the other day.
    pub after: Option<SeenStanding<'a>>,
    /// Why, without what names other places.
    pub causes: Vec<&'a Cause>,
}

/// What is seen of what somebody is on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenStanding<'a> {
    /// Pupil or staff.
    pub role: RoleType,
    /// The username as it is sent.
    pub username: &'a str,
    /// Orgs, the home org first where it is seen.
    pub orgs: Vec<&'a str>,
    /// Classes, without subgroups.
    pub classes: Vec<&'a str>,
}

impl Seen<'_> {
    /// Returns `true` if the username is another, the domain included.
    pub fn changes_username(&self) -> bool {
        matches!((&self.before, &self.after), (Some(before), Some(after)) if before.username != after.username)
    }

    /// Returns `true` if the person is at an org on either day.
    pub fn is_at(&self, org: &str) -> bool {
        let standings = self.before.iter().chain(&self.after);
        standings.flat_map(|standing| &standing.orgs).any(|id| *id == org)
    }

    /// Returns `true` if the person is in a class on either day.
    pub fn is_in(&self, class: &str) -> bool {
        let standings = self.before.iter().chain(&self.after);
        standings
            .flat_map(|standing| &standing.classes)
            .any(|id| *id == class)
    }
}

/// How many come to an org, leave it or change there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrgCounts {
    /// Come.
    pub come: usize,
    /// Leave.
    pub go: usize,
    /// Stay, with another class or username.
    pub change: usize,
    /// The same of its classes, by id.
    pub classes: BTreeMap<String, ClassCounts>,
}

/// How many come to a class or leave it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Come.
    pub come: usize,
    /// Leave.
    pub go: usize,
}

impl Outlook {
    /// Returns what somebody may see who sees some orgs only. A move to an org that they do not see is a departure.
    pub fn seen(&self, may_see: impl Fn(&str) -> bool) -> Vec<Seen<'_>> {
        let people = self.people.iter();
        people
            .filter_map(|person| self.seen_person(person, &may_see))
            .collect()
    }

    fn seen_person<'a>(
        &'a self,
        person: &'a PersonOutlook,
        may_see: &impl Fn(&str) -> bool,
    ) -> Option<Seen<'a>> {
        let seen = |standing: &'a Option<Standing>| self.seen_standing(standing.as_ref()?, may_see);
        let (before, after) = (seen(&person.before), seen(&person.after));
        let movement = match (&before, &after) {
            (None, None) => return None,
            (None, Some(_)) => Movement::Comes,
            (Some(_), None) => Movement::Goes,
            (Some(before), Some(after)) if before == after => return None,
            (Some(_), Some(_)) => Movement::Changes,
        };
        let causes = person.causes.iter();
        let causes = causes.filter(|cause| cause.org().is_none_or(may_see));
        // Somebody who stays elsewhere leaves the places that are seen; by what they are elsewhere is not told.
        let is_told = person.after.is_none() || after.is_some();
        Some(Seen {
            person,
            movement,
            before,
            after,
            causes: causes.filter(|_| is_told).collect(),
        })
    }

    fn seen_standing<'a>(
        &'a self,
        standing: &'a Standing,
        may_see: &impl Fn(&str) -> bool,
    ) -> Option<SeenStanding<'a>> {
        let orgs = standing.orgs.iter().map(String::as_str);
        let orgs: Vec<&str> = orgs.filter(|org| may_see(org)).collect();
        let classes = standing.classes.iter().map(String::as_str);
        let is_seen = |class: &&str| self.classes.get(*class).is_some_and(|class| may_see(&class.org));
        (!orgs.is_empty()).then(|| SeenStanding {
            role: standing.role,
            username: &standing.username,
            orgs,
            classes: classes.filter(is_seen).collect(),
        })
    }
}

/// Counts who comes, goes and changes by org and class.
pub fn counts(outlook: &Outlook, seen: &[Seen<'_>]) -> BTreeMap<String, OrgCounts> {
    let mut counts: BTreeMap<String, OrgCounts> = BTreeMap::new();
    for person in seen {
        let orgs = |standing: &Option<SeenStanding<'_>>| -> BTreeSet<String> {
            let orgs = standing.iter().flat_map(|standing| &standing.orgs);
            orgs.map(|org| (*org).to_owned()).collect()
        };
        let (old, new) = (orgs(&person.before), orgs(&person.after));
        for org in new.difference(&old) {
            counts.entry(org.clone()).or_default().come += 1;
        }
        for org in old.difference(&new) {
            counts.entry(org.clone()).or_default().go += 1;
        }
        for org in old.intersection(&new) {
            counts.entry(org.clone()).or_default().change += 1;
        }
        add_classes(outlook, person, &mut counts);
    }
    counts
}

fn add_classes(outlook: &Outlook, person: &Seen<'_>, counts: &mut BTreeMap<String, OrgCounts>) {
    let classes = |standing: &Option<SeenStanding<'_>>| -> BTreeSet<String> {
        let classes = standing.iter().flat_map(|standing| &standing.classes);
        classes.map(|class| (*class).to_owned()).collect()
    };
    let (old, new) = (classes(&person.before), classes(&person.after));
    for class in old.symmetric_difference(&new) {
        let Some(known) = outlook.classes.get(class) else {
            continue;
        };
        let of_org = counts.entry(known.org.clone()).or_default();
        let of_class = of_org.classes.entry(class.clone()).or_default();
        if new.contains(class) {
            of_class.come += 1;
        } else {
            of_class.go += 1;
        }
    }
}
