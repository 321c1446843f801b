//! Loads a generation from the database: whole, or only what changed since an earlier one in memory.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Error;
use super::district::District;
use super::merge::{GenerationMerge, dated, empty};
use super::snapshot::Snapshot;
use crate::db::{RequestPool, scope};
use crate::roster::{generations, versions};

/// How old a generation in memory may be to build a newer one upon it: versions it held may have been purged without trace
/// since. Generations are kept at least as long.
const ANCESTOR_AGE_DAYS_MAX: i32 = 30;

/// Loads a generation in one read-only snapshot of the database.
///
/// `held` are snapshots of the same tenant; the newest one that is an earlier generation is built upon.
/// `root` is the absolute address that relative hrefs continue; `count` is told how much memory is taken so far, in bytes.
#[tracing::instrument(
    level = "error",
    skip_all,
    fields(tenant = tenant_id, generation_id = %generation_id)
)]
pub(super) async fn load(
    requests: &RequestPool,
    tenant_id: &str,
    generation_id: Uuid,
    held: &[Arc<Snapshot>],
    (root, count): (&str, &(dyn Fn(usize) + Send + Sync)),
) -> Result<Snapshot, Error> {
    let mut lease = requests.lend_for_load(tenant_id).await?;
    let loaded = load_by(&mut lease, tenant_id, generation_id, held, (root, count)).await;
    lease.end();
    loaded
}

async fn load_by(
    connection: &mut PgConnection,
    tenant_id: &str,
    generation_id: Uuid,
    held: &[Arc<Snapshot>],
    (root, count): (&str, &(dyn Fn(usize) + Send + Sync)),
) -> Result<Snapshot, Error> {
    let mut transaction = connection
        .begin_with("begin isolation level repeatable read read only; set local statement_timeout = '60s'")
        .await?;
    scope::enter(&mut transaction, tenant_id).await?;
    let generation = generations::find(&mut transaction, tenant_id, generation_id)
        .await?
        .ok_or(Error::NotFound)?;
    let ancestor = ancestor(&mut transaction, tenant_id, generation.number, held).await?;
    let base = ancestor.map_or_else(empty, |ancestor| ancestor.collections.clone());
    let dates = dates(&mut transaction, tenant_id, generation.number).await?;
    let group = generations::school_group(&mut transaction, tenant_id, generation.number).await?;
    let (name, changed_at) = group.unwrap_or_else(|| (tenant_id.to_owned(), generation.published_at));
    let merge = GenerationMerge {
        number: generation.number,
        dates,
        root,
        district: District {
            tenant_id: tenant_id.to_owned(),
            name,
            changed_at,
        },
        base,
        count,
    };
    let merged = match ancestor {
        None => {
            merge
                .run(versions::of_generation(
                    &mut transaction,
                    tenant_id,
                    generation.number,
                ))
                .await?
        }
        Some(ancestor) => {
            let changes = versions::changed(&mut transaction, tenant_id, ancestor.number, generation.number);
            merge.run(changes).await?
        }
    };
    transaction.commit().await?;
    tracing::info!(
        generation = generation.number,
        built_upon = ancestor.map(Snapshot::number),
        "loaded a generation"
    );
    Ok(Snapshot {
        tenant_id: tenant_id.to_owned(),
        generation_id,
        number: generation.number,
        published_at: generation.published_at,
        collections: merged.collections,
        district_orgs: merged.district_orgs,
    })
}

/// Finds the newest held snapshot that is an earlier generation in the database as it is now: after a failover
/// a number may have come back for another generation, its id does not.
///
/// One older than [`ANCESTOR_AGE_DAYS_MAX`] is not built upon.
async fn ancestor<'a>(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    held: &'a [Arc<Snapshot>],
) -> Result<Option<&'a Snapshot>, Error> {
    let ids: Vec<Uuid> = held.iter().map(|snapshot| snapshot.generation_id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let found = generations::newest_of(connection, tenant_id, &ids, number, ANCESTOR_AGE_DAYS_MAX).await?;
    let is_found = |snapshot: &&Arc<Snapshot>| {
        found.is_some_and(|found| found == (snapshot.generation_id, snapshot.number))
    };
    Ok(held.iter().find(is_found).map(Arc::as_ref))
}

/// The date of each generation up to this one, in milliseconds and as emitted.
async fn dates(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<HashMap<i64, (i64, String)>, Error> {
    let rows = generations::dates(connection, tenant_id, number).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.number, dated(row.published_at)))
        .collect())
}
