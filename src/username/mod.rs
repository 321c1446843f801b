//! Usernames: normalise names, fill the format, allocate without clashes (R31–R59).
//!
//! Pure, but for `store`. Records outlive the mirror row of their person.

pub mod record;

pub use record::{Origin, Record};
