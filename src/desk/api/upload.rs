//! Files that are handed in: what is told of one that is not taken.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::desk::language::{Language, text};
use crate::edge::BodyError;

/// Tells that a file did not come, or is larger than is taken, of which `too_large` has the words.
pub(super) fn not_taken(language: Language, error: &BodyError, too_large: &str) -> Response {
    let (code, key) = match error {
        BodyError::TooLarge { .. } => ("too-large", too_large),
        BodyError::Incomplete | BodyError::Stalled { .. } | BodyError::Slow { .. } => {
            ("incomplete", "check-file-incomplete")
        }
    };
    refused(error.status(), code, &text(language, key))
}

/// Tells that a file cannot be used, and what to do.
pub(super) fn unusable(code: &str, message: &str) -> Response {
    refused(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, Json(body)).into_response()
}
