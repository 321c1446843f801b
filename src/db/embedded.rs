//! The embedded Postgres in a data directory: part of the feature `demo`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oneroster_embedded_postgres::{self as embedded, Embedded, Sources, default_data_dir};

use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use super::{Error, Migrations};
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
