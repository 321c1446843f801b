//! `oneroster sds-report`: the error report or the counts of a run of School Data Sync, read back.

use anyhow::Context;
use clap::Args;
use oneroster_entra::sds::{REPORT_BYTES_LIMIT, read_run};

use super::argument::Tenant;
use super::file::Input;
use super::{Global, Outcome, Purpose, output};
use crate::microsoft;
use crate::report::sds_report::SdsReport;

/// Read an error report of School Data Sync, or the counts of a run: who each row is about, what to do, and who can.
///
/// The report is the CSV that School Data Sync gives, with whatever columns, or JSON of Microsoft Graph; counts may be pasted, a
/// line each, such as `Students: 4809`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster sds-report --tenant zandpoort errors.csv")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The report; - reads standard input.
    file: Input,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments { tenant, file } = arguments;
    let bytes = file.read(REPORT_BYTES_LIMIT)?;
    let report = read_run(&bytes).with_context(|| format!("cannot read {file}"))?;
    let database = global.open(Purpose::Read).await?;
    let told = microsoft::tell(database.pool(), &tenant.id, report).await;
    database.close().await;
    output::report(&SdsReport::new(&tenant.id, told?), global.json)?;
    Ok(Outcome::Done)
}
