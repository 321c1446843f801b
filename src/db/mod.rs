//! The database: which one, its connections, its migrations.

mod actor;
mod choice;
#[cfg(feature = "demo")]
mod embedded;
mod error;
mod limits;
pub mod locks;
mod pool;
mod refusal;
mod request_pool;
mod schema;
pub mod scope;
mod standing;
mod tenant_session;
mod transient;

#[cfg(feature = "demo")]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "demo")]
use oneroster_embedded_postgres::Embedded;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::sync::watch;

use crate::config;

pub use actor::Actor;
use choice::{Address, Choice};
pub use choice::{Location, statements_for_administrator};
#[cfg(feature = "demo")]
pub use embedded::data_dir;
pub use error::Error;
pub use limits::{SessionKind, SessionLimits};
pub use pool::{desk, housekeeping, of_kind as pool_options, work};
pub use refusal::refusal;
pub use request_pool::{Lease, RequestPool};
pub use schema::{MIGRATOR, Migrations};
pub use tenant_session::TenantSession;
pub use transient::{StillUnavailable, WAIT, is_lock_timeout, is_transient, until_available};

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a Postgres that is starting up is asked again.
const STARTING_UP_POLL: Duration = Duration::from_millis(200);

/// How long connections in use are waited for when closing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database: four pools of connections, of which one that is not used opens none.
#[derive(Debug)]
pub struct Database {
    work: PgPool,
    desk: PgPool,
    housekeeping: PgPool,
    requests: RequestPool,
    location: Location,
    too_much: Vec<String>,
    #[cfg(feature = "demo")]
    embedded: Option<Arc<Embedded>>,
}

impl Database {
    /// Opens the database that the settings choose: an address or a data directory, never both, never one by accident.
    ///
    /// In a data directory it attaches to the Postgres there, or starts it. A database that does not answer is given up
    /// after 10 s, one whose migrations are not those of this build is refused, unless `migrations` says to apply what
    /// it lacks.
    pub async fn open(settings: &config::Database, migrations: Migrations) -> Result<Self, Error> {
        Self::open_as(settings, migrations, None).await
    }

    /// Opens it for somebody who says who they are: the audit trail names them for what they change.
    pub async fn open_as(
        settings: &config::Database,
        migrations: Migrations,
        actor: Option<Actor>,
    ) -> Result<Self, Error> {
        match choice::choose(settings)? {
            Choice::Address(address) => {
                let Address {
                    options,
                    location,
                    owner,
                } = *address;
                if migrations == Migrations::Apply {
                    let (owner, of_owner) = owner.unwrap_or_else(|| (options.clone(), location.clone()));
                    let user = options.get_username().to_owned();
                    bring_up_to_date(owner, &of_owner, &user).await?;
                }
                let entered = enter(options, &location).await?;
                Ok(Self::on(entered, location, settings.connections, actor))
            }
            #[cfg(feature = "demo")]
            Choice::DataDir(directory) => {
                let embedded = embedded::open(&directory, settings, migrations).await?;
                let location = Location::of_data_dir(&directory);
                let owner = embedded.connect_options().clone();
                if migrations == Migrations::Require {
                    let mut first = connect(&owner, &location).await?;
                    schema::require(&mut first, owner.get_username()).await?;
                    let _ = first.close().await;
                } else {
                    bring_up_to_date(owner.clone(), &location, owner.get_username()).await?;
                }
                let options = embedded::login(&directory, &owner, &location).await?;
                let entered = enter(options, &location).await?;
                Ok(Self {
                    embedded: Some(Arc::new(embedded)),
                    ..Self::on(entered, location, settings.connections, actor)
                })
            }
        }
    }

    fn on(entered: Entered, location: Location, connections: u32, actor: Option<Actor>) -> Self {
        let Entered { options, too_much } = entered;
        Self {
            too_much,
            desk: pool::desk_as(options.clone(), actor.clone()),
            work: pool::work_as(options.clone(), actor),
            housekeeping: housekeeping(options.clone()),
            requests: RequestPool::new(options, connections),
            location,
            #[cfg(feature = "demo")]
            embedded: None,
        }
    }

    /// Returns the connections of commands and of background work. As all others they see nothing of a tenant outside its
    /// scope ([`scope::begin`]).
    pub const fn pool(&self) -> &PgPool {
        &self.work
    }

    /// Returns the connections of the desk, which know accounts and sessions and read no secrets.
    pub const fn desk(&self) -> &PgPool {
        &self.desk
    }

    /// Returns the connections of requests.
    pub const fn requests(&self) -> &RequestPool {
        &self.requests
    }

    /// Returns the connections for what a server must know each second; no request can use them up.
    pub const fn housekeeping(&self) -> &PgPool {
        &self.housekeeping
    }

    /// Returns which database it is.
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Returns why the user that sessions sign in as could get around row-level security; nothing if it owns nothing and can become
    /// nobody who does.
    pub fn too_much(&self) -> &[String] {
        &self.too_much
    }

    /// Keeps an embedded Postgres running until told to stop: starts it again when it has ended, with pauses that grow while
    /// it does not come up. Any other database is somebody else's to keep.
    #[cfg(feature = "demo")]
    pub fn watch(&self, stopped: watch::Receiver<bool>) -> Option<impl Future<Output = ()> + Send + use<>> {
        let embedded = Arc::clone(self.embedded.as_ref()?);
        let (work, desk, housekeeping, requests) = (
            self.work.clone(),
            self.desk.clone(),
            self.housekeeping.clone(),
            self.requests.clone(),
        );
        let login = self.work.connect_options();
        let reconnect = move |moved: PgConnectOptions| {
            let options = login.as_ref().clone().port(moved.get_port());
            work.set_connect_options(options.clone());
            desk.set_connect_options(options.clone());
            housekeeping.set_connect_options(options.clone());
            requests.set_connect_options(options);
        };
        Some(embedded::keep_running(embedded, reconnect, stopped))
    }

    /// Keeps nothing running: a build without the embedded Postgres has none.
    #[cfg(not(feature = "demo"))]
    pub fn watch(&self, _stopped: watch::Receiver<bool>) -> Option<std::future::Ready<()>> {
        None
    }

    /// Closes the connections (those in use get 10 s); the last user of an embedded Postgres stops it and waits
    /// until it has stopped.
    pub async fn close(self) {
        let closed = async {
            tokio::join!(
                self.work.close(),
                self.desk.close(),
                self.housekeeping.close(),
                self.requests.close()
            );
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, closed).await.is_err() {
            tracing::warn!("some database connections were still in use when the database was closed");
        }
        #[cfg(feature = "demo")]
        if let Some(embedded) = self.embedded {
            // Whoever still watches it lets go of it, and its guard stops it.
            if let Ok(embedded) = Arc::try_unwrap(embedded) {
                embedded.close().await;
            }
        }
    }
}

/// How the pools sign in, and what is wrong with that.
struct Entered {
    options: PgConnectOptions,
    too_much: Vec<String>,
}

/// Applies the migrations as the owner, and lets the user of the pools take on the roles if it is another one.
async fn bring_up_to_date(owner: PgConnectOptions, location: &Location, user: &str) -> Result<(), Error> {
    let mut connection = connect(&owner.application_name("oneroster"), location).await?;
    require_writes(&mut connection, location).await?;
    standing::require_postgres(&mut connection, location).await?;
    schema::apply(&mut connection).await?;
    let is_another: bool = sqlx::query_scalar!(r#"select session_user <> $1 as "is_another!""#, user)
        .fetch_one(&mut connection)
        .await
        .map_err(|source| Error::connect(location, source))?;
    if is_another && !standing::let_in(&mut connection, user).await {
        tracing::debug!("an administrator lets the user of servers take on the roles");
    }
    let _ = connection.close().await;
    Ok(())
}

/// Sees to the migrations and the roles by one connection, as the pools sign in.
async fn enter(options: PgConnectOptions, location: &Location) -> Result<Entered, Error> {
    let options = options.application_name("oneroster");
    let user = options.get_username().to_owned();
    let mut first = connect(&options, location).await?;
    require_writes(&mut first, location).await?;
    standing::require_postgres(&mut first, location).await?;
    schema::require(&mut first, &user).await?;
    let unbound = scope::unbound_role(&mut first)
        .await
        .map_err(|source| Error::role(&user, source))?;
    if let Some(role) = unbound {
        return Err(Error::Unbound { role });
    }
    let too_much = standing::too_much(&mut first)
        .await
        .map_err(|source| Error::connect(location, source))?;
    // A failure to say goodbye changes nothing: the pools make connections of their own.
    let _ = first.close().await;
    Ok(Entered { options, too_much })
}

async fn require_writes(connection: &mut PgConnection, location: &Location) -> Result<(), Error> {
    let is_read_only = scope::is_read_only(connection).await;
    if is_read_only.map_err(|source| Error::connect(location, source))? {
        return Err(Error::ReadOnly {
            location: location.with_origin(),
        });
    }
    Ok(())
}

async fn connect(options: &PgConnectOptions, location: &Location) -> Result<PgConnection, Error> {
    match tokio::time::timeout(CONNECT_TIMEOUT, connect_when_up(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(source)) => Err(Error::connect(location, source)),
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
