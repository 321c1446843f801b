//! Finds the few documents with a given value in a field, such as the enrollments of a class.
//!
//! An index holds the hash of every value with its row: what it finds must still be tested.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use oneroster_standard::query::{Clause, ObjectForm, Operand, Path, Predicate, Shape};
use serde_json::Value;

use super::collection::Collection;
use super::json;

/// The rows of each value of a field, ordered by the value's hash, then row.
pub(super) type Index = Arc<[(u32, u32)]>;

/// Collections of fewer documents have none: reading them all is quick.
const ROWS_MIN: usize = 64;

/// Returns the value to look up in an index for a clause; `None` if no index serves it.
pub(super) fn indexed_value<'a>(collection: &Collection, clause: &'a Clause) -> Option<&'a str> {
    let (Operand::Text(value) | Operand::LowerText(value)) = &clause.operand else {
        return None;
    };
    // Members of metadata may be other than strings, and lists of strings are asked for by several at once.
    let serves = !matches!(clause.path.field.shape, Shape::TextList | Shape::Metadata);
    if clause.predicate != Predicate::Equal || !serves || collection.len() < ROWS_MIN {
        return None;
    }
    Some(value)
}

/// Returns the rows, in order, that may have this value.
pub(super) fn rows_of(index: &Index, value: &str) -> Vec<usize> {
    let hash = hash(value);
    let start = index.partition_point(|&(other, _)| other < hash);
    let found = index
        .get(start..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&(other, _)| other == hash);
    let mut rows: Vec<usize> = found.map(|&(_, row)| row as usize).collect();
    rows.dedup();
    rows
}

/// Makes the index of a path, as clients of this form see it, by reading every document; `None` for more documents than can be numbered.
pub(super) fn make(collection: &Collection, path: &Path, form: ObjectForm) -> Option<Index> {
    let mut entries: Vec<(u32, u32)> = Vec::with_capacity(collection.len());
    let caseless = path.field.shape == Shape::CaselessText;
    for row in 0..collection.len() {
        let row_number = u32::try_from(row).ok()?;
        let mut enter = |text: &str| {
            let hash = if caseless {
                hash(&text.to_lowercase())
            } else {
                hash(text)
            };
            entries.push((hash, row_number));
        };
        match collection.edited_text(row, path.field.name, form) {
            Some(text) => enter(&text),
            None => texts(collection, row, path.field.name, path.member.as_deref(), enter),
        }
    }
    entries.sort_unstable();
    Some(entries.into())
}

fn hash(text: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Hands out the strings that a document has in a field, or in a member of it: none, one, or those of a list.
pub(super) fn texts(
    collection: &Collection,
    row: usize,
    field: &str,
    member: Option<&str>,
    mut take: impl FnMut(&str),
) {
    let Some(value) = json::member(collection.document(row), field) else {
        return;
    };
    if value.starts_with('[') {
        let Some(Value::Array(elements)) = json::parsed(value) else {
            return;
        };
        for element in &elements {
            let element = member.map_or(Some(element), |member| element.get(member));
            if let Some(text) = element.and_then(Value::as_str) {
                take(text);
            }
        }
        return;
    }
    let value = member.map_or(Some(value), |member| json::member(value, member));
    if let Some(text) = value.and_then(json::text) {
        take(&text);
    }
}
