//! The connections of requests, of which no tenant and no kind of request can hold all.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, Postgres};
use sqlx::{Connection, PgPool, Transaction};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::SessionKind;
use super::{pool, scope};

/// How long a request waits for a free connection: as long as the token endpoint waits for Postgres (design §2.4).
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);

/// One of so many connections is what a tenant may hold at a time, and at least two: one may load while another issues a
/// token.
const TENANT_SHARE: u32 = 5;

/// One of so many is what loads of rosters may hold at a time, of all tenants together: tokens never wait behind loads.
const LOAD_SHARE: u32 = 3;

/// How long a commit whose request was given up is waited for before its connection is closed. Postgres does not see that it was closed
/// while the commit waits for a standby: each such session would be one more there.
const COMMIT_WAIT: Duration = Duration::from_mins(5);

/// How many tenants are remembered before those without a request are forgotten.
const TENANTS_REMEMBERED: usize = 256;

/// The connections of requests. Clones share them.
#[derive(Debug, Clone)]
pub struct RequestPool {
    pool: PgPool,
    tenant_share: usize,
    tenants: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    loads: Arc<Semaphore>,
}

/// A connection lent to one request of a tenant.
///
/// Given back by [`Lease::end`]; one that is dropped before, since its request was given up, is closed: Postgres sees that
/// within a second and cancels what it was doing. But one in the middle of a commit stays lent until that has ended, for five minutes at the
/// most.
#[derive(Debug)]
pub struct Lease {
    held: OwnedMutexGuard<Held>,
    slot: Arc<tokio::sync::Mutex<Held>>,
    has_ended: bool,
    is_committing: bool,
}

/// A connection and the shares that it counts in.
#[derive(Debug)]
struct Held {
    connection: PoolConnection<Postgres>,
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

/// A transaction on a lent connection, in the scope of a tenant.
#[derive(Debug)]
pub struct LeasedTransaction<'lease> {
    transaction: Transaction<'lease, Postgres>,
    is_committing: &'lease mut bool,
}

impl RequestPool {
    /// Makes the pool, of so many connections at the most. It connects when it is first used.
    pub fn new(options: PgConnectOptions, connections: u32) -> Self {
        let share = |of: u32, least: u32| {
            let share = (connections / of)
                .max(least)
                .min(connections.saturating_sub(1))
                .max(1);
            usize::try_from(share).unwrap_or(1)
        };
        Self {
            pool: pool::of_kind(SessionKind::Requests)
                .max_connections(connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_lazy_with(options),
            tenant_share: share(TENANT_SHARE, 2),
            tenants: Arc::default(),
            loads: Arc::new(Semaphore::new(share(LOAD_SHARE, 1))),
        }
    }

    /// Lends a connection to a request of a tenant, in whose scope it begins no transaction yet. Waits while the tenant has
    /// its share, or no connection is free.
    pub async fn lend(&self, tenant_id: &str) -> Result<Lease, sqlx::Error> {
        self.lend_with(tenant_id, None).await
    }

    /// Lends a connection to load a roster of a tenant. Waits for its turn among loads too.
    pub async fn lend_for_load(&self, tenant_id: &str) -> Result<Lease, sqlx::Error> {
        let turn = take(Arc::clone(&self.loads)).await?;
        self.lend_with(tenant_id, Some(turn)).await
    }

    async fn lend_with(
        &self,
        tenant_id: &str,
        load: Option<OwnedSemaphorePermit>,
    ) -> Result<Lease, sqlx::Error> {
        let permit = take(self.share_of(tenant_id)).await?;
        let connection = self.pool.acquire().await?;
        let slot = Arc::new(tokio::sync::Mutex::new(Held {
            connection,
            _permits: (permit, load),
        }));
        Ok(Lease {
            held: Arc::clone(&slot).lock_owned().await,
            slot,
            has_ended: false,
            is_committing: false,
        })
    }

    fn share_of(&self, tenant_id: &str) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = tenants.get(tenant_id) {
            return Arc::clone(share);
        }
        if tenants.len() >= TENANTS_REMEMBERED {
            // One that nobody else holds is whole: another made anew is the same.
            tenants.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let share = Arc::new(Semaphore::new(self.tenant_share));
        tenants.insert(tenant_id.to_owned(), Arc::clone(&share));
        share
    }

    /// Says how further connections are made: the database moved.
    #[cfg(feature = "demo")]
    pub(super) fn set_connect_options(&self, options: PgConnectOptions) {
        self.pool.set_connect_options(options);
    }

    /// Closes the connections, those in use once they are given back.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn take(semaphore: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, sqlx::Error> {
    semaphore
        .acquire_owned()
        .await
        .map_err(|_closed| sqlx::Error::PoolClosed)
}

impl Lease {
    /// Begins a transaction in the scope of a tenant.
    pub async fn begin(&mut self, tenant_id: &str) -> Result<LeasedTransaction<'_>, sqlx::Error> {
        let Self {
            held, is_committing, ..
        } = self;
        let mut transaction = held.connection.begin().await?;
        scope::enter(&mut transaction, tenant_id).await?;
        Ok(LeasedTransaction {
            transaction,
            is_committing,
        })
    }

    /// Gives the connection back: everything asked of it was answered.
    pub fn end(mut self) {
        self.has_ended = true;
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.held.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.held.connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.is_committing {
            tokio::spawn(see_to_end(Arc::clone(&self.slot)));
        } else if !self.has_ended {
            self.held.connection.close_on_drop();
        }
    }
}

/// Keeps a connection lent until its commit has ended, and gives it back; closes it if that takes too long.
async fn see_to_end(slot: Arc<tokio::sync::Mutex<Held>>) {
    // It is free as soon as whoever gave up has let go of it.
    let mut held = slot.lock().await;
    let ended = tokio::time::timeout(COMMIT_WAIT, held.connection.ping()).await;
    if !matches!(ended, Ok(Ok(()))) {
        held.connection.close_on_drop();
    }
}

impl LeasedTransaction<'_> {
    /// Commits. If this is given up, the connection stays lent until the commit has ended.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        *self.is_committing = true;
        let outcome = self.transaction.commit().await;
        *self.is_committing = false;
        outcome
    }
}

impl Deref for LeasedTransaction<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for LeasedTransaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
