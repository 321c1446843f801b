//! How somebody has their screens, kept for them on the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;

use super::body::{Body, LastPart};
use crate::access::preferences;
use crate::desk::error::DeskError;
use crate::desk::language::text;
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::User;
use crate::desk::state::Desk;

/// Answers what they keep of a screen; `null` if nothing.
pub(super) async fn read(
    State(desk): State<Arc<Desk>>,
    user: User,
    LastPart(screen): LastPart,
) -> Result<Json<Option<Value>>, ApiError> {
    if !preferences::is_screen(&screen) {
        return Err(DeskError::NotFound.into());
    }
    let kept = preferences::read(&desk.pool, user.account_id, &screen).await;
    Ok(Json(kept.map_err(DeskError::from)?))
}

/// Keeps something of a screen.
pub(super) async fn write(
    State(desk): State<Arc<Desk>>,
    user: User,
    LastPart(screen): LastPart,
    Body(content): Body<Value>,
) -> Result<StatusCode, ApiError> {
    if !preferences::is_screen(&screen) {
        return Err(DeskError::NotFound.into());
    }
    // The database writes a blank after each comma and colon.
    if content.to_string().len() > preferences::BYTES_MAX / 2 {
        let message = text(user.language, "list-refused-preferences");
        return Err(Refused::unprocessable("too-large", message, None).into());
    }
    preferences::write(&desk.pool, user.account_id, &screen, &content)
        .await
        .map_err(DeskError::from)?;
    Ok(StatusCode::NO_CONTENT)
}
