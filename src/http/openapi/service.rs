//! What else is served: tokens, keys, health, and the document itself.

use serde_json::{Map, Value, json};

use super::super::files::SCOPES;
use super::super::reply;
use super::responses::{self, RefusalForm};
use super::schemas::refer;
use crate::auth::{Scope, TOKEN_LIFETIME_MAX_S};
use crate::export::Format;

/// Tag of these paths.
pub(super) const TAG: &str = "service";

/// Refusals of every path that is only read.
const READ_REFUSALS: [u16; 6] = [400, 405, 408, 413, 500, 503];

/// Returns the paths.
pub(super) fn paths() -> Map<String, Value> {
    let of_json = [
        (
            "/.well-known/openid-configuration",
            "getDiscovery",
            "Where tokens and keys are, and what they take (RFC 8414)",
            discovery(),
        ),
        (
            "/.well-known/jwks.json",
            "getKeySet",
            "The public keys that tokens are signed with (RFC 7517)",
            key_set(),
        ),
        (
            "/healthz",
            "getHealth",
            "Whether the process runs",
            object(&["status"], &json!({ "status": { "const": "ok" } })),
        ),
        (
            "/openapi.json",
            "getOpenApi",
            "This document",
            object(&["openapi", "info", "paths"], &json!({})),
        ),
    ];
    let mut paths = Map::new();
    paths.insert("/connect/token".to_owned(), json!({ "post": token() }));
    paths.insert("/readyz".to_owned(), readiness());
    for (path, id, summary, schema) in of_json {
        paths.insert(path.to_owned(), read(id, summary, "application/json", &schema));
    }
    let page = read(
        "getDocs",
        "This document as a page, on which its operations are tried",
        "text/html",
        &json!({ "type": "string" }),
    );
    paths.insert("/docs".to_owned(), page);
    paths.insert("/export/{format}".to_owned(), json!({ "get": files() }));
    paths
}

fn read(id: &str, summary: &str, media_type: &str, schema: &Value) -> Value {
    let mut own = Map::new();
    own.insert(
        "200".to_owned(),
        responses::answer(summary, &[], media_type, Some(schema)),
    );
    json!({ "get": {
        "operationId": id,
        "summary": summary,
        "tags": [TAG],
        "security": [],
        "responses": responses::with_shared(own, &READ_REFUSALS, RefusalForm::OneRoster),
    } })
}

/// Open for more members.
pub(super) fn object(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// What a token request says.
fn token_form() -> Value {
    json!({
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": { "const": "client_credentials" },
            "scope": {
                "type": "string",
                "description": "Scopes with blanks between them; without it all. Those not offered are passed over.",
            },
            "client_id": { "type": "string", "description": "If not by HTTP Basic." },
            "client_secret": { "type": "string", "description": "If not by HTTP Basic." },
        },
    })
}

/// What answers it.
fn token_given() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": { "type": "string", "minLength": 1 },
            "token_type": { "const": "bearer" },
            "expires_in": {
                "type": "integer", "minimum": 1, "maximum": TOKEN_LIFETIME_MAX_S,
                "description": "How long it still lives, in seconds, rounded down.",
            },
            "scope": { "type": "string", "description": "What it opens." },
        },
    })
}

fn token() -> Value {
    let mut own = Map::new();
    let answer = responses::answer("A token", &[], "application/json", Some(&token_given()));
    own.insert("200".to_owned(), answer);
    json!({
        "operationId": "issueToken",
        "summary": "A token (RFC 6749 §4.4): a ticket to the newest published state",
        "description": "Also at /oauth/token, /token and /Token, for consumers that have a path built in.",
        "tags": [TAG],
        "security": [{ "client": [] }, {}],
        "requestBody": {
            "required": true,
            "content": { "application/x-www-form-urlencoded": { "schema": token_form() } },
        },
        "responses": responses::with_shared(own, &[400, 401, 405, 408, 413, 429, 500, 503], RefusalForm::Token),
    })
}

fn files() -> Value {
    let headers = ["ETag", "X-Roster-Generation", "X-Roster-Published-At"];
    let zip = json!({ "type": "string", "format": "binary" });
    let mut own = Map::new();
    for (status, answer) in [
        (
            "200",
            responses::answer(
                "The files, at the root of a zip",
                &headers,
                reply::ZIP,
                Some(&zip),
            ),
        ),
        (
            "409",
            responses::answer(
                "A rule of the format does not hold: the description says which, and of which object",
                &[],
                "application/json",
                Some(&refer("Error")),
            ),
        ),
        (
            "429",
            responses::answer(
                "As many exports as may be are under way.",
                &["Retry-After"],
                "application/json",
                Some(&refer("Error")),
            ),
        ),
    ] {
        own.insert(status.to_owned(), answer);
    }
    let statuses = [304, 400, 401, 403, 404, 405, 408, 413, 500, 503];
    json!({
        "operationId": "exportFiles",
        "summary": "The state of the token as files, in one zip",
        "description": "oneroster-csv needs the scope only; the others need the client setting `files` too.",
        "tags": [TAG],
        "security": [{ "token": SCOPES.iter().map(|scope| scope.uri()).collect::<Vec<_>>() }],
        "parameters": [{
            "name": "format", "in": "path", "required": true, "description": "The format of the files.",
            "schema": { "enum": Format::ALL.map(Format::name) },
        }],
        "responses": responses::with_shared(own, &statuses, RefusalForm::OneRoster),
    })
}

fn discovery() -> Value {
    let address = json!({ "type": "string", "format": "uri" });
    object(
        &[
            "issuer",
            "token_endpoint",
            "jwks_uri",
            "scopes_supported",
            "grant_types_supported",
        ],
        &json!({
            "issuer": address,
            "token_endpoint": address,
            "jwks_uri": address,
            "scopes_supported": { "type": "array", "items": { "enum": Scope::ALL.map(Scope::uri) } },
            "grant_types_supported": { "const": ["client_credentials"] },
        }),
    )
}

fn key_set() -> Value {
    object(
        &["keys"],
        &json!({ "keys": { "type": "array", "minItems": 1, "items": object(&["kty", "kid"], &json!({})) } }),
    )
}

fn readiness() -> Value {
    let state = object(
        &["status", "database"],
        &json!({
            "status": { "enum": ["ok", "degraded"] },
            "database": { "enum": ["ok", "unreachable"] },
            "detail": { "type": "string" },
        }),
    );
    let mut item = read(
        "getReadiness",
        "Whether it can do all it should",
        "application/json",
        &state,
    );
    // Nobody is refused here: the answer says what is missing.
    let missing = responses::answer(
        "Not all of it: the answer says what is missing",
        &[],
        "application/json",
        Some(&json!({
            "anyOf": [state, { "$ref": "#/components/schemas/Error" }],
        })),
    );
    item["get"]["responses"]["503"] = missing;
    item
}
