//! The token endpoint, and what makes a token good.

mod answers;
mod clocks;
mod keys;
mod outage;
mod rotation;
mod sealed;
mod ticket;

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::harness::api::{Answer, Api};

const FORM: &str = "application/x-www-form-urlencoded";

const GRANT: &str = "grant_type=client_credentials";

/// One token request.
#[derive(Default, Clone)]
struct TokenRequest {
    query: &'static str,
    authorization: Option<String>,
    content_type: Option<&'static str>,
    body: String,
}

async fn post(api: &Api, ask: TokenRequest) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("/connect/token{}", ask.query));
    if let Some(value) = ask.authorization {
        request = request.header("authorization", value);
    }
    if let Some(value) = ask.content_type {
        request = request.header("content-type", value);
    }
    api.send(request.body(Body::from(ask.body)).unwrap()).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Percent-encodes every character, as a client is free to.
fn encoded(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| format!("%{byte:02x}").into_bytes())
        .map(char::from)
        .collect()
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn tickets_until(pool: &sqlx::PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select tickets_until from roster.head where tenant_id = 'zand'")
        .fetch_one(pool)
        .await
        .unwrap()
}
