//! `oneroster recover`: brings a database that went back forward from the files of the audit trail.

use super::{Global, Outcome, Purpose, output};
use crate::accounts;
use crate::audit::recover;
use crate::report::recover::RecoverReport;

/// Arguments of `recover`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster recover --dry-run")]
pub(crate) struct Args {
    /// Say what is missing; change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Says what the database lacks, and makes it again.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let database = global.open(Purpose::Recover).await?;
    let recovered = async {
        let folder = database.folder()?;
        let forget_names = accounts::forget_names_again;
        anyhow::Ok(recover(database.pool(), folder, args.dry_run, forget_names).await?)
    }
    .await;
    database.close().await;
    let report = RecoverReport::new(recovered?, args.dry_run);
    output::report(&report, global.json)?;
    output::warn(report.remarks());
    Ok(Outcome::done_if(report.complete))
}
