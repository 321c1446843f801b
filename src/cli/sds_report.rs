//! `oneroster sds-report`: the error report or the counts of a run of School Data Sync, read back; and what was told of runs before.

use anyhow::Context;
use clap::Args;
use oneroster_entra::sds::{REPORT_BYTES_LIMIT, read_run};

use super::account::By;
use super::argument::Tenant;
use super::file::Input;
use super::{Global, Outcome, Purpose, output};
use crate::microsoft;
use crate::publication::{self, LicenceNeed};
use crate::report::sds_report::SdsReport;
use crate::report::sds_runs::SdsRunsReport;

/// How many runs are shown.
const RUNS_SHOWN: u32 = 20;

/// Read an error report of School Data Sync, or the counts of a run: who each row is about, what to do, and who can. Without a file: the
/// runs that were told before, and how many licences are needed, now and later.
///
/// The report is the CSV that School Data Sync gives, with whatever columns, or JSON of Microsoft Graph; counts may be pasted, a
/// line each, such as `Students: 4809`, and are kept.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster sds-report --tenant zandpoort errors.csv")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// The report; - reads standard input.
    file: Option<Input>,
    /// Read the report and keep nothing of it.
    #[arg(long, requires = "file")]
    dry_run: bool,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let Arguments {
        tenant,
        file,
        dry_run,
        by,
    } = arguments;
    let Some(file) = file else {
        return runs(&tenant.id, global).await;
    };
    let by = by.author()?;
    let bytes = file.read(REPORT_BYTES_LIMIT)?;
    let report = read_run(&bytes).with_context(|| format!("cannot read {file}"))?;
    // What is kept of a run is like the sync log: what others did, and nothing that the audit trail has.
    let database = global.open(Purpose::Read).await?;
    let told = async {
        let told = microsoft::tell(database.pool(), &tenant.id, report).await?;
        if !told.counts.is_empty() && !dry_run {
            microsoft::keep_run(database.pool(), &tenant.id, by.as_str(), (&bytes, &told.counts)).await?;
        }
        anyhow::Ok(told)
    }
    .await;
    database.close().await;
    output::report(&SdsReport::new(&tenant.id, told?), global.json)?;
    Ok(Outcome::Done)
}

/// Shows the runs that were told, and the licences that are needed.
async fn runs(tenant_id: &str, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Read).await?;
    let known = async {
        let runs = microsoft::kept_runs(database.pool(), tenant_id, RUNS_SHOWN).await?;
        anyhow::Ok((runs, need(&database, tenant_id).await?))
    }
    .await;
    database.close().await;
    let (runs, need) = known?;
    output::report(&SdsRunsReport::new(tenant_id, runs, need.as_ref()), global.json)?;
    Ok(Outcome::Done)
}

/// Returns what licences are needed; `None` as long as the active school year is not imported.
async fn need(database: &super::opened::Opened, tenant_id: &str) -> anyhow::Result<Option<LicenceNeed>> {
    match publication::licences(database.pool(), tenant_id).await {
        Ok(need) => Ok(Some(need)),
        Err(publication::Error::Projection(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
