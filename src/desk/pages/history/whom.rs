//! Whom somebody means who types a name: only people who are at places that they may see, or were there last.

use std::collections::HashSet;

use oneroster_school::rights::Access;
use oneroster_standard::RoleType;
use uuid::Uuid;

use crate::accounts;
use crate::desk::error::DeskError;
use crate::desk::language::text_with;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::history::{self, RemovedPerson};

/// How many people are offered where a text means several.
const CHOICES_MAX: usize = 20;

/// Whom a text means.
pub(super) enum Whom {
    /// One person.
    One(Uuid),
    /// One of these.
    Several(Vec<Choice>),
    /// Nobody who may be seen.
    Nobody,
}

/// Somebody whom a text may mean.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) detail: String,
}

/// Somebody who was found.
struct Found {
    id: Uuid,
    local_part: String,
    name: String,
    /// The key of what they are, and their username.
    what: (&'static str, String),
}

/// Finds whom a text means, among those who may be seen.
pub(super) async fn whom(desk: &Desk, user: &TenantUser, text: &str) -> Result<Whom, DeskError> {
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(Whom::One(id));
    }
    let listed = accounts::list(&desk.pool, &user.tenant_id, &[text.to_owned()]).await?;
    let seen = |entry: &accounts::Entry| {
        let orgs = entry.orgs.iter().map(String::as_str);
        user.rights.is_operator() || user.rights.access_at_any(orgs) > Access::None
    };
    let mut found: Vec<Found> = listed.into_iter().filter(seen).map(of_entry).collect();
    let known: HashSet<Uuid> = found.iter().map(|found| found.id).collect();
    let gone = gone(desk, user, text).await?.into_iter();
    found.extend(gone.filter(|person| !known.contains(&person.id)).map(of_gone));
    if found.len() > 1 {
        // A username, typed whole, means its holder.
        let local_part = text.split('@').next().unwrap_or_default();
        let exact = found
            .iter()
            .position(|found| found.local_part.eq_ignore_ascii_case(local_part));
        if let Some(exact) = exact {
            found.swap(0, exact);
            found.truncate(1);
        }
    }
    if let [only] = found.as_slice() {
        return Ok(Whom::One(only.id));
    }
    if found.is_empty() {
        return Ok(Whom::Nobody);
    }
    let choices = found.into_iter().take(CHOICES_MAX).map(|found| {
        let (key, username) = found.what;
        Choice {
            id: found.id.to_string(),
            name: found.name,
            detail: text_with(user.user.language, key, [("username", username.into())]),
        }
    });
    Ok(Whom::Several(choices.collect()))
}

/// Finds people who are nowhere any more, by what was published of them last: for who may see a place where they were then. Whoever is at
/// another place now is not found by the one they left.
async fn gone(desk: &Desk, user: &TenantUser, text: &str) -> Result<Vec<RemovedPerson>, DeskError> {
    let words: Vec<String> = text.split_whitespace().map(accounts::folded).collect();
    let means = |person: &RemovedPerson| {
        let names = [&person.given_name, &person.family_name, &person.username];
        let names = names.map(|name| accounts::folded(name));
        let is_named = words
            .iter()
            .all(|word| names.iter().any(|name| name.contains(word)));
        let orgs = person.orgs.iter().map(String::as_str);
        is_named && (user.rights.is_operator() || user.rights.access_at_any(orgs) > Access::None)
    };
    let removed = history::removed_people(&desk.pool, &user.tenant_id).await?;
    let removed: Vec<RemovedPerson> = removed.into_iter().filter(means).collect();
    let ids: Vec<Uuid> = removed.iter().map(|person| person.id).collect();
    let now = accounts::whereabouts(&desk.pool, &user.tenant_id, &ids).await?;
    let is_nowhere = |person: &RemovedPerson| now.get(&person.id).is_none_or(|now| now.org_ids.is_empty());
    Ok(removed.into_iter().filter(is_nowhere).collect())
}

fn of_entry(entry: accounts::Entry) -> Found {
    let names = [entry.given_name.as_deref(), entry.family_name.as_deref()];
    let key = if entry.role == Some(RoleType::Teacher) {
        "history-choice-staff"
    } else {
        "history-choice-pupil"
    };
    Found {
        id: entry.sourced_id,
        name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
        local_part: entry.local_part,
        what: (key, entry.username),
    }
}

fn of_gone(person: RemovedPerson) -> Found {
    let local_part = person.username.split('@').next().unwrap_or_default();
    Found {
        id: person.id,
        name: format!("{} {}", person.given_name, person.family_name),
        local_part: local_part.to_owned(),
        what: ("history-choice-gone", person.username),
    }
}
