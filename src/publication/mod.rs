//! Publishing: compute the roster, compare it with the newest generation, store what changed as a new one.
//!
//! Readers hold tickets: a token reads the generation that was newest when it was issued. A generation is dated later
//! than the last ticket that cannot see it, so a consumer that polls by date misses nothing (`docs/generations.md`).

pub mod activation;
pub mod background;
pub mod brake;
mod changes;
pub mod configure;
mod consequences;
pub mod date;
pub mod diff;
mod ended_on;
mod examination;
mod examine;
mod explain;
mod failing;
mod flags;
pub mod inputs;
mod keeper;
mod licences;
pub mod listing;
mod lock;
pub mod movement;
mod options;
mod outcome;
pub mod outlook;
mod publish;
mod removal;
pub mod retention;
pub mod roster_counts;
mod status;
pub mod tombstone;
mod touch;
pub mod why;
mod write;

pub use crate::roster::HeldTenant;
pub use brake::announce::HeldTenants;
pub use brake::decision::discard;
pub use consequences::{Before, Consequences, Movement, consequences};
pub use examination::{Examination, Examinations, PlacedFinding};
pub use examine::examine;
pub use failing::{FailingTenant, FailingTenants, Obstacle};
pub use flags::{FlagConsequences, flag_consequences};
pub use keeper::Keeper;
pub use licences::{LicenceNeed, licences};
pub use options::{Options, Release};
pub use outcome::{Publication, State};
pub use publish::{preview, publish, release};
pub use removal::Removal;
pub use status::{SilentAfter, TenantStatus, status};
pub use touch::{TOUCHED_MAX, Touch, Touched, touch};

use crate::{db, roster};

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
    Projection(#[from] oneroster_school::informat::school_year::UnknownSchoolYear),
    /// An input lies before what was published last: a restored backup, or an older build beside a newer one (I1).
    #[error(
        "an input lies before what was published last ({input}): a newer build publishes this tenant, \
         or the database was restored from a backup"
    )]
    GoesBack {
        /// Both versions.
        input: String,
    },
    /// The content of a stored object cannot be read.
    #[error("a stored object is not what this build writes")]
    Content(#[from] roster_counts::Unreadable),
    /// What is to be accepted of a school year is nothing that could be refused.
    #[error("{value:?} cannot be accepted: give a rule ({rules}) or an org ({orgs})")]
    UnknownAcceptance {
        /// What was given.
        value: String,
        /// The rules that can be accepted.
        rules: String,
        /// The orgs that are or would be published.
        orgs: String,
    },
    /// Objects that are to be sent again are not in the newest generation.
    #[error(
        "not published, so not to be sent again: {objects}. Nothing was sent; an id is the sourcedId of a person or a class, and \
         `oneroster history --object KIND/ID` shows what became of it"
    )]
    NotPublished {
        /// The first of them.
        objects: String,
    },
    /// More objects are to be sent again than one generation is for.
    #[error(
        "{count} objects are too many to send again at once: {TOUCHED_MAX} at most; `oneroster publish --redate` sends everything again"
    )]
    TooManyTouched {
        /// How many.
        count: usize,
    },
    /// Objects are to be sent again by a database that everything is sent again from.
    #[error(
        "the next publication gives everything a new date, since generations were lost: run `oneroster publish` instead"
    )]
    RedatesAnyway,
    /// Computing the roster broke off: a fault of this program, or the server is stopping.
    #[error("computing the roster was interrupted")]
    Interrupted,
    /// The stored roster cannot be read, or the publication lock was lost.
    #[error(transparent)]
    Roster(roster::Error),
}

impl Error {
    /// Returns `true` if it waited in vain for a lock that another session holds.
    fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Database(error) if db::is_lock_timeout(error))
    }
}

impl From<crate::accounts::Error> for Error {
    fn from(error: crate::accounts::Error) -> Self {
        use crate::accounts::Error as Accounts;
        match error {
            Accounts::Database(error) => Self::Database(error),
            Accounts::Tenant(error) => Self::Tenant(error),
            Accounts::Usernames(error) => Self::Usernames(error),
            Accounts::Served(error) => error.into(),
            Accounts::Projection(error) => Self::Projection(error),
            // Only an edit is refused, and only a check file is a workbook.
            Accounts::Refused(_) | Accounts::Workbook(_) | Accounts::Interrupted => Self::Interrupted,
        }
    }
}

impl From<roster::Error> for Error {
    fn from(error: roster::Error) -> Self {
        match error {
            roster::Error::Database(error) => Self::Database(error),
            other @ (roster::Error::Inconsistent { .. } | roster::Error::LockLost) => Self::Roster(other),
        }
    }
}
