//! The integration tests: one binary, one Postgres, files named after what they show.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod embedded;
mod harness;
mod tickets;
mod publication;
