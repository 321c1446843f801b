//! History: what consumers were shown when, and why it changed (`docs/history.md`).
//!
//! A version of an object says what was emitted from one generation until before another. The reasons come from four
//! sources: the versions before and after, what else happened in the same generation, the audit of usernames, and the
//! causes that publication found in its inputs and stored. What none of them knows is not made up.

mod compare;
mod content;
mod explainer;
mod gather;
mod lookup;
mod names;
mod reason;
mod reason_text;
mod review;
mod step;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use oneroster_standard::{Kind, Moment};
use serde::Serialize;
use uuid::Uuid;

pub use compare::between;
pub use gather::{generations, of_object};
pub use lookup::{
    PublishedClass, RemovedPerson, last_published, published_classes, range_of_days, removed_people,
};
pub use names::Names;
pub use reason::{Author, Reason};
pub use review::Review;

use crate::roster::{self, Summary};

/// How many objects a comparison of two generations lists with reasons. The counts are those of all.
pub const LISTED_MAX: usize = 10_000;

/// History could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// No tenant has this id.
    #[error("no tenant has the id {0:?}; `oneroster tenant list` shows those there are")]
    UnknownTenant(String),
    /// Nothing has been published.
    #[error("nothing has been published yet")]
    NotPublished,
    /// There is no such generation, or it is no longer kept.
    #[error("generation {number} is not there: those from {oldest} to {newest} are")]
    UnknownGeneration {
        /// The one asked for.
        number: i64,
        /// The first one that is kept whole.
        oldest: i64,
        /// The newest.
        newest: i64,
    },
    /// The generations are in the wrong order.
    #[error("generation {from} must come before generation {to}")]
    WrongOrder {
        /// The earlier one.
        from: i64,
        /// The later one.
        to: i64,
    },
    /// The object has no version that is kept.
    #[error("{kind}/{sourced_id} was not published in the generations that are kept (from {oldest} on)", kind = kind.collection())]
    UnknownObject {
        /// Its kind.
        kind: Kind,
        /// Its id.
        sourced_id: String,
        /// The first generation that is kept whole.
        oldest: i64,
    },
    /// The stored roster cannot be read.
    #[error(transparent)]
    Roster(roster::Error),
}

impl From<roster::Error> for Error {
    fn from(error: roster::Error) -> Self {
        match error {
            roster::Error::Database(error) => Self::Database(error),
            other @ (roster::Error::Inconsistent { .. } | roster::Error::LockLost) => Self::Roster(other),
        }
    }
}

/// The generations of a tenant that are kept, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generations {
    /// The first generation whose state is kept whole. Older ones are listed as long as something began with them.
    pub whole_from: i64,
    /// The generations.
    pub generations: Vec<Generation>,
}

/// A generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generation {
    /// Counts up from 1.
    pub number: i64,
    /// Its id.
    #[serde(rename = "generation")]
    pub generation_id: Uuid,
    /// Its date: the `dateLastModified` of what changed in it.
    pub published_at: Moment,
    /// When it became visible.
    pub committed_at: Moment,
    /// The active school year.
    pub school_year: String,
    /// The day it is the state of.
    pub reference_date: NaiveDate,
    /// What was not as at the generation before; `None` when that one is no longer kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_previous: Option<Vec<Difference>>,
    /// How many objects it touched.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Something a roster is computed from that was not as at the generation before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The active school year.
    SchoolYear,
    /// The day.
    ReferenceDate,
    /// Informat's data.
    Data,
    /// The tenant file.
    Configuration,
    /// The usernames or Sync flags.
    Usernames,
    /// The program that computes the roster.
    Program,
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Not known: this is the oldest version that is kept.
    OldestKept,
    /// Not known, and it was removed since: the oldest version that is kept is its tombstone, from before causes were stored.
    OldestKeptGone,
    /// It was added for the first time, or for the first time since its tombstone was removed.
    Added,
    /// Its tombstone became active again.
    Returned,
    /// Its content changed.
    Changed,
    /// It was removed: it became a tombstone.
    Removed,
    /// It got a new date and stayed as it was.
    Redated,
    /// Its tombstone was removed.
    Purged,
}

/// One thing that happened to one object, in one generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Number of the generation.
    pub generation: i64,
    /// Its date.
    pub published_at: Moment,
    /// When it became visible.
    pub committed_at: Moment,
    /// The day it is the state of.
    pub reference_date: NaiveDate,
    /// The kind of object.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// What people call it.
    pub label: String,
    /// What happened.
    pub happening: Happening,
    /// Why, as far as it is known.
    pub reasons: Vec<ReasonWithText>,
    /// Ids of the orgs that the object belonged to before and after: who may see one of them may see this.
    #[serde(skip)]
    pub orgs: Vec<String>,
}

/// A reason, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonWithText {
    /// The reason.
    #[serde(flatten)]
    pub reason: Reason,
    /// Its text, for an admin.
    pub text: String,
}

/// The history of one object; of a user or a class, with their enrollments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectHistory {
    /// The kind of object.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// What people call it, as last published.
    pub label: String,
    /// The first generation from which on everything is kept.
    pub whole_from: i64,
    /// Of a user: who answered what their username waited for, the oldest first. It changes nothing that is published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<Review>,
    /// What happened, the oldest first.
    pub entries: Vec<Entry>,
    /// The names of what the reasons mention.
    #[serde(skip)]
    pub names: Names,
}

/// Which generations to look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// What happened after this generation; `None` = from the oldest that is kept.
    pub from: Option<i64>,
    /// What happened up to this generation; `None` = the newest.
    pub to: Option<i64>,
}

/// What is different between two generations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The earlier generation.
    pub from: Generation,
    /// The later generation.
    pub to: Generation,
    /// How many objects are only in the later one, by kind.
    pub added: BTreeMap<Kind, usize>,
    /// How many are in both with another content, by kind.
    pub changed: BTreeMap<Kind, usize>,
    /// How many are only in the earlier one, by kind.
    pub removed: BTreeMap<Kind, usize>,
    /// The objects, by kind and id; at most [`LISTED_MAX`].
    pub objects: Vec<Compared>,
    /// How many more there are.
    pub not_listed: usize,
    /// The names of what the reasons mention.
    #[serde(skip)]
    pub names: Names,
}

/// An object that is different between two generations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The kind of object.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// What people call it.
    pub label: String,
    /// `added`, `changed` or `removed`, seen from end to end.
    pub happening: Happening,
    /// Each step on the way, with its reasons.
    pub steps: Vec<Entry>,
}
