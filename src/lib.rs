//! `OneRoster` 1.1 provider in front of Informat, for Microsoft School Data Sync.
//!
//! Data flow left to right, never back: an export is imported into [`mirror`], people get records in [`accounts`],
//! the projection of `oneroster-school` computes the roster of a day, [`publication`] stores what changed as a generation,
//! [`serving`] answers requests from memory through [`http`]. People work with it on the [`desk`], where
//! [`access`] says what each may do. `ARCHITECTURE.md` has the map.

pub mod access;
pub mod accounts;
pub mod alarms;
pub mod audit;
pub mod auth;
pub mod causes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod desk;
pub mod edge;
pub mod encryption;
pub mod export;
pub mod feeding;
pub mod history;
pub mod http;
pub mod microsoft;
pub mod mirror;
pub mod publication;
pub mod report;
pub mod roster;
pub mod serving;
pub mod startup;
pub mod synclog;
pub mod tabular;
pub mod telemetry;
pub mod tenants;
