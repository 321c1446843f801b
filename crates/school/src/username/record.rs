//! The username record: one per person per tenant, allocated once.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::edit::Username;
use crate::tenant::Domain;

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
    pub domain: Option<Domain>,
    /// Whether the person is published (R59).
    pub sync: bool,
    /// How the name came to be.
    pub origin: Origin,
    /// Whether the normalisation had to give up on a part of the name, so that a person should look at it.
    pub needs_review: bool,
    /// When the record was made.
    pub created_at: DateTime<Utc>,
}

impl Record {
    /// Returns the name as it stands in the record.
    pub fn name(&self) -> Username {
        Username {
            local_part: self.local_part.clone(),
            domain: self.domain.clone(),
        }
    }
}
