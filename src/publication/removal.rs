//! Taking a tenant away.

use sqlx::{PgPool, Postgres, Transaction};

use super::Error;
use crate::audit::{self, Entry};
use crate::db::scope;
use crate::tenants;

/// A tenant that is about to be taken away: nothing of it changes until this is finished or dropped.
#[derive(Debug)]
pub struct Removal {
    transaction: Transaction<'static, Postgres>,
    tenant_id: String,
    entries: Vec<Entry>,
}

impl Removal {
    /// Begins to take a tenant away: waits for what changes it now, and reads its whole trail. `by` goes on record. Dropped, it leaves
    /// everything as it was. An unknown tenant is an error.
    pub async fn begin(pool: &PgPool, tenant_id: &str, by: &str) -> Result<Self, Error> {
        let mut transaction = scope::begin(pool, tenant_id).await?;
        scope::act_as(&mut transaction, by).await?;
        tenants::lock_everything(&mut transaction, tenant_id).await?;
        tenants::get(&mut transaction, tenant_id).await?;
        let entries = audit::whole_trail(&mut transaction, tenant_id).await?;
        Ok(Self {
            transaction,
            tenant_id: tenant_id.to_owned(),
            entries,
        })
    }

    /// Returns every entry of its trail.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Takes the tenant away with everything of it: mirror, usernames, what was published, clients, rights, sync log; and what its trail
    /// says of rows. Another tenant is not touched; one of the same id that comes later begins with nothing.
    pub async fn finish(mut self) -> Result<(), Error> {
        audit::remove_tenant(&mut self.transaction, &self.tenant_id).await?;
        self.transaction.commit().await?;
        tracing::info!(tenant = self.tenant_id, "tenant removed");
        Ok(())
    }
}
