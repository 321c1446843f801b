//! The username record: one per person per tenant, allocated once.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::edit::Username;
use super::given_domain::GivenDomain;
use super::identity::Identity;
use super::wait_reason::WaitReason;

/// How a username came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Computed from the tenant's format.
    Generated,
    /// Typed by an admin.
    Manual,
    /// Read from a check-CSV.
    Csv,
}

impl Origin {
    /// Returns the word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Manual => "manual",
            Self::Csv => "csv",
        }
    }

    /// Reads the word stored in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Generated, Self::Manual, Self::Csv]
            .into_iter()
            .find(|origin| origin.as_str() == word)
    }
}

/// A person's username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The person: `persoon.rowguid`.
    pub rowguid: Uuid,
    /// The part before `@`, as typed or generated; compared without case.
    pub local_part: String,
    /// The domain given explicitly to this person, if any (R37, R38).
    pub domain: Option<GivenDomain>,
    /// Whether the person is published (R59). Always off while something is waited for.
    pub sync: bool,
    /// How the name came to be.
    pub origin: Origin,
    /// Whether the name was made from letters without a Latin form, from a doubtful text or for a placeholder person, so
    /// that somebody should look at it.
    pub needs_review: bool,
    /// Why the person waits for somebody's answer; empty for nearly everyone.
    pub waits_for: BTreeSet<WaitReason>,
    /// The reasons that somebody answered: the person never waits for these again.
    pub answered: BTreeSet<WaitReason>,
    /// Who the person probably is: the record of somebody who left. Set while the person waits for an answer to that.
    pub resembles: Option<Uuid>,
    /// Who was handed this person's name.
    pub handed_to: Option<Uuid>,
    /// The person's key, names and birth date as the mirror last had them, which outlive the row; `None` if never seen since
    /// they are kept.
    pub identity: Option<Identity>,
    /// When the record was made; of a name that was taken over, when it was made there.
    pub created_at: DateTime<Utc>,
    /// When the name was taken over from another server, where it was served; `None` if it was not.
    pub taken_over_at: Option<DateTime<Utc>>,
}

impl Record {
    /// Returns a generated name as allocation gives it: held back, and waiting for nothing.
    pub fn new(rowguid: Uuid, local_part: String, created_at: DateTime<Utc>) -> Self {
        Self {
            rowguid,
            local_part,
            domain: None,
            sync: false,
            origin: Origin::Generated,
            needs_review: false,
            waits_for: BTreeSet::new(),
            answered: BTreeSet::new(),
            resembles: None,
            handed_to: None,
            identity: None,
            created_at,
            taken_over_at: None,
        }
    }

    /// Returns the name as it stands in the record.
    pub fn name(&self) -> Username {
        Username {
            local_part: self.local_part.clone(),
            domain: self.domain.clone(),
        }
    }

    /// Returns what changes when anything does that somebody may edit or answer: who edits what they saw, says it along.
    pub fn stamp(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let domain = self.domain.as_ref();
        let domain = domain.map(|given| (given.as_str(), given.origin.as_str()));
        let handling = (self.sync, self.needs_review, &self.waits_for);
        (&self.local_part, domain, self.origin, handling).hash(&mut hasher);
        hasher.finish()
    }

    /// Returns `true` if another server served the name, or the person under a name of before.
    pub fn is_taken_over(&self) -> bool {
        self.taken_over_at.is_some()
    }

    /// Returns `true` if only somebody who names the person may release them.
    pub fn is_waiting(&self) -> bool {
        !self.waits_for.is_empty()
    }
}
