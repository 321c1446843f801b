//! Files: School Data Sync V1, its UK variant and V2.1, OneRoster CSV, Clever (`docs/files.md`).

mod delta;
mod formats;
mod group;
mod guide;
mod headers;
mod http;
mod keeps;
mod parts;
mod place;
mod reader;
mod roster;
mod rules;
mod sets;

pub(crate) use sets::{read, read_zip};
