//! `oneroster migrate`: applies the migrations that the database lacks, and does nothing else.

use super::{Global, Outcome, Purpose, output};
use crate::db::{self, MIGRATOR, Migrations};
use crate::report::database::{MigrationsReport, RolesReport};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster migrate")]
pub(crate) struct Args {
    /// Print what an administrator of the cluster runs once, before the first migration; change nothing.
    #[arg(long)]
    print_roles: bool,
}

/// Brings the database up to date, or prints what must be there before.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    if args.print_roles {
        let statements = db::statements_for_administrator(&global.settings().database)?;
        output::report(&RolesReport { statements }, global.json)?;
        return Ok(Outcome::Done);
    }
    let database = global.open_with(Migrations::Apply, Purpose::OfNoTenant).await?;
    database.tell_if_behind(global).await;
    database.close().await;
    let report = MigrationsReport {
        migrations: MIGRATOR.iter().count(),
    };
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}
