//! Rotating signing keys: announced, used, retired, under pull and by command.

use axum::http::{Method, StatusCode};
use oneroster::auth::keys::KeyState;
use oneroster::auth::{Rejection, keys};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::api::{self, Api};
use crate::harness::{TestDatabase, database, keyring, oneroster};

fn key_id(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

/// Lets time pass for the signing keys.
async fn pass(pool: &PgPool, interval: &str) {
    let statement = format!(
        "update auth.signing_key set created_at = created_at - interval '{interval}', signs_from = signs_from - interval '{interval}',
                signs_to = signs_to - interval '{interval}', signs_until = signs_until - interval '{interval}',
                verifies_until = verifies_until - interval '{interval}'"
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(pool)
        .await
        .unwrap();
}

/// Has a server read keys and revocations again, as it does each second: by a key that it does not know.
async fn refresh(api: &Api) {
    let token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImFub3RoZXIifQ.e30.AA";
    // Not more often than once a second.
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    assert_eq!(api.auth.verify(token).await, Err(Rejection::Foreign));
}

async fn shown(api: &Api) -> Vec<String> {
    let shown = api.ask(Method::GET, "", "/.well-known/jwks.json").await.json();
    let keys = shown["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn two_servers_rotate_under_pull_without_one_refusal() {
    let TestDatabase { pool, server, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let (one, two) = tokio::join!(Api::start(&pool), Api::start(&pool));
    let old = one.token(&made).await;

    let new_key = keys::rotate(&server, &keyring()).await.unwrap();
    assert_ne!(key_id(&old), new_key);
    // Announced: both show it before anybody signs with it.
    tokio::join!(refresh(&one), refresh(&two));
    for api in [&one, &two] {
        assert_eq!(shown(api).await.len(), 2);
        assert!(shown(api).await.contains(&new_key));
        assert_eq!(key_id(&api.token(&made).await), key_id(&old));
    }

    pass(&pool, "5 minutes 1 second").await;
    // One signs with it already, the other has not looked again.
    refresh(&one).await;
    let new = one.token(&made).await;
    assert_eq!(key_id(&new), new_key);
    for api in [&one, &two] {
        for token in [&old, &new] {
            assert_eq!(api.get(token, "/orgs").await.status, StatusCode::OK);
        }
    }

    // Until the longest token that the old key signed has ended.
    pass(&pool, "12 hours 30 minutes").await;
    tokio::join!(refresh(&one), refresh(&two));
    assert_eq!(shown(&two).await.len(), 2);
    pass(&pool, "31 minutes").await;
    tokio::join!(refresh(&one), refresh(&two));
    for api in [&one, &two] {
        assert_eq!(shown(api).await, std::slice::from_ref(&new_key));
        assert_eq!(api.auth.verify(&old).await, Err(Rejection::Foreign));
    }
}

#[tokio::test]
async fn a_key_is_followed_by_another_before_it_ends_by_itself() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let one = Api::start(&pool).await;
    let first = key_id(&one.token(&made).await);
    pass(&pool, "89 days 23 hours 49 minutes").await;
    let again = Api::start(&pool).await;
    assert_eq!(
        shown(&again).await,
        std::slice::from_ref(&first),
        "it signs for eleven minutes more"
    );
    pass(&pool, "2 minutes").await;
    let again = Api::start(&pool).await;
    let listed = keys::list(&again.pool).await.unwrap();
    let states: Vec<KeyState> = listed.iter().map(|key| key.state).collect();
    assert_eq!(states, [KeyState::Announced, KeyState::Signs]);
    assert_eq!(key_id(&again.token(&made).await), first);
    pass(&pool, "5 minutes").await;
    refresh(&again).await;
    assert_eq!(key_id(&again.token(&made).await), listed[0].key_id);
}

#[tokio::test]
async fn a_retired_key_verifies_nothing_and_another_signs_at_once() {
    let TestDatabase { pool, server, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let stolen = api.token(&made).await;
    let announced = keys::rotate(&server, &keyring()).await.unwrap();
    keys::retire(&server, &key_id(&stolen)).await.unwrap();
    refresh(&api).await;
    assert_eq!(api.get(&stolen, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    let token = api.token(&made).await;
    assert_eq!(key_id(&token), announced, "what was announced signs from now on");

    // The last one: the server makes another.
    keys::retire(&server, &announced).await.unwrap();
    refresh(&api).await;
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    let token = api.token(&made).await;
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::OK);
    let unknown = keys::retire(&server, "none").await.unwrap_err().to_string();
    assert!(
        unknown.contains("`none`") && unknown.contains("keys list"),
        "{unknown}"
    );
}

#[tokio::test]
async fn the_commands_tell_what_keys_do() {
    let TestDatabase { pool, url, .. } = database().await;
    let run = async |arguments: &[&str]| {
        let output = oneroster(&url, &[&["keys"], arguments, &["--json"]].concat()).await;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (
            output.status.code().unwrap(),
            serde_json::from_slice::<Value>(&output.stdout).unwrap_or(json!(text)),
        )
    };
    assert_eq!(run(&["list"]).await, (0, json!({ "keys": [] })));
    let api = Api::start(&pool).await;
    let (_, listed) = run(&["list"]).await;
    assert_eq!(listed["keys"][0]["state"], "signs", "{listed}");
    let first = listed["keys"][0]["key_id"].as_str().unwrap().to_owned();
    let (code, rotated) = run(&["rotate"]).await;
    assert_eq!(code, 0, "{rotated}");
    assert_eq!(rotated["keys"][0]["state"], "announced");
    assert_eq!(rotated["keys"][0]["key_id"], rotated["key_id"]);
    assert_eq!(run(&["retire", &first]).await, (0, json!({ "key_id": first })));
    let (_, listed) = run(&["list"]).await;
    assert_eq!(listed["keys"][0]["state"], "signs");
    assert_eq!(listed["keys"].as_array().unwrap().len(), 1);
    let (code, refused) = run(&["retire", "-none"]).await;
    assert_eq!(code, 1);
    assert!(
        refused.as_str().unwrap().contains("no signing key `-none`"),
        "{refused}"
    );
    drop(api);
}
