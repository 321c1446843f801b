//! Why a publication is held: which test of the brake it fails, where, and since which state.

use chrono::{DateTime, Utc};
use oneroster_standard::{RoleType, moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A test of the brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// (a) Active users would be removed. A user who leaves an org for another counts as removed from the one they leave.
    UsersRemoved,
    /// (b) Active classes with members would be removed; likewise.
    ClassesRemoved,
    /// (c) There would be fewer memberships (pairs of user and class), new ones made up against lost ones.
    FewerMemberships,
    /// (d) Users that stay would get another username.
    UsernamesChanged,
    /// (e) Users that stay would lose a given or a family name: it would be sent as `-`.
    NamesLost,
    /// (f) Users that stay would get another given or family name, or lose one; spellings of one name are the same.
    NamesChanged,
    /// (g) Pupils that stay would be in none of the classes that they had; subgroups do not count.
    PupilsMoved,
    /// (h) Classes that stay would get another title though nothing changed that titles share, or a title that turns doubtful.
    ClassesRetitled,
}

impl Test {
    /// Every test, in the order in which they are reported.
    pub const ALL: [Self; 8] = [
        Self::UsersRemoved,
        Self::ClassesRemoved,
        Self::FewerMemberships,
        Self::UsernamesChanged,
        Self::NamesLost,
        Self::NamesChanged,
        Self::PupilsMoved,
        Self::ClassesRetitled,
    ];

    /// Returns its word in reports, logs and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRemoved => "users_removed",
            Self::ClassesRemoved => "classes_removed",
            Self::FewerMemberships => "fewer_memberships",
            Self::UsernamesChanged => "usernames_changed",
            Self::NamesLost => "names_lost",
            Self::NamesChanged => "names_changed",
            Self::PupilsMoved => "pupils_moved",
            Self::ClassesRetitled => "classes_retitled",
        }
    }
}

/// Why a publication is compared with a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// It is the last generation.
    LastPublished,
    /// It is the newest generation that a complete pull has read.
    LastRead,
    /// Somebody released it after the last one that was read: it counts as read.
    LastReleased,
}

impl Compared {
    /// Returns its word in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastPublished => "last_published",
            Self::LastRead => "last_read",
            Self::LastReleased => "last_released",
        }
    }
}

/// The state that a publication was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Since {
    /// The id of the generation.
    pub generation: Uuid,
    /// Its date.
    #[serde(serialize_with = "moment::serialize")]
    pub published_at: DateTime<Utc>,
    /// Why it is this one.
    pub compared: Compared,
}

/// A test that a publication fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The test.
    pub test: Test,
    /// The org it fails in; `None` = the whole tenant.
    pub org: Option<String>,
    /// The role it fails for alone; `None` = both together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How many there are.
    pub before: usize,
    /// How many of them would be left as they are; of (c): how many there would be.
    pub after: usize,
    /// Since which state; `None` in a hold that was stored before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

impl Reason {
    /// Returns how many would be lost or changed.
    pub const fn lost(&self) -> usize {
        self.before.saturating_sub(self.after)
    }

    /// Returns the share that would be lost or changed, in per cent, rounded up.
    pub fn percent(&self) -> usize {
        let lost = self.lost().saturating_mul(100);
        lost.checked_div(self.before).unwrap_or_default()
            + usize::from(lost.checked_rem(self.before).unwrap_or_default() > 0)
    }
}

/// Pupil or staff: they are in different files of an export, so that one can be cut off alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// People who are registered.
    Pupils,
    /// All others.
    Staff,
}

impl Role {
    /// Returns its word in reports and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pupils => "pupils",
            Self::Staff => "staff",
        }
    }
}

impl From<RoleType> for Role {
    fn from(role: RoleType) -> Self {
        if role == RoleType::Student {
            Self::Pupils
        } else {
            Self::Staff
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_of_before_the_state_was_kept_is_read() {
        let stored = serde_json::json!({"test": "users_removed", "org": null, "before": 9, "after": 1});
        let reason: Reason = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!((reason.since, reason.role), (None, None));
        assert_eq!(serde_json::to_value(&reason).unwrap(), stored);
    }

    #[test]
    fn words_are_those_of_the_json() {
        for test in Test::ALL {
            assert_eq!(serde_json::to_value(test).unwrap(), test.as_str());
        }
        for compared in [
            Compared::LastPublished,
            Compared::LastRead,
            Compared::LastReleased,
        ] {
            assert_eq!(serde_json::to_value(compared).unwrap(), compared.as_str());
        }
    }
}
