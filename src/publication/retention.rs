//! How long history is kept: superseded versions and their generations are deleted after a while.
//!
//! Only what stopped being current that long ago is deleted. So what a ticket can still read stays (a ticket lives half a day),
//! what a snapshot in memory is built upon stays (30 days, `serving::load`), and no answer changes: a tombstone is
//! current, and is removed by a publication.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use tokio::sync::watch;

use super::{Error, lock};
use crate::db::scope;
use crate::roster;

/// How many versions one transaction deletes.
const BATCH_ROWS: i64 = 5_000;
/// How many such transactions a purge makes before it gives the publication lock back.
const BATCHES_MAX: u32 = 20;
/// How often every tenant is purged.
const INTERVAL: Duration = Duration::from_hours(6);
/// The pause between two tenants: there is time.
const PAUSE: Duration = Duration::from_millis(100);

/// What a purge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Versions deleted.
    pub versions: u64,
    /// Generations deleted.
    pub generations: u64,
    /// Whether there is more to delete, by another call.
    pub is_unfinished: bool,
}

/// Deletes what stopped being current more than `history_days` ago, at most `BATCHES_MAX` times `BATCH_ROWS` versions at
/// once.
///
/// Works under the tenant's publication lock, in transactions of `BATCH_ROWS` rows. `None` while the tenant is being published.
pub async fn purge(pool: &PgPool, tenant_id: &str, history_days: u32) -> Result<Option<Purged>, Error> {
    let Some(mut connection) = lock::try_lock(pool, tenant_id).await? else {
        return Ok(None);
    };
    let result = under_lock(&mut connection, tenant_id, history_days).await;
    connection.leave().await;
    Ok(Some(result?))
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    history_days: u32,
) -> Result<Purged, sqlx::Error> {
    let mut purged = Purged::default();
    let history_days = i32::try_from(history_days).unwrap_or(i32::MAX);
    let whole_from = roster::retention::oldest_to_keep(connection, tenant_id, history_days).await?;
    if whole_from < 1 {
        return Ok(purged);
    }
    // First, so that history never claims to be whole where it is not.
    roster::retention::raise_whole_from(connection, tenant_id, whole_from).await?;
    for _ in 0..BATCHES_MAX {
        let deleted =
            roster::retention::delete_versions(connection, tenant_id, whole_from, BATCH_ROWS).await?;
        purged.versions += deleted;
        if deleted < BATCH_ROWS.unsigned_abs() {
            purged.generations =
                roster::retention::delete_generations(connection, tenant_id, whole_from).await?;
            return Ok(purged);
        }
    }
    purged.is_unfinished = true;
    Ok(purged)
}

/// Purges every tenant now and every six hours, until `stopping` turns true. Any number of servers may run it.
pub async fn run(pool: PgPool, history_days: u32, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        tokio::select! {
            () = round(&pool, history_days) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Returns whether a tenant has history to purge. Most have none: asking is cheaper than locking.
async fn has_old(pool: &PgPool, tenant_id: &str, history_days: u32) -> Result<bool, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let history_days = i32::try_from(history_days).unwrap_or(i32::MAX);
    let whole_from = roster::retention::oldest_to_keep(&mut transaction, tenant_id, history_days).await?;
    transaction.commit().await?;
    Ok(whole_from >= 1)
}

async fn round(pool: &PgPool, history_days: u32) {
    let tenants = match roster::evaluations::tenants(pool).await {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::warn!(error = %error, "cannot look for history to purge");
            return;
        }
    };
    for tenant_id in tenants {
        tokio::time::sleep(PAUSE).await;
        match has_old(pool, &tenant_id, history_days).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                tracing::warn!(tenant = tenant_id, error = %error, "cannot look for history to purge");
                continue;
            }
        }
        loop {
            match purge(pool, &tenant_id, history_days).await {
                Ok(Some(purged)) => {
                    if purged.versions + purged.generations > 0 {
                        tracing::info!(
                            tenant = tenant_id,
                            versions = purged.versions,
                            generations = purged.generations,
                            "purged old history"
                        );
                    }
                    if !purged.is_unfinished {
                        break;
                    }
                }
                // Publications take precedence; the next round is soon enough.
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(tenant = tenant_id, error = %error, "cannot purge old history");
                    break;
                }
            }
        }
    }
}
