//! Switching the Sync flag of many, and taking that back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::body::Body;
use super::edit::reason;
use crate::desk::bulk::{Acted, Bulk, BulkError, LastBulk, Order, Preview, UndoAnswer, Whom};
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// What is to be looked at before it is done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct PreviewQuestion {
    /// On or off.
    on: bool,
    /// Whom it means.
    people: Whom,
}

/// What is to be taken back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct UndoOrder {
    /// The operation.
    operation: Uuid,
}

fn bulk<'a>(desk: &'a Desk, user: &'a TenantUser) -> Bulk<'a> {
    Bulk {
        lists: &desk.lists,
        choices: &desk.choices,
        tenant_id: &user.tenant_id,
        rights: &user.rights,
        language: user.user.language,
    }
}

/// Tells what a bulk change will do.
pub(super) async fn preview(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(question): Body<PreviewQuestion>,
) -> Result<Json<Preview>, ApiError> {
    let preview = bulk(&desk, &user).preview(question.on, &question.people).await;
    preview
        .map(Json)
        .map_err(|error| refused(user.user.language, error))
}

/// Makes a bulk change.
pub(super) async fn act(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(order): Body<Order>,
) -> Result<Json<Acted>, ApiError> {
    let reason = reason(&user, order.reason.as_deref())?;
    let by = user.user.author()?;
    let acted = bulk(&desk, &user).act(&by, &order, reason.as_ref()).await;
    acted
        .map(Json)
        .map_err(|error| refused(user.user.language, error))
}

/// Answers the last bulk change; `null` if there is none.
pub(super) async fn last(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
) -> Result<Json<Option<LastBulk>>, ApiError> {
    let last = bulk(&desk, &user).last().await;
    last.map(Json).map_err(|error| refused(user.user.language, error))
}

/// Takes the last bulk change back.
pub(super) async fn undo(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(order): Body<UndoOrder>,
) -> Result<Json<UndoAnswer>, ApiError> {
    let by = user.user.author()?;
    let undone = bulk(&desk, &user).undo(&by, order.operation).await;
    undone
        .map(Json)
        .map_err(|error| refused(user.user.language, error))
}

fn refused(language: Language, error: BulkError) -> ApiError {
    match error {
        BulkError::NotFound => DeskError::NotFound.into(),
        BulkError::TooMany => {
            Refused::unprocessable("too-many", text(language, "list-bulk-too-many"), None).into()
        }
        BulkError::Busy => Refused::conflict("busy", text(language, "list-bulk-busy")).into(),
        BulkError::Changed { difference, preview } => {
            let message = text_with(
                language,
                "list-bulk-changed",
                [
                    ("added", difference.added.into()),
                    ("removed", difference.removed.into()),
                    ("switched", difference.switched.into()),
                ],
            );
            let preview = serde_json::to_value(preview).unwrap_or_default();
            Refused::conflict("selection-changed", message)
                .with("added", difference.added.into())
                .with("removed", difference.removed.into())
                .with("switched", difference.switched.into())
                .with("preview", preview)
                .into()
        }
        BulkError::Accounts(error) => error.into(),
        BulkError::Publication(error) => error.into(),
    }
}
