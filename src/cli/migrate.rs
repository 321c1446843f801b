//! `oneroster migrate`: opens the database, which applies the migrations it lacks, and nothing else.

use serde::Serialize;

use super::{Global, Outcome, output};
use crate::db::{Database, MIGRATOR};

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    /// How many migrations the database now has.
    migrations: usize,
}

/// Brings the database up to date.
pub(crate) async fn run(global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    database.close().await;
    let report = Report {
        migrations: MIGRATOR.iter().count(),
    };
    if global.json {
        output::json(&report)?;
    } else {
        output::line(format_args!(
            "the database is up to date: {} migrations",
            report.migrations
        ));
    }
    Ok(Outcome::Done)
}
