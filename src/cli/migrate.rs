//! `oneroster migrate`: opens the database, which applies the migrations it lacks, and nothing else.

use super::{Global, Outcome, output};
use crate::db::{Database, MIGRATOR};
use crate::report::database::MigrationsReport;

/// Brings the database up to date.
pub(crate) async fn run(global: &Global) -> anyhow::Result<Outcome> {
    let database = Database::open(&global.settings()?).await?;
    database.close().await;
    let report = MigrationsReport {
        migrations: MIGRATOR.iter().count(),
    };
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}
