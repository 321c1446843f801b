//! The panel of a person: the whole login, and what was done with their record, in words.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::body::LastPart;
use crate::accounts;
use crate::accounts::records::lookup::Change;
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::list::{Person, Seen};
use crate::desk::refusal::ApiError;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// Everything that is known of somebody's username.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct PersonAnswer {
    /// Their row.
    row: Person,
    /// The whole login, as far as it is known: without the domain where Microsoft adds it.
    login: String,
    /// What was done with their record, the newest first.
    history: Vec<Told>,
}

/// Something that was done.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct Told {
    /// When.
    #[schemars(with = "String")]
    at: Moment,
    /// What and by whom, in words.
    text: String,
}

/// Answers what is known of somebody.
pub(super) async fn person(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    LastPart(id): LastPart,
) -> Result<Json<PersonAnswer>, ApiError> {
    let id: Uuid = id.parse().map_err(|_| DeskError::NotFound)?;
    let view = desk.lists.get(&user.tenant_id).await?;
    let seen = Seen::new(&view, &user.rights);
    let (row, login) = seen.find_with_login(id).ok_or(DeskError::NotFound)?;
    let history = accounts::history(desk.lists.pool(), &user.tenant_id, id).await?;
    let history = history.into_iter().rev();
    Ok(Json(PersonAnswer {
        row,
        login,
        history: history
            .map(|change| Told {
                at: Moment::from(change.changed_at),
                text: told(user.user.language, &seen, &change),
            })
            .collect(),
    }))
}

/// Tells a change in words. Who a name was handed to or came from is named only to who may see them.
fn told(language: Language, seen: &Seen<'_>, change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let (from, to) = (value(&change.old_value), value(&change.new_value));
    let key = match (change.field.as_str(), to.as_str()) {
        ("sync", "true") if change.is_undo => "list-history-sync-on-again",
        ("sync", _) if change.is_undo => "list-history-sync-off-again",
        ("sync", "true") => "list-history-sync-on",
        ("sync", _) => "list-history-sync-off",
        ("created", _) => "list-history-created",
        ("local_part", _) => "list-history-name",
        ("domain", "") => "list-history-domain-left-off",
        ("domain", _) => "list-history-domain",
        ("handed_to", _) => "list-history-handed-to",
        ("handed_from", _) => "list-history-handed-from",
        ("waits_for", "") => "list-history-answered",
        ("waits_for", _) => "list-history-waits",
        ("needs_review", "false") => "list-history-reviewed",
        ("needs_review", _) => "list-history-review",
        _ => "list-history-other",
    };
    let other = to.parse().map(|id| seen.name(id)).unwrap_or_default();
    let other = if other.is_empty() {
        text(language, "list-warning-somebody")
    } else {
        other
    };
    let by = if change.changed_by == "system" {
        text(language, "list-history-system")
    } else {
        change.changed_by.clone()
    };
    let said = text_with(
        language,
        key,
        [
            ("from", from.into()),
            ("to", to.clone().into()),
            ("by", by.into()),
            ("other", other.into()),
        ],
    );
    match &change.reason {
        Some(reason) => text_with(
            language,
            "list-history-with-reason",
            [("said", said.into()), ("reason", reason.clone().into())],
        ),
        None => said,
    }
}
