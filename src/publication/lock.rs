//! A connection that holds the publication lock of its tenant.

use sqlx::{Connection, PgConnection, PgPool};

use super::Error;
use crate::db::{SessionKind, locks, scope};

/// Takes the publication lock of a tenant, on a connection of its own; waits for it.
pub(super) async fn lock(pool: &PgPool, tenant_id: &str) -> Result<PgConnection, Error> {
    let mut connection = scope::connect(pool, tenant_id, SessionKind::Publication).await?;
    locks::publication(&mut connection, tenant_id).await?;
    Ok(connection)
}

/// Takes the publication lock of a tenant if it is free.
pub(super) async fn try_lock(pool: &PgPool, tenant_id: &str) -> Result<Option<PgConnection>, Error> {
    let mut connection = scope::connect(pool, tenant_id, SessionKind::Publication).await?;
    if locks::try_publication(&mut connection, tenant_id).await? {
        return Ok(Some(connection));
    }
    unlock(connection).await;
    Ok(None)
}

/// Gives the publication lock back.
pub(super) async fn unlock(connection: PgConnection) {
    // Closing the connection gives the lock back, whatever state an error left it in.
    let _ = connection.close().await;
}
