//! The Informat side: its tables, reading and checking a bundle, loading it into the mirror.
//!
//! The only place, with its migration and the source side of [`crate::projection`], where Dutch names live.

pub mod published;
pub mod read;
pub mod school_year;
pub mod tables;

pub use tables::Mirror;
