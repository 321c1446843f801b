//! Loads a generation from the database: whole, or only what changed since an earlier one in memory.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt};
use oneroster_standard::{Kind, StatusType};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Error;
use super::clause_test::date_text;
use super::collection::{Builder, Collection, Stored};
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
    let base = ancestor.map_or_else(
        || Kind::ALL.map(|kind| Arc::new(Builder::new(kind, 0).finish())),
        |ancestor| ancestor.collections.clone(),
    );
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

/// Returns a date in milliseconds and as emitted.
pub(super) fn dated(date: DateTime<Utc>) -> (i64, String) {
    let milliseconds = date.timestamp_millis();
    (milliseconds, date_text(milliseconds))
}

/// A version of an object, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The collection.
    pub kind: String,
    /// The object's `sourcedId`.
    pub sourced_id: String,
    /// First generation that holds it.
    pub from_number: i64,
    /// First generation that no longer does; `None` while current.
    pub until_number: Option<i64>,
    /// The word of its status.
    pub status: String,
    /// JSON without the three common members, with relative hrefs.
    pub content: String,
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

/// Merges versions, ordered by kind and id, into what is held.
pub(super) struct Merge<'a> {
    pub(super) number: i64,
    /// The date of each generation, by number.
    pub(super) dates: HashMap<i64, (i64, String)>,
    pub(super) root: &'a str,
    pub(super) base: [Arc<Collection>; 6],
}

/// A collection that is being merged: rows of the base before `cursor` are done.
struct Merging {
    base: Arc<Collection>,
    cursor: usize,
    builder: Builder,
}

impl Merging {
    fn new(base: Arc<Collection>) -> Self {
        let builder = Builder::new(base.kind, base.blob_bytes());
        Self {
            base,
            cursor: 0,
            builder,
        }
    }

    /// Takes over the base's rows before this id, and passes by the base's row of this id.
    fn advance(&mut self, sourced_id: &str) {
        let (place, after) = match self.base.search(sourced_id) {
            Ok(row) => (row, row + 1),
            Err(row) => (row, row),
        };
        if self.cursor < after || place > self.cursor {
            self.builder.copy(&self.base, self.cursor..place);
            self.cursor = after;
        }
    }

    fn finish(mut self) -> Arc<Collection> {
        self.builder.copy(&self.base, self.cursor..self.base.len());
        Arc::new(self.builder.finish())
    }
}

impl Merge<'_> {
    pub(super) async fn run(
        mut self,
        versions: impl Stream<Item = Result<Version, sqlx::Error>>,
    ) -> Result<[Arc<Collection>; 6], Error> {
        let mut versions = std::pin::pin!(versions);
        let mut merging: Option<Merging> = None;
        while let Some(version) = versions.try_next().await? {
            let kind = Kind::from_collection(&version.kind)
                .ok_or_else(|| unservable(format!("unknown kind {:?}", version.kind)))?;
            let mut current = match merging.take() {
                Some(current) if current.base.kind == kind => current,
                other => {
                    self.put(other);
                    self.base
                        .get(kind.index())
                        .map(|base| Merging::new(Arc::clone(base)))
                        .ok_or(Error::NotFound)?
                }
            };
            self.take(&mut current, &version)?;
            merging = Some(current);
        }
        self.put(merging);
        Ok(self.base)
    }

    fn put(&mut self, merged: Option<Merging>) {
        let Some(merged) = merged else {
            return;
        };
        if let Some(place) = self.base.get_mut(merged.base.kind.index()) {
            *place = merged.finish();
        }
    }

    fn take(&self, merging: &mut Merging, version: &Version) -> Result<(), Error> {
        merging.advance(&version.sourced_id);
        let holds = version.from_number <= self.number
            && version.until_number.is_none_or(|until| until > self.number);
        if !holds {
            return Ok(());
        }
        let status = StatusType::from_word(&version.status)
            .ok_or_else(|| unservable(format!("unknown status {:?}", version.status)))?;
        let (date, date_text) = self
            .dates
            .get(&version.from_number)
            .ok_or_else(|| unservable(format!("no generation {}", version.from_number)))?;
        let stored = Stored {
            sourced_id: &version.sourced_id,
            status,
            date: *date,
            date_text,
            content: &version.content,
        };
        merging.builder.push(&stored, self.root).map_err(unservable)
    }
}

/// Says that the database holds what cannot be served.
fn unservable(what: String) -> Error {
    Error::from(sqlx::Error::Decode(what.into()))
}
