//! Clients: making them, rotating their secrets, ending them, their settings; and the commands for it.

use oneroster::auth::client;
use oneroster::auth::{ClientRefusal, Error, IssueError};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::api::{self, Api};
use crate::harness::{self, TestDatabase, database};

async fn refusal(api: &Api, client_id: &str, secret: &str) -> Option<ClientRefusal> {
    match api.auth.issue(client_id, secret, None, None).await {
        Ok(_) => None,
        Err(IssueError::InvalidClient(refusal)) => Some(refusal),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_rotated_secret_and_the_one_before_are_valid_and_no_older_one() {
    let TestDatabase { pool, server, .. } = database().await;
    let first = api::tenant(&pool, "zand").await;
    let id = first.client_id.as_str();
    let second = client::rotate(&server, "zand", id).await.unwrap();
    let api = Api::start(&pool).await;
    assert_eq!(refusal(&api, id, &first.client_secret).await, None);
    assert_eq!(refusal(&api, id, &second.client_secret).await, None);
    let third = client::rotate(&server, "zand", id).await.unwrap();
    assert_eq!(
        refusal(&api, id, &first.client_secret).await,
        Some(ClientRefusal::WrongSecret)
    );
    assert_eq!(refusal(&api, id, &second.client_secret).await, None);
    assert_eq!(refusal(&api, id, &third.client_secret).await, None);
    let listed = client::list(&server, "zand").await.unwrap();
    assert_eq!(listed[0].valid_secrets, 2);
}

#[tokio::test]
async fn the_secret_before_a_rotation_ends_after_seven_days() {
    let TestDatabase { pool, server, .. } = database().await;
    let first = api::tenant(&pool, "zand").await;
    let id = first.client_id.as_str();
    client::rotate(&server, "zand", id).await.unwrap();
    let days: f64 = sqlx::query_scalar(
        "select extract(epoch from expires_at - clock_timestamp())::float8 / 86400 from auth.client_secret where expires_at is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!((6.99..=7.0).contains(&days), "{days}");
    sqlx::query("update auth.client_secret set expires_at = clock_timestamp() where expires_at is not null")
        .execute(&pool)
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    assert_eq!(
        refusal(&api, id, &first.client_secret).await,
        Some(ClientRefusal::WrongSecret)
    );
}

#[tokio::test]
async fn a_secret_is_stored_as_a_hash_only() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let found: i64 = sqlx::query_scalar(
        "select count(*) from auth.client c join auth.client_secret s using (tenant_id, client_id)
          where to_jsonb(c)::text || to_jsonb(s)::text like '%' || $1 || '%'
             or s.secret_sha256 = convert_to($1, 'UTF8') or s.secret_sha256 <> sha256(convert_to($1, 'UTF8'))",
    )
    .bind(&made.client_secret)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(found, 0);
}

#[tokio::test]
async fn a_revoked_client_gets_no_token_and_no_new_secret() {
    let TestDatabase { pool, server, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let since = client::revoke(&server, "zand", &made.client_id).await.unwrap();
    assert_eq!(
        client::revoke(&server, "zand", &made.client_id).await.unwrap(),
        since
    );
    assert_eq!(
        refusal(&api, &made.client_id, &made.client_secret).await,
        Some(ClientRefusal::Revoked)
    );
    assert_eq!(
        refusal(&api, &made.client_id, "guess").await,
        Some(ClientRefusal::WrongSecret)
    );
    assert!(matches!(
        client::rotate(&server, "zand", &made.client_id).await,
        Err(Error::Revoked { .. })
    ));
    assert_eq!(client::list(&server, "zand").await.unwrap()[0].valid_secrets, 0);
}

#[tokio::test]
async fn clients_belong_to_their_tenant() {
    let TestDatabase { pool, server, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::tenant(&pool, "andere").await;
    for outcome in [
        client::revoke(&server, "andere", &made.client_id)
            .await
            .map(|_| ()),
        client::rotate(&server, "andere", &made.client_id)
            .await
            .map(|_| ()),
        client::set(&server, "andere", &made.client_id, &[])
            .await
            .map(|_| ()),
    ] {
        assert!(matches!(outcome, Err(Error::UnknownClient { .. })), "{outcome:?}");
    }
    assert!(matches!(
        client::create(&server, "nergens", "x").await,
        Err(Error::UnknownTenant(_))
    ));
    assert!(matches!(
        client::list(&server, "nergens").await,
        Err(Error::UnknownTenant(_))
    ));
    for name in ["", "  ", "a\nb", &"x".repeat(201)] {
        assert!(
            matches!(client::create(&server, "zand", name).await, Err(Error::Name)),
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn settings_are_applied_all_or_none_and_reach_the_next_token() {
    let TestDatabase { pool, server, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    let entries = |entries: &[&str]| {
        entries
            .iter()
            .map(|entry| (*entry).to_owned())
            .collect::<Vec<_>>()
    };
    let set = client::set(
        &server,
        "zand",
        &made.client_id,
        &entries(&["token_lifetime_s=60", "include_tombstones=false"]),
    )
    .await;
    assert_eq!(set.unwrap().token_lifetime_s, Some(60));
    let refused = client::set(
        &server,
        "zand",
        &made.client_id,
        &entries(&["token_lifetime_s=120", "colour=red"]),
    )
    .await;
    assert!(matches!(refused, Err(Error::Setting(_))));
    let stored = client::list(&server, "zand").await.unwrap().remove(0).settings;
    assert_eq!(
        stored,
        json!({ "token_lifetime_s": 60, "include_tombstones": false })
    );
    let api = Api::start(&pool).await;
    assert!((58..=60).contains(&api.issue(&made).await.expires_in_s));
}

/// Runs a command and returns its exit code and the JSON it printed.
async fn run(url: &str, arguments: &[&str]) -> (i32, Option<Value>, String) {
    let output = harness::oneroster(url, &[arguments, &["--json"]].concat()).await;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (
        output.status.code().unwrap(),
        serde_json::from_slice(&output.stdout).ok(),
        stderr,
    )
}

async fn exists(pool: &PgPool, client_id: &str) -> bool {
    sqlx::query_scalar(
        "select exists (select from auth.client where client_id = $1 and revoked_at is not null)",
    )
    .bind(client_id)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// R18: the vendor makes an id and a secret, and the token endpoint takes them.
#[tokio::test]
async fn the_commands_report_as_json_and_refuse_with_code_1() {
    let test = database().await;
    api::tenant(&test.pool, "zand").await;
    let (code, made, _) = run(
        &test.url,
        &["client", "create", "--tenant", "zand", "--name", "SDS"],
    )
    .await;
    let made = made.unwrap();
    assert_eq!((code, made.as_object().unwrap().len()), (0, 2));
    let id = made["client_id"].as_str().unwrap();
    let api = Api::start(&test.pool).await;
    assert_eq!(
        refusal(&api, id, made["client_secret"].as_str().unwrap()).await,
        None
    );
    let (code, rotated, _) = run(&test.url, &["client", "rotate", "--tenant", "zand", id]).await;
    assert_eq!((code, &rotated.unwrap()["client_id"]), (0, &json!(id)));
    let (code, set, _) = run(
        &test.url,
        &["client", "set", "--tenant", "zand", id, "unpaged_delta=false"],
    )
    .await;
    assert_eq!(
        (code, set.unwrap()["settings"].clone()),
        (0, json!({ "unpaged_delta": false }))
    );
    let (code, listed, _) = run(&test.url, &["client", "list", "--tenant", "zand"]).await;
    assert_eq!(
        (code, listed.unwrap()["clients"].as_array().unwrap().len()),
        (0, 2)
    );
    let (code, _, _) = run(&test.url, &["client", "revoke", "--tenant", "zand", id]).await;
    assert_eq!((code, exists(&test.pool, id).await), (0, true));
    for (arguments, expected, text) in [
        (
            &["client", "revoke", "--tenant", "zand", "zand.unknown"][..],
            1,
            "has no client",
        ),
        (
            &["client", "create", "--tenant", "nergens", "--name", "x"],
            1,
            "no tenant `nergens`",
        ),
        (
            &["client", "set", "--tenant", "zand", id, "unpaged_delta=false"],
            1,
            "is revoked",
        ),
        (&["client", "set", "--tenant", "zand", id], 2, "KEY=VALUE"),
        (&["client", "create", "--tenant", "zand"], 2, "--name"),
    ] {
        let (code, document, stderr) = run(&test.url, arguments).await;
        assert_eq!((code, document), (expected, None), "{arguments:?}: {stderr}");
        assert!(stderr.contains(text), "{arguments:?}: {stderr}");
    }
}
