//! Reports of `oneroster usernames export` and `import`: the check file.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use serde::Serialize;
use uuid::Uuid;

use super::words::{counted, fmt_refused, printable};
use crate::accounts::check_file::{Corrected, Remark, Rule};
use crate::tabular::Fault;

/// A check file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckFileReport {
    /// The tenant.
    pub tenant: String,
    /// The file.
    pub file: PathBuf,
    /// The org whose people it lists; `None` = everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// How many people it lists.
    pub people: usize,
    /// Whether nothing was to be written.
    pub dry_run: bool,
}

impl Display for CheckFileReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let people = counted(self.people, "person", "people");
        write!(formatter, "{}: {people}", self.file.display())?;
        if let Some(org) = &self.org {
            write!(formatter, " of {org}")?;
        }
        if self.dry_run {
            formatter.write_str("\ndry run: nothing was written")?;
        }
        Ok(())
    }
}

/// What reading a check file back came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectionsReport {
    /// The tenant.
    pub tenant: String,
    /// Whether it was applied; false = refused for its faults.
    pub accepted: bool,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// How many people the file lists.
    pub rows: usize,
    /// How many usernames change.
    pub changed: usize,
    /// Which, in the order of the file.
    pub changes: Vec<CorrectionReport>,
    /// How many usernames stay and count as reviewed.
    pub reviewed: usize,
    /// What the admin should know.
    pub warnings: Vec<Remark>,
    /// What is wrong with the file: the first faults.
    pub faults: Vec<Fault<Rule>>,
    /// How many more there are.
    pub faults_left_off: u64,
}

/// A username that a check file changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectionReport {
    /// The line of the file.
    pub line: u64,
    /// The person.
    pub sourced_id: Uuid,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
}

impl CorrectionsReport {
    /// Reports what reading a file back came to.
    pub fn new(tenant_id: &str, corrected: Corrected, dry_run: bool) -> Self {
        let changes = corrected.corrections.iter().map(|correction| CorrectionReport {
            line: correction.line,
            sourced_id: correction.rename.rowguid,
            from: correction.rename.from.to_string(),
            to: correction.rename.to.to_string(),
        });
        Self {
            tenant: tenant_id.to_owned(),
            accepted: corrected.faults.is_empty(),
            dry_run,
            rows: corrected.rows,
            changed: corrected.corrections.len(),
            changes: changes.collect(),
            reviewed: corrected.confirmed.len(),
            warnings: corrected.remarks,
            faults: corrected.faults.list().to_vec(),
            faults_left_off: corrected.faults.left_off(),
        }
    }

    /// Returns the warnings in words, each with its place in the file.
    pub fn warning_texts(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().map(|remark| {
            let message = printable(&remark.message);
            match remark.line {
                Some(line) => format!("line {line}: {message}"),
                None => format!("the file: {message}"),
            }
        })
    }

    fn fmt_accepted(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for CorrectionReport {
            line,
            sourced_id,
            from,
            to,
        } in &self.changes
        {
            writeln!(formatter, "line {line}\t{sourced_id}\t{from} → {to}")?;
        }
        if self.reviewed > 0 {
            let stay = counted(
                self.reviewed,
                "username stays as it is",
                "usernames stay as they are",
            );
            writeln!(formatter, "{stay}, reviewed")?;
        }
        let people = counted(self.rows, "person", "people");
        let usernames = counted(self.changed, "username", "usernames");
        if self.dry_run {
            write!(
                formatter,
                "{people}, {usernames} would change; dry run: nothing was kept"
            )
        } else {
            write!(formatter, "{people}, {usernames} changed")
        }
    }
}

impl Display for CorrectionsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if self.accepted {
            self.fmt_accepted(formatter)
        } else {
            fmt_refused(formatter, &self.faults, self.faults_left_off)
        }
    }
}

#[cfg(test)]
mod tests {
    use oneroster_school::username::edit::Username;

    use super::*;
    use crate::accounts::check_file::{Correction, RemarkKind};
    use crate::accounts::records::edit::Rename;
    use crate::report::snapshot;
    use crate::tabular::Faults;

    fn name(local_part: &str) -> Username {
        Username {
            local_part: local_part.to_owned(),
            domain: None,
        }
    }

    fn corrected() -> Corrected {
        let rename = Rename {
            rowguid: Uuid::from_u128(0x4c6e),
            from: name("jan.janssens"),
            to: name("jantje"),
        };
        Corrected {
            rows: 3,
            corrections: vec![Correction {
                line: 2,
                name: None,
                rename,
            }],
            confirmed: vec![Uuid::from_u128(0x5d7f)],
            remarks: vec![Remark {
                line: None,
                sourced_id: None,
                message: "is not UTF-8; it was read as Windows-1252".to_owned(),
                kind: RemarkKind::NotUtf8,
            }],
            faults: Faults::default(),
            fingerprint: String::new(),
            is_applied: false,
        }
    }

    #[test]
    fn a_written_file_is_reported_with_how_many_it_lists() {
        let report = CheckFileReport {
            tenant: "zandpoort".to_owned(),
            file: PathBuf::from("check.csv"),
            org: None,
            people: 1,
            dry_run: true,
        };
        snapshot::assert("usernames_export", &report);
        let of_org = CheckFileReport {
            org: Some("001507-1".to_owned()),
            dry_run: false,
            ..report
        };
        assert_eq!(of_org.to_string(), "check.csv: 1 person of 001507-1");
    }

    #[test]
    fn what_a_file_changes_is_reported_line_by_line() {
        let report = CorrectionsReport::new("zandpoort", corrected(), false);
        snapshot::assert("usernames_import", &report);
        let warnings: Vec<String> = report.warning_texts().collect();
        assert_eq!(warnings, ["the file: is not UTF-8; it was read as Windows-1252"]);
        let rehearsed = CorrectionsReport::new("zandpoort", corrected(), true).to_string();
        assert!(rehearsed.ends_with("3 people, 1 username would change; dry run: nothing was kept"));
    }

    #[test]
    fn a_refused_file_is_reported_with_its_faults() {
        let mut faults = Faults::default();
        faults.push(Fault::of_file("check.csv", Rule::EmptyFile, "has no header"));
        let refused = Corrected {
            rows: 0,
            corrections: Vec::new(),
            confirmed: Vec::new(),
            remarks: Vec::new(),
            faults,
            fingerprint: String::new(),
            is_applied: false,
        };
        snapshot::assert(
            "usernames_import_refused",
            &CorrectionsReport::new("zandpoort", refused, false),
        );
    }
}
