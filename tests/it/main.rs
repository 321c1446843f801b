//! The integration tests: one binary, one Postgres, files named after what they show.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on should stop with the place where it stood"
)]

mod activation;
mod architecture;
mod brake;
mod check;
mod clients;
mod consumers;
mod crash;
mod embedded;
mod encoding;
mod endpoints;
mod generate;
mod guide;

mod harness;
mod http;
mod import;
mod isolation;
mod metrics;
mod openapi;
mod publication;
mod serving;
mod tickets;
mod token;
mod usernames;
