//! Every report of a command as one type: it serialises to the JSON of `--json`, and displays what people read.
//!
//! The shapes are contracts: a snapshot holds each (`snapshots/`). What a person should know beside a report, such as a
//! warning, is a method of the type.

pub mod access;
pub mod account_history;
pub mod activation;
#[cfg(feature = "check")]
pub mod check;
pub mod check_file;
pub mod client;
#[cfg(feature = "check")]
pub mod compare;
pub mod configuration;
pub mod data_quality;
pub mod database;
#[cfg(feature = "demo")]
pub mod demo;
pub mod files;
#[cfg(feature = "demo")]
pub mod generate;
pub mod healthcheck;
pub mod history;
pub mod hold;
pub mod import;
pub mod keys;
pub mod manuals;
pub mod match_file;
pub mod matching;
pub mod person;
mod policy;
pub mod preview;
pub mod publication;
pub mod recover;
pub mod sds_report;
pub mod sds_runs;
pub mod sheet;
#[cfg(test)]
mod snapshot;
pub mod swap;
pub mod sync_log;
pub mod takeover;
pub mod teams_cleanup;
pub mod tenant;
pub mod tenant_status;
pub mod unserved;
pub mod username_sync;
pub mod usernames;
pub mod why;
pub mod words;
