//! Editing one person: the username, the Sync flag.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::rights::Access;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::Body;
use super::words;
use crate::accounts::{self, Error, OneSwitch, Reason, Refusal, Terms};
use crate::desk::error::DeskError;
use crate::desk::language::text;
use crate::desk::list::{Person, Seen};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// A new username for somebody.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct NameOrder {
    /// Whose.
    id: Uuid,
    /// `local`, or `local@domain`.
    username: String,
    /// The stamp of the row that was seen.
    stamp: String,
    /// Whether a name that was served is given up.
    #[serde(default)]
    confirm: bool,
}

/// What became of a username.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct NameAnswer {
    /// The row as it is now.
    row: Option<Person>,
    /// What may need a hand in Microsoft 365.
    warnings: Vec<String>,
    /// Since when it is ready: Microsoft reads it at the next synchronisation.
    #[schemars(with = "String")]
    ready_since: Moment,
}

/// A new value of somebody's Sync flag.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct SyncOrder {
    /// Whose.
    id: Uuid,
    /// On or off. On answers what the person waits for.
    on: bool,
    /// The stamp of the row that was seen.
    stamp: String,
    /// Why, if they want to say.
    #[serde(default)]
    reason: Option<String>,
    /// The operation of the switch that this one takes back.
    #[serde(default)]
    undoes: Option<Uuid>,
}

/// What became of a flag.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct SyncAnswer {
    /// The row as it is now.
    row: Option<Person>,
    /// The operation, by which it can be taken back, if the flag changed.
    operation: Option<Uuid>,
    /// Since when it is ready.
    #[schemars(with = "String")]
    ready_since: Moment,
}

/// Gives somebody another username.
pub(super) async fn name(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(order): Body<NameOrder>,
) -> Result<Json<NameAnswer>, ApiError> {
    may_edit(&desk, &user, order.id).await?;
    let terms = Terms {
        stamp: Some(stamp(&order.stamp)),
        renames_served: order.confirm,
    };
    let by = user.user.author()?;
    let what = (order.id, order.username.as_str());
    let edited = accounts::set_seen(desk.lists.pool(), &user.tenant_id, &by, what, terms).await;
    let view = desk.lists.get(&user.tenant_id).await?;
    let seen = Seen::new(&view, &user.rights);
    let edited = edited.map_err(|error| refused(&user, &seen, order.id, error))?;
    let language = user.user.language;
    let warnings = edited.warnings.iter();
    Ok(Json(NameAnswer {
        row: seen.find(order.id),
        warnings: warnings
            .map(|warning| words::warned(language, &seen, warning))
            .collect(),
        ready_since: Moment::from(desk.clock.now()),
    }))
}

/// Switches somebody's Sync flag.
pub(super) async fn sync(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(order): Body<SyncOrder>,
) -> Result<Json<SyncAnswer>, ApiError> {
    may_edit(&desk, &user, order.id).await?;
    let reason = reason(&user, order.reason.as_deref())?;
    let by = user.user.author()?;
    let switch = OneSwitch {
        person: order.id,
        on: order.on,
        stamp: Some(stamp(&order.stamp)),
        reason: reason.as_ref(),
        undoes: order.undoes,
    };
    let synced = accounts::sync_one(desk.lists.pool(), &user.tenant_id, &by, &switch).await;
    let view = desk.lists.get(&user.tenant_id).await?;
    let seen = Seen::new(&view, &user.rights);
    let operation = synced.map_err(|error| refused(&user, &seen, order.id, error))?;
    Ok(Json(SyncAnswer {
        row: seen.find(order.id),
        operation,
        ready_since: Moment::from(desk.clock.now()),
    }))
}

/// Refuses who may not change somebody: as unknown if they may not see them.
async fn may_edit(desk: &Desk, user: &TenantUser, id: Uuid) -> Result<(), ApiError> {
    let view = desk.lists.get(&user.tenant_id).await?;
    match Seen::new(&view, &user.rights).access_to(id) {
        Access::None => Err(DeskError::NotFound.into()),
        Access::Read => Err(words::read_only(user.user.language).into()),
        Access::Write => Ok(()),
    }
}

/// Reads a stamp. What is none is that of no record.
fn stamp(text: &str) -> u64 {
    u64::from_str_radix(text, 16).unwrap_or_default()
}

/// Reads why somebody switches a flag.
pub(super) fn reason(user: &TenantUser, text_of_reason: Option<&str>) -> Result<Option<Reason>, Refused> {
    Reason::new(text_of_reason).map_err(|_| {
        let message = text(user.user.language, "list-refused-reason");
        Refused::unprocessable("reason", message, None)
    })
}

/// Says why an edit is refused, with the row as it is now to who saw another one.
fn refused(user: &TenantUser, seen: &Seen<'_>, id: Uuid, error: Error) -> ApiError {
    let Error::Refused(refusal) = error else {
        return error.into();
    };
    if let Refusal::UnknownPerson(_) = refusal {
        return DeskError::NotFound.into();
    }
    let refused = words::refused(user.user.language, seen, &refusal);
    let row = seen.find(id).and_then(|row| serde_json::to_value(row).ok());
    match (refusal, row) {
        (Refusal::ChangedMeanwhile(_), Some(row)) => refused.with("row", row).into(),
        _ => refused.into(),
    }
}
