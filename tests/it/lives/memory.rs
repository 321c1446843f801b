//! The pure rules alone, with records in memory: thousands of courses in the time that a database takes for a few.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use oneroster_school::informat::Mirror;
use oneroster_school::projection::{self, Person};
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::username_format::LOCAL_PART_MAX_LENGTH;
use oneroster_school::username::Unavailable;
use oneroster_school::username::allocate::Allocator;
use oneroster_school::username::edit::key;
use oneroster_school::username::plan::plan;
use oneroster_school::username::unserved::Records;
use oneroster_school::username::{Identity, Origin, Record, WaitReason};
use uuid::Uuid;

use super::source::{self, Row};
use super::{Users, configuration};

pub(super) struct Memory {
    mirror: Mirror,
    configuration: Configuration,
    pub(super) records: HashMap<Uuid, Record>,
    /// Names given up, with who held them last.
    pub(super) retired: BTreeMap<String, Uuid>,
    served_names: HashSet<String>,
    served_users: HashSet<Uuid>,
    made: i64,
}

/// What somebody answers who names a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Waiting,
    NameToo,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            mirror: source::mirror(&[]),
            configuration: configuration(),
            records: HashMap::new(),
            retired: BTreeMap::new(),
            served_names: HashSet::new(),
            served_users: HashSet::new(),
            made: 0,
        }
    }

    pub(super) fn load(&mut self, rows: &[Row], today: NaiveDate) {
        self.mirror = source::mirror(rows);
        self.allocate(today);
    }

    pub(super) fn format(&mut self, format: &str, today: NaiveDate) {
        self.configuration.username_format = format.parse().unwrap();
        self.allocate(today);
    }

    pub(super) fn next_year(&mut self, today: NaiveDate) {
        self.configuration.active_school_year = source::YEARS[1].0.parse().unwrap();
        self.allocate(today);
    }

    fn allocate(&mut self, today: NaiveDate) {
        let retired = self.retired.keys().cloned().collect();
        let taken = Unavailable {
            retired: &retired,
            erased: &|_| None,
        };
        let plan = plan(&self.mirror, &self.configuration, &self.records, taken, today).unwrap();
        for new in plan.create {
            let record = new.into_record(self.now());
            self.records.insert(record.rowguid, record);
        }
        for (rowguid, identity) in plan.identify {
            self.record(rowguid).identity = Some(identity);
        }
        for new in plan.wait {
            let record = self.record(new.rowguid);
            record.waits_for.insert(new.reason);
            record.resembles = new.resembles;
        }
    }

    /// Later with every record: of two that are alike the newer counts.
    fn now(&mut self) -> DateTime<Utc> {
        self.made += 1;
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.made)
    }

    fn record(&mut self, rowguid: Uuid) -> &mut Record {
        self.records.get_mut(&rowguid).unwrap()
    }

    fn people(&self, today: NaiveDate) -> HashMap<Uuid, Person> {
        let people = projection::people(&self.mirror, &self.configuration, today)
            .unwrap()
            .people;
        people
            .into_iter()
            .map(|person| (person.rowguid, person))
            .collect()
    }

    /// Publishes; returns who is served under which name.
    pub(super) fn publish(&mut self, today: NaiveDate) -> Users {
        let year = self.configuration.active_school_year.to_string();
        let roster =
            projection::project(&self.mirror, &self.records, &self.configuration, &year, today).unwrap();
        let users: Users = roster
            .users
            .iter()
            .map(|user| (user.sourced_id.parse().unwrap(), user.content.username.clone()))
            .collect();
        self.served_users.extend(users.keys());
        self.served_names.extend(users.values().map(|name| key(name)));
        users
    }

    fn answer(&mut self, rowguid: Uuid, answer: Answer) {
        let record = self.record(rowguid);
        record.answered.append(&mut record.waits_for);
        if record.needs_review || answer == Answer::NameToo {
            record.answered.insert(WaitReason::Review);
        }
        record.resembles = None;
        record.needs_review = false;
    }

    /// Gives somebody a name; returns whether they have it.
    pub(super) fn set(&mut self, rowguid: Uuid, name: &str) -> bool {
        let is_held = |record: &Record| record.rowguid != rowguid && key(&record.local_part) == key(name);
        if self.records.values().any(is_held) {
            return false;
        }
        self.answer(rowguid, Answer::NameToo);
        let record = self.record(rowguid);
        if record.local_part == name {
            return true;
        }
        let before = std::mem::replace(&mut record.local_part, name.to_owned());
        (record.origin, record.handed_to) = (Origin::Manual, None);
        if key(&before) != key(name) {
            self.retired.insert(key(&before), rowguid);
        }
        self.retired.remove(&key(name));
        true
    }

    /// Hands a name over; returns it.
    pub(super) fn transfer(
        &mut self,
        (from, to): (Uuid, Uuid),
        force: bool,
        today: NaiveDate,
    ) -> Option<String> {
        let giver = self.records.get(&from)?.clone();
        let people = self.people(today);
        let is_somewhere = |person: &Person| person.published_as.is_some() || !person.org_ids.is_empty();
        let identity = Identity::of(self.mirror.persoon.iter().find(|person| person.rowguid == to)?);
        let of_giver = giver.identity.as_ref().map(Identity::compared);
        let is_other = of_giver.is_some_and(|of_giver| of_giver.is_somebody_else(&identity));
        let is_refused = from == to
            || people.get(&from).is_some_and(is_somewhere)
            || giver.handed_to.is_some()
            || (is_other && !force);
        if is_refused {
            return None;
        }
        let taker = self.records.get(&to).cloned();
        let kept = taker
            .as_ref()
            .filter(|record| !self.served_names.contains(&key(&record.local_part)));
        let left_with = kept.map_or_else(|| self.free_name(&giver), |record| record.local_part.clone());
        self.answer(from, Answer::Waiting);
        if let Some(record) = &taker {
            self.answer(to, Answer::Waiting);
            if key(&record.local_part) != key(&left_with) {
                self.retired.insert(key(&record.local_part), to);
            }
        } else {
            let new = Record::new(to, String::new(), self.now());
            self.records.insert(to, new);
        }
        let record = self.record(to);
        record.local_part.clone_from(&giver.local_part);
        (record.sync, record.origin, record.needs_review) = (giver.sync, giver.origin, giver.needs_review);
        (record.handed_to, record.identity) = (None, Some(identity));
        let record = self.record(from);
        record.local_part = left_with;
        (record.sync, record.handed_to) = (false, Some(to));
        record.answered.retain(|reason| reason.is_about_name());
        for holder in self.retired.values_mut().filter(|holder| **holder == from) {
            *holder = to;
        }
        Some(giver.local_part)
    }

    fn free_name(&self, giver: &Record) -> String {
        let taken = self.records.values().map(|record| record.local_part.clone());
        let taken = taken.chain(self.retired.keys().cloned());
        Allocator::new(taken, LOCAL_PART_MAX_LENGTH).take(&key(&giver.local_part))
    }

    pub(super) fn sync(&mut self, rowguid: Uuid, on: bool) {
        if on {
            self.answer(rowguid, Answer::Waiting);
        }
        self.record(rowguid).sync = on;
    }

    pub(super) fn sync_all(&mut self, on: bool, today: NaiveDate) {
        if !on {
            for record in self.records.values_mut() {
                record.sync = false;
            }
            return;
        }
        self.allocate(today);
        let people = self.people(today);
        let is_published = |rowguid| {
            people
                .get(rowguid)
                .is_some_and(|person| person.published_as.is_some())
        };
        for record in self.records.values_mut() {
            record.sync |= is_published(&record.rowguid) && record.waits_for.is_empty();
        }
    }

    pub(super) fn regenerate(&mut self) {
        let is_served = |record: &Record| self.is_final(record);
        let retired = self.retired.keys().cloned().collect();
        let whom = self.records.keys().copied().collect();
        let records = Records::new(&self.records, &is_served);
        let renewed = records
            .regenerate(
                &self.mirror,
                &self.configuration,
                Unavailable {
                    retired: &retired,
                    erased: &|_| None,
                },
                &whom,
            )
            .renewed;
        for new in renewed {
            let record = self.record(new.rowguid);
            record.local_part = new.local_part;
            (record.sync, record.needs_review) = (new.sync, new.needs_review);
            if new.waits_for.iter().all(|reason| reason.is_about_name()) {
                record.resembles = None;
            }
            record.waits_for = new.waits_for;
        }
    }

    pub(super) fn forget(&mut self, whom: &BTreeSet<Uuid>) {
        let is_served = |record: &Record| self.is_final(record);
        let forgotten = Records::new(&self.records, &is_served).forget(whom).forgotten;
        for rowguid in forgotten {
            self.records.remove(&rowguid);
            self.retired.retain(|_, holder| *holder != rowguid);
        }
    }

    fn is_final(&self, record: &Record) -> bool {
        self.served_users.contains(&record.rowguid) || self.served_names.contains(&key(&record.local_part))
    }
}
