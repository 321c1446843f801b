//! What must never happen, whoever did what: said from outside, by who was served when and what somebody asked for.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use oneroster_school::username::edit::key;
use oneroster_school::username::{Origin, Record};
use uuid::Uuid;

use super::Users;
use super::source::Row;

/// What a step asked for by naming people. A step that was refused asked for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    /// Somebody is released.
    Release(Uuid),
    /// Somebody gets a name.
    Name(Uuid, String),
    /// The first gives their name to the second.
    Transfer(Uuid, Uuid, String),
}

#[derive(Debug, Default)]
pub(super) struct Oracle {
    /// To whom a name was served last, in lower case.
    owners: HashMap<String, Uuid>,
    served: HashSet<Uuid>,
    /// The names that somebody asked for, and for whom.
    asked: HashSet<(Uuid, String)>,
    /// Who was named in answer to whatever they waited for.
    answered: HashSet<Uuid>,
    /// Who came under the key of somebody served who was gone, with all who had it.
    rekeyed: HashMap<Uuid, Vec<Uuid>>,
    /// The last row of everybody a bundle ever had.
    last_seen: HashMap<Uuid, Row>,
    /// The rows of the last bundle.
    loaded: Vec<Row>,
}

type Records = HashMap<Uuid, Record>;

impl Oracle {
    /// A bundle was loaded. `records` are those before.
    pub(super) fn load(&mut self, rows: &[Row], records: &Records) {
        for row in rows.iter().filter(|row| !self.last_seen.contains_key(&row.id)) {
            let is_gone = |id: &Uuid| !is_among(rows, id);
            let had_key = |(id, former): &(&Uuid, &Row)| {
                former.key == row.key
                    && is_gone(id)
                    && self.served.contains(id)
                    && records.get(id).is_some_and(|record| record.handed_to.is_none())
                    && !former.is_somebody_else(row)
            };
            let former = self.last_seen.iter().filter(had_key);
            let former: Vec<Uuid> = former.map(|(id, _)| *id).collect();
            if !former.is_empty() {
                self.rekeyed.insert(row.id, former);
            }
        }
        for row in rows {
            let before = self.last_seen.insert(row.id, row.clone());
            // The key by which they were known is another by now.
            if before.is_some_and(|before| before.key != row.key) && !records.contains_key(&row.id) {
                self.rekeyed.remove(&row.id);
            }
        }
        self.loaded = rows.to_vec();
    }

    /// Something was done to the records.
    pub(super) fn step(
        &mut self,
        asked: &Asked,
        (before, after): (&Records, &Records),
        reference_date: NaiveDate,
    ) -> Result<(), String> {
        let mut named = Vec::new();
        match asked {
            Asked::Nothing => {}
            Asked::Release(rowguid) => named.push(*rowguid),
            Asked::Name(rowguid, name) => {
                named.push(*rowguid);
                self.asked.insert((*rowguid, key(name)));
            }
            Asked::Transfer(from, to, name) => {
                named.extend([*from, *to]);
                self.asked.insert((*to, key(name)));
            }
        }
        names_stay(&self.owners, &named, before, after)?;
        for record in after
            .values()
            .filter(|record| record.sync && !named.contains(&record.rowguid))
        {
            let was_released = before.get(&record.rowguid).is_some_and(|before| before.sync);
            if !was_released {
                self.check_released(record, after, reference_date)?;
            }
        }
        self.answered.extend(named);
        if let Asked::Transfer(from, ..) = asked {
            // Who gave a name away is the person of the other: nobody answered anything else.
            self.answered.remove(from);
        }
        Ok(())
    }

    /// Nobody who can be told is released under a second username by the system, or in bulk.
    fn check_released(
        &self,
        record: &Record,
        records: &Records,
        reference_date: NaiveDate,
    ) -> Result<(), String> {
        let rowguid = record.rowguid;
        if self.answered.contains(&rowguid) {
            return Ok(());
        }
        let Some(row) = self.last_seen.get(&rowguid) else {
            return Err(format!("{rowguid} was released and is in no bundle"));
        };
        let had_key = |id: &Uuid| {
            let record = records.get(id).filter(|record| record.handed_to.is_none());
            let former = self.last_seen.get(id).filter(|_| record.is_some());
            former.is_some_and(|former| !former.is_somebody_else(row)) && !is_among(&self.loaded, id)
        };
        if self
            .rekeyed
            .get(&rowguid)
            .is_some_and(|former| former.iter().any(had_key))
        {
            return Err(format!(
                "{rowguid} came under a known key and was released unasked"
            ));
        }
        if record.handed_to.is_some() {
            return Err(format!("{rowguid} gave their name away and was released unasked"));
        }
        let counts = |id: &Uuid| {
            let loaded = self.loaded.iter().find(|row| row.id == *id);
            loaded.is_some_and(|row| row.counts(reference_date))
        };
        let second = self.served.iter().find(|id| {
            **id != rowguid
                && !counts(id)
                && records.get(id).is_some_and(|record| record.handed_to.is_none())
                && self
                    .last_seen
                    .get(id)
                    .is_some_and(|former| former.is_same_person(row))
        });
        match second {
            Some(first) => Err(format!(
                "{rowguid} is {first} by names and birth date and was released unasked"
            )),
            None => Ok(()),
        }
    }

    /// A generation became visible: no name of somebody's stands for another, unless somebody asked.
    pub(super) fn publish(&mut self, users: &Users) -> Result<(), String> {
        for (rowguid, name) in users {
            let name = key(name);
            let owner = self.owners.insert(name.clone(), *rowguid);
            let is_asked = self.asked.contains(&(*rowguid, name.clone()));
            if let Some(owner) = owner.filter(|owner| owner != rowguid && !is_asked) {
                return Err(format!("{name} was served to {owner} and is served to {rowguid}"));
            }
            self.served.insert(*rowguid);
        }
        Ok(())
    }
}

fn is_among(rows: &[Row], id: &Uuid) -> bool {
    rows.iter().any(|row| row.id == *id)
}

/// What was served, and what somebody typed, is not changed by anybody who does not name the person.
fn names_stay(
    owners: &HashMap<String, Uuid>,
    named: &[Uuid],
    before: &Records,
    after: &Records,
) -> Result<(), String> {
    let others = before.values().filter(|record| !named.contains(&record.rowguid));
    for record in others {
        let (rowguid, name) = (record.rowguid, &record.local_part);
        let is_served = owners.get(&key(name)) == Some(&rowguid);
        let now = after.get(&rowguid).map(|record| &record.local_part);
        if (is_served || record.origin != Origin::Generated) && now != Some(name) {
            return Err(format!("{rowguid} had {name} and has {now:?}, unasked"));
        }
    }
    Ok(())
}
