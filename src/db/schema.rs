//! The migrations: which of them a database has, and bringing it up to date.

use sqlx::Executor;
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migrator};
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
    match MIGRATOR.run(&mut *connection).await {
        Err(MigrateError::VersionMissing(applied)) => allow_newer(connection, applied).await,
        outcome => outcome.map_err(Error::Migrate),
    }
}

/// Goes on with a database of a newer version whose migrations took nothing away that this build needs; refuses any other.
async fn allow_newer(connection: &mut PgConnection, applied: i64) -> Result<(), Error> {
    // Without sqlx's macro: a database of long before has no such table.
    let oldest: Result<i64, sqlx::Error> =
        sqlx::query_scalar("select oldest_migration from tenant.usable_by")
            .fetch_one(connection)
            .await;
    let refused = newer(applied);
    match (oldest, &refused) {
        (Ok(oldest), Error::Newer { known, .. }) if oldest <= *known => {
            tracing::warn!(
                "a newer version of oneroster has used this database; this version may go on with it"
            );
            Ok(())
        }
        _ => Err(refused),
    }
}

/// Refuses a database that lacks a migration, has one that this build does not know and cannot work with, or has one with another text. `user` is who has
/// signed in: one that owns nothing looks as the service, and the connection is left in that role.
pub(super) async fn require(connection: &mut PgConnection, user: &str) -> Result<(), Error> {
    // Asked first: a statement that is refused is an error in the log of Postgres, which somebody may watch.
    if may_look(connection).await == Some(false) {
        connection
            .execute("set role oneroster_service")
            .await
            .map_err(|source| Error::role(user, source))?;
        if may_look(connection).await == Some(false) {
            return Err(Error::Unread {
                user: user.to_owned(),
            });
        }
    }
    let applied = match applied(connection).await {
        Ok(applied) => applied,
        Err(error) if has_code(&error, UNDEFINED_TABLE) => Vec::new(),
        Err(error) => return Err(Error::Migrate(error)),
    };
    if let Some(unknown) = applied.iter().rfind(|row| !MIGRATOR.version_exists(row.version)) {
        allow_newer(connection, unknown.version).await?;
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

/// Returns whether the table of migrations may be read; `None` where there is none, or that is not known.
async fn may_look(connection: &mut PgConnection) -> Option<bool> {
    // Without sqlx's macro: the table need not be there.
    let asked: Result<Option<bool>, sqlx::Error> =
        sqlx::query_scalar("select has_table_privilege(to_regclass('_sqlx_migrations'), 'select')")
            .fetch_one(connection)
            .await;
    asked.ok().flatten()
}

fn newer(applied: i64) -> Error {
    let known = MIGRATOR.iter().map(|migration| migration.version).max();
    Error::Newer {
        applied,
        known: known.unwrap_or(0),
    }
}

async fn applied(connection: &mut PgConnection) -> Result<Vec<AppliedMigration>, MigrateError> {
    connection.list_applied_migrations(&MIGRATOR.table_name).await
}

/// SQLSTATE of a table that is not there: of the table of migrations, nothing has ever been applied.
const UNDEFINED_TABLE: &str = "42P01";

fn has_code(error: &MigrateError, expected: &str) -> bool {
    let MigrateError::Execute(error) = error else {
        return false;
    };
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == expected)
}
