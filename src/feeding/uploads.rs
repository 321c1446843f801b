//! Bundles that come over HTTP: so many at a time, and one of a tenant, so that nobody takes the disk or the memory of all.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::PgPool;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::archive::{Archive, Error, import_archive};
use crate::report::import::ImportReport;

/// How many may be under way at a time, receiving included: each has a file on disk.
pub const UPLOADS_MAX: usize = 4;

/// How large one may be, in bytes. Rosters become about ten times smaller in an archive.
pub const UPLOAD_BYTES_MAX: u64 = 64 << 20;

/// How many are imported at a time; others wait. Each is in memory.
const IMPORTS_MAX: u32 = 1;

/// The uploads under way. Clones share them.
#[derive(Debug, Clone)]
pub struct Uploads {
    pool: PgPool,
    imports: Arc<Semaphore>,
    tenants: Arc<Mutex<HashSet<String>>>,
    stops: Arc<AtomicBool>,
}

/// Why there is no place for an upload now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTurn {
    /// The tenant has one, or all are taken.
    TooMany,
    /// The process is told to stop.
    Stopping,
}

/// A place among the uploads under way, given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    uploads: Uploads,
    tenant_id: String,
}

impl Uploads {
    /// Makes the service, with the connections it works with.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            imports: Arc::new(Semaphore::new(IMPORTS_MAX as usize)),
            tenants: Arc::default(),
            stops: Arc::default(),
        }
    }

    fn tenants(&self) -> MutexGuard<'_, HashSet<String>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place.
    pub fn take_turn(&self, tenant_id: &str) -> Result<Turn, NoTurn> {
        if self.stops.load(Ordering::Acquire) {
            return Err(NoTurn::Stopping);
        }
        let mut tenants = self.tenants();
        if tenants.len() >= UPLOADS_MAX || !tenants.insert(tenant_id.to_owned()) {
            return Err(NoTurn::TooMany);
        }
        Ok(Turn {
            uploads: self.clone(),
            tenant_id: tenant_id.to_owned(),
        })
    }

    /// Takes no more, and waits for the imports that were begun or wait for their place. What is being received is not imported.
    pub async fn stop(&self) {
        self.stops.store(true, Ordering::Release);
        // Given in the order in which it was asked for.
        let _all_ended = self.imports.acquire_many(IMPORTS_MAX).await;
        self.imports.close();
    }
}

/// The place that an upload is imported in, given back when it is dropped.
#[derive(Debug)]
pub struct ImportPlace<'a> {
    turn: &'a Turn,
    _permit: SemaphorePermit<'a>,
}

impl Turn {
    /// Waits for the others that are imported.
    pub async fn import_place(&self) -> Result<ImportPlace<'_>, NoTurn> {
        let permit = self.uploads.imports.acquire().await;
        Ok(ImportPlace {
            turn: self,
            _permit: permit.map_err(|_closed| NoTurn::Stopping)?,
        })
    }
}

impl ImportPlace<'_> {
    /// Imports the .zip that was received, in the name of `by`.
    pub async fn import(&self, archive: Archive, by: &str) -> Result<ImportReport, Error> {
        let Turn { uploads, tenant_id } = self.turn;
        import_archive(&uploads.pool, tenant_id, archive, by).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.uploads.tenants().remove(&self.tenant_id);
    }
}
