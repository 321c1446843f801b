//! Clients: making them, rotating their secrets, ending them, their settings; and the commands for it.

use oneroster::auth::client;
use oneroster::auth::{ClientRefusal, Error, IssueError, Preset};
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

/// What is stored are the settings, so that nothing changes when a later version knows better.
#[tokio::test]
async fn a_preset_is_stored_as_the_settings_it_stands_for() {
    let TestDatabase { pool, server, url } = database().await;
    api::tenant(&pool, "zand").await;
    for preset in Preset::ALL {
        let arguments = [
            "client",
            "create",
            "--tenant",
            "zand",
            "--name",
            preset.name(),
            "--preset",
            preset.name(),
        ];
        let made = harness::oneroster(&url, &arguments).await;
        assert!(made.status.success(), "{made:?}");
    }
    let listed = client::list(&server, "zand").await.unwrap();
    for preset in Preset::ALL {
        let found = listed.iter().find(|client| client.name == preset.name()).unwrap();
        assert_eq!(
            found.settings,
            serde_json::to_value(preset.settings()).unwrap(),
            "{preset}"
        );
    }
    let arguments = [
        "client", "create", "--tenant", "zand", "--name", "x", "--preset", "modle",
    ];
    let refused = harness::oneroster(&url, &arguments).await;
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("the presets are sds, sds-data-factory, moodle,"),
        "{told}"
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

async fn what_was_made_is_for_the_wizard_and_by_somebody(pool: &PgPool, made: &Value) {
    assert_eq!(made.as_object().unwrap().len(), 4);
    // What the wizard of School Data Sync asks besides.
    for (key, end) in [
        ("base_url", "/ims/oneroster/v1p1"),
        ("token_url", "/connect/token"),
    ] {
        let url = made[key].as_str().unwrap();
        assert!(url.starts_with("http://") && url.ends_with(end), "{url}");
    }
    let by: Vec<String> =
        sqlx::query_scalar("select distinct by from audit.entry where tenant_id = 'zand' and by = 'Els'")
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(by, ["Els"]);
}

/// R18: the vendor makes an id and a secret, and the token endpoint takes them.
#[tokio::test]
async fn the_commands_report_as_json_and_refuse_with_code_1() {
    let test = database().await;
    api::tenant(&test.pool, "zand").await;
    let (code, made, _) = run(
        &test.url,
        &[
            "client", "create", "--tenant", "zand", "--name", "SDS", "--by", "Els",
        ],
    )
    .await;
    let made = made.unwrap();
    assert_eq!(code, 0);
    what_was_made_is_for_the_wizard_and_by_somebody(&test.pool, &made).await;
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

#[tokio::test]
async fn a_rotation_may_end_the_tokens_so_far_and_no_later_ones() {
    let TestDatabase { pool, url, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    let other = client::create(&harness::as_server(&pool), "zand", "andere")
        .await
        .unwrap();
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let (old, of_other) = (api.token(&made).await, api.token(&other).await);
    let arguments = ["client", "rotate", "--tenant", "zand", &made.client_id];
    let (code, plain, said) = run(&url, &arguments).await;
    assert_eq!(code, 0, "{said}");
    refresh(&api).await;
    assert_eq!(
        api.get(&old, "/orgs").await.status.as_u16(),
        200,
        "a rotation alone ends no token: {plain:?}"
    );

    let (code, rotated, said) = run(&url, &[&arguments[..], &["--revoke-tokens"]].concat()).await;
    assert_eq!(code, 0, "{said}");
    let new_secret = rotated.unwrap()["client_secret"].as_str().unwrap().to_owned();
    // In the same second, before this server has seen it.
    let issued = api
        .auth
        .issue(&made.client_id, &new_secret, None, None)
        .await
        .unwrap();
    refresh(&api).await;
    assert_eq!(api.get(&old, "/orgs").await.status.as_u16(), 401);
    for good in [&issued.access_token, &of_other] {
        assert_eq!(api.get(good, "/orgs").await.status.as_u16(), 200);
    }
    // It is on record, and a server that starts later knows it.
    let again = Api::start(&pool).await;
    assert_eq!(again.get(&old, "/orgs").await.status.as_u16(), 401);
    assert_eq!(
        again.get(&issued.access_token, "/orgs").await.status.as_u16(),
        200
    );
    let entered: i64 = sqlx::query_scalar("select count(*) from audit.entry where kind = 'tokens_revoked'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(entered, 1);
}

/// Has a server read revocations again, as it does each second: by a key that it does not know.
async fn refresh(api: &Api) {
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    let unknown = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImFub3RoZXIifQ.e30.AA";
    assert!(api.auth.verify(unknown).await.is_err());
}

#[tokio::test]
async fn the_list_says_when_a_client_was_last_used_and_until_when_an_old_secret_lives() {
    let TestDatabase { pool, server, url } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let list = async || {
        let (_, listed, said) = run(&url, &["client", "list", "--tenant", "zand"]).await;
        listed.unwrap_or_else(|| panic!("{said}"))["clients"][0].clone()
    };
    let before = list().await;
    for member in ["last_used_at", "old_secret_until", "tokens_revoked_at"] {
        assert_eq!(before[member], Value::Null, "{before}");
    }
    client::rotate(&server, "zand", &made.client_id).await.unwrap();
    let api = Api::start(&pool).await;
    assert_eq!(
        api.get(&api.token(&made).await, "/orgs").await.status.as_u16(),
        200
    );
    // What reading notes in memory is written by housekeeping, in batches.
    oneroster::synclog::flush(&api.sync_log, &api.pool).await;
    let after = list().await;
    let (used, until) = (
        after["last_used_at"].as_str().unwrap(),
        after["old_secret_until"].as_str().unwrap(),
    );
    assert!(used.ends_with('Z') && until > used, "{after}");
    let text = harness::oneroster(&url, &["client", "list", "--tenant", "zand"]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("2 valid secrets, the old one until ") && text.contains("last used "),
        "{text}"
    );
}
