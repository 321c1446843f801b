//! What a server knows of the trail in memory: whether the database went back, and what it signed for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::Semaphore;

use super::{Error, Folder, Lack, Sign, Trail, blocking};

/// How long a ticket waits until it is signed for. A disk that hangs must not stop tokens.
const SIGN_TIMEOUT: Duration = Duration::from_secs(2);

/// How many tickets are being signed for at a time: on a disk that hangs no more threads than these are stuck.
const SIGNED_AT_A_TIME: usize = 4;

/// The gate of a server: shut while the database lacks what files have. Clones share it; the default one is always open and signs
/// for nothing.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: Option<Folder>,
    lack: RwLock<Option<Arc<Lack>>>,
    is_unwritten: AtomicBool,
    signed: Mutex<HashMap<String, Sign>>,
    signing: Arc<Semaphore>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            folder: None,
            lack: RwLock::default(),
            is_unwritten: AtomicBool::default(),
            signed: Mutex::default(),
            signing: Arc::new(Semaphore::new(SIGNED_AT_A_TIME)),
        }
    }
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

    /// Returns `true` if the tokens of a client that were issued then, in seconds since 1970, were ended by something that the database
    /// lacks: the client was revoked, or its tokens of that time.
    pub fn is_revoked(&self, client_id: &str, issued_at_s: i64) -> bool {
        let is_ended = |lack: &Lack| {
            let mut revoked = lack
                .tenants
                .iter()
                .filter_map(|tenant| tenant.revoked.get(client_id));
            revoked.any(|until_s| issued_at_s <= *until_s)
        };
        self.lack().is_some_and(|lack| is_ended(&lack))
    }

    /// Returns `true` if a signing key was retired by something that the database lacks.
    pub fn is_retired(&self, key_id: &str) -> bool {
        let is_named = |lack: &Lack| {
            let mut retired = lack.tenants.iter().flat_map(|tenant| &tenant.retired_keys);
            retired.any(|retired| retired == key_id)
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

    /// Signs for a ticket before it is handed out: on disk when this returns, unless it was already. Gives up after 2 s.
    pub async fn sign(&self, tenant_id: &str, sign: Sign) -> Result<(), Error> {
        let Some(folder) = self.inner.folder.clone() else {
            return Ok(());
        };
        if self.has_signed(tenant_id, &sign) {
            return Ok(());
        }
        let (tenant, signing) = (tenant_id.to_owned(), Arc::clone(&self.inner.signing));
        let raising = async {
            let turn = signing
                .acquire_owned()
                .await
                .map_err(|_closed| Error::Interrupted)?;
            blocking(move || {
                // Given back when the disk has answered, also if nobody waits for that any more.
                let _turn = turn;
                folder.raise_sign(&tenant, sign)
            })
            .await
        };
        let raised = tokio::time::timeout(SIGN_TIMEOUT, raising)
            .await
            .unwrap_or(Err(Error::Slow))?;
        let mut signed = self.inner.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.insert(tenant_id.to_owned(), raised);
        Ok(())
    }

    fn has_signed(&self, tenant_id: &str, sign: &Sign) -> bool {
        let signed = self.inner.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.get(tenant_id).is_some_and(|before| before.covers(sign))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_disk_that_hangs_keeps_no_ticket_waiting() {
        let place = tempfile::tempdir().unwrap();
        let gate = Gate::new(Folder::open(place.path()).unwrap());
        let sign = |seconds| Sign {
            until: DateTime::from_timestamp(seconds, 0).unwrap(),
            number: 1,
            generation_id: Uuid::nil(),
        };
        gate.sign("t", sign(1)).await.unwrap();
        let hanging = std::fs::File::open(place.path().join("tickets.lock")).unwrap();
        hanging.lock().unwrap();
        // More than may wait for the disk at a time.
        let waiting = (2..10).map(|seconds| gate.sign("t", sign(seconds)));
        for outcome in futures_util::future::join_all(waiting).await {
            assert!(matches!(outcome, Err(Error::Slow)), "{outcome:?}");
        }
        drop(hanging);
        gate.sign("t", sign(20)).await.unwrap();
    }
}
