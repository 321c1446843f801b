//! Bundles that come over HTTP: so many at a time, and one of a tenant, so that nobody takes the disk or the memory of all.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::PgPool;
use tokio::sync::Semaphore;

use super::archive::{Error, import_archive};
use crate::mirror::Mode;
use crate::mirror::bundle::BYTES_LIMIT;
use crate::report::import::ImportReport;

/// How many may be under way at a time, receiving included: each has a file on disk.
pub const UPLOADS_MAX: usize = 4;

/// How large one may be, in bytes: as large as a bundle may be unpacked.
pub const UPLOAD_BYTES_MAX: u64 = BYTES_LIMIT;

/// How many are imported at a time; others wait. Each is in memory.
const IMPORTS_MAX: usize = 1;

/// The uploads under way. Clones share them.
#[derive(Debug, Clone)]
pub struct Uploads {
    pool: PgPool,
    imports: Arc<Semaphore>,
    tenants: Arc<Mutex<HashSet<String>>>,
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
            imports: Arc::new(Semaphore::new(IMPORTS_MAX)),
            tenants: Arc::default(),
        }
    }

    fn tenants(&self) -> MutexGuard<'_, HashSet<String>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; `None` if the tenant has one, or all are taken.
    pub fn take_turn(&self, tenant_id: &str) -> Option<Turn> {
        let mut tenants = self.tenants();
        if tenants.len() >= UPLOADS_MAX || !tenants.insert(tenant_id.to_owned()) {
            return None;
        }
        Some(Turn {
            uploads: self.clone(),
            tenant_id: tenant_id.to_owned(),
        })
    }
}

impl Turn {
    /// Imports the .zip that was received, in the name of `by`.
    pub async fn import(&self, path: &Path, mode: Mode, by: &str) -> Result<ImportReport, Error> {
        // It is never closed.
        let _turn = self.uploads.imports.acquire().await;
        import_archive(&self.uploads.pool, &self.tenant_id, path, mode, by).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.uploads.tenants().remove(&self.tenant_id);
    }
}
