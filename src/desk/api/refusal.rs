//! Why the API does not do as asked, with one mapping to HTTP.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::desk::error::DeskError;
use crate::{publication, tenants};

/// The API does not do as asked.
#[derive(Debug, thiserror::Error)]
pub(in crate::desk) enum ApiError {
    /// As of any page: not there, not signed in, no database.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The body is not what this version reads: the page is of another one.
    #[error("{0}")]
    Malformed(String),
    /// The list cannot be made.
    #[error("the list cannot be made")]
    List(#[source] publication::Error),
}

impl From<publication::Error> for ApiError {
    fn from(error: publication::Error) -> Self {
        match error {
            publication::Error::Database(error) => Self::Desk(error.into()),
            publication::Error::Tenant(tenants::Error::Unknown(_)) => Self::Desk(DeskError::NotFound),
            other => Self::List(other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::Desk(_) => {
                let Self::Desk(error) = self else {
                    return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                };
                return error.into_response();
            }
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            Self::List(error) => {
                tracing::error!(error = ?error, "the list of usernames could not be made");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        };
        let body = json!({ "error": { "code": code, "message": self.to_string() } });
        (status, Json(body)).into_response()
    }
}
