//! The integration tests: one binary, one Postgres, files named after what they show.

mod embedded;
mod check;
mod harness;
mod publication;
mod serving;
mod tickets;
mod clients;
mod harness;
mod http;
mod token;
