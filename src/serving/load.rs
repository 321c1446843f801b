//! Loads a generation from the database: whole, or only what changed since an earlier one in memory.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::Stream;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Error;
use super::merge::{Merge, Version, dated, empty};
use super::snapshot::Snapshot;
use crate::db::scope;

/// Loads a generation in one read-only snapshot of the database.
///
/// `held` are snapshots of the same tenant; the newest one that is an earlier generation is built upon.
/// `root` is the absolute address that relative hrefs continue.
pub(super) async fn load(
    pool: &PgPool,
    tenant_id: &str,
    generation_id: Uuid,
    held: &[Arc<Snapshot>],
    root: &str,
) -> Result<Snapshot, Error> {
    let mut transaction = pool
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    scope::enter(&mut transaction, tenant_id).await?;
    let generation = sqlx::query!(
        "select number, published_at from roster.generation where tenant_id = $1 and generation_id = $2",
        tenant_id,
        generation_id
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or(Error::NotFound)?;
    let ancestor = ancestor(&mut transaction, tenant_id, generation.number, held).await?;
    let base = ancestor.map_or_else(empty, |ancestor| ancestor.collections.clone());
    let dates = dates(&mut transaction, tenant_id, generation.number).await?;
    let merge = Merge {
        number: generation.number,
        dates,
        root,
        base,
    };
    let collections = match ancestor {
        None => {
            merge
                .run(whole(&mut transaction, tenant_id, generation.number))
                .await?
        }
        Some(ancestor) => {
            let changes = changes(&mut transaction, tenant_id, ancestor.number, generation.number);
            merge.run(changes).await?
        }
    };
    transaction.commit().await?;
    tracing::info!(
        tenant = tenant_id,
        generation = %generation_id,
        number = generation.number,
        built_upon = ancestor.map(Snapshot::number),
        "loaded a generation"
    );
    Ok(Snapshot {
        tenant_id: tenant_id.to_owned(),
        generation_id,
        number: generation.number,
        published_at: generation.published_at,
        collections,
    })
}

/// Finds the newest held snapshot that is an earlier generation in the database as it is now: after a failover
/// a number may have come back for another generation, its id does not.
///
/// One older than 30 days is not built upon: versions it held may have been purged without trace since.
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
    let found = sqlx::query!(
        "select generation_id, number from roster.generation
         where tenant_id = $1 and generation_id = any($2) and number < $3
           and committed_at > clock_timestamp() - interval '30 days'
         order by number desc limit 1",
        tenant_id,
        &ids,
        number
    )
    .fetch_optional(connection)
    .await?;
    let is_found = |snapshot: &&Arc<Snapshot>| {
        found.as_ref().is_some_and(|found| {
            found.generation_id == snapshot.generation_id && found.number == snapshot.number
        })
    };
    Ok(held.iter().find(is_found).map(Arc::as_ref))
}

/// The date of each generation up to this one, in milliseconds and as emitted.
async fn dates(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<HashMap<i64, (i64, String)>, Error> {
    let rows = sqlx::query!(
        "select number, published_at from roster.generation where tenant_id = $1 and number <= $2",
        tenant_id,
        number
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.number, dated(row.published_at)))
        .collect())
}

/// Reads the versions that a generation consists of.
fn whole<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    number: i64,
) -> impl Stream<Item = Result<Version, sqlx::Error>> + Send + 'a {
    sqlx::query_as!(
        Version,
        "select kind, sourced_id, from_number, until_number, status, content
         from roster.object_version
         where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
         order by kind, sourced_id",
        tenant_id,
        number
    )
    .fetch(connection)
}

/// Reads the versions that began or ended after one generation and up to another.
fn changes<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    after: i64,
    number: i64,
) -> impl Stream<Item = Result<Version, sqlx::Error>> + Send + 'a {
    sqlx::query_as!(
        Version,
        "select kind, sourced_id, from_number, until_number, status, content
         from roster.object_version
         where tenant_id = $1
           and (from_number > $2 and from_number <= $3 or until_number > $2 and until_number <= $3)
         order by kind, sourced_id",
        tenant_id,
        after,
        number
    )
    .fetch(connection)
}
