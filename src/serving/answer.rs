//! Answers: the JSON bodies, as chunks that are slices of the blob where that can be.

use bytes::Bytes;

use super::collection::Collection;
use super::evaluate::{self, Restriction, Rows};
use super::json::Members;
use crate::oneroster::status_info::StatusInfo;
use crate::oneroster::{Kind, ObjectType, StatusType};
use crate::query::{ListQuery, Select, Shape, SingleQuery, fields};

/// Up to so many runs of documents are sent as slices; more, and copying them into one buffer is cheaper.
const RUNS_MAX: usize = 16;

/// Answers up to so many bytes are one chunk: copying them is cheaper than sending three.
const ONE_CHUNK_BYTES_MAX: usize = 16 << 10;

/// An answer to a question about a collection.
#[derive(Debug, Clone)]
pub struct Page {
    /// The whole JSON body, in chunks.
    pub body: Vec<Bytes>,
    /// How many objects answer the question.
    pub total: usize,
    /// How many of them are in this body.
    pub count: usize,
}

impl Page {
    /// Returns the length of the body in bytes.
    pub fn body_length(&self) -> usize {
        self.body.iter().map(Bytes::len).sum()
    }
}

/// An answer to a question about one object.
#[derive(Debug, Clone)]
pub struct Single {
    /// The whole JSON body, in chunks.
    pub body: Vec<Bytes>,
    /// The object's status.
    pub status: StatusType,
}

impl Single {
    /// Returns the length of the body in bytes.
    pub fn body_length(&self) -> usize {
        self.body.iter().map(Bytes::len).sum()
    }
}

pub(super) fn list(
    collection: &Collection,
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
    let documents = documents(collection, &rows, start..end, &form);
    let opening = format!("{{\"{}\":[", collection.kind.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    Page {
        body: envelope(&opening, documents, &closing),
        total,
        count: end - start,
    }
}

/// Answers a question about objects of which there are none.
pub fn nothing(object_type: ObjectType, query: &ListQuery, request_id: &str) -> Page {
    let opening = format!("{{\"{}\":[", object_type.collection());
    let closing = format!("]{}}}", warnings(&query.warnings, request_id));
    Page {
        body: envelope(&opening, Vec::new(), &closing),
        total: 0,
        count: 0,
    }
}

pub(super) fn single(
    collection: &Collection,
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
    let documents = documents(collection, &Rows::All(collection.len()), row..row + 1, &form);
    let opening = format!("{{\"{}\":", collection.kind.singular());
    let closing = format!("{}}}", warnings(&query.warnings, request_id));
    Some(Single {
        body: envelope(&opening, documents, &closing),
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

fn envelope(opening: &str, documents: Vec<Bytes>, closing: &str) -> Vec<Bytes> {
    let length = documents.iter().map(Bytes::len).sum::<usize>() + opening.len() + closing.len();
    if length <= ONE_CHUNK_BYTES_MAX {
        let mut body = Vec::with_capacity(length);
        body.extend_from_slice(opening.as_bytes());
        for chunk in &documents {
            body.extend_from_slice(chunk);
        }
        body.extend_from_slice(closing.as_bytes());
        return vec![Bytes::from(body)];
    }
    let mut body = Vec::with_capacity(documents.len() + 2);
    body.push(Bytes::copy_from_slice(opening.as_bytes()));
    body.extend(documents);
    body.push(Bytes::copy_from_slice(closing.as_bytes()));
    body
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

/// Returns part of the rows as documents with commas between them.
fn documents(
    collection: &Collection,
    rows: &Rows,
    part: std::ops::Range<usize>,
    form: &Form<'_>,
) -> Vec<Bytes> {
    let runs = rows.runs(part);
    if !form.is_plain() {
        let reads = runs.into_iter().flatten().map(|row| collection.document(row));
        return vec![Bytes::from(rewritten(reads, form))];
    }
    let slices: Vec<Bytes> = runs.iter().map(|run| collection.slice(run)).collect();
    if slices.len() > RUNS_MAX {
        let mut copy = Vec::with_capacity(slices.iter().map(|slice| slice.len() + 1).sum());
        for slice in &slices {
            if !copy.is_empty() {
                copy.push(b',');
            }
            copy.extend_from_slice(slice);
        }
        return vec![Bytes::from(copy)];
    }
    let mut chunks = Vec::with_capacity(slices.len() * 2);
    for slice in slices {
        if !chunks.is_empty() {
            chunks.push(Bytes::from_static(b","));
        }
        chunks.push(slice);
    }
    chunks
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
