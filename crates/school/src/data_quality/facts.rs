//! What every rule looks at.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
pub(super) use oneroster_standard::counted;
use uuid::Uuid;

use super::Subject;
use crate::informat::published_rows::PublishedRows;
use crate::informat::{Inschrijving, Persoon};
use crate::projection::{Roster, RosterCandidates};
use crate::username::Record;

/// How many examples a message names before it says how many more there are.
const EXAMPLES: usize = 3;

/// Longest gap that looks like a mistake, in days: two weeks of holidays between two weekends.
pub(super) const GAP_MAX_DAYS: i64 = 16;

/// The subject with what was made from it.
pub(super) struct Facts<'a> {
    /// What is examined.
    pub(super) subject: Subject<'a>,
    /// The published rows of the tenant.
    pub(super) rows: &'a PublishedRows<'a>,
    /// What the roster is made from.
    pub(super) candidates: &'a RosterCandidates<'a>,
    /// What would be served.
    pub(super) roster: &'a Roster,
    persons: HashMap<i64, &'a Persoon>,
    ids: HashSet<Uuid>,
    published: HashSet<i64>,
    expected: HashSet<i64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        subject: Subject<'a>,
        rows: &'a PublishedRows<'a>,
        candidates: &'a RosterCandidates<'a>,
        roster: &'a Roster,
        expected: HashSet<i64>,
    ) -> Self {
        let people = || subject.source.persoon.iter();
        let persons: HashMap<i64, &'a Persoon> = people().map(|person| (person.p_persoon, person)).collect();
        let users: HashSet<&str> = roster.users.iter().map(|user| user.sourced_id.as_str()).collect();
        let published = persons
            .values()
            .filter(|person| users.contains(id(person).as_str()))
            .map(|person| person.p_persoon)
            .collect();
        Self {
            subject,
            rows,
            candidates,
            roster,
            persons,
            ids: people().map(|person| person.rowguid).collect(),
            published,
            expected,
        }
    }

    /// Returns a person of the mirror.
    pub(super) fn person(&self, p_persoon: i64) -> Option<&'a Persoon> {
        self.persons.get(&p_persoon).copied()
    }

    /// Returns a person's username record.
    pub(super) fn record(&self, p_persoon: i64) -> Option<&'a Record> {
        self.subject.usernames.get(&self.person(p_persoon)?.rowguid)
    }

    /// Returns `true` if a person's username is released, published or not.
    pub(super) fn is_released(&self, p_persoon: i64) -> bool {
        self.record(p_persoon).is_some_and(|record| record.sync)
    }

    /// Returns `true` if a person is in the roster.
    pub(super) fn is_published(&self, p_persoon: i64) -> bool {
        self.published.contains(&p_persoon)
    }

    /// Returns `true` if a person is published now or later, once released.
    pub(super) fn is_expected(&self, p_persoon: i64) -> bool {
        self.expected.contains(&p_persoon)
    }

    /// Returns `true` if somebody in the mirror has this id, wherever they are.
    pub(super) fn is_in_mirror(&self, rowguid: Uuid) -> bool {
        self.ids.contains(&rowguid)
    }

    /// Returns everyone who is published now or later, once released, in the order of their keys in the mirror.
    pub(super) fn expected_people(&self) -> impl Iterator<Item = &'a Persoon> {
        let everyone = self.subject.source.persoon.iter();
        everyone.filter(|person| self.is_expected(person.p_persoon))
    }

    /// Returns a command of the tenant as a message names it: `usernames sync` with the arguments after the tenant.
    pub(super) fn command(&self, command: &str, arguments: &str) -> String {
        let tenant = &self.subject.configuration.id;
        format!("`oneroster {command} --tenant {tenant} {arguments}`")
    }

    /// Returns a person's `sourcedId`.
    pub(super) fn id(&self, p_persoon: i64) -> String {
        self.person(p_persoon).map(id).unwrap_or_default()
    }

    /// Returns what a message calls a person: the username in quotes, if there is one. Never the name.
    pub(super) fn called(&self, p_persoon: i64) -> String {
        self.record(p_persoon).map_or_else(
            || "somebody without a username".to_owned(),
            |record| format!("{:?}", record.local_part),
        )
    }

    /// Returns `true` if a registration counts in the active year and is not over on the reference date.
    pub(super) fn is_current(&self, registration: &Inschrijving) -> bool {
        registration.is_realised()
            && registration.schooljaar == self.candidates.year.schooljaar
            && last_day(registration, self.candidates.year.einddatum) >= self.candidates.reference_date
    }
}

/// Returns the `sourcedId` of a person.
pub(super) fn id(person: &Persoon) -> String {
    person.rowguid.hyphenated().to_string()
}

/// Returns the last day of a registration whose school year ends on `year_end`.
pub(super) fn last_day(registration: &Inschrijving, year_end: NaiveDate) -> NaiveDate {
    registration.einddatum.unwrap_or(year_end)
}

/// Names the first few of a list, and how many more there are.
pub(super) fn some(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(EXAMPLES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(EXAMPLES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
