//! Exports for whoever waits for the response: bounded, so that no tenant takes what all share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use uuid::Uuid;

use super::run::{Exported, Options, Request, Wanted, export};
use super::{Destination, Error, Format};
use crate::db::RequestPool;

/// How many exports a tenant may have at a time, sending included.
pub const EXPORTS_PER_TENANT: usize = 2;

/// How many all tenants may have at a time, sending included: each has a file on disk.
pub const EXPORTS_MAX: usize = 10;

/// How many are written at a time; others wait. Each takes a connection and a core.
const WRITERS_MAX: usize = 2;

/// The exports under way. Clones share them.
#[derive(Debug, Clone)]
pub struct ExportService {
    requests: RequestPool,
    writers: Arc<Semaphore>,
    /// How many each tenant has.
    turns: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place among the exports under way, given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    service: ExportService,
    tenant_id: String,
}

impl ExportService {
    /// Makes the service, with the connections it works with.
    pub fn new(requests: RequestPool) -> Self {
        Self {
            requests,
            writers: Arc::new(Semaphore::new(WRITERS_MAX)),
            turns: Arc::default(),
        }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; `None` if the tenant, or all together, have as many as they may.
    pub fn take_turn(&self, tenant_id: &str) -> Option<Turn> {
        let mut turns = self.turns();
        if turns.values().sum::<usize>() >= EXPORTS_MAX {
            return None;
        }
        let own = turns.entry(tenant_id.to_owned()).or_default();
        if *own >= EXPORTS_PER_TENANT {
            return None;
        }
        *own += 1;
        Some(Turn {
            service: self.clone(),
            tenant_id: tenant_id.to_owned(),
        })
    }
}

impl Turn {
    /// Writes a generation of the tenant as a zip in a file without a name. `by` is who asks, for the audit trail.
    pub async fn write(&self, generation_id: Uuid, format: Format, by: &str) -> Result<Exported, Error> {
        let service = &self.service;
        // It is never closed.
        let _writer = service.writers.acquire().await;
        let mut lease = service.requests.lend(&self.tenant_id).await?;
        let options = Options {
            generation: Wanted::Id(generation_id),
            ..Options::of(format)
        };
        let request = Request {
            tenant_id: &self.tenant_id,
            options: &options,
            destination: &Destination::Response,
            by: Some(by),
        };
        let exported = export(&mut lease, request, (&|_| (), &|_| ())).await?;
        lease.end();
        Ok(exported)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = self.service.turns();
        if let Some(own) = turns.get_mut(&self.tenant_id) {
            *own -= 1;
            if *own == 0 {
                turns.remove(&self.tenant_id);
            }
        }
    }
}
