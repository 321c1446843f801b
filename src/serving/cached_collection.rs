//! A collection with what is remembered about it: rows of recent questions, and indexes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::answer_cache::AnswerCache;
use super::collection::Collection;
use super::index_cache::IndexCache;

/// The share of a collection's blob that the rows of recent questions may take: one in so many bytes.
const ANSWERS_SHARE: usize = 8;

/// The share of a collection's blob that its indexes may take: one in so many bytes.
const INDEXES_SHARE: usize = 8;

/// A collection and its caches. Generations that share the collection share them too.
pub(super) struct CachedCollection {
    pub(super) data: Arc<Collection>,
    answers: Mutex<AnswerCache>,
    pub(super) indexes: IndexCache,
}

impl CachedCollection {
    /// Adds empty caches to a collection.
    pub(super) fn new(data: Collection) -> Self {
        Self {
            answers: Mutex::new(AnswerCache::new(data.blob_bytes() / ANSWERS_SHARE)),
            indexes: IndexCache::new(data.blob_bytes() / INDEXES_SHARE),
            data: Arc::new(data),
        }
    }

    /// Returns how much memory it takes in bytes, all that its caches may take included.
    pub(super) fn bytes(&self) -> usize {
        let blob_bytes = self.data.blob_bytes();
        self.data.bytes() + blob_bytes / ANSWERS_SHARE + blob_bytes / INDEXES_SHARE
    }

    /// Returns the rows of recent questions, locked.
    pub(super) fn answers(&self) -> MutexGuard<'_, AnswerCache> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
