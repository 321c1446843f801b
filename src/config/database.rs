//! `[database]`: which database, and how many connections to it.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `connections` may be.
const CONNECTIONS: RangeInclusive<u32> = 2..=1000;

/// Settings of the database. [`crate::db`] chooses by them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// The address of a Postgres, with the user that servers and commands sign in as.
    pub url: Option<String>,
    /// The same with the user that owns the database: migrations sign in by it. `None`: by `url`.
    pub owner_url: Option<String>,
    /// The folder of an embedded Postgres.
    pub data_dir: Option<PathBuf>,
    /// Where Postgres binaries are, when they are in none of the usual places.
    pub postgres_bin: Option<PathBuf>,
    /// How many connections at the most: 2 to 1000.
    pub connections: u32,
    /// What gave `url` and `data_dir`.
    #[serde(skip)]
    pub origins: Origins,
}

/// What gave a setting, as a message names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origins {
    /// What gave the address.
    pub url: &'static str,
    /// What gave the owner's address.
    pub owner_url: &'static str,
    /// What gave the folder.
    pub data_dir: &'static str,
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            url: "`database.url`",
            owner_url: "`database.owner_url`",
            data_dir: "`database.data_dir`",
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            owner_url: None,
            data_dir: None,
            postgres_bin: None,
            connections: 10,
            origins: Origins::default(),
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Database")
            .field("url", &self.url.as_ref().map(|_| "(secret)"))
            .field("owner_url", &self.owner_url.as_ref().map(|_| "(secret)"))
            .field("data_dir", &self.data_dir)
            .field("postgres_bin", &self.postgres_bin)
            .field("connections", &self.connections)
            .field("origins", &self.origins)
            .finish()
    }
}

impl Database {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            url,
            owner_url,
            data_dir,
            postgres_bin,
            connections,
            origins,
        } = self;
        if variables.text("DATABASE_URL", "database.url", url) {
            origins.url = "DATABASE_URL";
        }
        if variables.text("ONEROSTER_DATABASE_OWNER_URL", "database.owner_url", owner_url) {
            origins.owner_url = "ONEROSTER_DATABASE_OWNER_URL";
        }
        if variables.text("ONEROSTER_DATA_DIR", "database.data_dir", data_dir) {
            origins.data_dir = "ONEROSTER_DATA_DIR";
        }
        variables.text("ONEROSTER_POSTGRES_BIN", "database.postgres_bin", postgres_bin);
        variables.number(
            "ONEROSTER_DATABASE_CONNECTIONS",
            "database.connections",
            connections,
        )
    }

    /// Takes the data directory that the command line names.
    pub(super) fn name_data_dir(&mut self, directory: PathBuf) {
        self.data_dir = Some(directory);
        self.origins.data_dir = "--data-dir";
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("database.connections", self.connections, &CONNECTIONS)
    }
}
