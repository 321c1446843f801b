//! The embedded Postgres in a data directory: part of the feature `demo`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oneroster_embedded_postgres::{self as embedded, Embedded, Sources, default_data_dir};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Error, Location, Migrations, locks, standing};
use crate::config;

/// Connections of the embedded Postgres beside those of one process: more processes, publication's own, `psql`.
const SPARE_CONNECTIONS: u32 = 90;

/// Attaches to the Postgres of the data directory, or starts it; makes one only for a command that migrates.
pub(super) async fn open(
    data_dir: &Path,
    settings: &config::Database,
    migrations: Migrations,
) -> Result<Embedded, Error> {
    if migrations == Migrations::Require && !embedded::holds_database(data_dir) {
        return Err(Error::NothingThere {
            path: data_dir.to_owned(),
        });
    }
    let connections = settings.connections.saturating_add(SPARE_CONNECTIONS);
    let options = embedded::Options {
        data_dir: data_dir.to_owned(),
        postgres_bin: settings.postgres_bin.clone(),
        sources: Sources::default(),
        parameters: vec![("max_connections".to_owned(), connections.to_string())],
    };
    Embedded::open(options).await.map_err(Error::Embedded)
}

/// The user that servers and commands sign in to the embedded Postgres as. It owns nothing.
const LOGIN: &str = "oneroster_serve";

/// The file with its password, beside that of the owner.
const LOGIN_PASSWORD: &str = "serve-password";

/// Returns how that user signs in; makes it, or its password anew, where it cannot.
pub(super) async fn login(
    data_dir: &Path,
    owner: &PgConnectOptions,
    location: &Location,
) -> Result<PgConnectOptions, Error> {
    let path = data_dir.join(LOGIN_PASSWORD);
    let password = ensure_password(&path)
        .map_err(|source| Error::Embedded(embedded::Error::DataDir { path, source }))?;
    let options = owner.clone().username(LOGIN).password(&password);
    if let Ok(connection) = options.connect().await {
        let _ = connection.close().await;
        return Ok(options);
    }
    let failed = |source| Error::connect(location, source);
    let mut connection = owner.connect().await.map_err(failed)?;
    make_login(&mut connection, &password).await.map_err(failed)?;
    let _ = connection.close().await;
    Ok(options)
}

async fn make_login(owner: &mut PgConnection, password: &str) -> Result<(), sqlx::Error> {
    let mut transaction = owner.begin().await?;
    locks::embedded_login(&mut transaction).await?;
    let exists = sqlx::query_scalar!(
        r#"select exists (select from pg_roles where rolname = $1) as "exists!""#,
        LOGIN
    )
    .fetch_one(&mut *transaction)
    .await?;
    let verb = if exists { "alter" } else { "create" };
    // The password is ours: letters and digits.
    let statements = format!(
        "{verb} role {LOGIN} login noinherit nosuperuser nocreaterole nocreatedb noreplication nobypassrls password '{password}';
         grant {} to {LOGIN}",
        standing::roles()
    );
    transaction.execute(sqlx::AssertSqlSafe(statements)).await?;
    transaction.commit().await
}

/// Reads the password; makes one, for its owner only, where there is none.
fn ensure_password(path: &Path) -> std::io::Result<String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let draft = path.with_extension(std::process::id().to_string());
    if !path.exists() {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(Uuid::from_u128(rand::random()).simple().to_string().as_bytes())?;
        file.sync_all()?;
        // Fails if another process was faster: its password is the one.
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        if let Err(error) = linked
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    Ok(std::fs::read_to_string(path)?.trim().to_owned())
}

/// How often it is looked whether Postgres lives.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The longest pause before another try to start it.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Starts Postgres again whenever it has ended, until told to stop; `reconnect` is told how to connect to it then.
pub(super) async fn keep_running(
    embedded: Arc<Embedded>,
    reconnect: impl Fn(PgConnectOptions) + Send + Sync,
    mut stopped: watch::Receiver<bool>,
) {
    let watching = async {
        let mut pause = LOOK_INTERVAL;
        loop {
            tokio::time::sleep(pause).await;
            match embedded.revive().await {
                Ok(None) => pause = LOOK_INTERVAL,
                Ok(Some(options)) => {
                    reconnect(options);
                    tracing::error!(
                        "the embedded Postgres had ended and was started again; its log, beside its data, says why"
                    );
                    pause = LOOK_INTERVAL;
                }
                Err(error) => {
                    tracing::error!(%error, "the embedded Postgres has ended and cannot be started again");
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    };
    tokio::select! {
        () = watching => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

/// Returns the data directory of the settings, or the default one, as an absolute path.
pub fn data_dir(settings: &config::Database) -> Result<PathBuf, Error> {
    let data_dir = match &settings.data_dir {
        Some(directory) => directory.clone(),
        None => default_data_dir().map_err(Error::Embedded)?,
    };
    Ok(std::path::absolute(&data_dir).unwrap_or(data_dir))
}
