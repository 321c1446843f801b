//! `oneroster demo`: a served roster from one command, with everything a person needs to try it.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use oneroster_generate::{self, SchoolYear};
use oneroster_school::tenant::file;

use super::{Global, Outcome, demo_accounts, output, serve};
use crate::accounts::import::{self, import};
use crate::auth::{self, ClientSettings, Preset, client};
use crate::clock::Clock;
use crate::config::listen_address;
use crate::db::{self, Database, Migrations, scope};
use crate::mirror::{Bundle, Mode};
use crate::publication::configure::{self, configure};
use crate::publication::{self, Options};
use crate::report::demo::DemoReport;
use crate::report::words::counted;
use crate::roster;
use crate::startup::Server;

/// Id of the demo's tenant.
const TENANT_ID: &str = "demo";
/// Name of the file with the values, in the data directory.
const VALUES_FILE: &str = "demo.json";
/// Name of the file that a demo holds locked while it serves the data directory.
const LOCK_FILE: &str = "demo.lock";
/// How many pupils the school group has unless the command line says.
const PUPILS_DEFAULT: u32 = 2000;
/// What it is drawn from unless the command line says.
const SEED_DEFAULT: u64 = 1;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many pupils the school group has [default: 2000]; on a later start the data that are there stay.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pupils: Option<u32>,
    /// What the school group is drawn from: the same seed, the same group [default: 1].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Make a group, and a client, for a consumer's own tests; on a later start the data that are there stay (docs/consumers/microsoft.md).
    #[arg(long, value_name = "WHOSE")]
    sandbox: Option<Sandbox>,
    /// Address to serve on; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", value_parser = listen_address)]
    listen: Option<SocketAddr>,
}

/// Whose tests a demo is made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sandbox {
    /// Microsoft's acceptance suite.
    Microsoft,
}

impl Sandbox {
    /// Returns the settings of its client: those of School Data Sync, and the address, which its suite asks for.
    fn settings(self) -> ClientSettings {
        match self {
            Self::Microsoft => ClientSettings {
                email: Some(true),
                ..Preset::Sds.settings()
            },
        }
    }
}

impl Arguments {
    /// Returns the options that data already there make void, if any was given.
    fn void_options(&self) -> Option<String> {
        let given = [
            ("--pupils", self.pupils.is_some()),
            ("--seed", self.seed.is_some()),
            ("--sandbox", self.sandbox.is_some()),
        ];
        let given: Vec<&str> = given
            .into_iter()
            .filter_map(|(option, is_given)| is_given.then_some(option))
            .collect();
        (!given.is_empty()).then(|| given.join(" and "))
    }
}

pub(crate) async fn run(arguments: Arguments, global: &Global) -> anyhow::Result<Outcome> {
    let mut settings = global.settings().clone();
    if settings.database.url.take().is_some() {
        let origin = settings.database.origins.url;
        output::remark(format_args!(
            "{origin} is set: the demo leaves that database alone and uses its own"
        ));
    }
    // Its trail is beside its own database, never in the folder of another.
    settings.audit.dir = None;
    if let Some(listen) = arguments.listen {
        settings.server.listen = listen;
    }
    let shutdown = serve::shutdown()?;
    let directory = db::data_dir(&settings.database)?;
    settings.database.data_dir = Some(directory.clone());
    let database = Database::open_as(
        &settings.database,
        Migrations::Apply,
        Some(serve::actor("demo", &settings)),
    )
    .await?;
    let lock = match lock(&directory) {
        Ok(lock) => lock,
        Err(error) => {
            database.close().await;
            return Err(error);
        }
    };
    // Takes the address before the data are made, so that a port in use costs nothing.
    let server = Server::bind(&settings, database).await?;
    if let Err(error) = prepare(&arguments, server.database(), &directory).await {
        server.close().await;
        return Err(error);
    }
    let settings = arguments.sandbox.map(Sandbox::settings).unwrap_or_default();
    let values = values(server.database(), server.base_url(), &directory, settings).await;
    let values = match values {
        Ok(values) => values,
        Err(error) => {
            server.close().await;
            return Err(error);
        }
    };
    let base_url = server.base_url().to_owned();
    let serving = tokio::spawn(server.run_until(shutdown));
    answers(&base_url).await;
    let written = announce(&values, &directory, global);
    serving.await??;
    drop(lock);
    written.map(|()| Outcome::Done)
}

/// Makes this demo the only one of the data directory: another would give its client and its values away.
fn lock(directory: &Path) -> anyhow::Result<File> {
    let path = directory.join(LOCK_FILE);
    let cannot_use = || format!("cannot use {}", path.display());
    let file = File::create(&path).with_context(cannot_use)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another `oneroster demo` serves the data in {directory}; its addresses and client are in {values}. Stop it \
             first, or name another folder with --data-dir",
            directory = directory.display(),
            values = directory.join(VALUES_FILE).display(),
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(cannot_use),
    }
}

/// Makes the school group and publishes it, as far as that has not been done yet.
async fn prepare(arguments: &Arguments, database: &Database, directory: &Path) -> anyhow::Result<()> {
    let mut transaction = scope::begin(database.pool(), TENANT_ID).await?;
    let head = roster::head::find(&mut transaction, TENANT_ID).await?;
    transaction.commit().await?;
    if head.is_some_and(|head| head.number > 0) {
        output::remark("The data of an earlier start are kept.");
        if let Some(options) = arguments.void_options() {
            output::warn([format_args!(
                "{options} had no effect: name another folder with --data-dir for another school group, or remove {}",
                directory.display()
            )]);
        }
        return Ok(());
    }
    let pupils = arguments.pupils.unwrap_or(PUPILS_DEFAULT);
    output::remark(format!(
        "Making a school group of {}.",
        counted(pupils, "pupil", "pupils")
    ));
    let bundle = directory.join("bundle");
    let today = Clock::System
        .now()
        .with_timezone(&chrono_tz::Europe::Brussels)
        .date_naive();
    let school_year = SchoolYear::of(today);
    let mut group = oneroster_generate::school_group(&oneroster_generate::Options {
        pupils,
        seed: arguments.seed.unwrap_or(SEED_DEFAULT),
        school_year,
        tenant: TENANT_ID.to_owned(),
        complete_next_year: false,
    });
    if arguments.sandbox.is_some() {
        oneroster_generate::for_acceptance_suite(&mut group, &school_year.label());
    }
    oneroster_generate::write(&group, &bundle)?;
    let configuration = file::parse(&group.tenant_file)?;
    configure(database.pool(), &configuration, configure::Options::default()).await?;
    let bundle = Bundle::read(&bundle, Mode::Full, |_| {})?;
    import(database.pool(), TENANT_ID, &bundle, import::Options::default()).await?;
    publication::publish(database.pool(), TENANT_ID, Options::default()).await?;
    Ok(())
}

/// Returns the values for the wizard: those of the last start if its client is still good, else of a new client.
async fn values(
    database: &Database,
    base_url: &str,
    directory: &Path,
    settings: ClientSettings,
) -> anyhow::Result<DemoReport> {
    let kept = std::fs::read_to_string(directory.join(VALUES_FILE))
        .ok()
        .and_then(|text| serde_json::from_str::<DemoReport>(&text).ok());
    let of_desk = kept.as_ref().map(|kept| kept.desk.clone());
    let desk = demo_accounts::prepare(database.desk(), TENANT_ID, (base_url, of_desk)).await?;
    let values = |client_id: String, client_secret: String| DemoReport {
        desk,
        directory: directory.to_owned(),
        base_url: format!("{base_url}/ims/oneroster/v1p1"),
        token_url: format!("{base_url}/connect/token"),
        client_id,
        client_secret,
    };
    if let Some(kept) = kept
        && auth::is_valid(database.pool(), &kept.client_id, &kept.client_secret).await?
    {
        return Ok(values(kept.client_id, kept.client_secret));
    }
    let created = client::create_with(database.pool(), TENANT_ID, "School Data Sync", settings).await?;
    Ok(values(created.client_id, created.client_secret))
}

/// Waits until the server answers. It listens already, so this ends at the first answer, or when it gave up.
async fn answers(base_url: &str) {
    for _ in 0..100 {
        if reqwest::get(format!("{base_url}/healthz")).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn announce(values: &DemoReport, directory: &Path, global: &Global) -> anyhow::Result<()> {
    write_private(
        &directory.join(VALUES_FILE),
        &serde_json::to_string_pretty(values)?,
    )?;
    output::report(values, global.json)
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let context = || format!("cannot write {}", path.display());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(context)?;
    file.write_all(text.as_bytes()).with_context(context)
}
