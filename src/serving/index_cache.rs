//! The indexes of a collection.
//!
//! An index is made when a field is first compared with a value, once however many ask, which costs no more than answering
//! by reading every document. When there is no room for one more, those used least recently are dropped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oneroster_standard::query::{Clause, ObjectForm, Path};

use super::collection::Collection;
use super::edit;
use super::index::{self, Index};

/// What an index is about.
#[derive(Clone, PartialEq, Eq)]
struct Subject {
    path: Path,
    /// Whether it is of what some clients see instead of what is kept. A field is seen in two ways at most.
    is_edited: bool,
}

/// The indexes that were made so far, of at most `bytes_max` bytes together: at most one for each field and member of one.
pub(super) struct IndexCache {
    /// Each with what it is about, the one used last first.
    indexes: Mutex<Vec<(Subject, Index)>>,
    /// Held while one is made.
    making: Mutex<()>,
    bytes_max: usize,
}

impl IndexCache {
    /// Makes an empty cache of at most so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            indexes: Mutex::default(),
            making: Mutex::default(),
            bytes_max,
        }
    }

    /// Returns the rows of a collection, in order, among which all are that meet the clause; `None` if no index serves it.
    pub(super) fn candidates(
        &self,
        collection: &Collection,
        clause: &Clause,
        form: ObjectForm,
    ) -> Option<Vec<usize>> {
        let value = index::indexed_value(collection, clause)?;
        let index = self.get(collection, &clause.path, form)?;
        Some(index::rows_of(&index, value))
    }

    /// Returns the index of a path, making it if need be.
    fn get(&self, collection: &Collection, path: &Path, form: ObjectForm) -> Option<Index> {
        let subject = Subject {
            path: path.clone(),
            is_edited: edit::is_edited(collection.kind, path.field.name, form),
        };
        if let Some(index) = self.find(&subject) {
            return Some(index);
        }
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have made it meanwhile.
        if let Some(index) = self.find(&subject) {
            return Some(index);
        }
        let index = index::make(collection, path, form)?;
        self.insert(subject, &index);
        drop(making);
        Some(index)
    }

    fn indexes(&self) -> MutexGuard<'_, Vec<(Subject, Index)>> {
        self.indexes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, subject: &Subject) -> Option<Index> {
        let mut indexes = self.indexes();
        let position = indexes.iter().position(|(other, _)| other == subject)?;
        indexes.get_mut(..=position)?.rotate_right(1);
        indexes.first().map(|(_, index)| Arc::clone(index))
    }

    fn insert(&self, subject: Subject, index: &Index) {
        let mut indexes = self.indexes();
        indexes.insert(0, (subject, Arc::clone(index)));
        while bytes_of(&indexes) > self.bytes_max && indexes.pop().is_some() {}
    }

    /// Returns the fields that have an index, how much memory those take, and how much they may take, in bytes.
    #[cfg(test)]
    pub(super) fn usage(&self) -> (Vec<&'static str>, usize, usize) {
        let indexes = self.indexes();
        (
            indexes
                .iter()
                .map(|(subject, _)| subject.path.field.name)
                .collect(),
            bytes_of(&indexes),
            self.bytes_max,
        )
    }
}

fn bytes_of(indexes: &[(Subject, Index)]) -> usize {
    indexes.iter().map(|(_, index)| size_of_val::<[_]>(index)).sum()
}
