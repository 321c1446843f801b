//! What decides about people, pure: Informat's rows, the tenant file, usernames, the projection, the data quality rules.
//!
//! No SQL, no HTTP, no clock, no I/O: the manifest has no crate that could. [`informat`] is what comes in, [`tenant`] how the
//! school group wants it, [`username`] what people are called, [`projection`] the roster of a day, [`data_quality`] what is
//! probably not as meant, [`door`] what a load would do that is hard to undo, [`directory`] who and what is found at which places,
//! [`outlook`] what another day brings, [`rights`] what users may see and change,
//! [`sample`] what formats make of some people and classes.

pub mod data_quality;
pub mod directory;
pub mod door;
pub mod informat;
pub mod outlook;
pub mod projection;
pub mod rights;
pub mod sample;
pub mod tenant;
pub mod text;
pub mod username;
