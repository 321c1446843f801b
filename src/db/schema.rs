//! The migrations: which of them a database has, and bringing it up to date.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::PgConnection;

use super::Error;

/// The migrations of this build.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// What a command does about migrations that the database lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// It applies them: `migrate`, `demo`, and `serve --migrate`.
    Apply,
    /// It applies them in an embedded Postgres, and refuses any other database that lacks one: `serve`.
    ApplyIfPrivate,
    /// It refuses a database that lacks one, and makes none: all others.
    Require,
}

/// Applies the migrations that are missing. Processes that do so at once wait for each other: sqlx takes an
/// advisory lock.
pub(super) async fn apply(connection: &mut PgConnection) -> Result<(), Error> {
    match MIGRATOR.run(connection).await {
        Err(MigrateError::VersionMissing(applied)) => Err(newer(applied)),
        outcome => outcome.map_err(Error::Migrate),
    }
}

/// Refuses a database that lacks a migration, has one that this build does not know, or has one with another text.
pub(super) async fn require(connection: &mut PgConnection) -> Result<(), Error> {
    let applied = match connection.list_applied_migrations(&MIGRATOR.table_name).await {
        Ok(applied) => applied,
        Err(error) if is_undefined_table(&error) => Vec::new(),
        Err(error) => return Err(Error::Migrate(error)),
    };
    if let Some(unknown) = applied.iter().find(|row| !MIGRATOR.version_exists(row.version)) {
        return Err(newer(unknown.version));
    }
    let mut lacking = Vec::new();
    for migration in MIGRATOR.iter() {
        match applied.iter().find(|row| row.version == migration.version) {
            Some(row) if row.checksum == migration.checksum => {}
            Some(row) => return Err(Error::Migrate(MigrateError::VersionMismatch(row.version))),
            None => lacking.push(migration.version),
        }
    }
    lacking.first().map_or(Ok(()), |first| {
        Err(Error::Older {
            first: *first,
            count: lacking.len(),
        })
    })
}

fn newer(applied: i64) -> Error {
    let known = MIGRATOR.iter().map(|migration| migration.version).max();
    Error::Newer {
        applied,
        known: known.unwrap_or(0),
    }
}

/// Returns `true` if the table of migrations is not there: nothing has ever been applied.
fn is_undefined_table(error: &MigrateError) -> bool {
    let MigrateError::Execute(error) = error else {
        return false;
    };
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "42P01")
}
