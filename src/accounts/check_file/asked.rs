//! Holds the rows of a check file against the records: what each asks for, and what speaks against it.

use oneroster_school::tenant::Domain;
use oneroster_school::username::edit::{self, Username, key};
use oneroster_school::username::{Origin, Record, WaitReason};
use oneroster_standard::counted;

use super::bounds;
use super::judge::{Belongs, Correction, Judged, Known};
use super::look::{Stranger, stranger};
use super::row::{CheckRow, Remark, RemarkKind};
use super::spreadsheet_value::SpreadsheetValue;
use super::{BIRTH_DATE, HEADER, Rule, fault_in};
use crate::accounts::records::edit::Rename;
use crate::accounts::{Warning, domain_rule};
use crate::tabular::{Fault, Faults};

/// How many rows that slipped and ask for nothing are remarked on one by one.
const SLIPPED_SHOWN: usize = 20;

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
    let mut slipped = Slipped::default();
    let (mut passed_over, mut read_only) = (0, 0);
    for row in rows {
        match known.asked(row, &own, remarks) {
            Ok(Asked::Nothing) => {}
            Ok(Asked::NothingAndSlipped(remark)) => slipped.push(remark),
            Ok(Asked::NothingAtOtherOrg) => passed_over += 1,
            Ok(Asked::NothingReadOnly) => read_only += 1,
            Ok(Asked::Confirmation) => judged.confirmed.push(row.rowguid),
            Ok(Asked::Correction(correction)) => judged.corrections.push(correction),
            Err(fault) => faults.push(fault),
        }
    }
    remarks.extend(slipped.into_remarks());
    if let (Some(org), true) = (&known.org, passed_over > 0) {
        remarks.push(org.passed_over(passed_over));
    }
    if read_only > 0 {
        remarks.push(bounds::read_only_remark(read_only));
    }
    known.check_free(&judged.corrections, remarks, faults);
    judged
}

/// Remarks on rows that slipped and ask for nothing: the first ones, and how many there are.
#[derive(Default)]
struct Slipped {
    remarks: Vec<Remark>,
    left_off: usize,
}

impl Slipped {
    fn push(&mut self, remark: Remark) {
        if self.remarks.len() < SLIPPED_SHOWN {
            self.remarks.push(remark);
        } else {
            self.left_off += 1;
        }
    }

    fn into_remarks(self) -> impl Iterator<Item = Remark> {
        let more = (self.left_off > 0).then(|| Remark {
            line: None,
            sourced_id: None,
            message: format!(
                "{} without a correction {}: if columns were sorted apart from each other, export the file again",
                counted(self.left_off, "more row", "more rows"),
                if self.left_off == 1 {
                    "does not agree with its id"
                } else {
                    "do not agree with their ids"
                }
            ),
            kind: RemarkKind::MoreSlipped { count: self.left_off },
        });
        self.remarks.into_iter().chain(more)
    }
}

/// What a row asks for.
enum Asked {
    Nothing,
    /// The row does not agree with its id.
    NothingAndSlipped(Remark),
    /// The person is not of the org that the file is read for.
    NothingAtOtherOrg,
    /// The person may be seen and not changed.
    NothingReadOnly,
    /// The name is good as it is: it was written again, or the record asks for review.
    Confirmation,
    Correction(Correction),
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
        // Whom they may not see is nobody to them, in the same words.
        let record = self.records.get(&row.rowguid).filter(|_| self.sees(row.rowguid));
        let record = record.ok_or_else(|| {
            let message = "nobody with this id has a username in this tenant";
            fault_in(
                at,
                HEADER[0],
                &row.rowguid.to_string(),
                Rule::UnknownPerson,
                message,
            )
        })?;
        if let Some(org) = self
            .org
            .as_ref()
            .filter(|org| !org.members.contains(&row.rowguid))
        {
            return if row.wanted.is_empty() {
                Ok(Asked::NothingAtOtherOrg)
            } else {
                Err(org.fault(at, row, &self.holder(row.rowguid)))
            };
        }
        if self
            .reach
            .as_ref()
            .is_some_and(|reach| !reach.writes(row.rowguid))
        {
            return if row.wanted.is_empty() {
                Ok(Asked::NothingReadOnly)
            } else {
                Err(bounds::read_only_fault(at, row))
            };
        }
        if row.wanted.is_empty() {
            let slipped = self.slipped(row, record);
            return Ok(slipped.map_or(Asked::Nothing, |message| {
                Asked::NothingAndSlipped(row.remark(RemarkKind::Slipped, message))
            }));
        }
        let (now, to) = (record.name(), self.wanted(row, record, own)?);
        let is_same = to == now;
        // A generated name that is written again is confirmed: somebody looked at it.
        let is_confirmed =
            record.origin != Origin::Generated || record.answered.contains(&WaitReason::Review);
        let asks_nothing = is_same && !record.needs_review && !record.is_waiting();
        match stranger(row, self.people.get(&row.rowguid), record) {
            Some(stranger) if asks_nothing => {
                let message = self.stranger_message(row, stranger);
                Ok(Asked::NothingAndSlipped(row.remark(RemarkKind::Slipped, message)))
            }
            Some(stranger) => {
                let column = HEADER.get(stranger.column).copied().unwrap_or_default();
                let message = self.stranger_message(row, stranger);
                Err(fault_in(at, column, stranger.value, Rule::NotThisPerson, message))
            }
            None if asks_nothing && is_confirmed => Ok(Asked::Nothing),
            None if is_same => Ok(Asked::Confirmation),
            None => self.correction(row, record, to, remarks),
        }
    }

    /// Says how a row without a correction does not agree with its id, if it does not.
    fn slipped(&self, row: &CheckRow, record: &Record) -> Option<String> {
        if let Some(stranger) = stranger(row, self.people.get(&row.rowguid), record) {
            return Some(self.stranger_message(row, stranger));
        }
        (self.belongs(&row.before, record) == Belongs::No).then(|| {
            format!(
                "the second column says {}, but the username is {}; a correction belongs in the third",
                row.before,
                record.name()
            )
        })
    }

    /// Takes a correction, if the second column is the person's.
    fn correction(
        &self,
        row: &CheckRow,
        record: &Record,
        to: Username,
        remarks: &mut Vec<Remark>,
    ) -> Result<Asked, Fault<Rule>> {
        let (before, now) = (&row.before, record.name());
        match self.belongs(before, record) {
            Belongs::Yes => {}
            Belongs::Before => {
                let message =
                    format!("the username was changed since the file was written, from {before} to {now}");
                remarks.push(row.remark(RemarkKind::ChangedSince, message));
            }
            Belongs::No => {
                let message = format!(
                    "is and was never the username of this person, who has {now}: rows may have slipped against the ids; \
                     export the file again"
                );
                let at = (self.file, row.line);
                return Err(fault_in(at, HEADER[1], before, Rule::NotThisPerson, message));
            }
        }
        let person = self.people.get(&row.rowguid);
        let published_as = person.and_then(|person| person.published_as.as_ref());
        if let Some(warning) = Warning::of_domain(&now, &to, published_as) {
            remarks.push(row.remark(RemarkKind::DomainStays, warning.to_string()));
        }
        let rename = Rename {
            rowguid: row.rowguid,
            from: now,
            to,
        };
        Ok(Asked::Correction(Correction {
            line: row.line,
            name: self.holder(row.rowguid).name,
            rename,
        }))
    }

    /// Reads the third cell, which is not empty. What a spreadsheet made is no name, unless it is the person's.
    fn wanted(&self, row: &CheckRow, record: &Record, own: &[&Domain]) -> Result<Username, Fault<Rule>> {
        let fault =
            |rule, message: String| fault_in((self.file, row.line), HEADER[2], &row.wanted, rule, message);
        let made = SpreadsheetValue::of(&row.wanted);
        if let Some(made) = made.filter(|_| key(&row.wanted) != key(&record.local_part)) {
            return Err(fault(Rule::SpreadsheetCell, made.message()));
        }
        let person = self.people.get(&row.rowguid);
        let published_as = person.and_then(|person| person.published_as.as_ref());
        let rule = domain_rule(self.configuration, published_as);
        edit::read(&row.wanted, rule, own, record.domain.as_ref())
            .map_err(|error| fault(Rule::of_name(&error), error.to_string()))
    }

    fn stranger_message(&self, row: &CheckRow, stranger: Stranger<'_>) -> String {
        let what = if stranger.column == BIRTH_DATE {
            "born on"
        } else {
            "called"
        };
        format!(
            "the row is that of somebody {what} {}, but its id is that of {}: rows may have slipped against the ids; export the \
             file again",
            stranger.value,
            self.holder(row.rowguid)
        )
    }
}
