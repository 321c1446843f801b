//! What OAuth clients look up: where the token endpoint is, and the keys that tokens are signed with.

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::{App, reply};
use crate::auth::Scope;

/// How long keys and addresses may be cached.
const CACHE_FOR_A_MINUTE: &str = "public, max-age=60";

/// The public keys that tokens are signed with (RFC 7517).
pub(super) fn key_set(app: &App) -> Response {
    public(&app.auth.key_set())
}

/// Where the token endpoint and the keys are, and what they take (RFC 8414).
pub(super) fn document(app: &App) -> Response {
    let base_url = &app.base_url;
    public(&json!({
        "issuer": app.auth.issuer(),
        "token_endpoint": format!("{base_url}/connect/token"),
        "jwks_uri": format!("{base_url}/.well-known/jwks.json"),
        "scopes_supported": Scope::ALL.map(Scope::uri),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}

fn public(document: &serde_json::Value) -> Response {
    let mut response = reply::json(StatusCode::OK, Body::from(document.to_string()));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(CACHE_FOR_A_MINUTE));
    response
}
