//! What a publication does to the objects of a roster.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};
use sha2::{Digest, Sha256};

/// SHA-256 of an object's content and what goes with it.
pub type ContentHash = [u8; 32];

/// Returns the hash of an object's content, and of the domain of its address where it has one: who is told of it must be told
/// of a change.
pub fn hash(content: &str, email_domain: Option<&str>) -> ContentHash {
    let mut digest = Sha256::new_with_prefix(content);
    if let Some(domain) = email_domain {
        digest.update([0]);
        digest.update(domain);
    }
    digest.finalize().into()
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is new.
    Added,
    /// Its tombstone becomes active again.
    Returned,
    /// Its content changes.
    Changed,
    /// It becomes a tombstone with its last content.
    Removed,
    /// Its tombstone is old enough and is removed.
    Purged,
    /// It stays as it is but gets a new date.
    Redated,
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// The object's kind.
    pub kind: Kind,
    /// The object's id.
    pub sourced_id: String,
    /// Status after it.
    pub status: StatusType,
    /// New content; `None` = the content it has.
    pub content: Option<(String, ContentHash)>,
    /// Of a user with new content: the domain of their address where the username has none.
    pub email_domain: Option<String>,
}

/// The causes of changes, by the object that changes.
pub type Causes = HashMap<(Kind, String), Vec<Cause>>;

/// The last day on which an enrollment that is removed was true, by enrollment.
pub type EndedEnrollments = BTreeMap<String, NaiveDate>;

/// How many objects of each kind a publication touches, by collection name; kinds it leaves alone are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// New, or active again.
    pub added: BTreeMap<Kind, usize>,
    /// With new content, or only a new date.
    pub changed: BTreeMap<Kind, usize>,
    /// Became tombstones.
    pub removed: BTreeMap<Kind, usize>,
    /// Tombstones that were removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub purged: BTreeMap<Kind, usize>,
}

impl Summary {
    /// Counts changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut summary = Self::default();
        for change in changes {
            let counts = match change.action {
                Action::Added | Action::Returned => &mut summary.added,
                Action::Changed | Action::Redated => &mut summary.changed,
                Action::Removed => &mut summary.removed,
                Action::Purged => &mut summary.purged,
            };
            *counts.entry(change.kind).or_default() += 1;
        }
        summary
    }

    /// Returns `true` if it changes what is current of a kind; that a tombstone is purged does not.
    pub fn changes(&self, kind: Kind) -> bool {
        let counts = [&self.added, &self.changed, &self.removed];
        counts.iter().any(|counts| counts.contains_key(&kind))
    }
}
