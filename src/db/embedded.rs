//! The embedded Postgres in a data directory: part of the feature `demo`.

use std::path::{Path, PathBuf};

use oneroster_embedded_postgres::{self as embedded, Embedded, Sources, default_data_dir};

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

/// Returns the data directory of the settings, or the default one, as an absolute path.
pub fn data_dir(settings: &config::Database) -> Result<PathBuf, Error> {
    let data_dir = match &settings.data_dir {
        Some(directory) => directory.clone(),
        None => default_data_dir().map_err(Error::Embedded)?,
    };
    Ok(std::path::absolute(&data_dir).unwrap_or(data_dir))
}
