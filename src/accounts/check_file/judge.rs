//! What a check file is held against, and whether the names that it asks for are free.

use std::collections::{HashMap, HashSet};

use oneroster_school::projection::Person;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use oneroster_school::username::edit::key;
use uuid::Uuid;

use super::bounds::Reach;
use super::org::OrgMembers;
use super::row::{Remark, RemarkKind};
use super::{HEADER, Rule, fault_in};
use crate::accounts::finality::Finality;
use crate::accounts::records::edit::Rename;
use crate::accounts::records::erased::ErasedNames;
use crate::accounts::{Holder, Warning};
use crate::tabular::Faults;
use crate::tabular::formula::restore;

/// A name that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The line of the file.
    pub line: u64,
    /// What the person is called, as Informat has it.
    pub name: Option<String>,
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
    /// Names of people who were erased.
    pub(super) erased: ErasedNames,
    /// Which names were served.
    pub(super) finality: Finality,
    /// The org that the file is read for, if it is read for one.
    pub(super) org: Option<OrgMembers>,
    /// Whom the file may be about; `None` = everyone.
    pub(super) reach: Option<Reach>,
}

/// Whether the username in the second column is the person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    Yes,
    Before,
    No,
}

impl Known<'_> {
    /// Returns `true` if a name is, or was, that of a record; `before` is a username as a file has it.
    pub(super) fn belongs(&self, before: &str, record: &Record) -> Belongs {
        // The domain may have changed by itself since; the local part is what tells people apart.
        let local_part = |text: &str| key(text.split('@').next().unwrap_or_default().trim());
        let before_key = local_part(before);
        let now = key(&record.local_part);
        // A check file that a spreadsheet saved as a workbook still has the apostrophes before what looks like formulas.
        if before_key.is_empty() || before_key == now || local_part(restore(before)) == now {
            Belongs::Yes
        } else if self.former.contains(&(record.rowguid, before_key)) {
            Belongs::Before
        } else {
            Belongs::No
        }
    }

    /// Reports each name that is not free, and remarks on each that was somebody else's.
    pub(super) fn check_free(
        &self,
        corrections: &[Correction],
        remarks: &mut Vec<Remark>,
        faults: &mut Faults<Rule>,
    ) {
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
        for Correction { line, rename, .. } in corrections {
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
                    let holder = self.named(*holder);
                    let message =
                        format!("is the username of {holder}; names are unique over pupils and staff");
                    refuse(Rule::NameHeld, message);
                }
                None if self.erased.is_of_another(&wanted, rename.rowguid) => {
                    let message = "was the username of somebody who was erased, or one that was forgotten; nobody else gets it";
                    refuse(Rule::NameHeld, message.to_owned());
                }
                None => {
                    let last = self.retired.get(&wanted).filter(|last| **last != rename.rowguid);
                    if let Some(last) = last {
                        remarks.push(Remark {
                            line: Some(*line),
                            sourced_id: Some(rename.rowguid),
                            message: self.was_of_another(&rename.to.local_part, *last),
                            kind: RemarkKind::WasOfAnother,
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

    pub(super) fn holder(&self, rowguid: Uuid) -> Holder {
        Holder::of(rowguid, self.people.get(&rowguid))
    }

    /// Returns `true` if the file may say who somebody is.
    pub(super) fn sees(&self, rowguid: Uuid) -> bool {
        self.reach.as_ref().is_none_or(|reach| reach.sees(rowguid))
    }

    /// Names somebody, unless who asks may not see them.
    fn named(&self, rowguid: Uuid) -> String {
        if self.sees(rowguid) {
            self.holder(rowguid).to_string()
        } else {
            "somebody else".to_owned()
        }
    }

    fn was_of_another(&self, name: &str, last_holder: Uuid) -> String {
        if self.sees(last_holder) {
            let warning = Warning::WasOfAnother {
                name: name.to_owned(),
                last_holder: self.holder(last_holder),
            };
            return warning.to_string();
        }
        format!(
            "{name} was the username of somebody else and may still be an alias of that account in Microsoft 365"
        )
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
