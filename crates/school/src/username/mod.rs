//! Usernames: normalise names, fill the format, allocate without clashes (R31–R59).
//!
//! Records outlive the mirror row of their person.

pub mod allocate;
mod comparable;
pub mod edit;
pub mod entra;
pub mod fill;
pub mod normalise;
pub mod plan;
pub mod record;

pub use comparable::comparable;
pub use record::{Origin, Record};
