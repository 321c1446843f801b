//! Taking a tenant away.

use sqlx::PgPool;

use super::Error;
use crate::db::{locks, scope};
use crate::{audit, tenants};

/// Takes a tenant away with everything of it: mirror, usernames, what was published, clients, rights, sync log; and what its trail says of
/// rows. `by` goes on record. Another tenant is not touched; one of the same id that comes later begins with nothing.
pub async fn remove_tenant(pool: &PgPool, tenant_id: &str, by: &str) -> Result<(), Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    scope::act_as(&mut transaction, by).await?;
    locks::publication_until_the_end(&mut transaction, tenant_id).await?;
    locks::load(&mut transaction, tenant_id).await?;
    tenants::lock_inputs(&mut transaction, tenant_id).await?;
    locks::usernames(&mut transaction, tenant_id).await?;
    audit::remove_tenant(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    tracing::info!(tenant = tenant_id, "tenant removed");
    Ok(())
}
