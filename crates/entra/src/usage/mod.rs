//! The file with which School Data Sync archives old Teams: an administrator downloads it, deletes the rows of the Teams to keep,
//! and uploads the rest (R146).
//!
//! Its columns are not known here: a class is known by its id, or by its name, in whatever cell it stands. What stays of the file
//! stays byte for byte.

mod judge;
mod sheet;
#[cfg(test)]
mod tests;

pub use judge::{ClassYears, Contradiction, Judged, JudgedRow, OfClass, Verdict};
pub use sheet::{Sheet, SheetError, SheetRow, USAGE_BYTES_LIMIT};
