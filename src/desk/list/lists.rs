//! The views in memory, one per tenant, each as long as what it was made from holds.

use std::sync::Arc;

use sqlx::PgPool;

use super::view::{View, rows};
use crate::publication::listing::{self, Listing, Readings, RecordChanges};
use crate::publication::{Error, Keeper};
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
    views: Keeper<View>,
}

/// What a view is made from.
enum Source {
    Same(Arc<View>),
    Records(Arc<View>, RecordChanges),
    All(Box<Listing>),
}

impl Lists {
    /// Makes an empty cache that reads by these connections.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            views: Keeper::new(VIEWS_MAX, BYTES_MAX, View::bytes),
        }
    }

    /// Returns the connections that the lists are read by.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns the view of a tenant as it is now. An unknown tenant is refused, and so is one whose active school year has not
    /// been loaded.
    pub async fn get(&self, tenant_id: &str) -> Result<Arc<View>, Error> {
        let state = listing::state(&self.pool, tenant_id).await?;
        let (view, turn) = self.views.find(tenant_id);
        if let Some(view) = view.filter(|view| *view.state() == state) {
            return Ok(view);
        }
        let _one_at_a_time = turn.lock().await;
        // Somebody else may have made it meanwhile.
        let state = listing::state(&self.pool, tenant_id).await?;
        let (before, _) = self.views.find(tenant_id);
        if let Some(view) = before.as_ref().filter(|view| *view.state() == state) {
            return Ok(Arc::clone(view));
        }
        let view = Arc::new(self.build(tenant_id, before, state).await?);
        self.views.keep(tenant_id, &view);
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

    /// Returns how much memory the views take, in bytes.
    pub fn bytes(&self) -> usize {
        self.views.bytes()
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
