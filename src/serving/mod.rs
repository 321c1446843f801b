//! Generations in memory: load, cache, answer a query. No SQL on the read path.
//!
//! A generation never changes, so it is loaded once, kept as ready JSON, and a page is a slice of that.

mod answer;
mod answer_cache;
mod assemble;
mod body;
mod cached_collection;
mod clause_test;
mod collection;
mod collection_builder;
mod district;
mod edit;
mod edited_rows;
mod evaluate;
mod index;
mod index_cache;
mod json;
mod load;
mod merge;
mod order;
mod part;
mod quick;
mod recency;
mod rewrite;
mod rows;
mod snapshot;
mod snapshot_cache;

use std::sync::Arc;

pub use answer::{CollectionAnswer, SingleAnswer, nothing};
pub use assemble::Generation;
pub use body::Body;
pub use evaluate::{Either, Referring, Restriction};
pub use quick::is_quick;
pub use snapshot::Snapshot;
pub use snapshot_cache::{CacheUsage, SnapshotCache};

use crate::{db, roster};

/// A generation could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The tenant has no such generation: the ticket is to one that a failover lost, or that was deleted.
    #[error("the tenant has no such generation")]
    NotFound,
    /// The database did not answer, or holds what cannot be served.
    #[error("cannot load the generation")]
    Database(#[source] Arc<sqlx::Error>),
}

impl Error {
    /// Returns `true` if the database was out of reach or could not serve just now: the same request may succeed later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::NotFound => false,
            Self::Database(error) => db::is_transient(error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<roster::Error> for Error {
    fn from(error: roster::Error) -> Self {
        match error {
            roster::Error::Database(error) => error.into(),
            other @ (roster::Error::Inconsistent { .. } | roster::Error::LockLost) => {
                sqlx::Error::Decode(Box::new(other)).into()
            }
        }
    }
}
