//! `oneroster import`: loads a bundle into the mirror and makes usernames, all or nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use oneroster_school::door::Guard;
use oneroster_school::tenant::TenantId;

use super::account::By;
use super::file::Input;
use super::serve::shutdown;
use super::{Global, Outcome, Purpose, output, usage};
use crate::accounts::import::{self, Options, import_files};
use crate::db::scope;
use crate::feeding::{Archive, Failure, STILL_FOR, Watch, Watched, import_archive};
use crate::mirror::bundle::BYTES_LIMIT;
use crate::mirror::load;
use crate::mirror::{Acceptance, BundleFiles, Mode};
use crate::report::import::ImportReport;
use crate::report::words::printable;
use crate::tenants;

/// How many steps the bar has.
const BAR_STEPS: u32 = 1000;

/// What a bundle from standard input is called in messages.
const STANDARD_INPUT: &str = "standard-input.zip";

/// What to import.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster import --tenant zandpoort bundle")]
pub(crate) struct Args {
    /// The tenant, by its id; with --watch, default: of each bundle the one that its folder in DIR is called like.
    #[arg(long = "tenant", value_name = "ID", required_unless_present = "watch")]
    tenant: Option<TenantId>,
    /// The bundle: a folder or a .zip (docs/bundle.md); - reads a .zip from standard input.
    #[arg(value_name = "PATH", required_unless_present = "watch")]
    path: Option<Input>,
    /// Import every .zip that comes to this folder, until stopped, and move it to done/ or refused/ there with its report.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["path", "dry_run", "accept", "force"])]
    watch: Option<PathBuf>,
    /// The rows are upserts and, with verwijderd = 1, deletes; what the bundle leaves out stays.
    #[arg(long)]
    delta: bool,
    /// Do everything, report, with how full each column is, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Load it though this guard of the door speaks; again for each (docs/bundle.md).
    #[arg(long, value_name = "GUARD")]
    accept: Vec<Guard>,
    /// Accept every guard; those about people, classes and text only together with --by.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    by: By,
}

impl Args {
    /// Returns `true` if it watches a folder, and so runs until it is stopped.
    pub(super) const fn is_watching(&self) -> bool {
        self.watch.is_some()
    }

    const fn mode(&self) -> Mode {
        if self.delta { Mode::Delta } else { Mode::Full }
    }

    /// Returns what is accepted, and by whom.
    fn acceptance(&self) -> anyhow::Result<Acceptance> {
        let by_force = Guard::ALL
            .into_iter()
            .filter(|guard| self.force && (self.by.is_named() || !guard.needs_a_name()));
        let guards = by_force.chain(self.accept.iter().copied());
        Ok(Acceptance::new(guards, self.by.author()?.as_str()))
    }
}

/// Imports a bundle, or those that come.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    match (&args.watch, &args.tenant, &args.path) {
        (Some(folder), tenant, _) => {
            let watched = match tenant {
                Some(tenant) => Watched::OfTenant(tenant.clone(), folder.clone()),
                None => Watched::PerTenant(folder.clone()),
            };
            watch(watched, &args, global).await
        }
        (None, Some(tenant), Some(input)) => import_one(tenant, input.clone(), &args, global).await,
        (None, ..) => usage("give --tenant and a bundle, or --watch and a folder"),
    }
}

/// Imports what comes to a folder until Ctrl-C or SIGTERM; a second one ends it at once.
async fn watch(watched: Watched, args: &Args, global: &Global) -> anyhow::Result<Outcome> {
    if global.json {
        usage("--watch puts each report beside its bundle, as JSON: leave --json out");
    }
    let stop = shutdown()?;
    let database = global.open(Purpose::Change).await?;
    let author = args.by.author()?;
    let is_tenant = async |tenant: &TenantId| {
        let mut transaction = scope::begin(database.pool(), tenant.as_str()).await?;
        let is_there = tenants::exists(&mut transaction, tenant.as_str()).await?;
        transaction.rollback().await?;
        Ok::<_, sqlx::Error>(is_there)
    };
    if let Watched::OfTenant(tenant, _) = &watched
        && !is_tenant(tenant).await?
    {
        return Err(load::Error::UnknownTenant(tenant.to_string()).into());
    }
    let watching = Watch::begin(watched, args.mode(), STILL_FOR)?;
    let import = async |tenant: &TenantId, archive: Archive| {
        let followed = database.follow_trail().await;
        followed.map_err(|error| Failure::Passing(format!("{error:#}")))?;
        let report = import_archive(database.pool(), tenant.as_str(), archive, author.as_str()).await?;
        // It is done all the same: the next import waits until this can be written.
        if let Err(error) = database.record().await {
            tracing::error!(%tenant, error = format!("{error:#}"), "the audit trail is not on disk yet");
        }
        Ok(report)
    };
    tracing::info!("watching for bundles");
    watching.run(is_tenant, import, stop).await;
    database.close().await;
    Ok(Outcome::Done)
}

async fn import_one(
    tenant: &TenantId,
    input: Input,
    args: &Args,
    global: &Global,
) -> anyhow::Result<Outcome> {
    let bar = bar()?;
    let mode = args.mode();
    let (files, _kept) = tokio::task::spawn_blocking(move || open(&input, mode))
        .await
        .context("opening the bundle was interrupted")??;
    let database = global.open(Purpose::change_unless(args.dry_run)).await?;
    let progress = |part: f64| {
        bar.set_position(bar_position(part));
        bar.set_message(if part < 1.0 { "loading" } else { "making usernames" });
    };
    let acceptance = args.acceptance()?;
    let options = Options {
        load: load::Options {
            acceptance: &acceptance,
            progress: &progress,
        },
        dry_run: args.dry_run,
        ..Options::default()
    };
    let reading = bar.clone();
    let read_file = move |file: &str| reading.set_message(format!("reading {file}"));
    let imported = import_files(database.pool(), tenant.as_str(), files, options, read_file).await;
    bar.finish_and_clear();
    let recorded = database.record().await;
    database.close().await;
    let (bundle, imported) = imported?;
    for remark in bundle.remarks() {
        output::remark(printable(remark));
    }
    let report = match imported {
        Ok(imported) => ImportReport::accepted(imported, args.dry_run),
        Err(import::Error::Load(load::Error::Refused(refusal))) => {
            ImportReport::refused(&bundle, *refusal, args.dry_run)
        }
        Err(error) => return Err(error.into()),
    };
    let report = if args.dry_run {
        report.with_columns(&bundle)
    } else {
        report
    };
    recorded?;
    report.guards.iter().for_each(output::remark);
    report.remarks.iter().for_each(output::remark);
    report.unnamed_sites.iter().for_each(output::remark);
    output::report(&report, global.json)?;
    Ok(Outcome::done_if(report.accepted))
}

fn bar() -> anyhow::Result<ProgressBar> {
    // Draws on stderr, and nothing at all when that is no terminal.
    let bar = ProgressBar::new(u64::from(BAR_STEPS));
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} % {msg} ({elapsed})")?;
    Ok(bar.with_style(style))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the steps of the bar"
)]
fn bar_position(part: f64) -> u64 {
    (part.clamp(0.0, 1.0) * f64::from(BAR_STEPS)) as u64
}

/// Opens a bundle. An archive is read from its end, so one from standard input is kept in a file, in a folder that is deleted when
/// dropped.
fn open(input: &Input, mode: Mode) -> anyhow::Result<(BundleFiles, Option<tempfile::TempDir>)> {
    if let Input::Path(path) = input {
        return Ok((BundleFiles::open(path, mode)?, None));
    }
    let folder = tempfile::tempdir().context("cannot keep standard input in a file")?;
    let path = folder.path().join(STANDARD_INPUT);
    keep_standard_input(&path)?;
    Ok((BundleFiles::open(&path, mode)?, Some(folder)))
}

fn keep_standard_input(path: &Path) -> anyhow::Result<()> {
    let mut file = File::create(path).context("cannot keep standard input in a file")?;
    let mut standard_input = std::io::stdin().lock().take(BYTES_LIMIT.saturating_add(1));
    let bytes = output::said_if_long("a bundle on standard input", || {
        std::io::copy(&mut standard_input, &mut file)
    })
    .context("cannot read standard input")?;
    anyhow::ensure!(
        bytes <= BYTES_LIMIT,
        "standard input is larger than {} MiB",
        BYTES_LIMIT >> 20
    );
    Ok(())
}
