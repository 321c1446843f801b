//! The integration tests: one binary, one Postgres, files named after what they show.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod generate;
mod harness;
