//! Generations in memory: load, cache, answer a query. No SQL on the read path.
//!
//! A generation never changes, so it is loaded once, kept as ready JSON, and a page is a slice of that.

mod answer;
mod assemble;
mod body;
mod cache;
mod clause_test;
mod collection;
mod evaluate;
mod index;
mod json;
mod load;
mod order;
mod rewrite;
mod snapshot;

use std::sync::Arc;

pub use answer::{Page, Single, nothing};
pub use assemble::Generation;
pub use body::Body;
pub use cache::{Snapshots, Usage};
pub use evaluate::{Restriction, is_quick};
pub use load::Version;
pub use snapshot::Snapshot;

use crate::db;

/// A generation could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The tenant has no such generation: the ticket is to one that a failover lost, or that has gone.
    #[error("the tenant has no such generation")]
    NotFound,
    /// The database did not answer, or holds what cannot be served.
    #[error("cannot load the generation")]
    Database(#[source] Arc<sqlx::Error>),
}

impl Error {
    /// Tells whether the database was out of reach or could not serve just now: the same request may succeed later.
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
