//! Finds the record of somebody who left that a new person probably is (design §5).

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::identity::{Identity, PersonKey};
use super::record::Record;
use super::wait_reason::WaitReason;
use crate::informat::Persoon;

/// The record of somebody who left, and who that was.
struct DepartedPerson<'a> {
    record: &'a Record,
    identity: Identity,
}

/// The records of people who left, by what they are recognised by.
///
/// A record whose name was handed on is nobody's any more and is left out.
pub(super) struct Departed<'a> {
    /// Those of people neither current nor future.
    by_person: HashMap<PersonKey, Vec<&'a Record>>,
    /// Those of people whose `rowguid` the mirror does not have: one known under another key is only renumbered.
    by_number: HashMap<i64, Vec<DepartedPerson<'a>>>,
}

/// Whom a person resembles, and why that makes them wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resemblance {
    /// The reasons; empty for nearly everyone.
    pub(super) reasons: BTreeSet<WaitReason>,
    /// The record of whom; of several, one that is released, then the newest.
    pub(super) with: Option<Uuid>,
}

impl Resemblance {
    /// Returns whom somebody resembles who comes back though their name was handed on: the receiver, who was taken for them.
    pub(super) fn of_receiver(receiver: Uuid) -> Self {
        Self {
            reasons: BTreeSet::from([WaitReason::ProbablyMerged]),
            with: Some(receiver),
        }
    }
}

impl<'a> Departed<'a> {
    /// Collects them. `present` are the people current or future, `in_mirror` everyone in the mirror: what it says of them is newer
    /// than what their records say.
    pub(super) fn new(
        records: &'a HashMap<Uuid, Record>,
        present: &HashSet<Uuid>,
        in_mirror: &HashMap<Uuid, &Persoon>,
    ) -> Self {
        let mut departed = Self {
            by_person: HashMap::new(),
            by_number: HashMap::new(),
        };
        for record in records.values().filter(|record| record.handed_to.is_none()) {
            if present.contains(&record.rowguid) {
                continue;
            }
            let of_mirror = in_mirror.get(&record.rowguid).copied().map(Identity::of);
            let Some(identity) = of_mirror.or_else(|| record.identity.as_ref().map(Identity::compared))
            else {
                continue;
            };
            if let Some(key) = identity.key() {
                departed.by_person.entry(key).or_default().push(record);
            }
            if !in_mirror.contains_key(&record.rowguid) {
                let of_number = departed.by_number.entry(identity.p_persoon).or_default();
                of_number.push(DepartedPerson { record, identity });
            }
        }
        departed
    }

    /// Returns whom a person without a record resembles: by key, or by names and birth date.
    pub(super) fn of_new(&self, rowguid: Uuid, identity: &Identity) -> Resemblance {
        let of_number = self.by_number.get(&identity.p_persoon).into_iter().flatten();
        let known_number = choose(
            of_number
                .filter(|departed| !identity.is_somebody_else(&departed.identity))
                .map(|departed| departed.record),
        );
        let same_person = self.same_person(rowguid, identity);
        Resemblance {
            reasons: [
                known_number.map(|_| WaitReason::PersonIdChanged),
                same_person.map(|_| WaitReason::ProbablyMerged),
            ]
            .into_iter()
            .flatten()
            .collect(),
            with: same_person.or(known_number).map(|record| record.rowguid),
        }
    }

    /// Returns whom a person who has a record resembles by names and birth date.
    pub(super) fn of_known(&self, rowguid: Uuid, identity: &Identity) -> Resemblance {
        let same_person = self.same_person(rowguid, identity);
        Resemblance {
            reasons: same_person
                .map(|_| WaitReason::ProbablyMerged)
                .into_iter()
                .collect(),
            with: same_person.map(|record| record.rowguid),
        }
    }

    fn same_person(&self, rowguid: Uuid, identity: &Identity) -> Option<&'a Record> {
        let alike = self.by_person.get(&identity.key()?).into_iter().flatten();
        choose(alike.copied().filter(|record| record.rowguid != rowguid))
    }
}

fn choose<'a>(records: impl Iterator<Item = &'a Record>) -> Option<&'a Record> {
    records.max_by_key(|record| (record.sync, record.created_at, record.rowguid))
}
