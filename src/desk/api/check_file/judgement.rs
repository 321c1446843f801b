//! What is said of a check file, as the API answers it.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::words;
use crate::accounts::check_file::{Corrected, Rule};
use crate::desk::language::{Language, text_with};

/// How many changes are listed; how many there are is said.
const CHANGES_MAX: usize = 2000;

/// How many faults are listed.
const FAULTS_MAX: usize = 500;

/// What is said of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct Judgement {
    /// What stands for file and judgement: to be handed in to apply it.
    fingerprint: String,
    /// Whether it can be applied: nothing is refused.
    accepted: bool,
    /// Whether it was.
    applied: bool,
    /// What it comes to, in words.
    summary: String,
    /// How many people it lists.
    rows: usize,
    /// How many usernames change.
    changed: usize,
    /// The first of them.
    changes: Vec<Change>,
    /// How many usernames stay and count as reviewed.
    reviewed: usize,
    /// What should be known.
    warnings: Vec<Warning>,
    /// What is refused: the first ones.
    faults: Vec<Fault>,
    /// How many more there are.
    faults_left_off: u64,
}

/// A username that changes.
#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    line: u64,
    id: Uuid,
    name: Option<String>,
    from: String,
    to: String,
}

/// Something that should be known.
#[derive(Debug, Serialize, JsonSchema)]
struct Warning {
    line: Option<u64>,
    message: String,
}

/// A row that is refused.
#[derive(Debug, Serialize, JsonSchema)]
struct Fault {
    line: Option<u64>,
    column: Option<String>,
    value: Option<String>,
    #[schemars(with = "String")]
    rule: Rule,
    message: String,
}

impl Judgement {
    pub(super) fn new(language: Language, corrected: Corrected) -> Self {
        let faults = corrected.faults.list().iter();
        let faults: Vec<Fault> = faults
            .take(FAULTS_MAX)
            .map(|fault| Fault {
                line: fault.line,
                column: fault.column.clone(),
                value: fault.value.clone(),
                rule: fault.rule,
                message: words::of_fault(language, fault),
            })
            .collect();
        let more = corrected.faults.list().len() - faults.len();
        let warnings = corrected.remarks.iter().map(|remark| Warning {
            line: remark.line,
            message: words::of_remark(language, &remark.kind),
        });
        let counts = [
            ("rows", corrected.rows.into()),
            ("changed", corrected.corrections.len().into()),
            ("reviewed", corrected.confirmed.len().into()),
        ];
        let key = if corrected.is_applied {
            "check-file-applied"
        } else {
            "check-file-summary"
        };
        Self {
            summary: text_with(language, key, counts),
            fingerprint: corrected.fingerprint,
            accepted: corrected.faults.is_empty(),
            applied: corrected.is_applied,
            rows: corrected.rows,
            changed: corrected.corrections.len(),
            reviewed: corrected.confirmed.len(),
            warnings: warnings.collect(),
            faults_left_off: corrected.faults.left_off() + u64::try_from(more).unwrap_or(u64::MAX),
            faults,
            changes: corrected
                .corrections
                .into_iter()
                .take(CHANGES_MAX)
                .map(|correction| Change {
                    line: correction.line,
                    id: correction.rename.rowguid,
                    name: correction.name,
                    from: correction.rename.from.to_string(),
                    to: correction.rename.to.to_string(),
                })
                .collect(),
        }
    }
}
