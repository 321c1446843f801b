//! The generations in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use uuid::Uuid;

use super::recency::{ListPosition, RecencyList};
use super::snapshot::Snapshot;
use super::{Error, load};
use crate::db::{self, RequestPool, StillUnavailable};
use crate::telemetry::request;

/// The generations in memory, loaded on the first request for them. Cloning it gives another handle to the same.
///
/// A generation is loaded once however many ask for it at the same time, and goes on loading when they stop waiting.
/// While the database is out of reach it is waited for, for 20 s; a failure is reported to those that waited and not
/// remembered. Beyond `cache_bytes` the one used least recently is
/// dropped; a request that still answers from it keeps it until done. The one used last stays, whatever its size.
#[derive(Clone)]
pub struct SnapshotCache {
    shared: Arc<SharedCache>,
}

/// How full the cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheUsage {
    /// Memory of the generations held, in bytes; what two of them share counts once.
    pub bytes: usize,
    /// How many are held.
    pub snapshots: usize,
    /// How many were loaded so far.
    pub loads: u64,
}

struct SharedCache {
    requests: RequestPool,
    /// What relative hrefs continue, JSON-escaped.
    root: String,
    cache_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By tenant, then generation.
    entries: HashMap<String, HashMap<Uuid, Entry>>,
    /// Tenant and generation of those held, by when they were used last.
    recency: RecencyList<(String, Uuid)>,
    held_count: usize,
    bytes: usize,
    /// Memory of what is being loaded, so far.
    loading_bytes: usize,
    /// How many held snapshots share a collection, by its address.
    sharers: HashMap<usize, usize>,
    loads: u64,
    /// How often each tenant's were forgotten: what began to load before is not held.
    forgotten: HashMap<String, u64>,
}

type Loading = Shared<BoxFuture<'static, Result<Arc<Snapshot>, Error>>>;

enum Entry {
    Held {
        snapshot: Arc<Snapshot>,
        place: ListPosition,
    },
    Loading(Loading),
}

impl SnapshotCache {
    /// Makes an empty cache.
    ///
    /// `base_url` is the public address, such as `https://oneroster.example`, that references to objects begin with;
    /// `cache_bytes` is how much memory generations may take.
    pub fn new(requests: RequestPool, base_url: String, cache_bytes: usize) -> Self {
        let mut root = base_url;
        root.truncate(root.trim_end_matches('/').len());
        root.push_str("/ims/oneroster/v1p1");
        let quoted = serde_json::Value::from(root).to_string();
        let root = quoted.trim_matches('"').to_owned();
        Self {
            shared: Arc::new(SharedCache {
                requests,
                root,
                cache_bytes,
                state: Mutex::default(),
            }),
        }
    }

    /// Returns a tenant's generation, loading it if it is not in memory. One in memory needs no database.
    pub async fn get(&self, tenant_id: &str, generation_id: Uuid) -> Result<Arc<Snapshot>, Error> {
        let loading = {
            let mut guard = self.state();
            let state = &mut *guard;
            match state
                .entries
                .get(tenant_id)
                .and_then(|tenant| tenant.get(&generation_id))
            {
                Some(Entry::Held { snapshot, place }) => {
                    state.recency.touch(*place);
                    return Ok(Arc::clone(snapshot));
                }
                Some(Entry::Loading(loading)) => loading.clone(),
                None => {
                    let held = state.held_of(tenant_id);
                    let loading = self.start((tenant_id, generation_id), held, state.forgotten_of(tenant_id));
                    let tenant = state.entries.entry(tenant_id.to_owned()).or_default();
                    tenant.insert(generation_id, Entry::Loading(loading.clone()));
                    loading
                }
            }
        };
        loading.await
    }

    /// Drops what is in memory of a tenant, what is being loaded included: somebody was erased from it. The next request loads it again.
    pub fn forget(&self, tenant_id: &str) {
        let mut state = self.state();
        *state.forgotten.entry(tenant_id.to_owned()).or_default() += 1;
        let generations = state.entries.get(tenant_id).into_iter().flat_map(HashMap::keys);
        for generation_id in generations.copied().collect::<Vec<Uuid>>() {
            state.remove(tenant_id, generation_id);
        }
    }

    /// Returns the connections that rosters are loaded by.
    pub fn requests(&self) -> &RequestPool {
        &self.shared.requests
    }

    /// Returns how full the cache is.
    pub fn usage(&self) -> CacheUsage {
        let state = self.state();
        CacheUsage {
            bytes: state.bytes,
            snapshots: state.held_count,
            loads: state.loads,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts loading in a task of its own, so that a request that stops waiting does not stop it.
    fn start(
        &self,
        (tenant_id, generation_id): (&str, Uuid),
        held: Vec<Arc<Snapshot>>,
        forgotten: u64,
    ) -> Loading {
        let (this, tenant_id) = (self.clone(), tenant_id.to_owned());
        let (inner, tenant) = (Arc::clone(&self.shared), tenant_id.clone());
        // The load is logged as part of the request that started it.
        let load = request::carried(async move {
            let attempt = async || {
                let loading = LoadingBytes {
                    shared: &inner,
                    bytes: Mutex::new(0),
                };
                let count = |bytes| loading.set(bytes);
                let root = inner.root.as_str();
                load::load(&inner.requests, &tenant, generation_id, &held, (root, &count)).await
            };
            match db::until_available(db::WAIT, Error::is_unavailable, attempt).await {
                Ok(loaded) => loaded.map(Arc::new),
                Err(StillUnavailable(last)) => {
                    Err(last.unwrap_or_else(|| Error::from(sqlx::Error::PoolTimedOut)))
                }
            }
        });
        let whole = tokio::spawn(async move {
            let result = tokio::spawn(load)
                .await
                .unwrap_or_else(|_| Err(Error::from(sqlx::Error::WorkerCrashed)));
            let mut state = this.state();
            if state.forgotten_of(&tenant_id) == forgotten {
                state.finish(
                    &tenant_id,
                    generation_id,
                    result.as_ref().ok(),
                    this.shared.cache_bytes,
                );
            }
            drop(state);
            result
        });
        async move {
            whole
                .await
                .unwrap_or_else(|_| Err(Error::from(sqlx::Error::WorkerCrashed)))
        }
        .boxed()
        .shared()
    }
}

/// The memory of one load while it is under way: it counts as that of what is held.
struct LoadingBytes<'a> {
    shared: &'a SharedCache,
    bytes: Mutex<usize>,
}

impl LoadingBytes<'_> {
    /// Says how much it is by now, and drops what no longer fits beside it.
    fn set(&self, now: usize) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.loading_bytes = state.loading_bytes.saturating_sub(*bytes).saturating_add(now);
        *bytes = now;
        state.drop_beyond(self.shared.cache_bytes);
    }
}

impl Drop for LoadingBytes<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl State {
    fn forgotten_of(&self, tenant_id: &str) -> u64 {
        self.forgotten.get(tenant_id).copied().unwrap_or_default()
    }

    fn held_of(&self, tenant_id: &str) -> Vec<Arc<Snapshot>> {
        let entries = self.entries.get(tenant_id).into_iter().flat_map(HashMap::values);
        let held = entries.filter_map(|entry| match entry {
            Entry::Held { snapshot, .. } => Some(Arc::clone(snapshot)),
            Entry::Loading(_) => None,
        });
        held.collect()
    }

    /// Ends a loading: holds its snapshot, if it gave one, and drops what no longer fits.
    fn finish(
        &mut self,
        tenant_id: &str,
        generation_id: Uuid,
        loaded: Option<&Arc<Snapshot>>,
        cache_bytes: usize,
    ) {
        self.remove(tenant_id, generation_id);
        let Some(snapshot) = loaded else {
            return;
        };
        self.loads += 1;
        let entry = Entry::Held {
            snapshot: Arc::clone(snapshot),
            place: self.recency.push((tenant_id.to_owned(), generation_id)),
        };
        self.entries
            .entry(tenant_id.to_owned())
            .or_default()
            .insert(generation_id, entry);
        self.held_count += 1;
        for collection in snapshot.all_collections() {
            let sharers = self.sharers.entry(Arc::as_ptr(collection).addr()).or_default();
            *sharers += 1;
            if *sharers == 1 {
                self.bytes += collection.bytes();
            }
        }
        self.drop_beyond(cache_bytes);
    }

    /// Drops the generations used least recently until the others fit, those being loaded included.
    fn drop_beyond(&mut self, cache_bytes: usize) {
        while self.bytes + self.loading_bytes > cache_bytes && self.held_count > 1 {
            let Some((tenant_id, generation_id)) = self.recency.pop_oldest() else {
                return;
            };
            self.remove(&tenant_id, generation_id);
        }
    }

    fn remove(&mut self, tenant_id: &str, generation_id: Uuid) {
        let Some(tenant) = self.entries.get_mut(tenant_id) else {
            return;
        };
        let removed = tenant.remove(&generation_id);
        if tenant.is_empty() {
            self.entries.remove(tenant_id);
        }
        let Some(Entry::Held { snapshot, place }) = removed else {
            return;
        };
        self.recency.remove(place);
        self.held_count -= 1;
        for collection in snapshot.all_collections() {
            let address = Arc::as_ptr(collection).addr();
            let Some(sharers) = self.sharers.get_mut(&address) else {
                continue;
            };
            *sharers -= 1;
            if *sharers == 0 {
                self.sharers.remove(&address);
                self.bytes -= collection.bytes();
            }
        }
    }
}
