//! `oneroster tenant activate-year`: the switch to the next school year, in August.

use clap::Args;
use oneroster_school::tenant::SchoolYear;

use super::account::By;
use super::argument::TenantOrFirst;
use super::{Global, Outcome, Purpose, output};
use crate::publication::activation::{self, Activate};
use crate::report::activation::ActivationReport;

/// Arguments of `tenant activate-year`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster tenant activate-year zandpoort 2027-28 --dry-run")]
#[command(allow_missing_positional = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: TenantOrFirst,
    /// The school year, such as 2027-28.
    year: SchoolYear,
    /// Show what would change, and what speaks against it; store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do it against what speaks against it; that is recorded.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        year,
        dry_run,
        force,
        by,
    } = arguments;
    let by = by.author()?;
    let database = global.open(Purpose::change_unless(dry_run)).await?;
    let request = Activate {
        year: &year,
        dry_run,
        force,
        by: by.as_str(),
    };
    let activation = activation::activate(database.pool(), tenant.id(), request).await;
    database.close().await;
    let report = ActivationReport::new(tenant.id(), &year, dry_run, activation?);
    output::report(&report, global.json)?;
    Ok(Outcome::done_if(report.accepted))
}
