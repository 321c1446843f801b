//! `oneroster preview`: the roster that would be served on a day, nothing stored.

use chrono::NaiveDate;
use clap::Args;
use oneroster_school::tenant::SchoolYear;

use super::argument::{Tenant, day};
use super::{Global, Outcome, Purpose, output};
use crate::publication;
use crate::report::preview::PreviewReport;

/// Arguments of `preview`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster preview --tenant zandpoort --as-of 2027-09-01 --year 2027-28")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: NaiveDate,
    /// The school year to see as active, such as 2026-27; default: the tenant's.
    #[arg(long, value_name = "YEAR")]
    year: Option<SchoolYear>,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let server = &global.settings().server;
    let database = global.open(Purpose::Read).await?;
    let Arguments { tenant, as_of, year } = arguments;
    let roster = publication::preview(database.pool(), &tenant.id, as_of, year.as_deref()).await;
    database.close().await;
    let report = PreviewReport::new(&roster?, &server.base_url(server.listen));
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}
