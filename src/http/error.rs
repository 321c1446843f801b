//! Why a OneRoster request was refused, and how that is said: status, headers, and a body in the three shapes
//! consumers know (OneRoster 1.1 §7).

use axum::body::Body;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use oneroster_standard::query::QueryError;
use oneroster_standard::status_info::{CodeMinor, StatusInfo};

use super::bundle_error::BundleError;
use super::files_error::FilesError;
use super::path::PathError;
use super::reply;
use super::token::OAUTH1_REFUSED;
use crate::auth::{Rejection, Scope};
use crate::edge::{BodyError, GuardError, LogFields};

/// A refusal.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No token was sent.
    NoToken,
    /// The request is signed as OAuth 1.0a has it.
    OAuth1,
    /// The token is no good.
    InvalidToken(Rejection),
    /// The token is good, but the generation it is a ticket to was deleted, or it is a ticket to none.
    NoTicket,
    /// The token does not open this.
    InsufficientScope { scopes: &'static [Scope] },
    /// A refusal that only files have.
    Files(FilesError),
    /// A refusal that only bundles have.
    Bundle(BundleError),
    /// There is nothing at this path.
    UnknownPath,
    /// The path is of the gradebook service, which is not offered.
    Gradebook,
    /// There is no such object; `name` says what it would be.
    UnknownObject { name: &'static str },
    /// The path does not take this method.
    MethodNotAllowed { allow: &'static str },
    /// Broken percent-encoding.
    BadEncoding { place: &'static str },
    /// The query string is too long.
    QueryTooLong { limit: usize },
    /// The question is malformed.
    Query(QueryError),
    /// The body could not be read.
    Body(BodyError),
    /// The tenant has not published yet.
    NotPublished,
    /// The database is needed and out of reach. With the causes, for the log.
    Unavailable(String),
    /// A fault here. With the causes, for the log.
    Internal(String),
    /// The work on it gave no response.
    Guard(GuardError),
}

/// After how many seconds it is worth asking again.
const RETRY_AFTER_S: u32 = 30;

impl ApiError {
    /// Returns the status of the answer and its status information: the one place that decides.
    fn answer(&self) -> (StatusCode, StatusInfo) {
        let unauthorized = |text: &str| (StatusCode::UNAUTHORIZED, CodeMinor::Unauthorized, text.to_owned());
        let (status, minor, description) = match self {
            Self::Files(error) => {
                let (status, minor) = error.code();
                (status, minor, error.to_string())
            }
            Self::Bundle(error) => {
                let (status, minor) = error.code();
                (status, minor, error.to_string())
            }
            Self::NoToken => unauthorized("a token is needed: Authorization: Bearer <access_token>"),
            Self::OAuth1 => unauthorized(OAUTH1_REFUSED),
            Self::InvalidToken(_) | Self::NoTicket => {
                unauthorized("the token is not valid or no longer valid: ask for a new one")
            }
            Self::InsufficientScope { scopes } => (
                StatusCode::FORBIDDEN,
                CodeMinor::Forbidden,
                format!("the token needs one of these scopes: {}", uris(scopes)),
            ),
            Self::UnknownPath => (
                StatusCode::NOT_FOUND,
                CodeMinor::UnknownObject,
                "there is nothing at this path".to_owned(),
            ),
            Self::Gradebook => (
                StatusCode::NOT_FOUND,
                CodeMinor::UnknownObject,
                "the gradebook (categories, line items, results) is not offered: this server has rostering and resources".to_owned(),
            ),
            Self::UnknownObject { name } => (
                StatusCode::NOT_FOUND,
                CodeMinor::UnknownObject,
                format!("there is no {name} with this sourcedId"),
            ),
            Self::MethodNotAllowed { allow } => (
                StatusCode::METHOD_NOT_ALLOWED,
                CodeMinor::InvalidData,
                format!("this path takes {allow} only"),
            ),
            Self::BadEncoding { place } => (
                StatusCode::BAD_REQUEST,
                CodeMinor::InvalidData,
                format!("the {place} is not valid percent-encoded UTF-8"),
            ),
            Self::QueryTooLong { limit } => (
                StatusCode::BAD_REQUEST,
                CodeMinor::InvalidData,
                format!("the query is longer than {limit} bytes"),
            ),
            Self::Query(error) => return (StatusCode::BAD_REQUEST, error.status_info()),
            Self::Body(error) => (error.status(), CodeMinor::InvalidData, error.to_string()),
            Self::NotPublished => (
                StatusCode::SERVICE_UNAVAILABLE,
                CodeMinor::ServerBusy,
                "nothing has been published yet: try again later".to_owned(),
            ),
            Self::Unavailable(_) | Self::Guard(GuardError::Timeout) => (
                StatusCode::SERVICE_UNAVAILABLE,
                CodeMinor::ServerBusy,
                "not available just now: try again later".to_owned(),
            ),
            Self::Internal(_) | Self::Guard(GuardError::Panic) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                CodeMinor::InternalServerError,
                "a fault of the server; its log has the details under the request id".to_owned(),
            ),
        };
        (status, StatusInfo::error(minor, description))
    }

    /// Returns the header that goes with the answer, if one does (RFC 6750 §3, RFC 9110 §10.2).
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let challenge = |text: &'static str| Some((WWW_AUTHENTICATE, HeaderValue::from_static(text)));
        match self {
            Self::NoToken | Self::OAuth1 => challenge("Bearer realm=\"oneroster\""),
            Self::InvalidToken(_) | Self::NoTicket => {
                challenge("Bearer realm=\"oneroster\", error=\"invalid_token\"")
            }
            Self::Files(FilesError::NotOpen) | Self::Bundle(BundleError::NotOpen) => {
                challenge("Bearer realm=\"oneroster\", error=\"insufficient_scope\"")
            }
            Self::InsufficientScope { scopes } => {
                let text = format!(
                    "Bearer realm=\"oneroster\", error=\"insufficient_scope\", scope=\"{}\"",
                    uris(scopes)
                );
                Some((WWW_AUTHENTICATE, HeaderValue::from_str(&text).ok()?))
            }
            Self::MethodNotAllowed { allow } => Some((ALLOW, HeaderValue::from_static(allow))),
            Self::NotPublished
            | Self::Unavailable(_)
            | Self::Files(FilesError::TooMany)
            | Self::Bundle(BundleError::TooMany | BundleError::Stopping)
            | Self::Guard(GuardError::Timeout) => Some((RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S))),
            Self::UnknownPath
            | Self::Gradebook
            | Self::Bundle(BundleError::Form | BundleError::Parameters)
            | Self::Files(FilesError::UnknownFormat | FilesError::Refused(_))
            | Self::UnknownObject { .. }
            | Self::BadEncoding { .. }
            | Self::QueryTooLong { .. }
            | Self::Query(_)
            | Self::Body(_)
            | Self::Internal(_)
            | Self::Guard(GuardError::Panic) => None,
        }
    }

    fn note(&self, log: &LogFields) {
        match self {
            Self::NoToken => log.refused("no token"),
            Self::OAuth1 => log.refused("OAuth 1.0a"),
            Self::InvalidToken(rejection) => log.refused(rejection.to_string()),
            Self::NoTicket => log.refused("the generation was deleted, or the token names none"),
            Self::InsufficientScope { .. } => log.refused("insufficient scope"),
            Self::UnknownPath => log.refused("unknown path"),
            Self::Gradebook => log.refused("the gradebook is not offered"),
            Self::Files(error) => log.refused(error.to_string()),
            Self::Bundle(error) => log.refused(error.to_string()),
            Self::UnknownObject { .. } => log.refused("unknown object"),
            Self::MethodNotAllowed { .. } => log.refused("method not allowed"),
            Self::BadEncoding { .. } => log.refused("bad percent-encoding"),
            Self::QueryTooLong { .. } => log.refused("query too long"),
            // Its text quotes the query, which may hold a person's name.
            Self::Query(_) => log.refused("malformed query"),
            Self::Body(error) => log.refused(error.to_string()),
            Self::NotPublished => log.refused("nothing published yet"),
            Self::Unavailable(causes) | Self::Internal(causes) => log.failed(causes.clone()),
            Self::Guard(error) => log.failed(error.to_string()),
        }
    }

    /// Makes the answer, and notes the reason for the log.
    pub(super) fn into_response(self, request_id: &str, log: &LogFields) -> Response {
        self.note(log);
        let (status, status_info) = self.answer();
        let mut response = reply::json(status, Body::from(status_info.body(request_id).to_string()));
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<BundleError> for ApiError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<GuardError> for ApiError {
    fn from(error: GuardError) -> Self {
        Self::Guard(error)
    }
}

impl From<PathError> for ApiError {
    fn from(error: PathError) -> Self {
        match error {
            PathError::BadEncoding => Self::BadEncoding { place: "path" },
        }
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        Self::InvalidToken(rejection)
    }
}

fn uris(scopes: &[Scope]) -> String {
    scopes
        .iter()
        .map(|scope| scope.uri())
        .collect::<Vec<_>>()
        .join(" ")
}
