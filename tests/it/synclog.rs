//! The sync log: what consumers read, and who has stopped reading.

use std::process::Output;
use std::time::Duration;

use axum::http::Method;
use oneroster::auth::client::NewSecret;
use oneroster::synclog::{self, Mode, NotedAnswer, Reading, Run, SyncLog};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::harness::api::{self, Api};
use crate::harness::running::{self, Running};
use crate::harness::{self, TestDatabase, database};

const SINCE: &str = "filter=dateLastModified%3E'2020-01-01'";
const DAY_AND_A_HALF: Duration = Duration::from_hours(36);

/// A tenant with five orgs, and a client of it.
async fn five_orgs(pool: &PgPool, tenant_id: &str) -> NewSecret {
    let client = api::tenant(pool, tenant_id).await;
    api::publish_orgs(pool, tenant_id, 5).await;
    client
}

async fn written(api: &Api, tenant_id: &str) -> Vec<Run> {
    synclog::flush(&api.sync_log, &api.pool).await;
    synclog::runs(&api.pool, tenant_id, 100).await.unwrap()
}

/// What a run read at a path: pages, rows, and whether to the end.
fn at(run: &Run, path: &str) -> (u64, u64, Option<bool>) {
    let reading = run.readings.iter().find(|reading| reading.path == path).unwrap();
    (reading.pages, reading.rows, reading.is_complete())
}

#[tokio::test]
async fn a_full_sync_in_pages_is_one_run_with_what_it_read() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "full").await;
    let api = Api::start(&pool).await;
    let token = api.token(&client).await;
    for path in [
        "/academicSessions?offset=0&limit=5000&filter=status='active'",
        "/orgs?offset=0&limit=2&filter=status='active'",
        "/orgs?offset=2&limit=2&filter=status='active'",
    ] {
        assert_eq!(api.get(&token, path).await.status, 200);
    }
    let [run] = written(&api, "full").await.try_into().unwrap();
    assert_eq!(
        (run.mode(), run.is_complete),
        (Mode::Full, false),
        "a page is missing"
    );
    assert_eq!(at(&run, "/orgs"), (2, 4, Some(false)));
    api.get(&token, "/orgs?offset=4&limit=2&filter=status='active'")
        .await;
    let [run] = written(&api, "full").await.try_into().unwrap();
    assert!(run.is_complete);
    assert_eq!(at(&run, "/orgs"), (3, 5, Some(true)));
    assert_eq!(at(&run, "/academicSessions"), (1, 0, Some(true)));
    assert_eq!(run.generation_number, Some(1));
    assert_eq!(run.client_id, client.client_id);
    assert!(run.first_request_at <= run.last_request_at);
    let ticket = api.auth.verify(&token).await.unwrap();
    assert_eq!(run.token_id, ticket.token_id);
}

#[tokio::test]
async fn a_delta_is_told_from_a_full_sync_and_each_token_is_a_run() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "delta").await;
    let api = Api::start(&pool).await;
    let first = api.token(&client).await;
    api.get(&first, "/orgs?limit=100").await;
    let second = api.token(&client).await;
    api.get(&second, &format!("/orgs?{SINCE}")).await;
    api.get(&second, &format!("/users?{SINCE}")).await;
    let runs = written(&api, "delta").await;
    let modes: Vec<_> = runs.iter().map(|run| (run.mode(), run.is_complete)).collect();
    assert_eq!(
        modes,
        [(Mode::Delta, true), (Mode::Full, true)],
        "the newest first"
    );
    assert_eq!(
        at(&runs[0], "/users"),
        (1, 0, Some(true)),
        "nothing changed: complete"
    );
}

#[tokio::test]
async fn what_is_no_reading_is_not_one() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "other").await;
    let api = Api::start(&pool).await;
    let token = api.token(&client).await;
    assert_eq!(api.get("nonsense", "/orgs").await.status, 401);
    api.ask(Method::HEAD, &token, "/ims/oneroster/v1p1/orgs").await;
    api.ask(Method::GET, &token, "/healthz").await;
    assert_eq!(written(&api, "other").await, [], "nobody known asked for a body");
    assert_eq!(api.get(&token, "/orgs?limit=0").await.status, 400);
    assert_eq!(api.get(&token, "/orgs/nobody").await.status, 404);
    api.get(&token, "/orgs/o001").await;
    let [run] = written(&api, "other").await.try_into().unwrap();
    assert_eq!((run.mode(), run.is_complete), (Mode::None, false));
    let failures: u64 = run.readings.iter().map(|reading| reading.failures).sum();
    assert_eq!(failures, 2);
    assert_eq!(at(&run, "/orgs/{id}"), (1, 1, None));
}

#[tokio::test]
async fn two_servers_behind_a_balancer_write_one_run() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "pair").await;
    let (one, other) = (Api::start(&pool).await, Api::start(&pool).await);
    let token = one.token(&client).await;
    for (api, offset) in [(&one, 0), (&other, 2), (&one, 4)] {
        api.get(&token, &format!("/orgs?limit=2&offset={offset}")).await;
    }
    tokio::join!(
        synclog::flush(&one.sync_log, &one.pool),
        synclog::flush(&other.sync_log, &other.pool)
    );
    let [run] = written(&one, "pair").await.try_into().unwrap();
    assert!(run.is_complete);
    assert_eq!(at(&run, "/orgs"), (3, 5, Some(true)));
}

#[tokio::test]
async fn nothing_that_a_filter_looks_for_is_kept() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "names").await;
    let api = Api::start(&pool).await;
    let token = api.token(&client).await;
    api.get(&token, "/users?filter=familyName='Janssens'").await;
    api.get(&token, "/users/secret-id").await;
    synclog::flush(&api.sync_log, &api.pool).await;
    let stored: Vec<String> = sqlx::query_scalar("select row_to_json(r)::text from synclog.run r")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    for secret in ["Janssens", "familyName", "secret-id"] {
        assert!(!stored[0].contains(secret), "{}", stored[0]);
    }
}

#[tokio::test]
async fn a_token_kept_for_hours_serves_several_runs() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "kept").await;
    let api = Api::start(&pool).await;
    let token = api.token(&client).await;
    for expected in 1..=2 {
        api.get(&token, &format!("/orgs?{SINCE}")).await;
        assert_eq!(written(&api, "kept").await.len(), expected);
        // An hour passes.
        sqlx::query(
            "update synclog.run set first_request_at = first_request_at - interval '1 hour',
                 last_request_at = last_request_at - interval '1 hour'",
        )
        .execute(&pool)
        .await
        .unwrap();
    }
    let numbers: Vec<i32> = written(&api, "kept")
        .await
        .iter()
        .map(|run| run.run_number)
        .collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn with_the_database_away_requests_are_answered_and_noted_until_it_is_back() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "away").await;
    let api = Api::start(&pool).await;
    let token = api.token(&client).await;
    api.get(&token, "/orgs").await;
    let nowhere = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(50))
        .connect_lazy("postgres://nobody@127.0.0.1:1/nothing")
        .unwrap();
    synclog::flush(&api.sync_log, &nowhere).await;
    assert_eq!(api.sync_log.figures().waiting, 1);
    assert_eq!(api.get(&token, "/orgs?limit=3").await.status, 200);
    synclog::flush(&api.sync_log, &nowhere).await;
    let figures = api.sync_log.figures();
    assert_eq!((figures.waiting, figures.dropped), (1, 0));
    let [run] = written(&api, "away").await.try_into().unwrap();
    assert_eq!(at(&run, "/orgs"), (2, 8, Some(true)), "nothing is lost");
    assert_eq!(api.sync_log.figures().waiting, 0);
}

fn reading(tenant_id: &str, token: u128) -> Reading {
    Reading {
        tenant_id: tenant_id.to_owned(),
        client_id: format!("{tenant_id}.x"),
        token_id: Uuid::from_u128(token),
        generation: None,
        path: "/users",
        answer: NotedAnswer::Failure,
    }
}

#[tokio::test]
async fn notes_of_a_tenant_that_is_gone_are_dropped_and_hold_up_nobody() {
    let TestDatabase { pool, server, .. } = database().await;
    five_orgs(&pool, "stays").await;
    let log = SyncLog::with_capacity(10);
    log.note(reading("gone", 1));
    log.note(reading("stays", 2));
    synclog::flush(&log, &server).await;
    let figures = log.figures();
    assert_eq!((figures.waiting, figures.dropped), (0, 1));
    assert_eq!(synclog::runs(&server, "stays", 10).await.unwrap().len(), 1);
    let unknown = synclog::runs(&server, "gone", 10).await;
    assert!(matches!(unknown, Err(synclog::Error::UnknownTenant(_))));
}

#[tokio::test]
async fn memory_stays_bounded_and_what_is_dropped_is_counted() {
    let log = SyncLog::with_capacity(100);
    for token in 0..1000 {
        log.note(reading("busy", token));
    }
    let figures = log.figures();
    assert_eq!((figures.waiting, figures.dropped), (100, 900));
}

/// Puts runs into the log that ended so many hours ago.
async fn read_hours_ago(pool: &PgPool, tenant_id: &str, hours: &[i32]) {
    for hours in hours {
        sqlx::query(
            "insert into synclog.run values ($1, $1 || '.x', gen_random_uuid(), 1, 1,
                 clock_timestamp() - make_interval(hours => $2), clock_timestamp() - make_interval(hours => $2), true, '[]')",
        )
        .bind(tenant_id)
        .bind(hours)
        .execute(pool)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn r27_a_tenant_that_is_no_longer_read_twice_a_day_is_told_until_it_is_read_again() {
    let TestDatabase { pool, .. } = database().await;
    let client = five_orgs(&pool, "silent").await;
    five_orgs(&pool, "lively").await;
    five_orgs(&pool, "tried").await;
    five_orgs(&pool, "ended").await;
    read_hours_ago(&pool, "silent", &[40, 52, 64, 76]).await;
    read_hours_ago(&pool, "lively", &[4, 16, 28, 40, 52]).await;
    read_hours_ago(&pool, "tried", &[40, 41, 42, 43]).await;
    read_hours_ago(&pool, "ended", &[40, 52, 64, 76]).await;
    sqlx::query("update auth.client set revoked_at = clock_timestamp() where tenant_id = 'ended'")
        .execute(&pool)
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let silent = async || {
        synclog::refresh_silent(&api.sync_log, &api.pool, DAY_AND_A_HALF)
            .await
            .unwrap();
        let ready = api.ask(Method::GET, "", "/readyz").await;
        assert_eq!(ready.status, 200, "it is no fault of the server");
        ready.json()
    };
    let body = silent().await;
    assert_eq!(body["silent_tenants"], 1);
    assert_eq!(body["silent"][0]["tenant"], "silent");
    assert!(body["silent"][0]["since"].is_string());
    assert!(body["detail"].as_str().unwrap().contains("no longer are"));
    assert_eq!(api.sync_log.figures().silent_tenants, 1);
    assert!(
        synclog::silent_since(&api.pool, "silent", DAY_AND_A_HALF)
            .await
            .unwrap()
            .is_some()
    );
    let patient = Duration::from_hours(48);
    assert_eq!(
        synclog::silent_since(&api.pool, "silent", patient).await.unwrap(),
        None
    );

    let token = api.token(&client).await;
    api.get(&token, "/orgs").await;
    synclog::flush(&api.sync_log, &api.pool).await;
    let body = silent().await;
    assert_eq!(
        (&body["silent_tenants"], &body["silent"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(body.get("detail"), None);
}

#[tokio::test]
async fn old_runs_go() {
    let TestDatabase { pool, server, .. } = database().await;
    five_orgs(&pool, "old").await;
    read_hours_ago(&pool, "old", &[1, 399 * 24, 401 * 24, 500 * 24]).await;
    assert_eq!(synclog::purge(&server, 400).await.unwrap(), 2);
    assert_eq!(synclog::runs(&server, "old", 10).await.unwrap().len(), 2);
    assert_eq!(synclog::purge(&server, 400).await.unwrap(), 0);
}

fn command(url: &str, arguments: &[&str]) -> Output {
    harness::command(url, &[&["synclog"], arguments].concat())
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_server_writes_its_log_by_itself_the_last_requests_included_and_the_command_shows_it() {
    let TestDatabase { pool, url, .. } = database().await;
    let client = five_orgs(&pool, "served").await;
    let server = Running::start(&running::settings(&url)).await;
    let base_url = server.base_url.clone();
    let http = reqwest::Client::new();
    let token: Value = http
        .post(format!("{base_url}/connect/token"))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let get = async |path: &str| {
        let request = http.get(format!("{base_url}/ims/oneroster/v1p1{path}"));
        let answer = request
            .bearer_auth(token["access_token"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.bytes().await.unwrap();
    };
    get("/orgs?limit=3").await;
    let count = async || -> i64 {
        sqlx::query_scalar("select count(*) from synclog.run")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    // Nobody asks for it to be written.
    tokio::time::timeout(Duration::from_mins(1), async {
        while count().await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    get("/orgs?limit=3&offset=3").await;
    server.stop().await;

    let output = command(&url, &["--tenant", "served", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &report["runs"][0];
    assert_eq!(report["runs"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&run["mode"], &run["complete"], &run["rows"]),
        (&json!("full"), &json!(true), &json!(5))
    );
    assert_eq!(run["client_id"], client.client_id.as_str());
    assert_eq!(run["readings"][0]["path"], "/orgs");
    assert_eq!(report["silent_since"], Value::Null);
    let text = String::from_utf8(command(&url, &["--tenant", "served"]).stdout).unwrap();
    assert!(
        text.contains("generation 1  full  complete") && text.contains("/orgs: 2 pages, 5 rows"),
        "{text}"
    );
    assert_eq!(command(&url, &["--tenant", "nobody"]).status.code(), Some(1));
    assert_eq!(command(&url, &[]).status.code(), Some(2));
}
