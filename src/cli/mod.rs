//! The commands: one file each, which parses its arguments, calls the core and reports.
//!
//! Exit code 0 = done, 1 = refused with a reason, 2 = wrong usage. With `--json` a command that reports prints
//! one JSON document on stdout; logs and progress go to stderr.

mod account;
mod activate_year;
mod admin;
mod apply;
mod argument;
#[cfg(feature = "check")]
mod check;
mod client;
#[cfg(feature = "check")]
mod compare;
#[cfg(feature = "demo")]
mod demo;
#[cfg(feature = "demo")]
mod demo_accounts;
mod export;
mod file;
#[cfg(feature = "demo")]
mod generate;
mod health;
mod healthcheck;
mod history;
mod import;
mod keys;
mod manuals;
mod matching;
mod migrate;
mod opened;
pub(crate) mod output;
mod person;
mod preview;
mod publish;
mod recover;
mod remove;
mod sds_report;
mod serve;
mod sheet;
mod swap;
mod synclog;
mod teams_cleanup;
mod tenant;
mod usernames;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{CommandLine, Loaded, Settings, Variables};
use crate::db::Migrations;
use crate::telemetry;
use opened::Opened;

/// The version with, in a release build from a git checkout, the commit and its date (`build.rs`).
const VERSION: &str = env!("VERSION_WITH_COMMIT");

/// OneRoster 1.1 provider in front of Informat, for Microsoft School Data Sync.
#[derive(Debug, Parser)]
#[command(name = "oneroster", version = VERSION, about, disable_help_subcommand = true)]
#[cfg_attr(feature = "demo", command(after_help = "Example:\n  oneroster demo"))]
#[cfg_attr(
    not(feature = "demo"),
    command(after_help = "Example:\n  oneroster tenant status")
)]
pub struct Cli {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// The heading of the help below which they stand.
const GLOBAL_OPTIONS: &str = "Global options";

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
struct GlobalOptions {
    /// Settings file (config/base.toml names every key; in the package /usr/share/doc/oneroster/examples/base.toml);
    /// else the one that `ONEROSTER_CONFIG` names, else /etc/oneroster/oneroster.toml if it exists.
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL_OPTIONS)]
    config: Option<PathBuf>,
    /// Folder of an embedded Postgres, instead of the address of one in `DATABASE_URL`.
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL_OPTIONS)]
    data_dir: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long, global = true, help_heading = GLOBAL_OPTIONS)]
    json: bool,
}

/// What a command on a database has beside its own arguments.
#[derive(Debug, Clone)]
pub(crate) struct Global {
    settings: Settings,
    /// The command, by its name.
    command: &'static str,
    /// It prints one JSON document on stdout.
    pub(crate) json: bool,
}

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It changes nothing.
    Read,
    /// It changes something, and keeps the audit trail of it.
    Change,
    /// It reads, and enters in the audit trail that what it read leaves the program.
    Export,
    /// It changes the schema: nothing that the audit trail keeps.
    OfNoTenant,
    /// It brings a database forward that went back.
    Recover,
}

impl Purpose {
    /// Returns the purpose of a command that changes something unless it is a dry run.
    pub(crate) const fn change_unless(dry_run: bool) -> Self {
        if dry_run { Self::Read } else { Self::Change }
    }
}

impl Global {
    /// Returns the settings.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Opens the database that was chosen; refuses one that lacks a migration. A command that changes something says on
    /// stderr which database that is, and needs a folder for the audit trail.
    pub(crate) async fn open(&self, purpose: Purpose) -> anyhow::Result<Opened> {
        Opened::open(self, Migrations::Require, purpose, None).await
    }

    /// Opens it in the same way for somebody who may have said who they are: what they change is entered as theirs.
    pub(crate) async fn open_by(&self, purpose: Purpose, by: &account::By) -> anyhow::Result<Opened> {
        Opened::open(self, Migrations::Require, purpose, by.named()).await
    }

    /// Opens it in the same way for a command that may apply migrations.
    pub(crate) async fn open_with(&self, migrations: Migrations, purpose: Purpose) -> anyhow::Result<Opened> {
        Opened::open(self, migrations, purpose, None).await
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "check")]
    /// Check a provider as School Data Sync does.
    Check(check::CheckArgs),
    #[cfg(feature = "check")]
    /// Compare two servers, both pulled whole: what differs, by person and field.
    Compare(compare::CompareArgs),
    #[cfg(feature = "demo")]
    /// Write a synthetic school group as a bundle with its tenant file.
    Generate(generate::Args),
    /// Ask the server of these settings whether it answers.
    Healthcheck(healthcheck::Args),
    /// Write the man pages, and what shells complete the commands by.
    Manuals(manuals::Args),
    #[command(flatten)]
    OnDatabase(OnDatabase),
}

/// The commands that open a database, and so read the settings and have a log.
#[derive(Debug, Subcommand)]
enum OnDatabase {
    /// Accounts of the desk, and what they may do there.
    Admin(admin::Args),
    /// API clients and their settings.
    Client(client::Args),
    #[cfg(feature = "demo")]
    /// Make a school group and serve it, with everything needed to try it.
    #[command(after_help = "Example:\n  oneroster demo --pupils 500")]
    Demo(demo::Arguments),
    /// Write what is published as files: for School Data Sync, for Clever, or as OneRoster CSV.
    Export(export::Arguments),
    /// Say what Microsoft would refuse, or what is probably not as meant, before it is synchronised.
    Health(health::Arguments),
    /// Tell what changed between generations, and why.
    History(history::Arguments),
    /// Load a bundle of Informat data into the mirror, all or nothing; or every bundle that comes to a folder.
    Import(import::Args),
    /// The keys that sign tokens: list, rotate, retire.
    Keys(keys::Args),
    /// Compare everyone with the accounts of the school's Microsoft tenant, before the first sync.
    Match(matching::Arguments),
    /// Bring the database up to date, and nothing else.
    Migrate(migrate::Args),
    /// Erase somebody who is gone: no name, username or birth date of theirs stays.
    Person(person::Args),
    /// Show the roster that would be served on a day; store nothing.
    Preview(preview::Arguments),
    /// Publish what has changed.
    Publish(publish::Arguments),
    /// Bring a database that went back, restored or after a failover, forward from the files of the audit trail.
    Recover(recover::Args),
    /// Read an error report of School Data Sync, or the counts of a run: who it is about, what to do, who can.
    SdsReport(sds_report::Arguments),
    /// Serve, and publish what changes in the background.
    #[command(after_help = "Example:\n  oneroster serve --listen 127.0.0.1:8080")]
    Serve(serve::Args),
    /// Show what consumers read, and when.
    Synclog(synclog::Arguments),
    /// Make the file with which School Data Sync archives the Teams of a school year that is over.
    TeamsCleanup(teams_cleanup::Arguments),
    /// Apply a tenant file, list tenants, show one, activate a school year.
    Tenant(tenant::Arguments),
    /// Look up, edit, release and hand over usernames; check them by file.
    Usernames(usernames::Arguments),
    /// Tell why a person or a class is published on a day, or is not.
    Why(why::Arguments),
}

impl OnDatabase {
    /// Returns its name, for the audit trail.
    const fn name(&self) -> &'static str {
        match self {
            Self::Admin(_) => "admin",
            Self::Client(_) => "client",
            #[cfg(feature = "demo")]
            Self::Demo(_) => "demo",
            Self::Export(_) => "export",
            Self::Health(_) => "health",
            Self::History(_) => "history",
            Self::Import(_) => "import",
            Self::Keys(_) => "keys",
            Self::Match(_) => "match",
            Self::Migrate(_) => "migrate",
            Self::Person(_) => "person",
            Self::Preview(_) => "preview",
            Self::Publish(_) => "publish",
            Self::Recover(_) => "recover",
            Self::SdsReport(_) => "sds-report",
            Self::Serve(_) => "serve",
            Self::Synclog(_) => "synclog",
            Self::TeamsCleanup(_) => "teams-cleanup",
            Self::Tenant(_) => "tenant",
            Self::Usernames(_) => "usernames",
            Self::Why(_) => "why",
        }
    }

    /// Returns which events it logs when nothing else is said.
    const fn log_filter(&self) -> &'static str {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(_) => telemetry::OF_SERVERS,
            Self::Serve(_) => telemetry::OF_SERVERS,
            Self::Import(arguments) if arguments.is_watching() => telemetry::OF_SERVERS,
            Self::Admin(_)
            | Self::Client(_)
            | Self::Export(_)
            | Self::Health(_)
            | Self::History(_)
            | Self::Import(_)
            | Self::Keys(_)
            | Self::Match(_)
            | Self::Migrate(_)
            | Self::Person(_)
            | Self::Preview(_)
            | Self::Publish(_)
            | Self::Recover(_)
            | Self::SdsReport(_)
            | Self::Synclog(_)
            | Self::TeamsCleanup(_)
            | Self::Tenant(_)
            | Self::Usernames(_)
            | Self::Why(_) => telemetry::OF_COMMANDS,
        }
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

/// Ends the command as one whose arguments do not belong together: exit code 2.
fn usage(message: &str) -> ! {
    Cli::command().error(ErrorKind::ArgumentConflict, message).exit()
}

async fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let Cli { options, command } = cli;
    let json = options.json;
    match command {
        #[cfg(feature = "check")]
        Command::Check(arguments) => Box::pin(check::run(arguments, json)).await,
        #[cfg(feature = "check")]
        Command::Compare(arguments) => {
            let settings = load(&options, telemetry::OF_COMMANDS)?;
            let global = Global {
                settings,
                command: "compare",
                json,
            };
            Box::pin(compare::run(arguments, &global)).await
        }
        #[cfg(feature = "demo")]
        Command::Generate(arguments) => generate::run(arguments, json).await,
        Command::Healthcheck(arguments) => {
            let settings = load(&options, telemetry::OF_COMMANDS)?;
            healthcheck::run(arguments, &settings, json).await
        }
        Command::Manuals(arguments) => manuals::run(&arguments, Cli::command(), json),
        Command::OnDatabase(command) => {
            let settings = load(&options, command.log_filter())?;
            let global = Global {
                settings,
                command: command.name(),
                json,
            };
            run_on_database(command, &global).await
        }
    }
}

/// Reads the settings and starts the log.
fn load(options: &GlobalOptions, log_filter: &'static str) -> anyhow::Result<Settings> {
    let command_line = CommandLine {
        file: options.config.as_deref(),
        data_dir: options.data_dir.as_deref(),
    };
    let Loaded {
        settings,
        file,
        old_keys,
    } = Settings::load(command_line, Variables::of_process()?)?;
    telemetry::start(settings.log.json, log_filter)?;
    if let Some(file) = file {
        let file = file.display();
        for key in old_keys {
            tracing::warn!("{file}: `{}` is an old name: write `{}`", key.old, key.new);
        }
        tracing::info!("settings are read from {file}");
    }
    Ok(settings)
}

async fn run_on_database(command: OnDatabase, global: &Global) -> anyhow::Result<Outcome> {
    match command {
        OnDatabase::Admin(arguments) => admin::run(arguments, global).await,
        OnDatabase::Client(arguments) => client::run(arguments, global).await,
        #[cfg(feature = "demo")]
        OnDatabase::Demo(arguments) => demo::run(arguments, global).await,
        OnDatabase::Export(arguments) => export::run(arguments, global).await,
        OnDatabase::Health(arguments) => health::run(arguments, global).await,
        OnDatabase::History(arguments) => history::run(arguments, global).await,
        OnDatabase::Import(arguments) => import::run(arguments, global).await,
        OnDatabase::Keys(arguments) => keys::run(arguments, global).await,
        OnDatabase::Match(arguments) => matching::run(arguments, global).await,
        OnDatabase::Migrate(arguments) => migrate::run(arguments, global).await,
        OnDatabase::Person(arguments) => person::run(arguments, global).await,
        OnDatabase::Preview(arguments) => preview::run(arguments, global).await,
        OnDatabase::Publish(arguments) => publish::run(arguments, global).await,
        OnDatabase::Recover(arguments) => recover::run(arguments, global).await,
        OnDatabase::SdsReport(arguments) => sds_report::run(arguments, global).await,
        OnDatabase::Serve(arguments) => serve::run(arguments, global).await,
        OnDatabase::Synclog(arguments) => synclog::run(arguments, global).await,
        OnDatabase::TeamsCleanup(arguments) => teams_cleanup::run(arguments, global).await,
        OnDatabase::Tenant(arguments) => tenant::run(arguments, global).await,
        OnDatabase::Usernames(arguments) => usernames::run(arguments, global).await,
        OnDatabase::Why(arguments) => why::run(arguments, global).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_a_feature_are_there_with_the_feature_only() {
        let command = Cli::command();
        let has = |name: &str| command.find_subcommand(name).is_some();
        assert_eq!(has("check"), cfg!(feature = "check"));
        assert_eq!(has("compare"), cfg!(feature = "check"));
        assert_eq!(has("demo"), cfg!(feature = "demo"));
        assert_eq!(has("generate"), cfg!(feature = "demo"));
        assert!(has("serve") && has("migrate"));
    }
}
