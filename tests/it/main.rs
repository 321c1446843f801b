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
mod alarms;
mod appendix2;
mod architecture;
mod audit;
mod august;
mod bounded;
mod brake;
mod calendar;
mod carried_over;
mod check;
mod clients;
mod command_line;
mod compare;
mod consumers;
mod crash;
mod databases;
mod demo;
mod desk;
mod door;
mod drill;
mod embedded;
mod encoding;
mod endpoints;
mod examples;
mod export;
mod generate;
mod guide;
mod harness;
mod health;
mod healthy_year;
mod history;
mod http;
mod import;
mod isolation;
mod lives;
mod locks;
mod log;
mod m365;
mod matching;
mod metrics;
mod monitoring;
mod openapi;
mod policies;
mod proxy;
mod publication;
mod retention;
mod sds_report;
mod sent_again;
mod served_form;
mod serving;
mod settings;
mod sheet;
mod simulation;
mod standby;
mod synclog;
mod takeover;
mod teams_cleanup;
mod tenants;
mod tickets;
mod token;
mod upgrade;
mod usernames;
mod why;
