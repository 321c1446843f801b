//! The integration tests: one binary, one Postgres, files named after what they show.

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
mod tickets;
mod token;
