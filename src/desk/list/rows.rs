//! The people of a tenant with what their records say.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use oneroster_school::projection::listed::{Listed, ListedRecord};
use oneroster_school::username::{Record, WaitReason};
use uuid::Uuid;

use super::columns::Texts;
use super::people::People;
use super::shown::ranks;
use crate::accounts::folded;

/// What is known of a person by one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u16);

impl Flags {
    pub(super) const STAFF: u16 = 1;
    pub(super) const SYNC: u16 = 1 << 1;
    pub(super) const SWITCHED: u16 = 1 << 2;
    pub(super) const REVIEW: u16 = 1 << 3;
    pub(super) const WAITS: u16 = 1 << 4;
    pub(super) const NAMESAKE: u16 = 1 << 5;
    pub(super) const MERGED: u16 = 1 << 6;
    pub(super) const TOO_LONG: u16 = 1 << 7;

    pub(super) const fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    fn of(people: &People, row: usize, record: &ListedRecord, is_switched: bool) -> Self {
        let namesake = people.shares_name(row) && !record.sync && record.is_generated;
        let all = [
            (Self::STAFF, people.is_staff(row)),
            (Self::SYNC, record.sync),
            (Self::SWITCHED, is_switched),
            (Self::REVIEW, record.needs_review),
            (Self::WAITS, record.waits_for.is_some()),
            (Self::NAMESAKE, namesake),
            (Self::MERGED, record.is_probably_merged),
            (Self::TOO_LONG, record.is_too_long),
        ];
        let set = all.iter().filter(|(_, is_set)| *is_set);
        Self(set.fold(0, |bits, (flag, _)| bits | flag))
    }
}

/// The rows of a list.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) people: Arc<People>,
    pub(super) username: Texts,
    pub(super) username_folded: Texts,
    flags: Vec<Flags>,
    waits_for: Vec<Option<WaitReason>>,
    stamp: Vec<u64>,
    username_ranks: OnceLock<Vec<u32>>,
}

impl Rows {
    /// Makes the rows. `is_switched` tells whose flag somebody ever switched by hand.
    pub(super) fn new(listed: Listed, is_switched: impl Fn(&Uuid) -> bool) -> Self {
        let (people, records) = People::new(listed);
        let names: Vec<String> = records.iter().map(|record| folded(&record.username)).collect();
        let each = || people.ids.iter().zip(&records).enumerate();
        Self {
            username: Texts::of(records.iter().map(|record| record.username.as_str())),
            username_folded: Texts::of(names.iter().map(String::as_str)),
            flags: each()
                .map(|(row, (id, record))| Flags::of(&people, row, record, is_switched(id)))
                .collect(),
            waits_for: records.iter().map(|record| record.waits_for).collect(),
            stamp: records.iter().map(|record| record.stamp).collect(),
            username_ranks: OnceLock::new(),
            people: Arc::new(people),
        }
    }

    /// Makes the rows anew with records that changed, each with whether the flag was ever switched by hand. The same people are
    /// listed at the same places.
    pub(super) fn with_records(&self, changed: &HashMap<Uuid, (Record, bool)>) -> Self {
        let mut names: HashMap<usize, (String, String)> = HashMap::new();
        let (mut flags, mut waits_for, mut stamp) =
            (self.flags.clone(), self.waits_for.clone(), self.stamp.clone());
        for (id, (record, is_switched)) in changed {
            let row = self.people.find(*id);
            let Some((row, naming)) = row.and_then(|row| Some((row, self.people.naming(row)?))) else {
                continue;
            };
            let record = ListedRecord::of(record, naming);
            if let Some(flags) = flags.get_mut(row) {
                *flags = Flags::of(&self.people, row, &record, *is_switched);
            }
            if let Some(waits_for) = waits_for.get_mut(row) {
                *waits_for = record.waits_for;
            }
            if let Some(stamp) = stamp.get_mut(row) {
                *stamp = record.stamp;
            }
            names.insert(row, (folded(&record.username), record.username));
        }
        let new = |row: usize| names.get(&row);
        let folded = (0..self.len())
            .map(|row| new(row).map_or_else(|| self.username_folded.get(row), |(folded, _)| folded));
        let shown =
            (0..self.len()).map(|row| new(row).map_or_else(|| self.username.get(row), |(_, shown)| shown));
        Self {
            people: Arc::clone(&self.people),
            username: Texts::of(shown),
            username_folded: Texts::of(folded),
            flags,
            waits_for,
            stamp,
            username_ranks: OnceLock::new(),
        }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// Returns what is known of a row.
    pub(super) fn flags(&self, row: usize) -> Flags {
        self.flags.get(row).copied().unwrap_or_default()
    }

    /// Returns why a row's person waits.
    pub(super) fn waits_for(&self, row: usize) -> Option<WaitReason> {
        self.waits_for.get(row).copied().flatten()
    }

    /// Returns what changes when a row's record does.
    pub(super) fn stamp(&self, row: usize) -> u64 {
        self.stamp.get(row).copied().unwrap_or_default()
    }

    /// Returns where each row comes when sorted by username.
    pub(super) fn username_ranks(&self) -> &[u32] {
        let texts = || (0..self.len()).map(|row| self.username_folded.get(row));
        self.username_ranks.get_or_init(|| ranks(texts()))
    }

    /// Returns how much memory the rows take, in bytes, the orders made so far among them.
    pub(super) fn bytes(&self) -> usize {
        let per_row = size_of::<Flags>() + size_of::<Option<WaitReason>>() + size_of::<u64>();
        let order = self.username_ranks.get().map_or(0, Vec::len);
        self.people.bytes()
            + self.username.bytes()
            + self.username_folded.bytes()
            + per_row * self.len()
            + order * size_of::<u32>()
    }
}
