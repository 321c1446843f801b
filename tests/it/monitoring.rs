//! The rules and the dashboard of `dist/monitoring`: every figure that they ask for is served.

use std::collections::BTreeSet;
use std::path::Path;

use crate::harness::running::{self, Running};
use crate::harness::{api, database};

/// Returns the names of figures in a text, as Prometheus stores them.
fn figures(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| word.starts_with("oneroster_"))
        .collect()
}

#[tokio::test]
async fn every_figure_of_rules_and_dashboard_is_served() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/monitoring");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let (rules, dashboard) = (read("alerts.yml"), read("dashboard.json"));
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();

    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    sqlx::query("insert into informat.lading (tenant_id, delta, gewijzigd, rijen) values ('zand', false, false, '{}')")
        .execute(&test.pool)
        .await
        .unwrap();
    let server = Running::start(&running::settings(&test.url)).await;
    let http = reqwest::Client::new();
    let asked = http
        .post(format!("{}/connect/token", server.base_url))
        .basic_auth(&made.client_id, Some(&made.client_secret))
        .form(&[("grant_type", "client_credentials")]);
    let token: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
    let reading = http
        .get(format!("{}/ims/oneroster/v1p1/orgs", server.base_url))
        .bearer_auth(token["access_token"].as_str().unwrap());
    assert_eq!(reading.send().await.unwrap().status(), 200);
    let figures_now = loop {
        let asked = http.get(format!("http://{}/metrics", server.metrics));
        let figures_now = asked.send().await.unwrap().text().await.unwrap();
        // Looked up beside the rest, soon after the start.
        if figures_now.contains("oneroster_oldest_import_age_seconds ") {
            break figures_now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let lines = figures_now.lines().filter(|line| !line.starts_with('#'));
    let names: BTreeSet<&str> = lines
        .map(|line| line.split(['{', ' ']).next().unwrap_or_default())
        .collect();
    for (file, text) in [("alerts.yml", &rules), ("dashboard.json", &dashboard)] {
        let wanted = figures(text);
        assert!(wanted.len() > 5, "{file}: {wanted:?}");
        let missing: Vec<_> = wanted.difference(&names).collect();
        assert!(
            missing.is_empty(),
            "{file} asks for {missing:?}; there are {names:?}"
        );
    }
    server.stop().await;
}
