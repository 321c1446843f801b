//! Rotating signing keys: announced, used, retired, under pull and by command.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use oneroster::auth::client::NewSecret;
use oneroster::auth::keys::KeyState;
use oneroster::auth::{Rejection, keys};
use serde_json::{Value, json};

use super::{pass, refresh};
use crate::harness::api::{self, Api};
use crate::harness::running::{Running, settings};
use crate::harness::{TestDatabase, database, keyring, oneroster};

fn key_id(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
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

/// Consumers read from both servers, and take tokens, all the time while they change over to a new key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_refused_to_a_pull_that_goes_on_during_the_switch() {
    let TestDatabase { pool, server, url } = database().await;
    let made = Arc::new(api::tenant(&pool, "zand").await);
    api::publish(&pool, "zand", &[]).await;
    let mut settings = settings(&url);
    // Tokens of the one are good for the other.
    settings.server.public_url = Some(api::BASE_URL.to_owned());
    let (one, two) = tokio::join!(Running::start(&settings), Running::start(&settings));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut pulling = tokio::task::JoinSet::new();
    // Each reads from the one server with a token of the other.
    for (from, by) in [(&one, &two), (&two, &one), (&one, &one), (&two, &two)] {
        let (from, by) = (
            format!("http://{}", from.address),
            format!("http://{}", by.address),
        );
        let (made, stopped) = (Arc::clone(&made), stopped.clone());
        pulling.spawn(async move { pull(&from, &by, &made, stopped).await });
    }
    let old = keys::list(&server).await.unwrap()[0].key_id.clone();
    let new = keys::rotate(&server, &keyring()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    pass(&pool, "5 minutes").await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    stop.send(true).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(pulled) = pulling.join_next().await {
        seen.extend(pulled.unwrap());
    }
    assert_eq!(seen, [old, new].into(), "tokens of both keys were read with");
    one.stop().await;
    two.stop().await;
}

/// Takes tokens and reads with each until told to stop; returns which keys signed them.
async fn pull(
    from: &str,
    by: &str,
    made: &NewSecret,
    stopped: tokio::sync::watch::Receiver<bool>,
) -> Vec<String> {
    let client = reqwest::Client::new();
    let mut signed_by = Vec::new();
    while !*stopped.borrow() {
        let asked = client
            .post(format!("{by}/connect/token"))
            .basic_auth(&made.client_id, Some(&made.client_secret))
            .form(&[("grant_type", "client_credentials")]);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap();
        signed_by.push(key_id(token));
        for _ in 0..5 {
            let asked = client
                .get(format!("{from}/ims/oneroster/v1p1/orgs"))
                .bearer_auth(token);
            let answer = asked.send().await.unwrap();
            assert_eq!(
                answer.status(),
                StatusCode::OK,
                "{}",
                answer.text().await.unwrap()
            );
        }
    }
    signed_by
}

/// Between the end of a key and the announced start of the next nobody could sign.
#[tokio::test]
async fn a_rotation_leaves_no_minute_without_a_key_that_signs() {
    let TestDatabase { pool, server, .. } = database().await;
    let api = Api::start(&pool).await;
    pass(&pool, "89 days 23 hours 57 minutes").await;
    let made = keys::rotate(&server, &keyring()).await.unwrap();
    let listed = keys::list(&server).await.unwrap();
    let new = listed.iter().find(|key| key.key_id == made).unwrap();
    assert_eq!(
        new.state,
        KeyState::Signs,
        "the other signs for three minutes more"
    );
    drop(api);
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
