//! Applying a tenant file: stores the configuration, makes the usernames that it calls for, and finds what follows from it.

use std::collections::HashMap;

use oneroster_school::tenant::change::{PolicyChanges, policy_changes};
use oneroster_school::tenant::{Configuration, file};
use oneroster_school::username::Record;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Before, Consequences, consequences};
use crate::accounts::records;
use crate::db::locks;
use crate::db::scope::Acting;
use crate::tenants::{self, Applied, Source};

/// How to apply a configuration.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where it comes from: one that is older than what is stored is refused.
    pub source: Source,
    /// Allow another form of org ids after the first publication, and what is older than what is stored.
    pub force: bool,
    /// Store nothing.
    pub dry_run: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            source: Source::File { revision: None },
            force: false,
            dry_run: false,
        }
    }
}

/// What applying a configuration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// What became of the stored configuration.
    pub state: Applied,
    /// Usernames that were made.
    pub usernames_created: usize,
    /// Usernames of staff that were given a domain.
    pub domains_set: usize,
    /// Other tenants that are synchronised to the same Entra tenant (R139).
    pub entra_tenant_shared_with: Vec<String>,
    /// What changed; `None` for a new tenant and where nothing did.
    pub change: Option<Change>,
    /// What that does to the roster of today; `None` also while nothing can be published.
    pub consequences: Option<Consequences>,
    /// What is doubtful in the configuration by itself.
    pub warnings: Vec<String>,
    /// The revision of what is stored then.
    pub revision: i64,
}

/// A changed configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The policies that differ.
    pub policies: PolicyChanges,
    /// The username records before.
    pub usernames_before: HashMap<Uuid, Record>,
    /// The username records after.
    pub usernames_after: HashMap<Uuid, Record>,
}

/// A configuration could not be applied. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tenant refuses it, or cannot be read.
    #[error(transparent)]
    Tenant(#[from] tenants::Error),
    /// The username records cannot be read or made.
    #[error("cannot read the usernames")]
    Usernames(#[from] records::Error),
    /// What follows from it cannot be computed.
    #[error(transparent)]
    Publication(#[from] super::Error),
}

/// Stores a configuration and makes the usernames that it calls for, in one transaction; finds what follows from it.
pub async fn configure(
    acting: impl Into<Acting<'_>>,
    configuration: &Configuration,
    options: Options,
) -> Result<Configured, Error> {
    let acting = acting.into();
    let tenant_id = &configuration.id;
    let entra_tenant_shared_with =
        tenants::sharing_entra_tenant(&mut *acting.pool.acquire().await?, configuration).await?;
    let mut transaction = acting.begin(tenant_id).await?;
    let before = before(&mut transaction, tenant_id).await?;
    // Also for a new tenant: storing it enters the audit trail, and names are given out after that.
    locks::usernames(&mut transaction, tenant_id).await?;
    let state = tenants::store(&mut transaction, configuration, options.source, options.force).await?;
    // The same file again is how staff without a domain get theirs.
    let allocated = records::allocate(&mut transaction, tenant_id).await?;
    let mut configured = Configured {
        state,
        usernames_created: allocated.created,
        domains_set: allocated.domains_set,
        entra_tenant_shared_with,
        change: None,
        consequences: None,
        warnings: file::warnings(configuration),
        revision: tenants::revision(&mut transaction, tenant_id).await?.number,
    };
    if configured.state != Applied::Unchanged
        && let Some(before) = before
    {
        configured.change = Some(Change {
            policies: policy_changes(&before.configuration, configuration),
            usernames_before: before.usernames.clone(),
            usernames_after: records::read(&mut transaction, tenant_id).await?,
        });
        configured.consequences = consequences(&mut transaction, tenant_id, before).await?;
    }
    if options.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(configured)
}

/// Reads what a tenant's roster is made from and keeps everybody from changing it; `None` for a new tenant.
async fn before(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Before>, Error> {
    match tenants::lock_inputs(connection, tenant_id).await {
        Ok(()) => {}
        Err(tenants::Error::Unknown(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    locks::usernames(connection, tenant_id).await?;
    Ok(Some(Before {
        configuration: tenants::get(connection, tenant_id).await?,
        usernames: records::read(connection, tenant_id).await?,
    }))
}
