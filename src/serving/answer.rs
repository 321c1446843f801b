//! Answers: which documents, and how they are written.

use std::sync::Arc;

use bytes::Bytes;

use super::body::{Body, Documents};
use super::collection::Collection;
use super::evaluate::{self, Restriction, Rows};
use super::json::Members;
use crate::oneroster::status_info::StatusInfo;
use crate::oneroster::{Kind, ObjectType, StatusType};
use crate::query::{ListQuery, Select, Shape, SingleQuery, fields};

/// An answer to a question about a collection.
#[derive(Debug, Clone)]
pub struct Page {
    /// The whole JSON body.
    pub body: Body,
    /// How many objects answer the question.
    pub total: usize,
    /// How many of them are in this body.
    pub count: usize,
}

/// An answer to a question about one object.
#[derive(Debug, Clone)]
pub struct Single {
    /// The whole JSON body.
    pub body: Body,
    /// The object's status.
    pub status: StatusType,
}

pub(super) fn list(
    collection: &Arc<Collection>,
    restriction: &Restriction,
    query: &ListQuery,
    request_id: &str,
) -> Page {
    let rows = evaluate::rows(collection, restriction, query);
    let total = rows.len();
    let start = query.offset().min(total);
    let end = start.saturating_add(query.limit()).min(total);
    let form = Form {
        kind: collection.kind,
        select: &query.select,
        native_booleans: query.native_booleans,
    };
    let documents = documents(collection, rows.runs(start..end), &form);
    let opening = format!("{{\"{}\":[", collection.kind.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    Page {
        body: Body::new(opening, documents, closing),
        total,
        count: end - start,
    }
}

/// Answers a question about objects of which there are none.
pub fn nothing(object_type: ObjectType, query: &ListQuery, request_id: &str) -> Page {
    let opening = format!("{{\"{}\":[", object_type.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    Page {
        body: Body::new(opening, Documents::Written(Bytes::new()), closing),
        total: 0,
        count: 0,
    }
}

pub(super) fn single(
    collection: &Arc<Collection>,
    restriction: &Restriction,
    sourced_id: &str,
    query: &SingleQuery,
    request_id: &str,
) -> Option<Single> {
    let row = collection.search(sourced_id).ok()?;
    if !evaluate::belongs(collection, restriction, row) {
        return None;
    }
    let form = Form {
        kind: collection.kind,
        select: &query.select,
        native_booleans: query.native_booleans,
    };
    let runs = Rows::All(collection.len()).runs(row..row + 1);
    let documents = documents(collection, runs, &form);
    let opening = format!("{{\"{}\":", collection.kind.singular());
    let closing = format!("{}}}", warnings(&query.warnings, request_id));
    Some(Single {
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

/// How documents are emitted.
struct Form<'a> {
    kind: Kind,
    select: &'a Select,
    native_booleans: bool,
}

impl Form<'_> {
    /// Tells whether documents are emitted as they are kept.
    fn is_plain(&self) -> bool {
        *self.select == Select::Everything && self.boolean_names().is_empty()
    }

    /// Returns the fields whose strings become JSON booleans.
    fn boolean_names(&self) -> Vec<&'static str> {
        let booleans = fields(self.kind)
            .iter()
            .filter(|field| self.native_booleans && field.shape == Shape::Boolean);
        booleans.map(|field| field.name).collect()
    }
}

/// Returns runs of rows as documents with commas between them.
fn documents(collection: &Arc<Collection>, runs: Vec<std::ops::Range<usize>>, form: &Form<'_>) -> Documents {
    if form.is_plain() {
        return Documents::of_runs(collection, runs);
    }
    let reads = runs.into_iter().flatten().map(|row| collection.document(row));
    Documents::Written(Bytes::from(rewritten(reads, form)))
}

/// Writes documents with the selected fields only, in the order of the document, and with booleans as asked.
fn rewritten<'a>(documents: impl Iterator<Item = &'a str>, form: &Form<'_>) -> Vec<u8> {
    let booleans = form.boolean_names();
    let mut out = Vec::new();
    for document in documents {
        out.extend_from_slice(if out.is_empty() { b"{" } else { b",{" });
        let mut first = true;
        for (name, value) in Members::of(document) {
            if let Select::Only(names) = form.select
                && !names.contains(&name)
            {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            let value = if booleans.contains(&name) {
                value.trim_matches('"')
            } else {
                value
            };
            for part in ["\"", name, "\":", value] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        out.push(b'}');
    }
    out
}

#[cfg(test)]
mod tests;
