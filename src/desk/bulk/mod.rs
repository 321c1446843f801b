//! Switching the Sync flag of many at once: what it will do, doing it to exactly the people who were shown, and taking it back.

mod act;
mod chosen;
mod preview;
mod undo;

use crate::desk::language::Language;
use crate::desk::list::Lists;
use crate::{accounts, publication};
use oneroster_school::rights::Rights;

pub use act::{Acted, Order};
pub use chosen::{Choices, Difference, Whom};
pub use preview::{Held, Passed, Preview};
pub use undo::{LastBulk, UndoAnswer};

/// Where and for whom a bulk change is made.
#[derive(Clone, Copy)]
pub struct Bulk<'a> {
    /// The lists in memory, with the connections they are read by.
    pub lists: &'a Lists,
    /// The choices that are remembered.
    pub choices: &'a Choices,
    /// The tenant.
    pub tenant_id: &'a str,
    /// What who asks may see and change.
    pub rights: &'a Rights,
    /// Their language.
    pub language: Language,
}

/// A bulk change was not made.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// Somebody who is named is not there, or may not be seen.
    #[error("somebody who is named is not there")]
    NotFound,
    /// More people are named than one request may name.
    #[error("too many people are named: choose by a filter")]
    TooMany,
    /// The people are no longer those who were shown.
    #[error("the people are no longer those who were shown")]
    Changed {
        /// What became different.
        difference: Difference,
        /// What the change would do now.
        preview: Box<Preview>,
    },
    /// Everything changes all the time: nothing was done.
    #[error("everything is being changed at this moment; try again")]
    Busy,
    /// It is against a rule, or the database failed.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// What would follow cannot be computed.
    #[error(transparent)]
    Publication(#[from] publication::Error),
}
