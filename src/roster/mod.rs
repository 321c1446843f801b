//! Schema `roster`: the published generations of a tenant and the versions of its objects.
//!
//! The only module whose SQL names the tables of this schema, one file per table. Every function expects its caller to
//! have entered the scope of the tenant (`db::scope`), but for those that take a pool: they read what the service's role
//! may read of all tenants.
//!
//! [`versions`] is the only reader of published content, of any generation and any part of it, as [`Version`]s.

mod change;
pub mod counted;
pub mod erasure;
pub mod evaluations;
pub mod files;
pub mod generations;
pub mod head;
pub mod holds;
pub mod listing_state;
mod reason;
pub mod retention;
pub mod served;
pub mod tickets;
pub mod versions;
pub mod write;

pub use change::{Action, Causes, Change, ContentHash, EndedEnrollments, Summary, hash};
pub use counted::CountedObject;
pub use evaluations::{InputVersions, Judged};
pub use generations::{ComparedGeneration, Generation, GenerationDate};
pub use head::Head;
pub use holds::{HeldTenant, Hold, NewHold};
pub use listing_state::ListingState;
pub use reason::{Compared, Reason, Role, Since, Test};
pub use served::Served;
pub use tickets::TicketRow;
pub use versions::{CurrentObject, ObjectKeys, Version};

/// Schema `roster` could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored object is not what this build writes.
    #[error("roster.object_version {kind}/{sourced_id}: {problem}")]
    Inconsistent {
        /// The collection.
        kind: String,
        /// The object.
        sourced_id: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// Another publication wrote while the publication lock was held: the lock was lost.
    #[error("the publication lock was lost to another publication")]
    LockLost,
}
