//! How long history is kept: superseded versions and their generations go after a while.
//!
//! Only what stopped being current that long ago goes. So what a ticket can still read stays (a ticket lives half a day),
//! what a snapshot in memory is built upon stays (30 days, `serving::load`), and no answer changes: a tombstone is
//! current, and leaves by a publication.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use tokio::sync::watch;

use super::{Error, lock};

/// How many versions one transaction deletes.
const BATCH_ROWS: i64 = 5_000;
/// How many such transactions a purge makes before it lets publications go first.
const BATCHES_MAX: u32 = 20;
/// How often every tenant is looked at.
const INTERVAL: Duration = Duration::from_hours(6);

/// What a purge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Versions deleted.
    pub versions: u64,
    /// Generations deleted.
    pub generations: u64,
    /// Whether there is more to delete: another call goes on.
    pub is_unfinished: bool,
}

/// Deletes what stopped being current more than `history_days` ago, at most 100,000 versions at once.
///
/// Works under the tenant's publication lock, in transactions of 5,000 rows. `None` when somebody is publishing.
pub async fn purge(pool: &PgPool, tenant_id: &str, history_days: u32) -> Result<Option<Purged>, Error> {
    let Some(mut connection) = lock::try_lock(pool, tenant_id).await? else {
        return Ok(None);
    };
    let result = under_lock(&mut connection, tenant_id, history_days).await;
    lock::unlock(connection).await;
    Ok(Some(result?))
}

async fn under_lock(
    connection: &mut PgConnection,
    tenant_id: &str,
    history_days: u32,
) -> Result<Purged, sqlx::Error> {
    let mut purged = Purged::default();
    // The oldest state to keep whole is the last one that was still current when the time began.
    let whole_from = sqlx::query_scalar!(
        r#"select coalesce(
               (select min(number) from roster.generation
                where tenant_id = $1 and committed_at >= clock_timestamp() - make_interval(days => $2)),
               (select number + 1 from roster.head where tenant_id = $1)
           ) - 1 as "number!""#,
        tenant_id,
        i32::try_from(history_days).unwrap_or(i32::MAX)
    )
    .fetch_one(&mut *connection)
    .await?;
    if whole_from < 1 {
        return Ok(purged);
    }
    // First, so that history never claims to be whole where it is not.
    sqlx::query!(
        "insert into roster.history as h (tenant_id, whole_from) values ($1, $2)
         on conflict (tenant_id) do update set whole_from = excluded.whole_from, purged_at = clock_timestamp()
         where h.whole_from < excluded.whole_from",
        tenant_id,
        whole_from
    )
    .execute(&mut *connection)
    .await?;
    for _ in 0..BATCHES_MAX {
        let deleted = versions(connection, tenant_id, whole_from).await?;
        purged.versions += deleted;
        if deleted < BATCH_ROWS.unsigned_abs() {
            purged.generations = generations(connection, tenant_id, whole_from).await?;
            return Ok(purged);
        }
    }
    purged.is_unfinished = true;
    Ok(purged)
}

/// Deletes versions that the oldest state to keep no longer holds.
async fn versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    whole_from: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from roster.object_version v
         using (select kind, sourced_id, from_number from roster.object_version
                where tenant_id = $1 and until_number <= $2 limit $3) as old
         where v.tenant_id = $1 and v.kind = old.kind and v.sourced_id = old.sourced_id
           and v.from_number = old.from_number and v.until_number is not null",
        tenant_id,
        whole_from,
        BATCH_ROWS
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes older generations that no version is left of. One that a version began with holds that version's date; it
/// goes with its last version, and the version would go with it, so the statement asks and the lock keeps it true.
async fn generations(
    connection: &mut PgConnection,
    tenant_id: &str,
    whole_from: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from roster.generation g
         where g.tenant_id = $1 and g.number < $2
           and not exists (select from roster.object_version v
                           where v.tenant_id = $1 and v.from_number = g.number)",
        tenant_id,
        whole_from
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
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

async fn round(pool: &PgPool, history_days: u32) {
    let tenants = match tenants(pool).await {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::warn!(error = %error, "cannot look for history to purge");
            return;
        }
    };
    for tenant_id in tenants {
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
                // Whoever publishes goes first; the next round comes soon enough.
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(tenant = tenant_id, error = %error, "cannot purge old history");
                    break;
                }
            }
        }
    }
}

/// Every tenant that has published or tried to.
async fn tenants(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!("select tenant_id from roster.evaluation order by tenant_id")
        .fetch_all(pool)
        .await
}
