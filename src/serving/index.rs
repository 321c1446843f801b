//! Finds the few documents with a given value in a field, such as the enrollments of a class.
//!
//! An index is made when a field is first asked about so, once however many ask, which costs no more than answering by
//! reading every document. It holds the hash of every value with its row: what it finds must still be tested. When
//! there is no room for one more, those that were asked least recently go.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oneroster_standard::query::{Clause, Operand, Path, Predicate, Shape};
use serde_json::Value;

use super::clause_test::parsed;
use super::collection::Collection;
use super::json;

/// The rows of each value of a field, ordered by the value's hash, then row.
pub(super) type Index = Arc<[(u32, u32)]>;

/// The indexes a collection has so far, bounded by [`Collection::indexes_bytes_max`].
#[derive(Default)]
pub(super) struct Indexes {
    /// Each with the path it is about, the one asked last first.
    made: Mutex<Vec<(Path, Index)>>,
    /// Held while one is made.
    making: Mutex<()>,
}

impl Indexes {
    fn made(&self) -> MutexGuard<'_, Vec<(Path, Index)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, path: &Path) -> Option<Index> {
        let mut made = self.made();
        let place = made.iter().position(|(other, _)| other == path)?;
        made.get_mut(..=place)?.rotate_right(1);
        made.first().map(|(_, index)| Arc::clone(index))
    }

    fn insert(&self, path: &Path, index: &Index, bytes_max: usize) {
        let mut made = self.made();
        made.insert(0, (path.clone(), Arc::clone(index)));
        while bytes(&made) > bytes_max && made.pop().is_some() {}
    }

    /// Returns the fields that have an index, and how much memory those take in bytes.
    #[cfg(test)]
    pub(super) fn held(&self) -> (Vec<&'static str>, usize) {
        let made = self.made();
        (
            made.iter().map(|(path, _)| path.field.name).collect(),
            bytes(&made),
        )
    }
}

fn bytes(made: &[(Path, Index)]) -> usize {
    made.iter().map(|(_, index)| size_of_val::<[_]>(index)).sum()
}

/// Collections of fewer documents have none: reading them all is quick.
const ROWS_MIN: usize = 64;

/// Returns the rows, in order, among which all are that meet the clause; `None` if no index serves.
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
    let mut rows: Vec<usize> = found.map(|&(_, row)| row as usize).collect();
    rows.dedup();
    Some(rows)
}

/// Returns the index of a path, making it if need be.
fn index(collection: &Collection, path: &Path) -> Option<Index> {
    let indexes = &collection.indexes;
    if let Some(index) = indexes.find(path) {
        return Some(index);
    }
    let making = indexes.making.lock().unwrap_or_else(PoisonError::into_inner);
    // Someone else may have made it meanwhile.
    if let Some(index) = indexes.find(path) {
        return Some(index);
    }
    let index = make(collection, path)?;
    indexes.insert(path, &index, collection.indexes_bytes_max());
    drop(making);
    Some(index)
}

/// Reads every document. `None` for more documents than can be numbered.
fn make(collection: &Collection, path: &Path) -> Option<Index> {
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
