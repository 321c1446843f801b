//! What somebody likes a screen to look like, kept with their account.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::database;
use crate::harness::desk::Site;

#[tokio::test]
async fn preferences_are_kept_for_who_has_them() {
    let database = database().await;
    let site = Site::start(&database.pool).await;
    let mut browsers = Vec::new();
    for name in ["mia", "els"] {
        let account = site.account(name, &[]).await;
        browsers.push(site.signed_in(&account).await);
    }
    let path = "/desk/api/me/preferences/usernames";
    let kept = json!({ "columns": ["family_name"] });
    let put = |browser, path, body| site.ask(browser, axum::http::Method::PUT, path, Some(body));
    assert_eq!(
        put(&browsers[0], path, &kept).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(site.get(&browsers[0], path).await.json(), kept);
    assert_eq!(site.get(&browsers[1], path).await.json(), Value::Null);
    let large = json!("x".repeat(17_000));
    assert_eq!(
        put(&browsers[0], path, &large).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let document = site.get(&browsers[0], "/desk/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
}
