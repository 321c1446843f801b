//! What happened to an object, as one sentence.

use oneroster_standard::Kind;

use super::reason;
use super::sight::Sight;
use super::{Line, LineKind};
use crate::desk::language::text_with;
use crate::history::{Entry, Happening};

/// Who does what nobody does by hand, as the history of usernames names it.
pub(super) const SYSTEM: &str = "system";

/// Whose history a sentence stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Person,
    Class,
    Everything,
}

/// Returns the line of an entry; `None` for one that may not be seen, or that no person reads.
pub(super) fn line(sight: &Sight<'_>, entry: &Entry, of: Of) -> Option<Line> {
    if !sight.sees_any(&entry.orgs) {
        return None;
    }
    let key = key(entry.kind, entry.happening, of)?;
    let what = text_with(sight.language, key, [("what", entry.label.as_str().into())]);
    let reasons: Vec<String> = entry
        .reasons
        .iter()
        .filter_map(|told| reason::in_words(sight, &told.reason))
        .collect();
    if is_elsewhere(entry.kind, entry.happening, (entry.reasons.len(), reasons.len())) {
        return None;
    }
    let text = if reasons.is_empty() {
        what
    } else {
        format!("{what}: {}", reasons.join("; "))
    };
    let by = entry.reasons.iter().find_map(|told| reason::author(&told.reason));
    Some(Line {
        at: entry_moment(entry),
        kind: LineKind::Published,
        text,
        by: by.map(|author| author.by.clone()).filter(|by| by != SYSTEM),
        people: Vec::new(),
    })
}

/// Whether all that is known of a change only tells of places that may not be seen: then it is none.
pub(super) const fn is_elsewhere(kind: Kind, happening: Happening, (known, told): (usize, usize)) -> bool {
    matches!((kind, happening), (Kind::Users, Happening::Changed)) && known > 0 && told == 0
}

fn entry_moment(entry: &Entry) -> chrono::DateTime<chrono::Utc> {
    entry.committed_at.into()
}

/// Returns the key of the sentence; none for what pages do not tell of.
pub(super) const fn key(kind: Kind, happening: Happening, of: Of) -> Option<&'static str> {
    Some(match (kind, of) {
        (Kind::AcademicSessions | Kind::Courses, _) => return None,
        (Kind::Users, Of::Person) => match happening {
            Happening::Added => "history-person-added",
            Happening::Returned => "history-person-returned",
            Happening::Changed => "history-person-changed",
            Happening::Removed | Happening::OldestKeptGone => "history-person-removed",
            Happening::OldestKept => "history-person-oldest",
            Happening::Redated => "history-redated",
            Happening::Purged => "history-purged",
        },
        (Kind::Enrollments, Of::Person) => match happening {
            Happening::Added | Happening::Returned => "history-class-joined",
            Happening::Changed => "history-class-changed",
            Happening::Removed | Happening::OldestKeptGone => "history-class-left",
            Happening::OldestKept => "history-class-oldest",
            Happening::Redated | Happening::Purged => return None,
        },
        (Kind::Enrollments, Of::Class) => match happening {
            Happening::Added | Happening::Returned => "history-member-joined",
            Happening::Changed => "history-member-changed",
            Happening::Removed | Happening::OldestKeptGone => "history-member-left",
            Happening::OldestKept => "history-member-oldest",
            Happening::Redated | Happening::Purged => return None,
        },
        (Kind::Users | Kind::Orgs | Kind::Classes, _) | (Kind::Enrollments, Of::Everything) => {
            match happening {
                Happening::Added | Happening::Returned => "history-object-added",
                Happening::Changed => "history-object-changed",
                Happening::Removed | Happening::OldestKeptGone => "history-object-removed",
                Happening::OldestKept => "history-object-oldest",
                Happening::Redated => "history-redated",
                Happening::Purged => "history-purged",
            }
        }
    })
}
