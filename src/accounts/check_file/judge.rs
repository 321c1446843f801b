//! Holds a check file against the records: which names change, and everything that speaks against it.

use std::collections::{HashMap, HashSet};

use oneroster_school::projection::Person;
use oneroster_school::tenant::{Configuration, Domain};
use oneroster_school::username::Record;
use oneroster_school::username::edit::{self, key};
use uuid::Uuid;

use super::row::{CheckRow, Remark};
use super::{HEADER, Rule, fault_in};
use crate::accounts::finality::Finality;
use crate::accounts::records::edit::Rename;
use crate::accounts::{Holder, Warning, domain_rule};
use crate::tabular::{Fault, Faults};

/// A name that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The line of the file.
    pub line: u64,
    /// Whose, from what, to what.
    pub rename: Rename,
}

/// What a file asks for.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Names that change, in the order of the file.
    pub(super) corrections: Vec<Correction>,
    /// People whose record asks for review and whose name the file repeats.
    pub(super) confirmed: Vec<Uuid>,
}

/// What is known of the tenant.
pub(super) struct Known<'a> {
    /// What faults call the file.
    pub(super) file: &'a str,
    /// The tenant file.
    pub(super) configuration: &'a Configuration,
    /// Every record.
    pub(super) records: HashMap<Uuid, Record>,
    /// Everyone in the mirror.
    pub(super) people: HashMap<Uuid, Person>,
    /// Names that people of the file had before, in lower case.
    pub(super) former: HashSet<(Uuid, String)>,
    /// Retired names, in lower case, with their last holder.
    pub(super) retired: HashMap<String, Uuid>,
    /// Which names were served.
    pub(super) finality: Finality,
}

/// Finds what a file asks for. Names that were served are compared with those held before it, not with each other's outcome:
/// Microsoft takes no name over within one sync.
pub(super) fn judge(
    rows: &[CheckRow],
    known: &Known<'_>,
    remarks: &mut Vec<Remark>,
    faults: &mut Faults<Rule>,
) -> Judged {
    let own = known.configuration.own_domains();
    let mut judged = Judged::default();
    for row in rows {
        match known.asked(row, &own, remarks) {
            Ok(Asked::Nothing) => {}
            Ok(Asked::Confirmation) => judged.confirmed.push(row.rowguid),
            Ok(Asked::Correction(correction)) => judged.corrections.push(correction),
            Err(fault) => faults.push(fault),
        }
    }
    known.check_free(&judged.corrections, remarks, faults);
    judged
}

/// What a row asks for.
enum Asked {
    Nothing,
    /// The name is good as it is, though the record asks for review.
    Confirmation,
    Correction(Correction),
}

/// Whether the username in the second column is the person's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Belongs {
    Yes,
    Before,
    No,
}

impl Known<'_> {
    /// Finds what one row asks for, if anything.
    fn asked(
        &self,
        row: &CheckRow,
        own: &[&Domain],
        remarks: &mut Vec<Remark>,
    ) -> Result<Asked, Fault<Rule>> {
        let at = (self.file, row.line);
        let record = self.records.get(&row.rowguid).ok_or_else(|| {
            let message = "nobody with this id has a username in this tenant";
            fault_in(
                at,
                HEADER[0],
                &row.rowguid.to_string(),
                Rule::UnknownPerson,
                message,
            )
        })?;
        let belongs = self.belongs(row, record);
        let (before, now) = (&row.before, record.name());
        if row.wanted.is_empty() {
            if belongs == Belongs::No {
                let message = format!(
                    "the second column says {before}, but the username is {now}; a correction belongs in the third"
                );
                remarks.push(row.remark(message));
            }
            return Ok(Asked::Nothing);
        }
        let published_as = self
            .people
            .get(&row.rowguid)
            .and_then(|person| person.published_as.as_ref());
        let rule = domain_rule(self.configuration, published_as);
        let to = edit::read(&row.wanted, rule, own, record.domain.as_ref()).map_err(|error| {
            fault_in(
                at,
                HEADER[2],
                &row.wanted,
                Rule::of_name(&error),
                error.to_string(),
            )
        })?;
        if to == now {
            return Ok(if record.needs_review || record.is_waiting() {
                Asked::Confirmation
            } else {
                Asked::Nothing
            });
        }
        match belongs {
            Belongs::Yes => {}
            Belongs::Before => remarks.push(row.remark(format!(
                "the username was changed since the file was written, from {before} to {now}"
            ))),
            Belongs::No => {
                let message = format!(
                    "is and was never the username of this person, who has {now}: rows may have slipped against the ids; \
                     export the file again"
                );
                return Err(fault_in(at, HEADER[1], before, Rule::NotThisPerson, message));
            }
        }
        if let Some(warning) = Warning::of_domain(&now, &to, published_as) {
            remarks.push(row.remark(warning.to_string()));
        }
        let rename = Rename {
            rowguid: row.rowguid,
            from: now,
            to,
        };
        Ok(Asked::Correction(Correction {
            line: row.line,
            rename,
        }))
    }

    fn belongs(&self, row: &CheckRow, record: &Record) -> Belongs {
        // The domain may have changed by itself since; the local part is what tells people apart.
        let before = key(row.before.split('@').next().unwrap_or_default().trim());
        if before.is_empty() || before == key(&record.local_part) {
            Belongs::Yes
        } else if self.former.contains(&(row.rowguid, before)) {
            Belongs::Before
        } else {
            Belongs::No
        }
    }

    /// Reports each name that is not free, and remarks on each that was somebody else's.
    fn check_free(&self, corrections: &[Correction], remarks: &mut Vec<Remark>, faults: &mut Faults<Rule>) {
        let holders: HashMap<String, Uuid> = self
            .records
            .values()
            .map(|record| (key(&record.local_part), record.rowguid))
            .collect();
        let leaving: HashMap<Uuid, u64> = corrections
            .iter()
            .filter(|correction| correction.rename.from.key() != correction.rename.to.key())
            .map(|correction| (correction.rename.rowguid, correction.line))
            .collect();
        let mut lines_of: HashMap<String, u64> = HashMap::new();
        for Correction { line, rename } in corrections {
            let wanted = rename.to.key();
            let mut refuse = |rule, message: String| {
                let value = rename.to.to_string();
                faults.push(fault_in((self.file, *line), HEADER[2], &value, rule, message));
            };
            if let Some(first) = lines_of.get(&wanted) {
                refuse(Rule::NameTwice, format!("line {first} asks for this name too"));
                continue;
            }
            lines_of.insert(wanted.clone(), *line);
            match holders.get(&wanted).filter(|holder| **holder != rename.rowguid) {
                // No account has the name yet: it may pass, also in exchange for another.
                Some(holder) if leaving.contains_key(holder) && !self.is_served(*holder) => {}
                Some(holder) if leaving.contains_key(holder) => {
                    let other = leaving.get(holder).copied().unwrap_or_default();
                    refuse(Rule::NameSwap, swap_message(other, &rename.to.local_part));
                }
                Some(holder) => {
                    let holder = self.holder(*holder);
                    let message =
                        format!("is the username of {holder}; names are unique over pupils and staff");
                    refuse(Rule::NameHeld, message);
                }
                None => {
                    let last = self.retired.get(&wanted).filter(|last| **last != rename.rowguid);
                    if let Some(last) = last {
                        let warning = Warning::WasOfAnother {
                            name: rename.to.local_part.clone(),
                            last_holder: self.holder(*last),
                        };
                        remarks.push(Remark {
                            line: Some(*line),
                            sourced_id: Some(rename.rowguid),
                            message: warning.to_string(),
                        });
                    }
                }
            }
        }
    }

    /// Returns `true` if the name of somebody's record was served, or may have been.
    fn is_served(&self, rowguid: Uuid) -> bool {
        let record = self.records.get(&rowguid);
        record.is_none_or(|record| self.finality.is_name_final(record))
    }

    fn holder(&self, rowguid: Uuid) -> Holder {
        Holder::of(rowguid, self.people.get(&rowguid))
    }
}

/// Explains how names are swapped (R140).
fn swap_message(other_line: u64, name: &str) -> String {
    format!(
        "is the username of the person on line {other_line}, who gets another by this same file; it was served, or may have been, \
         and Microsoft cannot pass a name on within one sync. In three steps: 1. give both a temporary name, such as {name}_EX, and let a sync pass; \
         2. in Microsoft 365, remove the old names from the aliases of both accounts; 3. give the final names"
    )
}
