//! The indexes of a collection.
//!
//! An index is made when a field is first compared with a value, once however many ask, which costs no more than answering
//! by reading every document. When there is no room for one more, those used least recently are dropped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oneroster_standard::query::{Clause, Path};

use super::collection::Collection;
use super::index::{self, Index};

/// The indexes that were made so far, of at most `bytes_max` bytes together: at most one for each field and member of one.
pub(super) struct IndexCache {
    /// Each with the path it is about, the one used last first.
    indexes: Mutex<Vec<(Path, Index)>>,
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
    pub(super) fn candidates(&self, collection: &Collection, clause: &Clause) -> Option<Vec<usize>> {
        let value = index::indexed_value(collection, clause)?;
        let index = self.get(collection, &clause.path)?;
        Some(index::rows_of(&index, value))
    }

    /// Returns the index of a path, making it if need be.
    fn get(&self, collection: &Collection, path: &Path) -> Option<Index> {
        if let Some(index) = self.find(path) {
            return Some(index);
        }
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have made it meanwhile.
        if let Some(index) = self.find(path) {
            return Some(index);
        }
        let index = index::make(collection, path)?;
        self.insert(path, &index);
        drop(making);
        Some(index)
    }

    fn indexes(&self) -> MutexGuard<'_, Vec<(Path, Index)>> {
        self.indexes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, path: &Path) -> Option<Index> {
        let mut indexes = self.indexes();
        let position = indexes.iter().position(|(other, _)| other == path)?;
        indexes.get_mut(..=position)?.rotate_right(1);
        indexes.first().map(|(_, index)| Arc::clone(index))
    }

    fn insert(&self, path: &Path, index: &Index) {
        let mut indexes = self.indexes();
        indexes.insert(0, (path.clone(), Arc::clone(index)));
        while bytes_of(&indexes) > self.bytes_max && indexes.pop().is_some() {}
    }

    /// Returns the fields that have an index, how much memory those take, and how much they may take, in bytes.
    #[cfg(test)]
    pub(super) fn usage(&self) -> (Vec<&'static str>, usize, usize) {
        let indexes = self.indexes();
        (
            indexes.iter().map(|(path, _)| path.field.name).collect(),
            bytes_of(&indexes),
            self.bytes_max,
        )
    }
}

fn bytes_of(indexes: &[(Path, Index)]) -> usize {
    indexes.iter().map(|(_, index)| size_of_val::<[_]>(index)).sum()
}
