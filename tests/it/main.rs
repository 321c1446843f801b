//! The integration tests: one binary, one Postgres, files named after what they show.

mod harness;
mod import;
