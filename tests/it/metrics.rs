//! Figures for monitoring: on a listener of their own, without a word about anybody.

use std::time::Duration;

use oneroster::auth::client::NewSecret;
use oneroster::tenants;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::harness::running::{self, Running};
use crate::harness::school::{School, school};
use crate::harness::{api, database};

#[tokio::test]
async fn monitoring_sees_how_many_requests_ended_how_and_nothing_about_whom() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let (base_url, metrics) = (server.base_url.clone(), server.metrics);
    let http = reqwest::Client::new();
    let token = token(&http, &base_url, &made).await;
    for (path, status) in [
        ("orgs", 200),
        ("orgs", 200),
        ("orgs/o001", 200),
        ("orgs/nobody", 404),
        ("orgs/%FF", 400),
    ] {
        let url = format!("{base_url}/ims/oneroster/v1p1/{path}");
        let answer = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    let on_the_public_side = http.get(format!("{base_url}/metrics")).send().await.unwrap();
    assert_eq!(on_the_public_side.status(), 404);

    let answer = http
        .get(format!("http://{metrics}/metrics"))
        .send()
        .await
        .unwrap();
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let figures = answer.text().await.unwrap();
    for line in [
        r#"oneroster_http_requests_total{path="/orgs",status="200"} 2"#,
        r#"oneroster_http_requests_total{path="/orgs/{id}",status="404"} 1"#,
        r#"oneroster_http_requests_total{path="(unknown)",status="400"} 1"#,
        r#"oneroster_http_requests_total{path="/connect/token",status="200"} 1"#,
        "oneroster_objects_served_total 7",
        "oneroster_rosters_in_memory 1",
        "oneroster_database_went_back 0",
        "oneroster_held_tenants 0",
        "oneroster_silent_tenants 0",
        "oneroster_silent_feeds 0",
        "# EOF",
    ] {
        assert!(
            figures.lines().any(|found| found == line),
            "{line} is not in\n{figures}"
        );
    }
    for private in [&*made.client_id, "zand", "o001", "nobody"] {
        assert!(!figures.contains(private), "{private} is in\n{figures}");
    }
    server.stop().await;
}

/// A caller that gives up leaves a trace: while a database is slow, nothing else would show who asked.
#[tokio::test]
async fn monitoring_counts_a_request_whose_caller_went_away() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let (address, metrics) = (server.address, server.metrics);

    // A token is given once this row is free.
    let mut publication = test.pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'zand' for update")
        .execute(&mut *publication)
        .await
        .unwrap();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.client_id, made.client_secret
    );
    let request = format!(
        "POST /connect/token HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut caller = tokio::net::TcpStream::connect(address).await.unwrap();
    caller.write_all(request.as_bytes()).await.unwrap();
    let waits = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    let asked = async || sqlx::query_scalar(waits).fetch_one(&test.pool).await.unwrap();
    eventually("the request waits", asked).await;
    drop(caller);

    let line = r#"oneroster_http_requests_total{path="/connect/token",status="499"} 1"#;
    let counted = async || {
        let answer = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap();
        answer.text().await.unwrap().lines().any(|found| found == line)
    };
    eventually(line, counted).await;
    drop(publication);
    server.stop().await;
}

#[tokio::test]
async fn a_metrics_address_that_is_taken_names_the_setting_that_chooses_another() {
    let test = database().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = running::settings(&test.url);
    settings.server.metrics_listen = taken.local_addr().ok();
    let error = running::bind(&settings).await.unwrap_err().to_string();
    assert!(
        error.contains("choose another with `server.metrics_listen` or ONEROSTER_METRICS_LISTEN"),
        "{error}"
    );
}

/// The last generation is served, and without a figure nobody would notice until a pupil is missed.
#[tokio::test]
async fn monitoring_sees_that_publications_of_a_tenant_fail_and_that_they_no_longer_do() {
    let test = database().await;
    let school = school(&test.pool, "zand").await;
    school.publish().await;
    let mut settings = running::settings(&test.url);
    settings.publication.interval_s = 1;
    let server = Running::start(&settings).await;
    let metrics = server.metrics;
    let monitoring = format!("http://{metrics}");
    let http = reqwest::Client::new();
    // A school year that the mirror does not know has no roster.
    set_year(&school, "2031-32").await;
    let body = wait_for_failing(&http, &monitoring, 1).await;
    assert_eq!(
        (&body["status"], &body["failing"][0]["tenant"]),
        (&json!("ok"), &json!("zand"))
    );
    let reason = body["failing"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("the last publication failed"), "{reason}");
    // Whoever reaches the server learns how many, and not who.
    let public = wait_for_failing(&http, &server.base_url, 1).await;
    assert!(!public.to_string().contains("zand"), "{public}");
    assert!(
        body["detail"].as_str().unwrap().contains("cannot be published"),
        "{body}"
    );
    let figures = http
        .get(format!("http://{metrics}/metrics"))
        .send()
        .await
        .unwrap();
    let figures = figures.text().await.unwrap();
    assert!(
        figures.lines().any(|line| line == "oneroster_failing_tenants 1"),
        "{figures}"
    );
    set_year(&school, "2026-27").await;
    school.publish().await;
    let body = wait_for_failing(&http, &monitoring, 0).await;
    assert_eq!((&body["failing"], &body["detail"]), (&json!([]), &json!(null)));
    server.stop().await;
}

async fn set_year(school: &School, year: &str) {
    let mut transaction = school.pool.begin().await.unwrap();
    tenants::set_active_school_year(&mut transaction, &school.tenant_id, year)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// Asks /readyz until it names this many tenants.
async fn wait_for_failing(http: &reqwest::Client, base_url: &str, count: usize) -> serde_json::Value {
    tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let answer = http.get(format!("{base_url}/readyz")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let body: serde_json::Value = answer.json().await.unwrap();
            if body["failing_tenants"] == json!(count) {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap()
}

/// Waits until something is so, for a minute at the most.
async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// Gets a token as a consumer does.
async fn token(http: &reqwest::Client, base_url: &str, client: &NewSecret) -> String {
    let answer = http
        .post(format!("{base_url}/connect/token"))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}
