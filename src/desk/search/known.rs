//! What is searched: the inputs of a tenant and everybody in them, in memory while they hold.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use oneroster_school::data_quality::Finding;
use oneroster_school::directory::Directory;
use oneroster_school::projection::why::Question;
use sqlx::PgPool;
use tokio::sync::OnceCell;

use crate::publication::listing::{self, Listing};
use crate::publication::{self, Error};

/// How many tenants are kept at most: each holds all its people.
const TENANTS_MAX: usize = 8;

/// The inputs of a tenant, and everybody in them.
#[derive(Debug)]
pub struct Known {
    pub(super) listing: Listing,
    pub(super) directory: Directory,
    findings: OnceCell<Vec<Finding>>,
}

impl Known {
    fn new(listing: Listing) -> Self {
        let question = Question {
            mirror: &listing.mirror,
            usernames: &listing.usernames,
            configuration: &listing.configuration,
            on: listing.state.today,
        };
        Self {
            directory: Directory::new(&question),
            listing,
            findings: OnceCell::new(),
        }
    }

    /// Returns the day it was read on.
    pub const fn today(&self) -> NaiveDate {
        self.listing.state.today
    }

    pub(super) const fn question(&self, on: NaiveDate) -> Question<'_> {
        Question {
            mirror: &self.listing.mirror,
            usernames: &self.listing.usernames,
            configuration: &self.listing.configuration,
            on,
        }
    }

    /// Returns what is probably not right with the tenant's data, examined once: it takes seconds of a large group.
    pub(super) async fn findings(&self, pool: &PgPool, tenant_id: &str) -> Result<&[Finding], Error> {
        let findings = self
            .findings
            .get_or_try_init(|| publication::examine(pool, tenant_id))
            .await?;
        Ok(findings)
    }
}

/// What is known of each tenant. Each request looks, in one statement, whether it still holds; what does not is read anew, once
/// however many ask.
#[derive(Debug)]
pub struct Directories {
    pool: PgPool,
    tenants: Mutex<HashMap<String, Arc<Entry>>>,
}

#[derive(Debug, Default)]
struct Entry {
    known: tokio::sync::Mutex<Option<Arc<Known>>>,
}

impl Directories {
    /// Makes an empty cache that reads by these connections.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            tenants: Mutex::default(),
        }
    }

    /// Returns what is known of a tenant now. An unknown tenant is refused.
    pub async fn get(&self, tenant_id: &str) -> Result<Arc<Known>, Error> {
        let state = listing::state(&self.pool, tenant_id).await?;
        let entry = self.entry(tenant_id);
        let mut kept = entry.known.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| known.listing.state.lists_as(&state)) {
            return Ok(Arc::clone(known));
        }
        let listing = listing::read(&self.pool, tenant_id).await?;
        // On a thread for blocking work: a large group takes a while to look through.
        let known = tokio::task::spawn_blocking(move || Arc::new(Known::new(listing)));
        let known = known.await.map_err(|_| Error::Interrupted)?;
        *kept = Some(Arc::clone(&known));
        Ok(known)
    }

    fn entry(&self, tenant_id: &str) -> Arc<Entry> {
        let mut tenants = self.tenants();
        if let Some(entry) = tenants.get(tenant_id) {
            return Arc::clone(entry);
        }
        if tenants.len() >= TENANTS_MAX {
            tenants.clear();
        }
        Arc::clone(tenants.entry(tenant_id.to_owned()).or_default())
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<String, Arc<Entry>>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
