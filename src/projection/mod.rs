//! The projection: from Informat's mirror, username records and configuration to the roster of one day.
//!
//! Pure: no clock, no SQL, no HTTP. The one place where both vocabularies meet; one file per entity.

pub mod roster;

pub use roster::{Identified, Roster};
