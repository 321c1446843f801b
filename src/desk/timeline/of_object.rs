//! The time line of one person, or of one class.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use oneroster_standard::Kind;
use uuid::Uuid;

use super::sight::Sight;
use super::words::{self, Of, SYSTEM};
use super::{Line, LineKind, Narrowed};
use crate::accounts::records::lookup::Change;
use crate::accounts::{self, Whereabouts};
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::history::{self, Names, ObjectHistory, Range};

/// What was found of a person or a class.
pub(in crate::desk) struct Found {
    /// What they are called.
    pub(in crate::desk) label: String,
    /// The lines, the newest first.
    pub(in crate::desk) lines: Vec<Line>,
}

/// Returns the time line of a person; `None` for one who is not there, or was never where they may be seen.
pub(in crate::desk) async fn of_person(
    desk: &Desk,
    user: &TenantUser,
    person: Uuid,
    narrowed: &Narrowed,
) -> Result<Option<Found>, DeskError> {
    let published = published(desk, user, Kind::Users, &person.hyphenated().to_string()).await?;
    let mut now: HashMap<Uuid, Whereabouts> =
        accounts::whereabouts(&desk.pool, &user.tenant_id, &[person]).await?;
    let now = now.remove(&person);
    let nothing = Names::default();
    let sight = Sight {
        language: user.user.language,
        rights: &user.rights,
        names: published.as_ref().map_or(&nothing, |found| &found.names),
    };
    let mut lines = lines(&sight, published.as_ref(), Of::Person);
    let is_here = now
        .as_ref()
        .is_some_and(|now| now.org_ids.iter().any(|org| sight.sees(org)));
    // Of somebody who went elsewhere only what happened while they were here.
    let until = lines.iter().map(|line| line.at).max();
    if !is_here && until.is_none() {
        return Ok(None);
    }
    let changes = match accounts::history(&desk.pool, &user.tenant_id, person).await {
        Ok(changes) => changes,
        // Without a username there is none.
        Err(accounts::Error::Refused(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let is_told = |at: DateTime<Utc>| is_here || until.is_some_and(|until| at <= until);
    let told = changes.iter().filter(|change| is_told(change.changed_at));
    lines.extend(told.filter_map(|change| changed(sight.language, change)));
    let label = match (&published, now) {
        (_, Some(now)) => now.name,
        (Some(published), None) => published.label.clone(),
        (None, None) => person.to_string(),
    };
    Ok(Some(found(label, lines, narrowed)))
}

/// Returns the time line of a class; `None` for one that is not there, or never was at a place that may be seen.
pub(in crate::desk) async fn of_class(
    desk: &Desk,
    user: &TenantUser,
    class: &str,
    narrowed: &Narrowed,
) -> Result<Option<Found>, DeskError> {
    let Some(published) = published(desk, user, Kind::Classes, class).await? else {
        return Ok(None);
    };
    let sight = Sight {
        language: user.user.language,
        rights: &user.rights,
        names: &published.names,
    };
    let lines = lines(&sight, Some(&published), Of::Class);
    Ok((!lines.is_empty()).then(|| found(published.label.clone(), lines, narrowed)))
}

async fn published(
    desk: &Desk,
    user: &TenantUser,
    kind: Kind,
    sourced_id: &str,
) -> Result<Option<ObjectHistory>, DeskError> {
    match history::of_object(&desk.pool, &user.tenant_id, kind, sourced_id, Range::default()).await {
        Ok(found) => Ok(Some(found)),
        Err(history::Error::UnknownObject { .. } | history::Error::NotPublished) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn lines(sight: &Sight<'_>, published: Option<&ObjectHistory>, of: Of) -> Vec<Line> {
    let entries = published.into_iter().flat_map(|published| &published.entries);
    entries
        .filter_map(|entry| words::line(sight, entry, of))
        .collect()
}

fn found(label: String, mut lines: Vec<Line>, narrowed: &Narrowed) -> Found {
    lines.retain(|line| narrowed.has(line));
    // Of one moment what was done stands before what it led to.
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Found { label, lines }
}

/// Returns the line of a change of a username record.
fn changed(language: Language, change: &Change) -> Option<Line> {
    let (kind, said) = in_words(language, change)?;
    let text = match &change.reason {
        Some(reason) => {
            let arguments = [("said", said.into()), ("reason", reason.clone().into())];
            text_with(language, "history-with-reason", arguments)
        }
        None => said,
    };
    Some(Line {
        at: change.changed_at,
        kind,
        text,
        by: Some(change.changed_by.clone()).filter(|by| by != SYSTEM),
        people: Vec::new(),
    })
}

fn in_words(language: Language, change: &Change) -> Option<(LineKind, String)> {
    let nothing = || text(language, "history-nothing");
    let value = |value: &Option<String>| value.clone().unwrap_or_else(nothing);
    let from_to = |key| {
        let arguments = [
            ("from", value(&change.old_value).into()),
            ("to", value(&change.new_value).into()),
        ];
        text_with(language, key, arguments)
    };
    let new = change.new_value.as_deref();
    Some(match (change.field.as_str(), new) {
        ("created", _) => (LineKind::Username, from_to("history-username-made")),
        ("local_part", _) => (LineKind::Username, from_to("history-username-changed")),
        ("domain", _) => (LineKind::Username, from_to("history-domain-changed")),
        ("sync", Some("true")) if change.is_undo => (LineKind::Sync, text(language, "history-sync-on-again")),
        ("sync", _) if change.is_undo => (LineKind::Sync, text(language, "history-sync-off-again")),
        ("sync", Some("true")) => (LineKind::Sync, text(language, "history-sync-on")),
        ("sync", _) => (LineKind::Sync, text(language, "history-sync-off")),
        ("handed_to", _) => (LineKind::Username, text(language, "history-handed-to")),
        ("handed_from", _) => (LineKind::Username, text(language, "history-handed-from")),
        ("waits_for", None) | ("needs_review", Some("false")) => {
            (LineKind::Username, text(language, "history-reviewed"))
        }
        ("waits_for", Some(_)) => (LineKind::Username, text(language, "history-waits")),
        ("needs_review", _) => (LineKind::Username, text(language, "history-needs-review")),
        _ => return None,
    })
}
