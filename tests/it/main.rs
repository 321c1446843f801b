//! The integration tests: one binary, one Postgres, files named after what they show.

mod clients;
mod harness;
mod http;
mod serving;
mod token;
