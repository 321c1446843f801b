//! Documents rewritten: with the selected fields only, and with booleans as asked.

use std::iter::Flatten;
use std::ops::Range;
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use oneroster_standard::Kind;
use oneroster_standard::query::{ObjectForm, Select, Shape, fields};

use super::collection::Collection;
use super::json::ObjectMembers;

/// How documents are emitted.
#[derive(Debug, Clone)]
pub(super) struct DocumentRewrite {
    select: Select,
    /// The fields whose strings become JSON booleans.
    booleans: Vec<&'static str>,
    form: ObjectForm,
}

impl DocumentRewrite {
    /// Returns how documents of a kind are to be written; `None` when they are emitted whole, with booleans as they are kept.
    pub(super) fn of(kind: Kind, select: &Select, form: ObjectForm) -> Option<Self> {
        let booleans: Vec<&'static str> = fields(kind)
            .iter()
            .filter(|field| form.native_booleans && field.shape == Shape::Boolean)
            .map(|field| field.name)
            .collect();
        let is_plain = *select == Select::Everything && booleans.is_empty();
        (!is_plain).then(|| Self {
            select: select.clone(),
            booleans,
            form,
        })
    }

    /// Writes a document as the client sees it, its members in the order they have.
    fn write(&self, document: &str, out: &mut Vec<u8>) {
        out.push(b'{');
        let mut first = true;
        for (name, value) in ObjectMembers::of(document) {
            if let Select::Only(names) = &self.select
                && !names.contains(&name)
            {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            let value = if self.booleans.contains(&name) {
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
}

/// Rows of a collection, rewritten as they are sent.
#[derive(Clone)]
pub(super) struct RewrittenRows {
    collection: Arc<Collection>,
    rows: Flatten<vec::IntoIter<Range<usize>>>,
    rewrite: DocumentRewrite,
    /// Whether a comma comes first.
    comma: bool,
}

impl RewrittenRows {
    pub(super) fn of_runs(
        collection: &Arc<Collection>,
        runs: Vec<Range<usize>>,
        rewrite: DocumentRewrite,
    ) -> Self {
        Self {
            collection: Arc::clone(collection),
            rows: runs.into_iter().flatten(),
            rewrite,
            comma: false,
        }
    }

    /// Writes the next documents: of about so many bytes before, and fewer after.
    pub(super) fn chunk(&mut self, read_bytes_max: usize) -> Option<Bytes> {
        let mut written = Vec::new();
        let mut edited = String::new();
        let mut read_bytes = 0;
        while read_bytes < read_bytes_max
            && let Some(row) = self.rows.next()
        {
            let document = self
                .collection
                .edited_document(row, self.rewrite.form, &mut edited);
            read_bytes += document.len();
            if std::mem::replace(&mut self.comma, true) {
                written.push(b',');
            }
            self.rewrite.write(document, &mut written);
        }
        Some(Bytes::from(written)).filter(|written| !written.is_empty())
    }
}
