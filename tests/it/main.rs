//! The integration tests: one binary, one Postgres, files named after what they show.

mod check;
mod clients;
mod embedded;
mod harness;
mod http;
mod publication;
mod serving;
mod tickets;
mod token;
