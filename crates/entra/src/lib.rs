//! Accounts of a Microsoft tenant: read from what an administrator downloads, and matched with the people of a school (R142).
//!
//! Pure: bytes and people in, verdicts out. [`read()`] recognises the user list of Entra, the export of the Microsoft 365 admin centre
//! and answers of Microsoft Graph; [`match_people`] gives everyone one verdict and says why.

mod account;
mod called;
mod columns;
mod dates;
mod decode;
mod error;
mod evidence;
mod field;
mod graph;
mod likeness;
mod matching;
mod name;
mod person;
mod read;
pub mod sds;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_caution;
#[cfg(test)]
mod tests_reading;
pub mod usage;
mod value;
mod vocabulary;

pub use account::Account;
pub use columns::{ColumnChoice, ColumnChoiceError, ColumnUse};
pub use error::{ACCOUNTS_LIMIT, BYTES_LIMIT, ReadError};
pub use field::Field;
pub use likeness::Likeness;
pub use matching::{
    AccountMatch, AddedDomain, Candidate, ClassUse, DomainSource, Domains, Mark, Match, PersonMatch, Verdict,
    match_people,
};
pub use person::{Choice, Kind, Left, Person};
pub use read::{AccountFile, Remark, RemarkRule, read};
