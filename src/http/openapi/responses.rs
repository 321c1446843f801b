//! The answers that operations share: refusals, and the headers of all.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::schemas::refer;

/// Refusals that any operation may give: name, status, when, and the headers that come with it.
const REFUSALS: [(&str, StatusCode, &str, &[&str]); 11] = [
    (
        "BadRequest",
        StatusCode::BAD_REQUEST,
        "The request cannot be read. The description says what is allowed.",
        &[],
    ),
    (
        "Unauthorized",
        StatusCode::UNAUTHORIZED,
        "No token, or one that is not or no longer good: get a new one.",
        &["WWW-Authenticate"],
    ),
    (
        "Forbidden",
        StatusCode::FORBIDDEN,
        "The token's scopes do not open this.",
        &["WWW-Authenticate"],
    ),
    ("NotFound", StatusCode::NOT_FOUND, "There is no such object.", &[]),
    (
        "MethodNotAllowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "Another method than the path takes.",
        &["Allow"],
    ),
    (
        "Slow",
        StatusCode::REQUEST_TIMEOUT,
        "The body took too long to arrive.",
        &[],
    ),
    (
        "TooManyRequests",
        StatusCode::TOO_MANY_REQUESTS,
        "Too many sign-ins from this address failed.",
        &["Retry-After"],
    ),
    (
        "TooLarge",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body is too large.",
        &[],
    ),
    (
        "Fault",
        StatusCode::INTERNAL_SERVER_ERROR,
        "A fault of the server; its log has the request id.",
        &[],
    ),
    (
        "Unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "Nothing is published yet, or not available just now.",
        &["Retry-After"],
    ),
    // The last one, since it has no body.
    (
        "NotModified",
        StatusCode::NOT_MODIFIED,
        "The answer with the tag in If-None-Match is still the one.",
        &["ETag", "X-Roster-Generation"],
    ),
];

/// Which kind of refusals a path gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalForm {
    /// In the shapes of OneRoster.
    OneRoster,
    /// As RFC 6749 has it.
    Token,
}

/// Returns the shared answers by name.
pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, status, description, headers) in REFUSALS {
        if status != StatusCode::TOO_MANY_REQUESTS {
            all.insert(
                name.to_owned(),
                refusal(description, headers, body_of("Error", status).as_ref()),
            );
        }
        if !matches!(
            status,
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::NOT_MODIFIED
        ) {
            all.insert(
                format!("Token{name}"),
                refusal(
                    token_description(status, description),
                    headers,
                    body_of("TokenError", status).as_ref(),
                ),
            );
        }
    }
    all
}

fn body_of(schema: &str, status: StatusCode) -> Option<Value> {
    (status != StatusCode::NOT_MODIFIED).then(|| refer(schema))
}

fn token_description(status: StatusCode, otherwise: &'static str) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "No credentials, or credentials that are no good.",
        StatusCode::SERVICE_UNAVAILABLE => "No tokens can be given just now.",
        _ => otherwise,
    }
}

fn refusal(description: &str, headers: &[&str], schema: Option<&Value>) -> Value {
    answer(description, headers, "application/json", schema)
}

/// Makes an answer with these headers and X-Request-Id, which all have; without a schema it has no body.
pub(super) fn answer(description: &str, headers: &[&str], media_type: &str, schema: Option<&Value>) -> Value {
    let headers: Map<String, Value> = headers
        .iter()
        .chain(&["X-Request-Id"])
        .map(|&name| {
            (
                name.to_owned(),
                json!({ "$ref": format!("#/components/headers/{name}") }),
            )
        })
        .collect();
    let mut answer = json!({ "description": description, "headers": headers });
    if let Some(schema) = schema {
        answer["content"] = json!({ (media_type): { "schema": schema } });
    }
    answer
}

/// Makes the answers of an operation: its own, and references to the shared ones of these statuses.
pub(super) fn with_shared(own: Map<String, Value>, statuses: &[u16], manner: RefusalForm) -> Value {
    let prefix = if manner == RefusalForm::Token { "Token" } else { "" };
    let mut responses = own;
    for (name, status, ..) in REFUSALS {
        if statuses.contains(&status.as_u16()) {
            let reference = json!({ "$ref": format!("#/components/responses/{prefix}{name}") });
            responses.insert(status.as_str().to_owned(), reference);
        }
    }
    responses.into()
}

/// Returns the headers by name.
pub(super) fn headers() -> Value {
    let header = |description: &str, required: bool, schema: Value| json!({ "description": description, "required": required, "schema": schema });
    let text = || json!({ "type": "string", "minLength": 1 });
    let count = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "X-Request-Id": header("The id of the request, for questions about it: the caller's own, or a random one.", true, text()),
        "X-Total-Count": header("How many objects the question has in all.", true, count()),
        "X-Count": header("How many objects are in this answer.", true, count()),
        "X-Roster-Generation": header("Number of the state that the token is a ticket to.", true, json!({ "type": "integer", "minimum": 1 })),
        "X-Roster-Published-At": header("The date of that state. It may lie ahead of the clock.", true, json!({ "type": "string", "format": "date-time" })),
        "X-OneRoster-Warning": header("Names a parameter that is not known and looks like a misspelt one. It was passed over.", false, text()),
        "ETag": header("Tag of the answer, for If-None-Match.", true, json!({ "type": "string", "pattern": "^W/\"[0-9a-f]{32}\"$" })),
        "Link": header("On a page: first, prev, next and last, as absolute addresses. No next on the last page.", false, text()),
        "WWW-Authenticate": header("How to authenticate.", true, text()),
        "Allow": header("The methods that the path takes.", true, text()),
        "Retry-After": header("After how many seconds to come back.", true, json!({ "type": "integer", "minimum": 1 })),
    })
}
