//! What a publication changes: the roster to be served against the versions that are current. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use oneroster_standard::{Kind, StatusType};
use sha2::{Digest, Sha256};

/// How long a tombstone stays readable, in days (I6).
pub const TOMBSTONE_DAYS: i64 = 400;

/// SHA-256 of an object's content.
pub type Hash = [u8; 32];

/// Returns the hash of an object's content.
pub fn hash(content: &str) -> Hash {
    Sha256::digest(content.as_bytes()).into()
}

/// An object as the newest generation holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// Current, or a tombstone.
    pub status: StatusType,
    /// Hash of its content.
    pub hash: Hash,
    /// Its `dateLastModified`.
    pub modified: DateTime<Utc>,
}

/// An object as the roster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// Its content as JSON.
    pub content: String,
    /// Hash of its content.
    pub hash: Hash,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is new.
    Added,
    /// It comes back: its tombstone becomes active again.
    Returned,
    /// Its content changes.
    Changed,
    /// It goes: it becomes a tombstone with its last content.
    Removed,
    /// Its tombstone has stood long enough and leaves.
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
    pub content: Option<(String, Hash)>,
}

/// Compares the roster with what is current.
///
/// Both lists must be sorted by (kind, id) without doubles. With `redate` every object that stays gets a new date too.
pub fn diff(current: Vec<Current>, wanted: Vec<Wanted>, now: DateTime<Utc>, redate: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut wanted = wanted.into_iter().peekable();
    for old in current {
        while let Some(new) = wanted.next_if(|new| (new.kind, &new.sourced_id) < (old.kind, &old.sourced_id))
        {
            changes.push(added(new));
        }
        let same = wanted.next_if(|new| (new.kind, &new.sourced_id) == (old.kind, &old.sourced_id));
        changes.extend(match same {
            Some(new) => kept(&old, new, redate),
            None => missing(old, now, redate),
        });
    }
    changes.extend(wanted.map(added));
    changes
}

fn added(new: Wanted) -> Change {
    Change {
        action: Action::Added,
        kind: new.kind,
        sourced_id: new.sourced_id,
        status: StatusType::Active,
        content: Some((new.content, new.hash)),
    }
}

fn kept(old: &Current, new: Wanted, redate: bool) -> Option<Change> {
    let action = match old.status {
        StatusType::ToBeDeleted => Action::Returned,
        StatusType::Active if old.hash != new.hash => Action::Changed,
        StatusType::Active if redate => Action::Redated,
        StatusType::Active => return None,
    };
    Some(Change { action, ..added(new) })
}

fn missing(old: Current, now: DateTime<Utc>, redate: bool) -> Option<Change> {
    let action = match old.status {
        StatusType::Active => Action::Removed,
        StatusType::ToBeDeleted if now - old.modified > Duration::days(TOMBSTONE_DAYS) => Action::Purged,
        StatusType::ToBeDeleted if redate => Action::Redated,
        StatusType::ToBeDeleted => return None,
    };
    Some(Change {
        action,
        kind: old.kind,
        sourced_id: old.sourced_id,
        status: StatusType::ToBeDeleted,
        content: None,
    })
}

/// How many objects of each kind a publication touches, by collection name; kinds it leaves alone are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// New, or active again.
    pub added: BTreeMap<Kind, usize>,
    /// With new content, or only a new date.
    pub changed: BTreeMap<Kind, usize>,
    /// Became tombstones.
    pub removed: BTreeMap<Kind, usize>,
    /// Tombstones that left.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

    fn current(sourced_id: &str, content: &str, status: StatusType, age_days: i64) -> Current {
        Current {
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            status,
            hash: hash(content),
            modified: NOW - Duration::days(age_days),
        }
    }

    fn wanted(sourced_id: &str, content: &str) -> Wanted {
        Wanted {
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            content: content.to_owned(),
            hash: hash(content),
        }
    }

    fn actions(changes: &[Change]) -> Vec<(Action, &str)> {
        changes
            .iter()
            .map(|change| (change.action, change.sourced_id.as_str()))
            .collect()
    }

    #[test]
    fn each_object_gets_the_change_it_needs() {
        let before = vec![
            current("b", "same", StatusType::Active, 1),
            current("c", "old", StatusType::Active, 1),
            current("d", "gone", StatusType::Active, 900),
            current("e", "back", StatusType::ToBeDeleted, 900),
            current("f", "waits", StatusType::ToBeDeleted, 400),
            current("g", "leaves", StatusType::ToBeDeleted, 401),
        ];
        let after = vec![
            wanted("a", "new"),
            wanted("b", "same"),
            wanted("c", "new"),
            wanted("e", "back"),
            wanted("h", ""),
        ];
        let changes = diff(before, after, NOW, false);
        assert_eq!(
            actions(&changes),
            [
                (Action::Added, "a"),
                (Action::Changed, "c"),
                (Action::Removed, "d"),
                (Action::Returned, "e"),
                (Action::Purged, "g"),
                (Action::Added, "h"),
            ]
        );
        let removed = &changes[2];
        assert_eq!(
            (removed.status, &removed.content),
            (StatusType::ToBeDeleted, &None),
            "with its last content"
        );
        assert_eq!(changes[3].status, StatusType::Active);
    }

    #[test]
    fn nothing_to_do_is_no_change() {
        let before = vec![
            current("a", "x", StatusType::Active, 1),
            current("b", "y", StatusType::ToBeDeleted, 1),
        ];
        assert_eq!(diff(before, vec![wanted("a", "x")], NOW, false), []);
    }

    #[test]
    fn redate_touches_everything_that_stays() {
        let before = vec![
            current("a", "x", StatusType::Active, 1),
            current("b", "y", StatusType::ToBeDeleted, 1),
        ];
        let changes = diff(before, vec![wanted("a", "x")], NOW, true);
        assert_eq!(
            actions(&changes),
            [(Action::Redated, "a"), (Action::Redated, "b")]
        );
        assert_eq!(changes[1].status, StatusType::ToBeDeleted);
    }

    #[test]
    fn kinds_are_told_apart() {
        let mut class = wanted("a", "x");
        class.kind = Kind::Classes;
        let changes = diff(
            vec![current("a", "x", StatusType::Active, 1)],
            vec![class],
            NOW,
            false,
        );
        let found: Vec<_> = changes
            .iter()
            .map(|change| (change.action, change.kind))
            .collect();
        assert_eq!(
            found,
            [(Action::Added, Kind::Classes), (Action::Removed, Kind::Users)]
        );
    }
}
