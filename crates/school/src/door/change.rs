//! Rows before and after a load.

use chrono::NaiveDate;
use uuid::Uuid;

/// A key whose row a load adds, changes or takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    /// The line of the bundle, if it has the row.
    pub line: Option<u64>,
    /// The row as it was; `None` = the key was unknown.
    pub before: Option<T>,
    /// The row as it comes; `None` = it goes.
    pub after: Option<T>,
}

/// A person, as far as the door looks at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `p_persoon`.
    pub key: i64,
    /// `rowguid`.
    pub id: Uuid,
    /// Given name.
    pub given: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

/// A class, as far as the door looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `p_klas`.
    pub key: i64,
    /// `scoodle_id`.
    pub id: Uuid,
    /// The school year.
    pub school_year: String,
    /// Short code.
    pub code: String,
    /// Name.
    pub title: Option<String>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Returns `true` if it is more than `percent` of the whole.
    pub(super) const fn is_above(self, percent: u64) -> bool {
        self.count.saturating_mul(100) > self.of.saturating_mul(percent)
    }
}

/// A share of what an org has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgShare {
    /// The id of the org.
    pub org: String,
    /// The share.
    pub share: Share,
}
