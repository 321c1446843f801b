//! The publication lock of a tenant.

use sqlx::{Connection, PgConnection, PgPool};

use super::Error;
use crate::db::scope;

/// Takes the publication lock of a tenant, on a connection of its own; waits for it.
pub(super) async fn lock(pool: &PgPool, tenant_id: &str) -> Result<PgConnection, Error> {
    let mut connection = scope::connect(pool, tenant_id).await?;
    let key = lock_key(tenant_id);
    sqlx::query!("select pg_advisory_lock(hashtextextended($1, 0))", key)
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

/// Takes the publication lock of a tenant if it is free.
pub(super) async fn try_lock(pool: &PgPool, tenant_id: &str) -> Result<Option<PgConnection>, Error> {
    let mut connection = scope::connect(pool, tenant_id).await?;
    let key = lock_key(tenant_id);
    let is_locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "locked!""#,
        key
    )
    .fetch_one(&mut connection)
    .await?;
    if is_locked {
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

fn lock_key(tenant_id: &str) -> String {
    format!("publish {tenant_id}")
}
