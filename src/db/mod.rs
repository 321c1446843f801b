//! The database: where it is, its connections, its migrations.

pub mod copy;

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::config::Settings;

/// The migrations of this build.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection.
    #[error("cannot connect to the database")]
    Connect(#[source] sqlx::Error),
    /// The migrations could not be applied.
    #[error("cannot bring the database up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

/// An open database: the one `DATABASE_URL` names, or an embedded Postgres.
#[derive(Debug)]
pub struct Database {
    pool: PgPool,
}

impl Database {
    /// Opens the database and applies the migrations it lacks.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        let url = settings.database_url.clone().unwrap_or_default();
        let pool = PgPoolOptions::new()
            .max_connections(settings.database_connections)
            .connect(&url)
            .await
            .map_err(Error::Connect)?;
        MIGRATOR.run(&pool).await.map_err(Error::Migrate)?;
        Ok(Self { pool })
    }

    /// Returns the connections.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes the connections; the last user of an embedded Postgres stops it.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
