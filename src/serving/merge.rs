//! Merges versions of objects into the collections of an earlier generation, or into empty ones.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt};
use oneroster_standard::Kind;

use super::Error;
use super::cached_collection::CachedCollection;
use super::clause_test::date_text;
use super::collection::Collection;
use super::collection_builder::{CollectionBuilder, StoredObject};
use super::district::District;
use crate::roster::{self, Version};

/// Returns a date in milliseconds and as emitted.
pub(super) fn dated(date: DateTime<Utc>) -> (i64, String) {
    let milliseconds = date.timestamp_millis();
    (milliseconds, date_text(milliseconds))
}

/// After so many versions the memory that a merge takes is counted again.
const COUNTED_EVERY: usize = 1024;

/// Merges versions, ordered by kind and id, into what is held.
pub(super) struct GenerationMerge<'a> {
    pub(super) number: i64,
    /// The date of each generation, by number.
    pub(super) dates: HashMap<i64, (i64, String)>,
    pub(super) root: &'a str,
    pub(super) district: District,
    pub(super) base: [Arc<CachedCollection>; Kind::ALL.len()],
    /// Told how much memory what was merged so far takes, in bytes.
    pub(super) count: &'a (dyn Fn(usize) + Send + Sync),
}

/// The collections of a generation.
pub(super) struct Merged {
    /// In the order of [`Kind::ALL`].
    pub(super) collections: [Arc<CachedCollection>; Kind::ALL.len()],
    /// The orgs with the school group above them.
    pub(super) district_orgs: Arc<CachedCollection>,
}

/// Returns the collections of a generation without objects.
pub(super) fn empty() -> [Arc<CachedCollection>; Kind::ALL.len()] {
    Kind::ALL.map(|kind| Arc::new(CachedCollection::new(CollectionBuilder::new(kind, 0).finish())))
}

/// A collection that is being merged: rows of the base before `cursor` are done.
struct CollectionMerge {
    base: Arc<Collection>,
    cursor: usize,
    builder: CollectionBuilder,
}

impl CollectionMerge {
    fn new(base: Arc<Collection>) -> Self {
        let builder = CollectionBuilder::new(base.kind, base.blob_bytes());
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

    fn finish(mut self) -> Arc<CachedCollection> {
        self.builder.copy(&self.base, self.cursor..self.base.len());
        Arc::new(CachedCollection::new(self.builder.finish()))
    }
}

impl GenerationMerge<'_> {
    pub(super) async fn run(
        mut self,
        versions: impl Stream<Item = Result<Version, roster::Error>>,
    ) -> Result<Merged, Error> {
        let mut versions = std::pin::pin!(versions);
        let mut merging: Option<CollectionMerge> = None;
        let (mut merged_bytes, mut seen) = (0, 0_usize);
        while let Some(version) = versions.try_next().await? {
            seen += 1;
            if seen.is_multiple_of(COUNTED_EVERY) {
                let growing = merging.as_ref().map_or(0, |merging| merging.builder.blob_bytes());
                (self.count)(merged_bytes + growing);
            }
            let mut current = match merging.take() {
                Some(current) if current.base.kind == version.kind => current,
                other => {
                    merged_bytes += self.put(other);
                    self.base
                        .get(version.kind.index())
                        .map(|base| CollectionMerge::new(Arc::clone(&base.data)))
                        .ok_or(Error::NotFound)?
                }
            };
            self.take(&mut current, &version)?;
            merging = Some(current);
        }
        self.put(merging);
        let orgs = self.base.get(Kind::Orgs.index()).ok_or(Error::NotFound)?;
        let district_orgs = self.district.above(&orgs.data, self.root).map_err(unservable)?;
        Ok(Merged {
            collections: self.base,
            district_orgs: Arc::new(CachedCollection::new(district_orgs)),
        })
    }

    /// Puts a collection in its place, and returns how much memory it takes, in bytes.
    fn put(&mut self, merged: Option<CollectionMerge>) -> usize {
        let Some(merged) = merged else {
            return 0;
        };
        let kind = merged.base.kind;
        let finished = merged.finish();
        let bytes = finished.bytes();
        if let Some(place) = self.base.get_mut(kind.index()) {
            *place = finished;
        }
        bytes
    }

    fn take(&self, merging: &mut CollectionMerge, version: &Version) -> Result<(), Error> {
        merging.advance(&version.sourced_id);
        let holds = version.from_number <= self.number
            && version.until_number.is_none_or(|until| until > self.number);
        if !holds {
            return Ok(());
        }
        let (date, date_text) = self
            .dates
            .get(&version.from_number)
            .ok_or_else(|| unservable(format!("no generation {}", version.from_number)))?;
        let stored = StoredObject {
            sourced_id: &version.sourced_id,
            status: version.status,
            date: *date,
            date_text,
            content: &version.content,
            email_domain: version.email_domain.as_deref(),
            ended_on: version.ended_on,
        };
        merging.builder.push(&stored, self.root).map_err(unservable)
    }
}

/// Returns the error for a database that holds what cannot be served.
fn unservable(what: String) -> Error {
    Error::from(sqlx::Error::Decode(what.into()))
}
