//! Somebody who is signed in to the desk, and what they read and do there.

use axum::http::StatusCode;
use oneroster::config;
use serde_json::Value;
use sqlx::PgPool;

use crate::harness::desk::{Browser, Site};
use crate::harness::world::{Group, World};

/// Returns a page of a world's tenant, as an operator reads it over a socket.
pub(super) async fn page_of(world: &World, group: &Group, path: &str) -> (StatusCode, String) {
    let base = group.connection.base_url.strip_suffix("/ims/oneroster/v1p1");
    let response = reqwest::Client::new()
        .get(format!("{}/desk/{}/{path}", base.unwrap(), group.id))
        .header("cookie", world.operator().await)
        .send()
        .await
        .unwrap();
    (response.status(), response.text().await.unwrap())
}

/// Somebody at the desk.
pub(super) struct Asking {
    site: Site,
    browser: Browser,
}

impl Asking {
    /// Signs an operator in, who is called `operator`.
    pub(super) async fn start(pool: &PgPool) -> Self {
        let site = Site::start(pool).await;
        let account = site.operator("operator").await;
        let browser = site.signed_in(&account).await;
        Self { site, browser }
    }

    /// Signs somebody in who was given a role in a tenant, or is `manager`, at school 001507.
    pub(super) async fn with_role(
        pool: &PgPool,
        settings: config::Desk,
        name: &str,
        (tenant_id, role): (&str, &str),
    ) -> Self {
        let site = Site::start_with(pool, settings).await;
        let account = site.account(name, &[(tenant_id, "001507", None, role)]).await;
        let browser = site.signed_in(&account).await;
        Self { site, browser }
    }

    /// Returns a page.
    pub(super) async fn page(&self, path: &str) -> (StatusCode, String) {
        let answer = self.site.get(&self.browser, path).await;
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Returns the page of a path that there is.
    pub(super) async fn shown(&self, path: &str) -> String {
        let (status, page) = self.page(path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    }

    /// Posts JSON to the API.
    pub(super) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self.site.post(&self.browser, path, body).await;
        (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or_default(),
        )
    }
}
