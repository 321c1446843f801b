//! Figures for monitoring: on a listener of their own, without a word about anybody.

use oneroster::auth::client::NewSecret;
use oneroster::config::Settings;
use oneroster::db::Database;
use oneroster::startup::Server;

use crate::harness::{api, database};

#[tokio::test]
async fn monitoring_sees_how_many_requests_ended_how_and_nothing_about_whom() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let settings = Settings {
        database_url: Some(test.url.clone()),
        listen: ([127, 0, 0, 1], 0).into(),
        metrics_listen: Some(([127, 0, 0, 1], 0).into()),
        ..Settings::default()
    };
    let server = Server::bind(&settings, Database::open(&settings).await.unwrap())
        .await
        .unwrap();
    let (base_url, metrics) = (server.base_url().to_owned(), server.metrics_address().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async move { drop(stopped.await) }));
    let http = reqwest::Client::new();
    let token = token(&http, &base_url, &made).await;
    for (path, status) in [
        ("orgs", 200),
        ("orgs", 200),
        ("orgs/o001", 200),
        ("orgs/nobody", 404),
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
        r#"oneroster_http_requests_total{path="/connect/token",status="200"} 1"#,
        "oneroster_objects_served_total 7",
        "oneroster_rosters_in_memory 1",
        "oneroster_held_tenants 0",
        "oneroster_silent_tenants 0",
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
    drop(stop);
    running.await.unwrap().unwrap();
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
