//! `oneroster synclog`: what consumers read, and when.

use std::time::Duration;

use clap::Args;

use super::argument::Tenant;
use super::{Global, Outcome, Purpose, output};
use crate::report::sync_log::SyncLogReport;
use crate::synclog;

/// How many runs are shown when nothing else is said.
const RUNS_SHOWN: u32 = 30;

/// How many runs can be shown at most.
const RUNS_SHOWN_MAX: i64 = 10_000;

/// Arguments of `synclog`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster synclog --tenant zandpoort --last 10")]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// How many runs to show, the newest first.
    #[arg(long, value_name = "N", default_value_t = RUNS_SHOWN, value_parser = clap::value_parser!(u32).range(1..=RUNS_SHOWN_MAX))]
    last: u32,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let silent_after = Duration::from_hours(global.settings().synclog.poll_silence_h.into());
    let Arguments { tenant, last } = arguments;
    let database = global.open(Purpose::Read).await?;
    let result = async {
        let runs = synclog::runs(database.pool(), &tenant.id, last).await?;
        let silent_since = synclog::silent_since(database.pool(), &tenant.id, silent_after).await?;
        anyhow::Ok(SyncLogReport::new(&tenant.id, silent_since, &runs))
    }
    .await;
    database.close().await;
    let report = result?;
    if report.runs.is_empty() && !global.json {
        output::remark("Nobody has read this tenant yet.");
    }
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}
