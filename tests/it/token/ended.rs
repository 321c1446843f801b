//! Ending what a leaked secret gave: its tokens, those that are being issued, and the secret itself.

use std::time::Duration;

use axum::http::StatusCode;
use oneroster::auth::client;
use oneroster::auth::{ClientRefusal, IssueError};

use super::refresh;
use crate::harness::api::{self, Api};
use crate::harness::{TestDatabase, database};

/// Whoever has the secret takes no new token either, neither at once nor later.
#[tokio::test]
async fn a_leaked_secret_ends_with_the_tokens_that_it_took() {
    let TestDatabase { pool, server, .. } = database().await;
    let first = api::tenant(&pool, "zand").await;
    let id = first.client_id.as_str();
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let second = client::rotate(&server, "zand", id).await.unwrap();
    let stolen = api.token(&first).await;

    let third = client::rotate_and_revoke_tokens(&server, "zand", id)
        .await
        .unwrap();
    for leaked in [&first, &second] {
        let refused = api.auth.issue(id, &leaked.client_secret, None, None).await;
        assert!(
            matches!(
                refused,
                Err(IssueError::InvalidClient(ClientRefusal::WrongSecret))
            ),
            "{refused:?}"
        );
    }
    refresh(&api).await;
    assert_eq!(api.get(&stolen, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    let good = api.token(&third).await;
    assert_eq!(api.get(&good, "/orgs").await.status, StatusCode::OK);
    let listed = client::list(&server, "zand").await.unwrap();
    assert_eq!((listed[0].valid_secrets, listed[0].old_secret_until), (1, None));
}

/// A token that is being issued while those so far are ended is one of them, also if it is dated later.
#[tokio::test]
async fn a_token_that_is_being_issued_ends_with_those_before() {
    let TestDatabase { pool, server, .. } = database().await;
    let first = api::tenant(&pool, "zand").await;
    let id = first.client_id.clone();
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    // The commit of what ends them takes its time.
    for statement in [
        "create function public.slow() returns trigger language plpgsql as
         'begin perform pg_sleep(4); return null; end'",
        "create constraint trigger slow after update on auth.client deferrable initially deferred
         for each row execute function public.slow()",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let ending = tokio::spawn({
        let (server, id) = (server.clone(), id.clone());
        async move { client::rotate_and_revoke_tokens(&server, "zand", &id).await }
    });
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(!ending.is_finished());
    let between = api.token(&first).await;
    let second = ending.await.unwrap().unwrap();
    sqlx::query("drop trigger slow on auth.client")
        .execute(&pool)
        .await
        .unwrap();
    let good = api.token(&second).await;
    refresh(&api).await;
    assert_eq!(api.get(&between, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.get(&good, "/orgs").await.status, StatusCode::OK);

    // A second time in the same moment ends those of the first too.
    let third = client::rotate_and_revoke_tokens(&server, "zand", &id)
        .await
        .unwrap();
    let of_third = api.token(&third).await;
    let fourth = client::rotate_and_revoke_tokens(&server, "zand", &id)
        .await
        .unwrap();
    let of_fourth = api.token(&fourth).await;
    refresh(&api).await;
    for ended in [&good, &of_third] {
        assert_eq!(api.get(ended, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(api.get(&of_fourth, "/orgs").await.status, StatusCode::OK);
}
