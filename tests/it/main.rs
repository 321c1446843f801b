//! The integration tests: one binary, one Postgres, files named after what they show.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on should stop with the place where it stood"
)]

mod architecture;
mod check;
mod clients;
mod crash;
mod embedded;
mod generate;
mod harness;
mod http;
mod import;
mod publication;
mod serving;
mod simulation;
mod tickets;
mod token;
