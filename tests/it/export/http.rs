//! `GET /export/{format}`: the generation of a token as one zip.

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use oneroster::auth::Scope;
use oneroster::auth::client::{self, NewSecret};
use oneroster::export::{EXPORTS_MAX, EXPORTS_PER_TENANT};
use serde_json::{Value, json};

use super::roster::{class, small, user};
use super::{read, read_zip};
use crate::harness::api::{self, Answer, Api};
use crate::harness::{TestDatabase, database, oneroster};

const FORMATS: [&str; 5] = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv", "clever"];

async fn ask(api: &Api, token: &str, format: &str) -> Answer {
    api.ask(Method::GET, token, &format!("/export/{format}")).await
}

/// Gives a client the setting.
async fn open_files(database: &TestDatabase, tenant_id: &str, client: &NewSecret) {
    let entries = ["files=true".to_owned()];
    client::set(&database.pool, tenant_id, &client.client_id, &entries)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_zip_has_the_same_files_as_the_command_writes_for_that_generation() {
    let database = database().await;
    let client = api::tenant(&database.pool, "zandpoort").await;
    open_files(&database, "zandpoort", &client).await;
    api::publish(&database.pool, "zandpoort", &small()).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    // Published after the token was issued: it is not of its generation.
    let late = ("users", "late", "active", user("late", "student", &["001507-1"]));
    api::publish(&database.pool, "zandpoort", &[late]).await;
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let answer = ask(&api, &token, format).await;
        assert_eq!(answer.status, 200, "{format}");
        assert_eq!(answer.header("content-type"), "application/zip");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(answer.header("x-roster-generation"), "1");
        assert!(
            answer
                .header("content-disposition")
                .contains(&format!("zandpoort-{format}.zip"))
        );
        let path = folder.path().join(format);
        let arguments = [
            "export",
            "--tenant",
            "zandpoort",
            "--format",
            format,
            "--generation",
            "1",
            path.to_str().unwrap(),
        ];
        assert!(oneroster(&database.url, &arguments).await.status.success());
        assert_eq!(read_zip(&answer.body), read(&path), "{format}");

        let again = Request::builder()
            .uri(format!("/export/{format}"))
            .header("authorization", format!("Bearer {token}"))
            .header("if-none-match", answer.header("etag"));
        assert_eq!(
            api.send(again.body(Body::empty()).unwrap()).await.status,
            304,
            "{format}"
        );
        let other = ask(&api, &token, format).await;
        assert_eq!(other.body, answer.body, "the same bytes");
    }
    let entries: Vec<(String, Value)> = sqlx::query_as(
        "select by, detail from audit.entry where kind = 'files_exported' order by position limit 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let (by, detail) = &entries[0];
    assert_eq!(*by, format!("client:{}", client.client_id));
    assert_eq!(
        (&detail["format"], &detail["generation"]),
        (&json!("sds-v1"), &json!(1))
    );
}

#[tokio::test]
async fn who_may_have_which_files() {
    let database = database().await;
    let client = api::tenant(&database.pool, "zandpoort").await;
    api::publish(&database.pool, "zandpoort", &small()).await;
    let early = api::tenant(&database.pool, "leeg").await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    for format in FORMATS {
        let expected = if format == "oneroster-csv" { 200 } else { 403 };
        let answer = ask(&api, &token, format).await;
        assert_eq!(answer.status, expected, "{format}");
        if expected == 403 {
            assert!(answer.json().to_string().contains("`files`"), "{}", answer.json());
        }
    }
    assert_eq!(ask(&api, &token, "sds-v3").await.status, 404);
    assert_eq!(ask(&api, "nonsense", "oneroster-csv").await.status, 401);
    let post = api.ask(Method::POST, &token, "/export/oneroster-csv").await;
    assert_eq!(post.status, 405);
    let narrow = api.auth.issue(
        &client.client_id,
        &client.client_secret,
        Some(Scope::RosterCore.uri()),
        None,
    );
    let narrow = narrow.await.unwrap().access_token;
    assert_eq!(ask(&api, &narrow, "oneroster-csv").await.status, 403);
    let nothing_yet = api.token(&early).await;
    assert_eq!(ask(&api, &nothing_yet, "oneroster-csv").await.status, 503);
}

#[tokio::test]
async fn a_rule_that_does_not_hold_is_a_conflict_that_names_it() {
    let database = database().await;
    let client = api::tenant(&database.pool, "zandpoort").await;
    open_files(&database, "zandpoort", &client).await;
    api::publish(&database.pool, "zandpoort", &small()).await;
    let dangling = ("classes", "c1", "active", class("3A", "c1", "001507-9"));
    api::publish(&database.pool, "zandpoort", &[dangling]).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let answer = ask(&api, &token, "sds-v1").await;
    assert_eq!(answer.status, 409);
    let text = answer.json().to_string();
    for part in ["Section.csv", "School SIS ID", "c1"] {
        assert!(text.contains(part), "{text}");
    }
}

/// A client that takes its time keeps its place: its tenant gets 429 above its share, others do not.
#[tokio::test]
async fn so_many_exports_at_once_and_no_more() {
    let database = database().await;
    let mut clients = Vec::new();
    for number in 0..=EXPORTS_MAX / EXPORTS_PER_TENANT {
        let tenant_id = format!("t{number}");
        clients.push(api::tenant(&database.pool, &tenant_id).await);
        api::publish(&database.pool, &tenant_id, &small()).await;
    }
    let api = Api::start(&database.pool).await;
    let mut tokens = Vec::new();
    for client in &clients {
        tokens.push(api.token(client).await);
    }
    let mut slow = Vec::new();
    for token in tokens.iter().take(EXPORTS_MAX / EXPORTS_PER_TENANT) {
        for _ in 0..EXPORTS_PER_TENANT {
            let response = api.begin(token, "/export/oneroster-csv").await;
            assert_eq!(response.status(), 200);
            slow.push(response);
        }
        let refused = ask(&api, token, "oneroster-csv").await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("retry-after"), "30");
    }
    let last = tokens.last().unwrap();
    assert_eq!(
        ask(&api, last, "oneroster-csv").await.status,
        429,
        "all places are taken"
    );
    // Who hangs up gives the place back, and who reads to the end.
    let read_whole = slow
        .pop()
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert!(read_zip(&read_whole).contains_key("manifest.csv"));
    slow.pop();
    assert_eq!(ask(&api, last, "oneroster-csv").await.status, 200);
}
