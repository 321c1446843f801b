//! What a publication changes: the roster to be served against the objects of the newest generation. Pure.

use chrono::{DateTime, Utc};
use oneroster_standard::{Kind, StatusType};

use super::tombstone;
use crate::roster::{Action, Change, ContentHash, CurrentObject};

/// An object as the roster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredObject {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// Its content as JSON.
    pub content: String,
    /// Of a user: the domain of their address where the username has none.
    pub email_domain: Option<String>,
    /// Hash of its content.
    pub hash: ContentHash,
}

/// Compares the roster with what is current.
///
/// Both lists must be sorted by (kind, id) without doubles. With `redate` every object that stays gets a new date too.
pub fn diff(
    current: Vec<CurrentObject>,
    wanted: Vec<DesiredObject>,
    now: DateTime<Utc>,
    redate: bool,
) -> Vec<Change> {
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

fn added(new: DesiredObject) -> Change {
    Change {
        action: Action::Added,
        kind: new.kind,
        sourced_id: new.sourced_id,
        status: StatusType::Active,
        content: Some((new.content, new.hash)),
        email_domain: new.email_domain,
    }
}

fn kept(old: &CurrentObject, new: DesiredObject, redate: bool) -> Option<Change> {
    let action = match old.status {
        StatusType::ToBeDeleted => Action::Returned,
        StatusType::Active if old.hash != new.hash => Action::Changed,
        StatusType::Active if redate => Action::Redated,
        StatusType::Active => return None,
    };
    Some(Change { action, ..added(new) })
}

fn missing(old: CurrentObject, now: DateTime<Utc>, redate: bool) -> Option<Change> {
    let action = match old.status {
        StatusType::Active => Action::Removed,
        StatusType::ToBeDeleted if tombstone::is_over(old.modified, now) => Action::Purged,
        StatusType::ToBeDeleted if redate => Action::Redated,
        StatusType::ToBeDeleted => return None,
    };
    Some(Change {
        action,
        kind: old.kind,
        sourced_id: old.sourced_id,
        status: StatusType::ToBeDeleted,
        content: None,
        email_domain: None,
    })
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::roster::hash;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

    fn current(sourced_id: &str, content: &str, status: StatusType, age_days: i64) -> CurrentObject {
        CurrentObject {
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            status,
            hash: hash(content, None),
            modified: NOW - Duration::days(age_days),
        }
    }

    fn wanted(sourced_id: &str, content: &str) -> DesiredObject {
        DesiredObject {
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            content: content.to_owned(),
            email_domain: None,
            hash: hash(content, None),
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
            current("d", "removed", StatusType::Active, 900),
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
    fn objects_of_different_kinds_are_different_objects() {
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
