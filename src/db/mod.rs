//! The database: where it is, its connections, its migrations.

#[cfg(feature = "demo")]
mod embedded;
pub mod locks;
pub mod scope;
mod transient;

use std::time::Duration;

#[cfg(feature = "demo")]
use oneroster_embedded_postgres::Embedded;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::config::Settings;

#[cfg(feature = "demo")]
pub use embedded::data_dir;
pub use transient::is_transient;

/// The migrations of this build.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a Postgres that is starting up is asked again.
const STARTING_UP_POLL: Duration = Duration::from_millis(200);

/// How long a caller waits for a free connection: as long as the token endpoint waits for Postgres (design §2.4).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long connections in use are waited for when closing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DATABASE_URL` cannot be understood.
    #[error("DATABASE_URL is not an address of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Address(#[source] sqlx::Error),
    /// No connection.
    #[error("cannot connect to the database at {address} (set by DATABASE_URL or `database_url`)")]
    Connect {
        /// Host, port and database; never the password.
        address: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// No answer at all.
    #[error(
        "the database at {address} (set by DATABASE_URL or `database_url`) did not answer within {timeout_s} s"
    )]
    Unanswered {
        /// Host, port and database; never the password.
        address: String,
        /// How long it was waited for, in seconds.
        timeout_s: u64,
    },
    /// No embedded Postgres.
    #[cfg(feature = "demo")]
    #[error("cannot run the embedded Postgres")]
    Embedded(#[source] oneroster_embedded_postgres::Error),
    /// A build without the embedded Postgres was told of no database, or of a data directory.
    #[cfg(not(feature = "demo"))]
    #[error(
        "this build has no embedded Postgres (it was built without the feature `demo`), so it has no use for a data \
         directory (--data-dir, ONEROSTER_DATA_DIR, `data_dir`): set DATABASE_URL or `database_url` to a Postgres you run"
    )]
    NoEmbedded,
    /// The database has been used by a newer build.
    #[error(
        "the database has migration {applied}, which this build (up to {known}) does not know: \
         it has been used by a newer version of oneroster; run that version, or restore a backup from before"
    )]
    Newer {
        /// The migration that is not ours.
        applied: i64,
        /// The last one of this build.
        known: i64,
    },
    /// The migrations could not be applied.
    #[error("cannot bring the database up to date")]
    Migrate(#[source] MigrateError),
    /// The database user may not take on the roles the program works under.
    #[error(
        "the database user {user} cannot act as {service} and {tenant}, which this program works under; as an \
         administrator make sure that both roles exist (create role … nologin noinherit), then: \
         grant {service}, {tenant} to {user}",
        service = scope::SERVICE_ROLE, tenant = scope::TENANT_ROLE
    )]
    Role {
        /// The user of `DATABASE_URL`.
        user: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Row-level security does not keep tenants apart.
    #[error(
        "row-level security is not in force for {role}: it was switched off on a table, or the role was made a \
         superuser or given bypassrls; as an administrator undo that",
        role = scope::TENANT_ROLE
    )]
    Unbound,
}

/// An open database: the one `DATABASE_URL` names, or an embedded Postgres.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    #[cfg(feature = "demo")]
    embedded: Option<Embedded>,
}

impl Database {
    /// Opens the database and applies the migrations it lacks.
    ///
    /// Without `database_url` it attaches to the Postgres in the data directory, or starts it. A database that
    /// does not answer is given up after 10 s. At most `database_connections` connections; who asks for one waits 20 s.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        #[cfg(feature = "demo")]
        let (options, embedded) = if let Some(url) = &settings.database_url {
            (parse_address(url).map_err(Error::Address)?, None)
        } else {
            let opened = embedded::open(settings).await?;
            (opened.connect_options().clone(), Some(opened))
        };
        #[cfg(not(feature = "demo"))]
        let options = match (&settings.database_url, &settings.data_dir) {
            (Some(url), None) => parse_address(url).map_err(Error::Address)?,
            (None, _) | (_, Some(_)) => return Err(Error::NoEmbedded),
        };
        let options = options.application_name("oneroster");
        let mut first = connect(&options).await?;
        migrate(&mut first).await?;
        let bound = scope::try_roles(&mut first).await.map_err(|source| Error::Role {
            user: options.get_username().to_owned(),
            source,
        })?;
        if !bound {
            return Err(Error::Unbound);
        }
        // It is on its way out: the pool makes its own.
        let _ = first.close().await;
        let pool = scope::confine(PgPoolOptions::new())
            .max_connections(settings.database_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            #[cfg(feature = "demo")]
            embedded,
        })
    }

    /// Returns the connections. They see nothing of a tenant outside its scope ([`scope::begin`]).
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes the connections (those in use get 10 s); the last user of an embedded Postgres stops it and waits
    /// until it is gone.
    pub async fn close(self) {
        if tokio::time::timeout(CLOSE_TIMEOUT, self.pool.close())
            .await
            .is_err()
        {
            tracing::warn!("some database connections were still in use when the database was closed");
        }
        #[cfg(feature = "demo")]
        if let Some(embedded) = self.embedded {
            embedded.close().await;
        }
    }
}

/// Reads the address. sqlx would take any scheme, and so take a forgotten one for part of a name.
fn parse_address(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return url.parse();
    }
    Err(sqlx::Error::Configuration(
        "it must begin with postgres:// or postgresql://".into(),
    ))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    match tokio::time::timeout(CONNECT_TIMEOUT, connect_when_up(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(source)) => Err(Error::Connect {
            address: address(options),
            source,
        }),
        Err(_elapsed) => Err(Error::Unanswered {
            address: address(options),
            timeout_s: CONNECT_TIMEOUT.as_secs(),
        }),
    }
}

/// Connects; waits while Postgres says that it is starting up.
async fn connect_when_up(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    loop {
        match options.connect().await {
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "57P03") => {
                tokio::time::sleep(STARTING_UP_POLL).await;
            }
            outcome => return outcome,
        }
    }
}

/// Applies the migrations that are missing. Processes that do so at once wait for each other: sqlx takes an
/// advisory lock.
async fn migrate(connection: &mut PgConnection) -> Result<(), Error> {
    match MIGRATOR.run(connection).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(applied)) => {
            let known = MIGRATOR
                .iter()
                .map(|migration| migration.version)
                .max()
                .unwrap_or(0);
            Err(Error::Newer { applied, known })
        }
        Err(error) => Err(Error::Migrate(error)),
    }
}

fn address(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    match options.get_socket() {
        Some(socket) => format!("{}, database {database}", socket.display()),
        None => format!(
            "{}:{}, database {database}",
            options.get_host(),
            options.get_port()
        ),
    }
}
