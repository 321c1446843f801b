//! Signs for tickets: before a server hands out a ticket, its folder says how long tickets live and to which generation.
//!
//! So what a lost database had promised to consumers is known from the folders of the servers that promised it: no ticket ends
//! later than the sign, and no generation was read that no sign or entry names.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a server has promised to consumers of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// No ticket that was handed out ends later.
    pub until: DateTime<Utc>,
    /// The number of the newest generation that a ticket was handed out to.
    pub number: i64,
    /// Its id.
    pub generation_id: Uuid,
}

impl Sign {
    /// Returns `true` if this promises all that another one does.
    pub const fn covers(&self, other: &Self) -> bool {
        self.until.timestamp_micros() >= other.until.timestamp_micros()
            && self.generation_id.as_u128() == other.generation_id.as_u128()
    }

    /// Returns the sign that follows this one.
    #[must_use]
    pub fn followed_by(self, next: Self) -> Self {
        Self {
            until: self.until.max(next.until),
            ..next
        }
    }
}
