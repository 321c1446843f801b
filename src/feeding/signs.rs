//! How long ago bundles came, of all tenants, in the memory of a server: for `/readyz` and figures for monitoring.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::mirror::memory::last_loads;

/// How often the database is asked.
const LOOK_INTERVAL: Duration = Duration::from_mins(1);

/// A tenant whose bundles used to come daily and no longer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentFeed {
    /// The tenant.
    pub tenant_id: String,
    /// When its last bundle was loaded.
    pub since: DateTime<Utc>,
}

/// What is known of the feeding. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct FeedSigns(Arc<RwLock<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// How old the oldest of the last imports was, and when that was asked.
    oldest: Option<(Duration, Instant)>,
    silent: Vec<SilentFeed>,
}

impl FeedSigns {
    /// Returns how long ago the tenant was last fed whose turn is longest ago; `None` before the first import of all.
    pub fn oldest_import_age(&self) -> Option<Duration> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        seen.oldest.map(|(age, asked)| age + asked.elapsed())
    }

    /// Returns the tenants whose bundles used to come daily and no longer do, by id.
    pub fn silent(&self) -> Vec<SilentFeed> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        seen.silent.clone()
    }

    /// Asks the database now and then, until `stopping` turns true. `silent_after` is how long a tenant whose bundles used to come daily
    /// may go without one.
    pub async fn refresh_until(
        self,
        pool: PgPool,
        silent_after: Duration,
        mut stopping: watch::Receiver<bool>,
    ) {
        while !*stopping.borrow() {
            if let Err(error) = self.refresh(&pool, silent_after).await {
                tracing::warn!(error = %error, "cannot look when bundles came");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        }
    }

    async fn refresh(&self, pool: &PgPool, silent_after: Duration) -> Result<(), sqlx::Error> {
        let asked = Instant::now();
        let after = TimeDelta::from_std(silent_after).unwrap_or(TimeDelta::MAX);
        let loads = last_loads(&mut *pool.acquire().await?, None).await?;
        let ages = loads
            .iter()
            .filter_map(|loads| Some(loads.now - *loads.at.first()?));
        let oldest = ages.max().map(|age| (age.to_std().unwrap_or_default(), asked));
        let silent = loads.iter().filter_map(|loads| {
            Some(SilentFeed {
                since: loads.silent_since(after)?,
                tenant_id: loads.tenant_id.clone(),
            })
        });
        let silent = silent.collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Seen { oldest, silent };
        Ok(())
    }
}
