//! Signing keys: shared by servers, published, ended.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oneroster::auth::Rejection;
use serde_json::json;

use crate::harness::api::{self, Api, BASE_URL};
use crate::harness::database;

/// Whoever stole a key made tokens with it, and may have used them already: taking the key away ends those too.
#[tokio::test]
async fn a_token_that_was_seen_before_ends_with_its_signing_key() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert!(api.auth.verify(&token).await.is_ok());
    sqlx::query("delete from auth.signing_key")
        .execute(&pool)
        .await
        .unwrap();
    // A key that is not known makes the server read them all again.
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "kid": "another" }).to_string());
    let other = format!("{header}.{}", token.split_once('.').unwrap().1);
    assert_eq!(api.auth.verify(&other).await, Err(Rejection::Foreign));
    assert_eq!(api.auth.verify(&token).await, Err(Rejection::Foreign));
}

#[tokio::test]
async fn servers_share_keys_and_learn_new_ones() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let (one, two) = tokio::join!(Api::start(&pool), Api::start(&pool));
    let keys: i64 = sqlx::query_scalar("select count(*) from auth.signing_key")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(keys, 1, "two servers starting at once make one key");
    let old = one.token(&made).await;
    sqlx::query("update auth.signing_key set signs_to = clock_timestamp()")
        .execute(&pool)
        .await
        .unwrap();
    let three = Api::start(&pool).await;
    let new = three.token(&made).await;
    let key_id = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(key_id(&old), key_id(&new));
    for api in [&one, &two, &three] {
        assert!(api.auth.verify(&old).await.is_ok());
        assert!(api.auth.verify(&new).await.is_ok());
    }
    let shown = three.ask(Method::GET, "", "/.well-known/jwks.json").await.json();
    assert_eq!(shown["keys"].as_array().unwrap().len(), 2);
    assert!(shown["keys"][0].get("d").is_none(), "no private part");
}

#[tokio::test]
async fn the_discovery_document_leads_to_the_endpoint_and_its_keys() {
    let pool = database().await.pool;
    let api = Api::start(&pool).await;
    let found = api
        .ask(Method::GET, "", "/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(found["issuer"], BASE_URL);
    assert_eq!(found["token_endpoint"], format!("{BASE_URL}/connect/token"));
    assert_eq!(found["jwks_uri"], format!("{BASE_URL}/.well-known/jwks.json"));
}
