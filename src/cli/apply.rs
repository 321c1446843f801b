//! `oneroster tenant apply`: store what a tenant file says, and report what that does to people.

use clap::Args;
use oneroster_school::tenant::file::{self, TenantFile};

use super::account::By;
use super::file::Input;
use super::{Global, Outcome, Purpose, output};
use crate::publication::configure::{Options, configure};
use crate::report::configuration::ConfigurationReport;
use crate::tenants::Source;

/// How large a tenant file may be, in bytes.
const BYTES_LIMIT: usize = 1 << 20;

/// Arguments of `tenant apply`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oneroster tenant apply zandpoort.toml --dry-run")]
pub(crate) struct Arguments {
    /// The tenant file (docs/tenant-file.md); - reads standard input.
    file: Input,
    /// Allow another form of org ids after the first publication, and a file that is older than what is stored.
    #[arg(long)]
    force: bool,
    /// Report what it would do, and store nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let TenantFile {
        configuration,
        revision,
    } = read(&arguments.file)?;
    let options = Options {
        source: Source::File { revision },
        force: arguments.force,
        dry_run: arguments.dry_run,
    };
    let database = global
        .open_by(Purpose::change_unless(options.dry_run), &arguments.by)
        .await?;
    let configured = configure(database.pool(), &configuration, options).await;
    let recorded = database.record().await;
    database.close().await;
    let report = ConfigurationReport::new(&configuration.id, configured?, options.dry_run);
    recorded?;
    output::warn(&report.warnings);
    output::report(&report, global.json)?;
    Ok(Outcome::Done)
}

fn read(input: &Input) -> anyhow::Result<TenantFile> {
    let bytes = input.read(BYTES_LIMIT)?;
    anyhow::ensure!(
        bytes.len() <= BYTES_LIMIT,
        "{input} is larger than {} MiB: that is no tenant file",
        BYTES_LIMIT >> 20
    );
    let parsed = String::from_utf8(bytes)
        .map_err(anyhow::Error::new)
        .and_then(|text| Ok(file::read(&text)?));
    parsed.map_err(|error| error.context(format!("{input} was not applied")))
}
