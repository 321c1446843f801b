//! A row of a check file, and what is remarked on one.

use serde::Serialize;
use uuid::Uuid;

/// A row of a check file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckRow {
    /// The line, as an editor counts it.
    pub(super) line: u64,
    /// The person.
    pub(super) rowguid: Uuid,
    /// The username the file was written with; may be empty.
    pub(super) before: String,
    /// The username wanted instead; empty = no change.
    pub(super) wanted: String,
    /// The given name that stands beside the id; empty where the column is missing, as are the next two.
    pub(super) given_name: String,
    /// The family name.
    pub(super) family_name: String,
    /// The birth date as a spreadsheet shows it.
    pub(super) birth_date: String,
}

impl CheckRow {
    /// Makes a remark on the row.
    pub(super) fn remark(&self, message: String) -> Remark {
        Remark {
            line: Some(self.line),
            sourced_id: Some(self.rowguid),
            message,
        }
    }
}

/// Something the admin should know that is no fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The line of the file; `None` = the whole file.
    pub line: Option<u64>,
    /// The person.
    pub sourced_id: Option<Uuid>,
    /// What it is.
    pub message: String,
}
