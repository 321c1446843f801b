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
    pub(super) fn remark(&self, kind: RemarkKind, message: String) -> Remark {
        Remark {
            line: Some(self.line),
            sourced_id: Some(self.rowguid),
            message,
            kind,
        }
    }
}

/// What is remarked on, for whoever says it in other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkKind {
    /// The file is not UTF-8 and was read as Windows-1252.
    NotUtf8,
    /// A row without a correction does not agree with its id.
    Slipped,
    /// So many more such rows.
    MoreSlipped {
        /// How many.
        count: usize,
    },
    /// Rows of people who are not at the org were passed over.
    OtherOrg {
        /// How many.
        count: usize,
    },
    /// Rows of people who may be seen and not changed were passed over.
    ReadOnly {
        /// How many.
        count: usize,
    },
    /// The username was changed since the file was written.
    ChangedSince,
    /// The name was somebody else's, and may be an alias of their account.
    WasOfAnother,
    /// The domain is the site's own and stays from now on.
    DomainStays,
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
    /// The same for programs.
    #[serde(skip)]
    pub kind: RemarkKind,
}
