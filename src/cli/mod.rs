//! The commands: one file each, which parses its arguments, calls the core and reports.
//!
//! Exit code 0 = done, 1 = refused with a reason, 2 = wrong usage. With `--json` a command that reports prints
//! one JSON document on stdout; logs and progress go to stderr.

mod account;
mod activate_year;
mod apply;
mod argument;
#[cfg(feature = "check")]
mod check;
mod client;
#[cfg(feature = "demo")]
mod demo;
mod file;
#[cfg(feature = "demo")]
mod generate;
mod health;
mod history;
mod import;
mod migrate;
pub(crate) mod output;
mod preview;
mod publish;
mod serve;
mod synclog;
mod tenant;
mod usernames;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Settings;
use crate::telemetry;

/// OneRoster 1.1 provider in front of Informat, for Microsoft School Data Sync.
#[derive(Debug, Parser)]
#[command(name = "oneroster", version, about, disable_help_subcommand = true)]
#[command(after_help = "Example:\n  oneroster demo")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The heading of the help below which they stand.
const GLOBAL_OPTIONS: &str = "Global options";

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Settings file; config/base.toml names every key.
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL_OPTIONS)]
    config: Option<PathBuf>,
    /// Where the embedded Postgres lives when `DATABASE_URL` is unset.
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL_OPTIONS)]
    data_dir: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long, global = true, help_heading = GLOBAL_OPTIONS)]
    pub(crate) json: bool,
}

impl Global {
    /// Reads the settings and puts the command line over them.
    pub(crate) fn settings(&self) -> Result<Settings, crate::config::Error> {
        let mut settings = Settings::load(self.config.as_deref())?;
        if let Some(directory) = &self.data_dir {
            settings.data_dir = Some(directory.clone());
        }
        Ok(settings)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "check")]
    /// Check a provider as School Data Sync does.
    Check(check::CheckArgs),
    /// API clients and their settings.
    Client(client::Args),
    #[cfg(feature = "demo")]
    /// Make a school group and serve it, with everything needed to try it.
    #[command(after_help = "Example:\n  oneroster demo --pupils 500")]
    Demo(demo::Arguments),
    #[cfg(feature = "demo")]
    /// Write a synthetic school group as a bundle with its tenant file.
    Generate(generate::Args),
    /// Say what Microsoft would refuse, or what is probably not as meant, before it is synchronised.
    Health(health::Arguments),
    /// Tell what changed between generations, and why.
    History(history::Arguments),
    /// Load a bundle of Informat data into the mirror: all or nothing.
    Import(import::Args),
    /// Bring the database up to date, and nothing else.
    #[command(after_help = "Example:\n  oneroster migrate")]
    Migrate,
    /// Show the roster that would be served on a day; store nothing.
    Preview(preview::Arguments),
    /// Publish what has changed.
    Publish(publish::Arguments),
    /// Serve, and publish what changes in the background.
    #[command(after_help = "Example:\n  oneroster serve --listen 127.0.0.1:8080")]
    Serve(serve::Args),
    /// Show what consumers read, and when.
    Synclog(synclog::Arguments),
    /// Apply a tenant file, list tenants, show one, activate a school year.
    Tenant(tenant::Arguments),
    /// Look up, edit, release and hand over usernames; check them by file.
    Usernames(usernames::Arguments),
}

impl Command {
    /// Returns `true` if it opens a database, and so reads the settings and has a log.
    const fn opens_database(&self) -> bool {
        match self {
            #[cfg(feature = "check")]
            Self::Check(_) => false,
            #[cfg(feature = "demo")]
            Self::Demo(_) => true,
            #[cfg(feature = "demo")]
            Self::Generate(_) => false,
            Self::Client(_)
            | Self::Health(_)
            | Self::History(_)
            | Self::Import(_)
            | Self::Migrate
            | Self::Preview(_)
            | Self::Publish(_)
            | Self::Serve(_)
            | Self::Synclog(_)
            | Self::Tenant(_)
            | Self::Usernames(_) => true,
        }
    }

    /// Returns `true` if it goes on until it is stopped.
    const fn is_server(&self) -> bool {
        #[cfg(feature = "demo")]
        if matches!(self, Self::Demo(_)) {
            return true;
        }
        matches!(self, Self::Serve(_))
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Refused; the reason has been reported.
    Refused,
}

impl Outcome {
    /// Returns [`Outcome::Done`] if what was asked for was done.
    pub(crate) const fn done_if(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::Refused }
    }
}

/// Runs one command and returns the exit code of the process.
pub fn main(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::failure(&anyhow::Error::new(error).context("cannot start the runtime"));
            return ExitCode::from(1);
        }
    };
    let outcome = runtime.block_on(run(cli));
    telemetry::flush();
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Err(error) => {
            output::failure(&error);
            ExitCode::from(1)
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let global = cli.global;
    if cli.command.opens_database() {
        let filter = if cli.command.is_server() {
            telemetry::OF_SERVERS
        } else {
            telemetry::OF_COMMANDS
        };
        telemetry::start(global.settings()?.log_json, filter)?;
    }
    match cli.command {
        #[cfg(feature = "check")]
        Command::Check(arguments) => check::run(arguments, &global).await,
        Command::Client(arguments) => client::run(arguments, &global).await,
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(arguments, &global).await,
        #[cfg(feature = "demo")]
        Command::Generate(arguments) => generate::run(arguments, &global).await,
        Command::Health(arguments) => health::run(arguments, &global).await,
        Command::History(arguments) => history::run(arguments, &global).await,
        Command::Import(arguments) => import::run(arguments, &global).await,
        Command::Migrate => migrate::run(&global).await,
        Command::Preview(arguments) => preview::run(arguments, &global).await,
        Command::Publish(arguments) => publish::run(arguments, &global).await,
        Command::Serve(arguments) => serve::run(arguments, &global).await,
        Command::Synclog(arguments) => synclog::run(arguments, &global).await,
        Command::Tenant(arguments) => tenant::run(arguments, &global).await,
        Command::Usernames(arguments) => usernames::run(arguments, &global).await,
    }
}
