//! A connection that holds the publication lock of its tenant.

use sqlx::PgPool;

use super::Error;
use crate::db::{SessionKind, TenantSession, locks};

/// Takes the publication lock of a tenant, in a session of its own; waits for it.
pub(super) async fn lock(pool: &PgPool, tenant_id: &str) -> Result<TenantSession, Error> {
    let mut session = TenantSession::enter(pool, tenant_id, SessionKind::Publication).await?;
    locks::publication(&mut session, tenant_id).await?;
    Ok(session)
}

/// Takes the publication lock of a tenant if it is free.
pub(super) async fn try_lock(pool: &PgPool, tenant_id: &str) -> Result<Option<TenantSession>, Error> {
    let mut session = TenantSession::enter(pool, tenant_id, SessionKind::Publication).await?;
    if locks::try_publication(&mut session, tenant_id).await? {
        return Ok(Some(session));
    }
    session.leave().await;
    Ok(None)
}
