//! The views in memory, one per tenant, each as long as what it was made from holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::PgPool;

use super::view::{View, rows};
use crate::publication::Error;
use crate::publication::listing::{self, Listing, Readings, RecordChanges};
use crate::roster::ListingState;

/// How many views are kept at most.
const VIEWS_MAX: usize = 64;

/// How much memory the views may take together, in bytes. The one used last stays, whatever its size.
const BYTES_MAX: usize = 256 << 20;

/// The views of all tenants. Each request looks, in one statement, whether its view still holds; one that does not is made
/// anew, once however many ask.
#[derive(Debug)]
pub struct Lists {
    pool: PgPool,
    tenants: Mutex<Tenants>,
}

/// What a view is made from.
enum Source {
    Same(Arc<View>),
    Records(Arc<View>, RecordChanges),
    All(Box<Listing>),
}

#[derive(Debug, Default)]
struct Tenants {
    entries: HashMap<String, Entry>,
    /// Counts uses: the entry with the lowest was used least recently.
    uses: u64,
}

#[derive(Debug, Default)]
struct Entry {
    view: Option<Arc<View>>,
    building: Arc<tokio::sync::Mutex<()>>,
    used: u64,
}

impl Lists {
    /// Makes an empty cache that reads by these connections.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            tenants: Mutex::default(),
        }
    }

    /// Returns the connections that the lists are read by.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn tenants(&self) -> MutexGuard<'_, Tenants> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the view of a tenant as it is now. An unknown tenant is refused, and so is one whose active school year has not
    /// been loaded.
    pub async fn get(&self, tenant_id: &str) -> Result<Arc<View>, Error> {
        let state = listing::state(&self.pool, tenant_id).await?;
        let (view, building) = self.find(tenant_id);
        if let Some(view) = view.filter(|view| *view.state() == state) {
            return Ok(view);
        }
        let _one_at_a_time = building.lock().await;
        // Somebody else may have made it meanwhile.
        let state = listing::state(&self.pool, tenant_id).await?;
        let (before, _) = self.find(tenant_id);
        if let Some(view) = before.as_ref().filter(|view| *view.state() == state) {
            return Ok(Arc::clone(view));
        }
        let view = Arc::new(self.build(tenant_id, before, state).await?);
        self.keep(tenant_id, &view);
        Ok(view)
    }

    /// Makes a view with what still holds of the one before: after an edit the people stay, and what was served and read of them;
    /// after a publication the records.
    async fn build(
        &self,
        tenant_id: &str,
        before: Option<Arc<View>>,
        state: ListingState,
    ) -> Result<View, Error> {
        let is_read = before.as_ref().is_some_and(|view| view.state().reads_as(&state));
        let mut readings = None;
        if !is_read {
            readings = Some(listing::readings(&self.pool, tenant_id).await?);
        }
        let now = readings.as_ref().map_or(state, |readings| readings.state);
        let source = self.source(tenant_id, before, &now).await?;
        if readings.is_none() && matches!(source, Source::All(_)) {
            readings = Some(listing::readings(&self.pool, tenant_id).await?);
        }
        let work = move || made(source, readings.as_ref());
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Error::Interrupted)?
    }

    async fn source(
        &self,
        tenant_id: &str,
        before: Option<Arc<View>>,
        now: &ListingState,
    ) -> Result<Source, Error> {
        if let Some(view) = before {
            if view.state().lists_as(now) {
                return Ok(Source::Same(view));
            }
            if let Some(changes) =
                listing::changes_since(&self.pool, tenant_id, (view.state(), view.records)).await?
            {
                return Ok(Source::Records(view, changes));
            }
        }
        let listing = listing::read(&self.pool, tenant_id).await?;
        Ok(Source::All(Box::new(listing)))
    }

    fn find(&self, tenant_id: &str) -> (Option<Arc<View>>, Arc<tokio::sync::Mutex<()>>) {
        let mut tenants = self.tenants();
        tenants.uses += 1;
        let uses = tenants.uses;
        let entry = tenants.entries.entry(tenant_id.to_owned()).or_default();
        entry.used = uses;
        (entry.view.clone(), Arc::clone(&entry.building))
    }

    fn keep(&self, tenant_id: &str, view: &Arc<View>) {
        let mut tenants = self.tenants();
        if let Some(entry) = tenants.entries.get_mut(tenant_id) {
            entry.view = Some(Arc::clone(view));
        }
        tenants.make_room();
    }

    /// Returns how much memory the views take, in bytes.
    pub fn bytes(&self) -> usize {
        self.tenants().bytes()
    }
}

impl Tenants {
    fn bytes(&self) -> usize {
        let views = self.entries.values().filter_map(|entry| entry.view.as_ref());
        views.map(|view| view.bytes()).sum()
    }

    /// Drops the views used least recently until the rest may stay. Who answers from one keeps it until done.
    fn make_room(&mut self) {
        while self.entries.len() > 1 && (self.entries.len() > VIEWS_MAX || self.bytes() > BYTES_MAX) {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(tenant_id, _)| tenant_id.clone()) else {
                return;
            };
            self.entries.remove(&oldest);
        }
    }
}

/// Makes a view from its source. Without readings those of the view before hold.
fn made(source: Source, readings: Option<&Readings>) -> Result<View, Error> {
    let (rows, state, before) = match source {
        Source::Same(view) => (Arc::clone(&view.rows), (*view.state(), view.records), Some(view)),
        Source::Records(view, changes) => {
            let rows = view.rows.with_records(&changes.records);
            (Arc::new(rows), (changes.state, view.records), Some(view))
        }
        Source::All(listing) => {
            let state = (listing.state, listing.usernames.len());
            (Arc::new(rows(&listing)?), state, None)
        }
    };
    match (readings, before) {
        (Some(readings), _) => Ok(View::with_rows(rows, state, readings)),
        (None, Some(before)) => Ok(before.with_records(rows, state)),
        (None, None) => Err(Error::Interrupted),
    }
}
