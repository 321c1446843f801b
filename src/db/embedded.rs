//! The private Postgres in a data directory: part of the feature `demo`.

use std::path::PathBuf;

use oneroster_embedded_postgres::{self as embedded, Embedded, Sources, default_data_dir};

use super::Error;
use crate::config::Settings;

/// Connections of the embedded server beside those of one process: more processes, publication's own, `psql`.
const SPARE_CONNECTIONS: u32 = 90;

/// Attaches to the Postgres of the data directory, or creates and starts it.
pub(super) async fn open(settings: &Settings) -> Result<Embedded, Error> {
    let connections = settings.database_connections.saturating_add(SPARE_CONNECTIONS);
    let options = embedded::Options {
        data_dir: data_dir(settings)?,
        postgres_bin: settings.postgres_bin.clone(),
        sources: Sources::default(),
        parameters: vec![("max_connections".to_owned(), connections.to_string())],
    };
    Embedded::open(options).await.map_err(Error::Embedded)
}

/// Returns where the embedded Postgres lives, as an absolute path.
pub fn data_dir(settings: &Settings) -> Result<PathBuf, Error> {
    let data_dir = match &settings.data_dir {
        Some(directory) => directory.clone(),
        None => default_data_dir().map_err(Error::Embedded)?,
    };
    Ok(std::path::absolute(&data_dir).unwrap_or(data_dir))
}
