//! Publishing: compute the roster, compare it with the newest generation, store what changed as a new one.
//!
//! Readers hold tickets: a token reads the generation that was newest when it was issued. A generation is dated later
//! than the last ticket that cannot see it, so whoever polls by date misses nothing (`docs/generations.md`).

pub mod activation;
pub mod background;
pub mod brake;
pub mod census;
mod consequences;
pub mod date;
pub mod diff;
mod examine;
mod explain;
mod failing;
pub mod guard;
pub mod held;
mod hold;
mod holding;
pub mod inputs;
pub mod movement;
mod publish;
pub mod retention;
mod write;

pub use consequences::{Before, Consequences, Movement, consequences};
pub use examine::examine;
pub use failing::FailingTenants;
pub use held::HeldTenants;
pub use hold::{Hold, discard};
pub use publish::{Options, Publication, Release, State, preview, publish, release};

/// A tenant could not be published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tenant is unknown or its configuration cannot be read.
    #[error("cannot read the tenant")]
    Tenant(#[from] crate::tenants::Error),
    /// The username records cannot be read.
    #[error("cannot read the usernames")]
    Usernames(#[from] crate::accounts::records::Error),
    /// The roster cannot be computed from the inputs.
    #[error("cannot compute the roster")]
    Projection(#[from] oneroster_school::projection::Error),
    /// The inputs cannot be examined.
    #[error("cannot examine the data")]
    Health(#[from] oneroster_school::data_quality::Error),
    /// An input lies before what was published last: a restored backup, or an older build beside a newer one (I1).
    #[error(
        "an input lies before what was published last ({input}): a newer build publishes this tenant, \
         or the database was restored from a backup"
    )]
    GoesBack {
        /// Both versions.
        input: String,
    },
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
    /// The content of a stored object cannot be read.
    #[error("a stored object is not what this build writes")]
    Content(#[from] census::Unreadable),
    /// Computing the roster broke off: a fault of this program, or the server is stopping.
    #[error("computing the roster was interrupted")]
    Interrupted,
    /// Somebody else published while the lock was held: it was lost.
    #[error("the publication lock was lost to somebody else")]
    LockLost,
}

/// Key of the advisory lock under which a tenant is published.
fn lock_key(tenant_id: &str) -> String {
    format!("publish {tenant_id}")
}
