//! Why the API does not do as asked, with one mapping to HTTP.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::error::DeskError;
use crate::{accounts, publication};

/// The API does not do as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// As of any page: not there, not signed in, no database.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The body is not what this version reads: the page is of another one.
    #[error("{0}")]
    Malformed(String),
    /// It is against a rule.
    #[error("{}", .0.message)]
    Refused(Box<Refused>),
}

/// What is refused, in the language of who asks.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<String>,
    /// Members beside `error`.
    beside: Map<String, Value>,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: String, hint: Option<String>) -> Self {
        Self {
            status,
            code,
            message,
            hint,
            beside: Map::new(),
        }
    }

    /// What was asked is against a rule.
    pub(super) fn unprocessable(code: &'static str, message: String, hint: Option<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message, hint)
    }

    /// It does not go with what is there.
    pub(super) fn conflict(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::CONFLICT, code, message, None)
    }

    /// Who asks has no right to it, though they see it.
    pub(super) fn forbidden(code: &'static str, message: String, hint: Option<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message, hint)
    }

    /// It was asked too often.
    pub(super) fn too_early(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, message, None)
    }

    /// Adds a member beside the error.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.beside.insert(name.to_owned(), value);
        self
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<publication::Error> for ApiError {
    fn from(error: publication::Error) -> Self {
        Self::Desk(error.into())
    }
}

impl From<accounts::Error> for ApiError {
    fn from(error: accounts::Error) -> Self {
        // Who is unknown answers like everything that is not there.
        if let accounts::Error::Refused(accounts::Refusal::UnknownPerson(_)) = error {
            return Self::Desk(DeskError::NotFound);
        }
        Self::Desk(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error, mut beside) = match self {
            Self::Desk(error) => return error.into_response(),
            Self::Malformed(message) => (
                StatusCode::BAD_REQUEST,
                json!({ "code": "malformed", "message": message }),
                Map::new(),
            ),
            Self::Refused(refused) => {
                let mut error = json!({ "code": refused.code, "message": refused.message });
                if let (Some(members), Some(hint)) = (error.as_object_mut(), refused.hint) {
                    members.insert("hint".to_owned(), hint.into());
                }
                (refused.status, error, refused.beside)
            }
        };
        beside.insert("error".to_owned(), error);
        (status, Json(Value::Object(beside))).into_response()
    }
}
