//! The token endpoint, and what makes a token good.

mod answers;
mod clocks;
mod ended;
mod keys;
mod lost;
mod outage;
mod rotation;
mod sealed;
mod ticket;

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use oneroster::auth::{Keyring, Rejection};
use serde_json::Value;

use crate::harness::api::{Answer, Api};
use crate::harness::running;

const FORM: &str = "application/x-www-form-urlencoded";

const GRANT: &str = "grant_type=client_credentials";

/// Has a server read keys and revocations again, as it does each second: by a key that it does not know.
async fn refresh(api: &Api) {
    let token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImFub3RoZXIifQ.e30.AA";
    // Not more often than once a second.
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    assert_eq!(api.auth.verify(token).await, Err(Rejection::Foreign));
}

/// Lets time pass for the signing keys; for those that are sealed, since a plain one is never written again.
async fn pass(pool: &sqlx::PgPool, interval: &str) {
    let statement = format!(
        "update auth.signing_key set created_at = created_at - interval '{interval}', signs_from = signs_from - interval '{interval}',
                signs_to = signs_to - interval '{interval}', signs_until = signs_until - interval '{interval}',
                verifies_until = verifies_until - interval '{interval}'
          where sealed_key is not null"
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(pool)
        .await
        .unwrap();
}

/// The keyring of a server that has this file.
fn keyring_of(file: &std::path::Path) -> Keyring {
    let mut settings = running::settings("postgres://127.0.0.1/none");
    settings.keys.encryption_key_file = Some(file.to_owned());
    Keyring::of(&settings).unwrap()
}

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
