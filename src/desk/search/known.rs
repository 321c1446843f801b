//! What is searched: the inputs of a tenant and everybody in them, in memory while they hold.

use std::sync::Arc;

use chrono::NaiveDate;
use oneroster_school::data_quality::Finding;
use oneroster_school::directory::Directory;
use oneroster_school::projection::why::Question;
use sqlx::PgPool;
use tokio::sync::OnceCell;

use crate::publication::listing::{self, Listing};
use crate::publication::{self, Error, Keeper};

/// How many tenants are kept at most.
const TENANTS_MAX: usize = 64;

/// How much memory they may take together, in bytes: each holds all its people. The one used last stays, whatever its size.
const BYTES_MAX: usize = 256 << 20;

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

    /// Returns about how much memory it takes, in bytes.
    fn bytes(&self) -> usize {
        self.listing.bytes() + self.directory.bytes()
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
    tenants: Keeper<Known>,
}

impl Directories {
    /// Makes an empty cache that reads by these connections.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            tenants: Keeper::new(TENANTS_MAX, BYTES_MAX, Known::bytes),
        }
    }

    /// Returns what is known of a tenant now. An unknown tenant is refused.
    pub async fn get(&self, tenant_id: &str) -> Result<Arc<Known>, Error> {
        let (known, turn) = self.tenants.find(tenant_id);
        if let Some(known) = self.holding(tenant_id, known).await? {
            return Ok(known);
        }
        let _one_at_a_time = turn.lock().await;
        // Somebody else may have read it meanwhile.
        let (known, _) = self.tenants.find(tenant_id);
        if let Some(known) = self.holding(tenant_id, known).await? {
            return Ok(known);
        }
        let listing = listing::read(&self.pool, tenant_id).await?;
        // On a thread for blocking work: a large group takes a while to look through.
        let known = tokio::task::spawn_blocking(move || Arc::new(Known::new(listing)));
        let known = known.await.map_err(|_| Error::Interrupted)?;
        self.tenants.keep(tenant_id, &known);
        Ok(known)
    }

    async fn holding(&self, tenant_id: &str, known: Option<Arc<Known>>) -> Result<Option<Arc<Known>>, Error> {
        let Some(known) = known else { return Ok(None) };
        let state = listing::state(&self.pool, tenant_id).await?;
        Ok(Some(known).filter(|known| known.listing.state.lists_as(&state)))
    }
}
