//! What every rule looks at.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
pub(super) use oneroster_standard::counted;

use super::Subject;
use crate::informat::published_rows::PublishedRows;
use crate::informat::{Inschrijving, Persoon};
use crate::projection::{Roster, RosterCandidates};
use crate::username::Record;

/// How many examples a message names before it says how many more there are.
const EXAMPLES: usize = 3;

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
    published: HashSet<i64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        subject: Subject<'a>,
        rows: &'a PublishedRows<'a>,
        candidates: &'a RosterCandidates<'a>,
        roster: &'a Roster,
    ) -> Self {
        let persons: HashMap<i64, &'a Persoon> = subject
            .source
            .persoon
            .iter()
            .map(|person| (person.p_persoon, person))
            .collect();
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
            published,
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
