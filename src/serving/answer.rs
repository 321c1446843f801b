//! Answers: which documents, and how they are written.

use bytes::Bytes;
use oneroster_standard::query::{ListQuery, SingleQuery};
use oneroster_standard::status_info::StatusInfo;
use oneroster_standard::{ObjectType, StatusType};

use super::body::{Body, Documents};
use super::cached_collection::CachedCollection;
use super::evaluate::{self, Restriction};
use super::rows::Rows;

/// An answer to a question about a collection.
#[derive(Debug, Clone)]
pub struct CollectionAnswer {
    /// The whole JSON body.
    pub body: Body,
    /// How many objects answer the question.
    pub total: usize,
    /// How many of them are in this body.
    pub count: usize,
}

/// An answer to a question about one object.
#[derive(Debug, Clone)]
pub struct SingleAnswer {
    /// The whole JSON body.
    pub body: Body,
    /// The object's status.
    pub status: StatusType,
}

pub(super) fn list(
    collection: &CachedCollection,
    restriction: &Restriction,
    query: &ListQuery,
    request_id: &str,
) -> CollectionAnswer {
    let rows = evaluate::rows(collection, restriction, query);
    let collection = &collection.data;
    let total = rows.len();
    let start = query.offset().min(total);
    let end = start.saturating_add(query.limit()).min(total);
    let documents = Documents::of_runs(collection, rows.runs(start..end), (&query.select, query.form));
    let opening = format!("{{\"{}\":[", collection.kind.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    CollectionAnswer {
        body: Body::new(opening, documents, closing),
        total,
        count: end - start,
    }
}

/// Answers a question about objects of which there are none.
pub fn nothing(object_type: ObjectType, query: &ListQuery, request_id: &str) -> CollectionAnswer {
    let opening = format!("{{\"{}\":[", object_type.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    CollectionAnswer {
        body: Body::new(opening, Documents::Written(Bytes::new()), closing),
        total: 0,
        count: 0,
    }
}

pub(super) fn single(
    collection: &CachedCollection,
    restriction: &Restriction,
    sourced_id: &str,
    query: &SingleQuery,
    request_id: &str,
) -> Option<SingleAnswer> {
    let collection = &collection.data;
    let row = collection.search(sourced_id).ok()?;
    if !evaluate::belongs(collection, restriction, row) {
        return None;
    }
    let runs = Rows::All(collection.len()).runs(row..row + 1);
    let documents = Documents::of_runs(collection, runs, (&query.select, query.form));
    let opening = format!("{{\"{}\":", collection.kind.singular());
    let closing = format!("{}}}", warnings(&query.warnings, request_id));
    Some(SingleAnswer {
        body: Body::new(opening, documents, closing),
        status: collection.status(row),
    })
}

/// Writes the warnings as a member that follows the data: the collection is always the first.
fn warnings(warnings: &[StatusInfo], request_id: &str) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let entries: Vec<_> = warnings
        .iter()
        .map(|warning| warning.set_entry(request_id))
        .collect();
    serde_json::to_string(&entries).map_or_else(|_| String::new(), |set| format!(",\"statusInfoSet\":{set}"))
}

#[cfg(test)]
mod tests;
