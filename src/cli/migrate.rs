//! `oneroster migrate`: applies the migrations that the database lacks, and does nothing else.

use super::{Global, Outcome, Purpose, output};
use crate::db::{MIGRATOR, Migrations};
use crate::report::database::MigrationsReport;

/// Brings the database up to date.
pub(crate) async fn run(global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open_with(Migrations::Apply, Purpose::Migrate).await?;
    database.close().await;
    let report = MigrationsReport {
        migrations: MIGRATOR.iter().count(),
    };
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}
