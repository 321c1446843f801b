//! Usernames that were never served: no account hangs on them, so that they may be made anew, or forgotten (design §5).
//!
//! A username is final once it was served. Before that, only what a person typed, confirmed, answered or handed over is kept.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::allocate::{Allocator, Unavailable, is_made_from};
use super::edit::key;
use super::generate::generate;
use super::record::{Origin, Record};
use super::wait_reason::WaitReason;
use crate::informat::{Mirror, Persoon};
use crate::tenant::configuration::Configuration;

/// Why a record stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeptReason {
    /// The username or the person was served, or it cannot be shown that they never were.
    Served,
    /// A person typed the name.
    ByHand,
    /// A person confirmed the name, or answered what the person of the record waited for.
    Answered,
    /// The name was handed over, by this person or to them.
    HandedOver,
    /// The person waits for an answer to who they are.
    Waits,
    /// Somebody waits for an answer whether they are this person.
    Resembled,
    /// The person is not in Informat's data: nothing can be made of their names.
    NotInInformat,
    /// The system would make the same again.
    Unchanged,
}

impl KeptReason {
    /// Returns its word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::ByHand => "by_hand",
            Self::Answered => "answered",
            Self::HandedOver => "handed_over",
            Self::Waits => "waits",
            Self::Resembled => "resembled",
            Self::NotInInformat => "not_in_informat",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The records of a tenant, with what is known of their being served.
pub struct Records<'a> {
    all: &'a HashMap<Uuid, Record>,
    is_served: &'a dyn Fn(&Record) -> bool,
    receivers: HashSet<Uuid>,
    resembled: HashSet<Uuid>,
}

/// A record whose name is made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// The person.
    pub rowguid: Uuid,
    /// The name; the same where only the doubts about it are others.
    pub local_part: String,
    /// The Sync flag: off for whoever waits, else as it was.
    pub sync: bool,
    /// Whether somebody should look at the name.
    pub needs_review: bool,
    /// Why the person waits.
    pub waits_for: BTreeSet<WaitReason>,
}

/// What is made anew, and what stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regeneration {
    /// Those who keep their name first, then by `p_persoon`.
    pub renewed: Vec<Renewed>,
    /// By id.
    pub kept: Vec<(Uuid, KeptReason)>,
}

/// Which records are forgotten, and which stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgetting {
    /// By id.
    pub forgotten: Vec<Uuid>,
    /// By id.
    pub kept: Vec<(Uuid, KeptReason)>,
}

impl<'a> Records<'a> {
    /// Takes every record of a tenant. `is_served` returns `true` for one whose name or person was served, or may have been.
    pub fn new(all: &'a HashMap<Uuid, Record>, is_served: &'a dyn Fn(&Record) -> bool) -> Self {
        let waiting = all.values().filter(|record| record.is_waiting());
        Self {
            all,
            is_served,
            receivers: all.values().filter_map(|record| record.handed_to).collect(),
            resembled: waiting.filter_map(|record| record.resembles).collect(),
        }
    }

    /// Makes the names of these people anew that were never served and that nobody but the system made, in order of `p_persoon`.
    ///
    /// A name that the system would still make stays. Names given up are free again, names of others and those that are
    /// [`Unavailable`] are not. People without a record are left out.
    pub fn regenerate(
        &self,
        source: &Mirror,
        configuration: &Configuration,
        unavailable: Unavailable<'_>,
        whom: &BTreeSet<Uuid>,
    ) -> Regeneration {
        let mut regeneration = Regeneration::default();
        let people: HashMap<Uuid, &Persoon> = source
            .persoon
            .iter()
            .map(|person| (person.rowguid, person))
            .collect();
        let mut to_name: Vec<(i64, Renewed)> = Vec::new();
        for record in whom.iter().filter_map(|rowguid| self.all.get(rowguid)) {
            match self.renewed(record, people.get(&record.rowguid).copied(), configuration) {
                Err(reason) => regeneration.kept.push((record.rowguid, reason)),
                Ok(renewed) => to_name.push(renewed),
            }
        }
        to_name.sort_by_key(|(p_persoon, _)| *p_persoon);
        let given_up: HashSet<Uuid> = to_name.iter().map(|(_, renewed)| renewed.rowguid).collect();
        let held = self
            .all
            .values()
            .filter(|record| !given_up.contains(&record.rowguid));
        let taken = held.map(|record| key(&record.local_part));
        let max_length = configuration.username_max_length;
        let mut allocator = Allocator::new(taken.chain(unavailable.retired.iter().cloned()), max_length);
        // Those who only stop or begin to wait keep their names, before anybody takes one.
        let stays = |renewed: &Renewed| {
            let before = self
                .all
                .get(&renewed.rowguid)
                .map(|record| record.local_part.as_str());
            before.is_some_and(|before| is_made_from(before, &renewed.local_part, max_length))
        };
        let (same, other): (Vec<Renewed>, Vec<Renewed>) =
            to_name.into_iter().map(|(_, renewed)| renewed).partition(stays);
        for mut renewed in same {
            if let Some(record) = self.all.get(&renewed.rowguid) {
                renewed.local_part.clone_from(&record.local_part);
                allocator.reserve(&renewed.local_part);
            }
            regeneration.renewed.push(renewed);
        }
        for mut renewed in other {
            renewed.local_part = allocator.take_for(&renewed.local_part, renewed.rowguid, unavailable.erased);
            regeneration.renewed.push(renewed);
        }
        regeneration
    }

    /// Sees what a record would be made anew as, with the base of its name and the `p_persoon`.
    fn renewed(
        &self,
        record: &Record,
        person: Option<&Persoon>,
        configuration: &Configuration,
    ) -> Result<(i64, Renewed), KeptReason> {
        let is_confirmed = record.answered.iter().any(|reason| reason.is_about_name());
        if let Some(reason) = self.obstacle(record, is_confirmed) {
            return Err(reason);
        }
        let person = person.ok_or(KeptReason::NotInInformat)?;
        let generated = generate(person, &configuration.username_format);
        let is_same = is_made_from(
            &record.local_part,
            &generated.base,
            configuration.username_max_length,
        );
        let needs_review = !generated.doubts.is_empty();
        let about_person = record.waits_for.iter().filter(|reason| !reason.is_about_name());
        let mut waits_for: BTreeSet<WaitReason> = about_person.copied().collect();
        waits_for.extend(generated.doubts);
        if is_same && (record.sync || waits_for == record.waits_for) {
            return Err(KeptReason::Unchanged);
        }
        let renewed = Renewed {
            rowguid: record.rowguid,
            local_part: generated.base,
            sync: record.sync && waits_for.is_empty(),
            needs_review,
            waits_for,
        };
        Ok((person.p_persoon, renewed))
    }

    /// Finds out which records of these people may be forgotten: of people who were never served, under names of the system, about
    /// whom nobody decided anything. People without a record are left out.
    pub fn forget(&self, whom: &BTreeSet<Uuid>) -> Forgetting {
        let mut forgetting = Forgetting::default();
        for record in whom.iter().filter_map(|rowguid| self.all.get(rowguid)) {
            let waits = record.waits_for.iter().any(|reason| !reason.is_about_name());
            let is_resembled = self.resembled.contains(&record.rowguid);
            let obstacle = self.obstacle(record, !record.answered.is_empty());
            let obstacle = obstacle.or(waits.then_some(KeptReason::Waits));
            match obstacle.or(is_resembled.then_some(KeptReason::Resembled)) {
                Some(reason) => forgetting.kept.push((record.rowguid, reason)),
                None => forgetting.forgotten.push(record.rowguid),
            }
        }
        forgetting
    }

    fn obstacle(&self, record: &Record, is_answered: bool) -> Option<KeptReason> {
        let is_handed_over = record.handed_to.is_some() || self.receivers.contains(&record.rowguid);
        if (self.is_served)(record) {
            Some(KeptReason::Served)
        } else if record.origin != Origin::Generated {
            Some(KeptReason::ByHand)
        } else if is_handed_over {
            Some(KeptReason::HandedOver)
        } else if is_answered {
            Some(KeptReason::Answered)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::tenant::file;

    fn configuration() -> Configuration {
        let text = r#"
id = "t"
name = "t"
active_school_year = "2026-27"
team_name_format = "{klas}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
"#;
        file::parse(text).unwrap()
    }

    const fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn record(number: u128, local_part: &str) -> Record {
        Record::new(id(number), local_part.to_owned(), DateTime::UNIX_EPOCH)
    }

    fn person(number: u128, given: &str, family: &str) -> Persoon {
        Persoon {
            p_persoon: i64::try_from(100 - number).unwrap(),
            rowguid: id(number),
            naam: Some(family.to_owned()),
            voornaam: Some(given.to_owned()),
            geboortedatum: None,
            changed: None,
        }
    }

    fn mirror(persoon: Vec<Persoon>) -> Mirror {
        Mirror {
            persoon,
            ..Mirror::default()
        }
    }

    fn regenerated(records: Vec<Record>, people: &[Persoon], retired: &[&str]) -> Regeneration {
        let records: HashMap<Uuid, Record> = records
            .into_iter()
            .map(|record| (record.rowguid, record))
            .collect();
        let whom = records.keys().copied().collect();
        let retired = retired.iter().map(|name| (*name).to_owned()).collect();
        Records::new(&records, &|record| record.rowguid == id(9)).regenerate(
            &mirror(people.to_vec()),
            &configuration(),
            unavailable(&retired),
            &whom,
        )
    }

    fn unavailable(retired: &HashSet<String>) -> Unavailable<'_> {
        Unavailable {
            retired,
            erased: &|_| None,
        }
    }

    fn names(regeneration: &Regeneration) -> Vec<(Uuid, &str)> {
        let renewed = regeneration.renewed.iter();
        renewed
            .map(|new| (new.rowguid, new.local_part.as_str()))
            .collect()
    }

    /// In order of `p_persoon`, past what is held and retired; names given up by others are free, one that stays is not.
    #[test]
    fn names_are_made_anew_as_they_are_given() {
        let people = [
            person(1, "Jan", "Maes"),
            person(2, "Jan", "Maes"),
            person(3, "Jan", "Maes"),
            person(4, "An", "Claes"),
            person(9, "An", "Claes"),
        ];
        let records = vec![
            record(1, "an.claes2"),
            record(2, "old"),
            record(3, "Jan.Maes3"),
            record(4, "jan.maes"),
            record(9, "an.claes"),
        ];
        let regeneration = regenerated(records, &people, &["jan.maes2"]);
        assert_eq!(
            names(&regeneration),
            [(id(4), "an.claes2"), (id(2), "jan.maes"), (id(1), "jan.maes4")]
        );
        let kept = [(id(3), KeptReason::Unchanged), (id(9), KeptReason::Served)];
        assert_eq!(regeneration.kept, kept);
    }

    #[test]
    fn doubts_are_those_of_the_names_of_today() {
        let doubtful = |number, name: &str, reason| Record {
            needs_review: true,
            waits_for: BTreeSet::from([reason]),
            ..record(number, name)
        };
        let records = vec![
            doubtful(1, "wout.dhondt", WaitReason::DamagedText),
            doubtful(2, "an.claes", WaitReason::ProbablyMerged),
            Record {
                sync: true,
                ..record(3, "jan.maes")
            },
        ];
        let people = [
            person(1, "Wout", "D'Hondt"),
            person(2, "Ann", "Claes"),
            person(3, "JosÃ©", "Maes"),
        ];
        let regeneration = regenerated(records, &people, &[]);
        let [same, damaged, merged] = regeneration.renewed.as_slice() else {
            panic!("{regeneration:?}")
        };
        assert_eq!(same.local_part, "wout.dhondt", "the name is good");
        assert!(same.waits_for.is_empty() && !same.needs_review && !same.sync);
        assert_eq!(merged.local_part, "ann.claes");
        assert_eq!(merged.waits_for, BTreeSet::from([WaitReason::ProbablyMerged]));
        assert_eq!(damaged.local_part, "josa.maes");
        assert_eq!(damaged.waits_for, BTreeSet::from([WaitReason::DamagedText]));
        assert!(!damaged.sync && damaged.needs_review);
    }

    #[test]
    fn what_a_person_made_decided_or_handed_over_stays() {
        let with = |number, change: fn(&mut Record)| {
            let mut record = record(number, &format!("n{number}"));
            change(&mut record);
            (record.rowguid, record)
        };
        let records = HashMap::from([
            with(1, |record| record.origin = Origin::Manual),
            with(2, |record| record.origin = Origin::Csv),
            with(3, |record| record.answered = BTreeSet::from([WaitReason::Review])),
            with(4, |record| record.handed_to = Some(id(5))),
            with(5, |_| ()),
            with(6, |record| {
                record.answered = BTreeSet::from([WaitReason::ProbablyMerged]);
            }),
            with(7, |record| {
                record.waits_for = BTreeSet::from([WaitReason::ProbablyMerged]);
                record.resembles = Some(id(8));
            }),
            with(8, |_| ()),
            with(9, |_| ()),
            with(10, |_| ()),
        ]);
        let is_served = |record: &Record| record.rowguid == id(9);
        let records = Records::new(&records, &is_served);
        let whom = (0..20).map(id).collect();
        let forgetting = records.forget(&whom);
        let expected = [
            KeptReason::ByHand,
            KeptReason::ByHand,
            KeptReason::Answered,
            KeptReason::HandedOver,
            KeptReason::HandedOver,
            KeptReason::Answered,
            KeptReason::Waits,
            KeptReason::Resembled,
            KeptReason::Served,
        ];
        let kept: Vec<KeptReason> = forgetting.kept.iter().map(|(_, reason)| *reason).collect();
        assert_eq!(kept, expected);
        assert_eq!(forgetting.forgotten, [id(10)]);
        let people = (1..20).map(|number| person(number, "An", "Claes"));
        let regeneration = records.regenerate(
            &mirror(people.collect()),
            &configuration(),
            unavailable(&HashSet::new()),
            &whom,
        );
        let renewed: Vec<Uuid> = names(&regeneration).into_iter().map(|(id, _)| id).collect();
        assert_eq!(
            renewed,
            [id(10), id(8), id(7), id(6)],
            "who somebody is says nothing of the name"
        );
    }
}
