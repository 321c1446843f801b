//! The database: which one, its connections, its migrations.

mod choice;
#[cfg(feature = "demo")]
mod embedded;
mod error;
pub mod locks;
mod refusal;
mod schema;
pub mod scope;
mod transient;

use std::time::Duration;

#[cfg(feature = "demo")]
use oneroster_embedded_postgres::Embedded;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::config;

use choice::Choice;
pub use choice::Location;
#[cfg(feature = "demo")]
pub use embedded::data_dir;
pub use error::Error;
pub use refusal::refusal;
pub use schema::{MIGRATOR, Migrations};
pub use transient::is_transient;

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a Postgres that is starting up is asked again.
const STARTING_UP_POLL: Duration = Duration::from_millis(200);

/// How long a caller waits for a free connection: as long as the token endpoint waits for Postgres (design §2.4).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long connections in use are waited for when closing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    location: Location,
    #[cfg(feature = "demo")]
    embedded: Option<Embedded>,
}

impl Database {
    /// Opens the database that the settings choose: an address or a data directory, never both, never one by accident.
    ///
    /// In a data directory it attaches to the Postgres there, or starts it. A database that does not answer is given up
    /// after 10 s, one whose migrations are not those of this build is refused, unless `migrations` says to apply what
    /// it lacks. At most `connections` connections; a caller that asks for one waits 20 s.
    pub async fn open(settings: &config::Database, migrations: Migrations) -> Result<Self, Error> {
        match choice::choose(settings)? {
            Choice::Address(options, location) => {
                let applies = migrations == Migrations::Apply;
                let pool = open(*options, &location, applies, settings.connections).await?;
                Ok(Self {
                    pool,
                    location,
                    #[cfg(feature = "demo")]
                    embedded: None,
                })
            }
            #[cfg(feature = "demo")]
            Choice::DataDir(directory) => {
                let embedded = embedded::open(&directory, settings, migrations).await?;
                let location = Location::of_data_dir(&directory);
                let options = embedded.connect_options().clone();
                let applies = migrations != Migrations::Require;
                let pool = open(options, &location, applies, settings.connections).await?;
                Ok(Self {
                    pool,
                    location,
                    embedded: Some(embedded),
                })
            }
        }
    }

    /// Returns the connections. They see nothing of a tenant outside its scope ([`scope::begin`]).
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns which database it is.
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Closes the connections (those in use get 10 s); the last user of an embedded Postgres stops it and waits
    /// until it has stopped.
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

/// Sees to the migrations and the roles by one connection, then makes the pool.
async fn open(
    options: PgConnectOptions,
    location: &Location,
    applies_migrations: bool,
    connections: u32,
) -> Result<PgPool, Error> {
    let options = options.application_name("oneroster");
    let mut first = connect(&options, location).await?;
    if applies_migrations {
        schema::apply(&mut first).await?;
    } else {
        schema::require(&mut first).await?;
    }
    let bound = scope::try_roles(&mut first).await.map_err(|source| Error::Role {
        user: options.get_username().to_owned(),
        source,
    })?;
    if !bound {
        return Err(Error::Unbound);
    }
    // A failure to say goodbye changes nothing: the pool makes connections of its own.
    let _ = first.close().await;
    Ok(scope::confine(PgPoolOptions::new())
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options))
}

async fn connect(options: &PgConnectOptions, location: &Location) -> Result<PgConnection, Error> {
    match tokio::time::timeout(CONNECT_TIMEOUT, connect_when_up(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(source)) => Err(Error::Connect {
            location: location.with_origin(),
            source,
        }),
        Err(_elapsed) => Err(Error::Unanswered {
            location: location.with_origin(),
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
