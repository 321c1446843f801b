//! Finds the few documents with a given value in a field, such as the enrollments of a class.
//!
//! An index is made when a field is first asked about so, which costs no more than answering by reading every
//! document, and holds the hash of every value with its row: what it finds must still be tested.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::clause_test::parsed;
use super::collection::Collection;
use super::json;
use crate::query::{Clause, Operand, Path, Predicate, Shape};

/// The rows of each value of a field, ordered by the value's hash, then row.
pub(super) type Index = Arc<[(u32, u32)]>;

/// The indexes a collection has so far, each with the path it is about.
pub(super) type Indexes = Vec<(Path, Index)>;

/// Collections of fewer documents have none: reading them all is quick.
const ROWS_MIN: usize = 64;

/// Returns the rows, in order, among which all are that meet the clause; `None` if no index serves, or if they are
/// so many that it is of no use.
pub(super) fn candidates(collection: &Collection, clause: &Clause) -> Option<Vec<usize>> {
    let (Operand::Text(value) | Operand::LowerText(value)) = &clause.operand else {
        return None;
    };
    // Members of metadata may be other than strings, and lists of strings are asked for by several at once.
    let serves = !matches!(clause.path.field.shape, Shape::TextList | Shape::Metadata);
    if clause.predicate != Predicate::Equal || !serves || collection.len() < ROWS_MIN {
        return None;
    }
    let index = index(collection, &clause.path)?;
    let hash = hash(value);
    let start = index.partition_point(|&(other, _)| other < hash);
    let found = index
        .get(start..)?
        .iter()
        .take_while(|&&(other, _)| other == hash);
    let few = collection.len() / 8;
    let mut rows: Vec<usize> = found.map(|&(_, row)| row as usize).take(few + 1).collect();
    if rows.len() > few {
        return None;
    }
    rows.dedup();
    Some(rows)
}

/// Returns the index of a path, making it if need be. `None` when there is no room for one more.
fn index(collection: &Collection, path: &Path) -> Option<Index> {
    let made = || collection.indexes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, index)) = made().iter().find(|(other, _)| other == path) {
        return Some(Arc::clone(index));
    }
    let mut entries: Vec<(u32, u32)> = Vec::with_capacity(collection.len());
    let caseless = path.field.shape == Shape::CaselessText;
    for row in 0..collection.len() {
        let row_number = u32::try_from(row).ok()?;
        texts(collection, row, path.field.name, path.member.as_deref(), |text| {
            let hash = if caseless {
                hash(&text.to_lowercase())
            } else {
                hash(text)
            };
            entries.push((hash, row_number));
        });
    }
    entries.sort_unstable();
    let index: Index = entries.into();
    let mut indexes = made();
    let taken: usize = indexes.iter().map(|(_, index)| size_of_val::<[_]>(index)).sum();
    if taken + size_of_val::<[_]>(&index) <= collection.indexes_bytes_max()
        && !indexes.iter().any(|(other, _)| other == path)
    {
        indexes.push((path.clone(), Arc::clone(&index)));
    }
    Some(index)
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
        let Some(Value::Array(elements)) = parsed(value) else {
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
