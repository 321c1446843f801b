//! Entering in the audit trail what leaves the program by the desk.

use serde_json::Value;

use super::session::TenantUser;
use super::state::Desk;
use crate::audit;
use crate::db::scope;

/// Enters what somebody takes out, before it leaves: ids, counts and names of columns only.
pub(super) async fn record(
    desk: &Desk,
    user: &TenantUser,
    kind: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    let mut transaction = scope::begin(&desk.pool, &user.tenant_id).await?;
    scope::act_as(&mut transaction, &user.user.name).await?;
    audit::note(&mut transaction, &user.tenant_id, kind, detail).await?;
    transaction.commit().await
}
