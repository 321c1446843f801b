//! What a server knows of the trail in memory: whether the database went back, and what it signed for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sqlx::PgPool;

use super::{Error, Folder, Lack, Sign, Trail, blocking};

/// The gate of a server: shut while the database lacks what files have. Clones share it; the default one is always open and signs
/// for nothing.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    folder: Option<Folder>,
    lack: RwLock<Option<Arc<Lack>>>,
    is_unwritten: AtomicBool,
    signed: Mutex<HashMap<String, Sign>>,
}

impl Gate {
    /// Makes the gate of a server with a folder.
    pub fn new(folder: Folder) -> Self {
        let inner = Inner {
            folder: Some(folder),
            ..Inner::default()
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns what the database lacks, if it went back.
    pub fn lack(&self) -> Option<Arc<Lack>> {
        let lack = self.inner.lack.read().unwrap_or_else(PoisonError::into_inner);
        lack.clone()
    }

    /// Returns `true` while the database lacks what files have.
    pub fn is_shut(&self) -> bool {
        self.lack().is_some()
    }

    /// Returns `true` while the trail cannot be written to the folder.
    pub fn is_unwritten(&self) -> bool {
        self.inner.is_unwritten.load(Ordering::Relaxed)
    }

    /// Notes whether the trail could be written; returns `true` if that is new.
    pub(super) fn note_written(&self, is_written: bool) -> bool {
        self.inner.is_unwritten.swap(!is_written, Ordering::Relaxed) == is_written
    }

    /// Returns `true` if a client was revoked by something that the database lacks.
    pub fn is_revoked(&self, client_id: &str) -> bool {
        let is_named = |lack: &Lack| {
            let mut revoked = lack.tenants.iter().flat_map(|tenant| &tenant.revoked);
            revoked.any(|revoked| revoked == client_id)
        };
        self.lack().is_some_and(|lack| is_named(&lack))
    }

    /// Shuts the gate, or opens it; returns `true` if that is new.
    fn set(&self, lack: Option<Lack>) -> bool {
        let mut held = self.inner.lack.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = held.is_some() != lack.is_some();
        *held = lack.map(Arc::new);
        is_new
    }

    /// Looks whether the database went back, before a server begins, and writes what the folder lacks.
    pub async fn look(&self, trail: &mut Trail, pool: &PgPool) -> Result<(), Error> {
        let lack = trail.follow(pool, pool).await?;
        self.shut_or_open(lack);
        Ok(())
    }

    /// Shuts the gate, or opens it, and says so in the log if that is new.
    pub(super) fn shut_or_open(&self, lack: Option<Lack>) {
        let reason = lack.as_ref().map(ToString::to_string);
        if !self.set(lack) {
            return;
        }
        if let Some(reason) = reason {
            tracing::error!(
                reason,
                "the database went back: nothing is published and no token is issued until `oneroster recover`"
            );
        } else {
            tracing::info!("the database was brought forward");
        }
    }

    /// Signs for a ticket before it is handed out: on disk when this returns, unless it was already.
    pub async fn sign(&self, tenant_id: &str, sign: Sign) -> Result<(), Error> {
        let Some(folder) = self.inner.folder.clone() else {
            return Ok(());
        };
        if self.has_signed(tenant_id, &sign) {
            return Ok(());
        }
        let tenant = tenant_id.to_owned();
        let raised = blocking(move || folder.raise_sign(&tenant, sign)).await?;
        let mut signed = self.inner.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.insert(tenant_id.to_owned(), raised);
        Ok(())
    }
    fn has_signed(&self, tenant_id: &str, sign: &Sign) -> bool {
        let signed = self.inner.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.get(tenant_id).is_some_and(|before| before.covers(sign))
    }
}
