//! Explains the steps of objects by what else happened in the same generation. Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};

use super::Happening;
use super::content::{id, members_of, orgs_of, text};
use super::reason::Reason;
use super::step::{Step, is_oldest_kept};
use super::store::{Audit, KeptGenerations};
use crate::roster::{self, Version};

/// One step of one object, explained.
#[derive(Debug)]
pub(super) struct Event<'a> {
    /// The version that began; of a tombstone that was removed, the last one.
    pub(super) version: &'a Version,
    pub(super) now: &'a roster::Generation,
    pub(super) happening: Happening,
    pub(super) reasons: Vec<Reason>,
    /// The orgs that it belonged to before and after.
    pub(super) orgs: Vec<String>,
}

/// What else is known about the generations in which objects changed.
pub(super) struct Explainer<'a> {
    kept: &'a KeptGenerations,
    /// By person.
    audits: HashMap<String, Vec<Audit>>,
    /// Objects that were added or became active again, by generation.
    added: HashMap<i64, HashSet<(Kind, String)>>,
    /// Classes that a user joined, by generation and user.
    joined: HashMap<(i64, String), Vec<String>>,
    /// Why users and classes were removed, by generation.
    removed: HashMap<(i64, Kind, String), Vec<Cause>>,
    nothing: HashSet<(Kind, String)>,
}

impl<'a> Explainer<'a> {
    /// Begins with the audit of the usernames of the people it is about.
    pub(super) fn new(kept: &'a KeptGenerations, audits: HashMap<String, Vec<Audit>>) -> Self {
        Self {
            kept,
            audits,
            added: HashMap::new(),
            joined: HashMap::new(),
            removed: HashMap::new(),
            nothing: HashSet::new(),
        }
    }

    /// Takes in what was added and removed, from versions in the order of kind, id and generation.
    pub(super) fn observe<'v>(&mut self, versions: impl IntoIterator<Item = &'v Version>) {
        let mut before: Option<&Version> = None;
        for version in versions {
            let number = version.from_number;
            let key = || (version.kind, version.sourced_id.clone());
            let before_it = before.filter(|before| follows(before, version));
            let may_have_been_active = before_it
                .map_or(is_oldest_kept(number, self.kept.whole_from), |before| {
                    before.status == StatusType::Active
                });
            if version.status == StatusType::Active && !may_have_been_active {
                self.added.entry(number).or_default().insert(key());
                self.join(version);
            }
            if version.status == StatusType::ToBeDeleted && !version.causes.is_empty() {
                self.removed.insert(
                    (number, version.kind, version.sourced_id.clone()),
                    version.causes.clone(),
                );
            }
            before = Some(version);
        }
    }

    fn join(&mut self, version: &Version) {
        if version.kind != Kind::Enrollments || version.content.is_empty() {
            return;
        }
        let members = members_of(version);
        if text(&members, "role").as_deref() != Some("student") {
            return;
        }
        if let (Some(user), Some(class)) = (id(&members, "user"), id(&members, "class")) {
            self.joined
                .entry((version.from_number, user))
                .or_default()
                .push(class);
        }
    }

    /// Explains every step of these versions after one generation and up to another.
    pub(super) fn events<'v>(&'v self, versions: &'v [Version], (from, to): (i64, i64)) -> Vec<Event<'v>> {
        let mut events = Vec::new();
        for (place, version) in versions.iter().enumerate() {
            let is_in_range = |number: i64| from < number && number <= to;
            let before = place
                .checked_sub(1)
                .and_then(|place| versions.get(place))
                .filter(|before| follows(before, version));
            if is_in_range(version.from_number) {
                events.extend(self.event(before, Some(version), version.from_number));
            }
            let is_followed = versions.get(place + 1).is_some_and(|next| follows(version, next));
            if let Some(until) = version
                .until_number
                .filter(|until| is_in_range(*until) && !is_followed)
            {
                events.extend(self.event(Some(version), None, until));
            }
        }
        events
    }

    fn event<'v>(
        &'v self,
        before: Option<&'v Version>,
        after: Option<&'v Version>,
        number: i64,
    ) -> Option<Event<'v>> {
        let now = self.kept.get(number)?;
        let version = after.or(before)?;
        let members = members_of(version);
        let user = match version.kind {
            Kind::Users => Some(version.sourced_id.clone()),
            Kind::Enrollments => id(&members, "user"),
            Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Classes => None,
        };
        let joined = user
            .as_ref()
            .and_then(|user| self.joined.get(&(number, user.clone())));
        let step = Step {
            kind: version.kind,
            before,
            after,
            now,
            previous: self.kept.get(number - 1),
            whole_from: self.kept.whole_from,
            activations: &self.kept.activations,
            audits: user
                .as_ref()
                .and_then(|user| self.audits.get(user))
                .map(Vec::as_slice)
                .unwrap_or_default(),
            added: self.added.get(&number).unwrap_or(&self.nothing),
            joined: joined.map(Vec::as_slice).unwrap_or_default(),
            of_owners: &self.of_owners(version, user.as_deref(), number),
        };
        let orgs: BTreeSet<String> = before.into_iter().chain(after).flat_map(orgs_of).collect();
        Some(Event {
            version,
            now,
            happening: step.happening(),
            reasons: step.reasons(),
            orgs: orgs.into_iter().collect(),
        })
    }

    /// Why the user or the class of an enrollment was removed, when it was removed with them.
    fn of_owners(&self, version: &Version, user: Option<&str>, number: i64) -> Vec<Cause> {
        let mut causes = Vec::new();
        if version.kind != Kind::Enrollments {
            return causes;
        }
        let class = id(&members_of(version), "class");
        for (cause, kind, owner) in [
            (Cause::UserNotPublished, Kind::Users, user),
            (Cause::ClassNotPublished, Kind::Classes, class.as_deref()),
        ] {
            let owner = owner.filter(|_| version.causes.contains(&cause));
            let found = owner.and_then(|owner| self.removed.get(&(number, kind, owner.to_owned())));
            causes.extend(found.into_iter().flatten().cloned());
        }
        causes.dedup();
        causes
    }
}

/// Returns `true` if a version is the next of the same object.
fn follows(before: &Version, after: &Version) -> bool {
    before.kind == after.kind
        && before.sourced_id == after.sourced_id
        && before.until_number == Some(after.from_number)
}
