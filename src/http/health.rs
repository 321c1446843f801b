//! What operators and OAuth clients look up: health, readiness, keys, discovery.

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::{App, reply};
use crate::auth::Scope;

/// The process runs.
pub(super) fn healthz() -> Response {
    reply::json(StatusCode::OK, Body::from(json!({ "status": "ok" }).to_string()))
}

/// The process can do all it should: 200, else 503 with what is wrong. Without the database, tokens issued
/// before still open the rosters in memory.
pub(super) async fn readyz(app: &App) -> Response {
    let contact_age_s = app.auth.contact_age().as_secs();
    let rosters_in_memory = app.snapshots.usage().snapshots;
    if app.auth.database_answers().await {
        let body = json!({ "status": "ok", "database": "ok", "contact_age_s": contact_age_s, "rosters_in_memory": rosters_in_memory });
        return reply::json(StatusCode::OK, Body::from(body.to_string()));
    }
    let body = json!({
        "status": "degraded",
        "database": "unreachable",
        "contact_age_s": contact_age_s,
        "rosters_in_memory": rosters_in_memory,
        "detail": "no new tokens; tokens issued before still open the rosters in memory; revocations are known up to the last contact",
    });
    reply::json(StatusCode::SERVICE_UNAVAILABLE, Body::from(body.to_string()))
}

/// The public keys that tokens are signed with (RFC 7517).
pub(super) fn key_set(app: &App) -> Response {
    public(&app.auth.key_set())
}

/// Where the token endpoint and the keys are, and what they take (RFC 8414).
pub(super) fn discovery(app: &App) -> Response {
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
        .insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}
