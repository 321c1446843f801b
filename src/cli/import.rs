//! `oneroster import`: loads a bundle into the mirror and allocates usernames, all or nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use oneroster_school::informat::unlisted_sites::unnamed_sites;
use serde::Serialize;
use sqlx::PgConnection;

use super::faults::{fault_table, printable};
use super::{Global, Outcome, output};
use crate::accounts::records;
use crate::db::{Database, scope};
use crate::mirror::load::{self, Loaded, Options};
use crate::mirror::{self, Bundle, Fault, Faults, Mode};
use crate::tenants;

/// How many steps the bar has.
const BAR_STEPS: u32 = 1000;

/// What to import.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tenant whose data it is.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The bundle: a folder or a .zip (docs/bundle.md).
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The rows are upserts and, with verwijderd = 1, deletes; what the bundle leaves out stays.
    #[arg(long)]
    delta: bool,
    /// Do everything, report, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Load it even if it was made before the last bundle loaded, or takes the active school year out.
    #[arg(long)]
    force: bool,
}

/// The report, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Report<'a> {
    accepted: bool,
    dry_run: bool,
    rows: &'a BTreeMap<&'static str, u64>,
    /// Rows of the mirror that are new, that changed, that are gone.
    inserted: u64,
    updated: u64,
    deleted: u64,
    usernames_created: usize,
    faults: &'a [Fault],
    /// Faults beyond those listed.
    faults_left_off: u64,
    unnamed_sites: &'a [UnnamedSite],
}

/// A row of `schoolvest` that is in use, of a listed school, that no entry of the tenant file names.
#[derive(Debug, Serialize)]
struct UnnamedSite {
    instelnr: String,
    vestnrdiscimus: i32,
    hfdstructuur: String,
    vestiging: String,
}

/// Imports a bundle.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let settings = global.settings()?;
    let bar = bar()?;
    let bundle = read_bundle(&args, &bar).await?;
    for remark in bundle.remarks() {
        output::remark(printable(remark));
    }
    let database = Database::open(&settings).await?;
    let mut transaction = scope::begin(database.pool(), &args.tenant)
        .await
        .context("cannot begin a transaction")?;
    bar.set_message("loading");
    let progress = |part: f64| bar.set_position(bar_position(part));
    let options = Options {
        force: args.force,
        progress: &progress,
    };
    let loaded = match mirror::load(&mut transaction, &args.tenant, &bundle, options).await {
        Ok(loaded) => loaded,
        Err(load::Error::Refused(faults)) => {
            bar.finish_and_clear();
            transaction.rollback().await.context("cannot roll back")?;
            database.close().await;
            return refused(&args, global, &bundle, &faults);
        }
        Err(error @ (load::Error::UnknownTenant(_) | load::Error::Database(_))) => return Err(error.into()),
    };
    bar.set_message("allocating usernames");
    let usernames_created = records::allocate(&mut transaction, &args.tenant).await?.created;
    let unnamed = find_unnamed_sites(&mut transaction, &args.tenant).await?;
    if args.dry_run {
        transaction.rollback().await.context("cannot roll back")?;
    } else {
        transaction
            .commit()
            .await
            .context("cannot commit; nothing was loaded")?;
        tracing::info!(
            tenant_id = args.tenant,
            inserted = loaded.inserted,
            updated = loaded.updated,
            deleted = loaded.deleted,
            usernames_created,
            "bundle imported"
        );
    }
    bar.finish_and_clear();
    database.close().await;
    accepted(&args, global, &loaded, usernames_created, &unnamed)
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

async fn read_bundle(args: &Args, bar: &ProgressBar) -> anyhow::Result<Bundle> {
    let (path, bar) = (args.path.clone(), bar.clone());
    let mode = if args.delta { Mode::Delta } else { Mode::Full };
    let read = move || Bundle::read(&path, mode, |file| bar.set_message(format!("reading {file}")));
    Ok(tokio::task::spawn_blocking(read)
        .await
        .context("reading the bundle was interrupted")??)
}

/// Names the sites that the tenant file forgets, as they are after the load.
async fn find_unnamed_sites(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> anyhow::Result<Vec<UnnamedSite>> {
    let configuration = tenants::get(connection, tenant_id).await?;
    let schoolvest = mirror::read::schoolvest(connection, tenant_id)
        .await
        .context("cannot read the sites of the tenant")?;
    let unnamed = unnamed_sites(&schoolvest, &configuration)
        .into_iter()
        .map(|row| UnnamedSite {
            instelnr: row.instelnr.clone(),
            vestnrdiscimus: row.vestnrdiscimus,
            hfdstructuur: row.hfdstructuur.clone(),
            vestiging: row.vestiging.clone(),
        });
    Ok(unnamed.collect())
}

fn accepted(
    args: &Args,
    global: &Global,
    loaded: &Loaded,
    usernames_created: usize,
    unnamed: &[UnnamedSite],
) -> anyhow::Result<Outcome> {
    for site in unnamed {
        let UnnamedSite {
            instelnr,
            vestnrdiscimus,
            hfdstructuur,
            vestiging,
        } = site;
        let name = printable(vestiging);
        output::remark(format_args!(
            "site {vestnrdiscimus}, structure {hfdstructuur} of school {instelnr} ({name}) is in use, but no entry of the tenant file names it: it is not published"
        ));
    }
    if global.json {
        output::json(&Report {
            accepted: true,
            dry_run: args.dry_run,
            rows: &loaded.rows,
            inserted: loaded.inserted,
            updated: loaded.updated,
            deleted: loaded.deleted,
            usernames_created,
            faults: &[],
            faults_left_off: 0,
            unnamed_sites: unnamed,
        })?;
        return Ok(Outcome::Done);
    }
    for (file, count) in &loaded.rows {
        output::line(format_args!("{file:<24} {count:>9} rows"));
    }
    let Loaded {
        inserted,
        updated,
        deleted,
        ..
    } = loaded;
    output::line(format_args!(
        "mirror: {inserted} new, {updated} changed, {deleted} gone"
    ));
    output::line(format_args!("usernames created: {usernames_created}"));
    if args.dry_run {
        output::line("dry run: nothing was kept");
    }
    Ok(Outcome::Done)
}

fn refused(args: &Args, global: &Global, bundle: &Bundle, faults: &Faults) -> anyhow::Result<Outcome> {
    if global.json {
        output::json(&Report {
            accepted: false,
            dry_run: args.dry_run,
            rows: &bundle.rows(),
            inserted: 0,
            updated: 0,
            deleted: 0,
            usernames_created: 0,
            faults: faults.list(),
            faults_left_off: faults.left_off(),
            unnamed_sites: &[],
        })?;
        return Ok(Outcome::Refused);
    }
    for line in fault_table(faults.list()) {
        output::line(line);
    }
    if faults.left_off() > 0 {
        output::line(format_args!("and {} more", faults.left_off()));
    }
    output::remark(format_args!("refused: {faults}; nothing was loaded"));
    Ok(Outcome::Refused)
}
