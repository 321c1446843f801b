//! Signing in by OpenID Connect: the good way, and every way in which a provider or a browser may lie.

mod browser;
mod claims;
mod hostile;
mod lies;
mod npm;
mod outage;
mod replay;

use std::sync::Arc;

use oneroster::config::{self, Settings};
use serde_json::json;
use sqlx::PgPool;

use crate::harness::running::{self, Running};
use crate::harness::{TestDatabase, database, group};
use browser::{Browser, Page};
use hostile::{CLIENT_ID, CLIENT_SECRET, Provider, TENANT};

/// A role of an app in Entra, which allows no blanks.
const WRITES: &str = "100001:iLeerlingen:Alles_schrijven";

/// A server whose people sign in by a provider, with one tenant of two schools.
struct Scene {
    server: Running,
    provider: Arc<Provider>,
    database: TestDatabase,
}

impl Scene {
    /// By a provider like Entra. Whoever signs in may write at the first school.
    async fn entra() -> Self {
        Self::start(Provider::entra().await, |_| {}).await
    }

    /// By another provider.
    async fn plain() -> Self {
        Self::start(Provider::plain().await, |_| {}).await
    }

    async fn start(provider: Provider, change: impl FnOnce(&mut config::OpenId)) -> Self {
        provider.claim("roles", json!([WRITES]));
        let issuer = provider.issuer();
        let (server, database) = serve(|settings| {
            settings.desk.openid = openid(issuer);
            change(&mut settings.desk.openid);
        })
        .await;
        Self {
            server,
            provider: Arc::new(provider),
            database,
        }
    }

    fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base_url)
    }

    /// Goes to the provider and back with a browser, up to the address that the provider sends it to.
    async fn to_callback(&self, browser: &mut Browser) -> String {
        self.to_callback_for(browser, "/desk").await
    }

    /// The same, for a page.
    async fn to_callback_for(&self, browser: &mut Browser, next: &str) -> String {
        let next = oneroster::edge::encode(next);
        let start = self.url(&format!("/desk/openid?next={next}"));
        let to_provider = browser.get(&start).await;
        assert_eq!(to_provider.status, 303, "{to_provider:?}");
        browser.get(to_provider.location()).await.location().to_owned()
    }

    /// Signs in with a browser.
    async fn sign_in(&self, browser: &mut Browser) -> Page {
        let callback = self.to_callback(browser).await;
        browser.get(&callback).await
    }

    /// Signs in with a new browser, which must succeed.
    async fn signed_in(&self) -> Browser {
        let mut browser = Browser::new();
        let page = self.sign_in(&mut browser).await;
        assert!(is_signed_in(&page), "{page:?}");
        browser
    }

    async fn count(&self, question: &'static str) -> i64 {
        sqlx::query_scalar(question).fetch_one(self.pool()).await.unwrap()
    }

    async fn sessions(&self) -> i64 {
        self.count("select count(*) from desk.session").await
    }
}

/// Settings of signing in by a provider of these tests.
fn openid(issuer: String) -> config::OpenId {
    config::OpenId {
        issuer: Some(issuer),
        client_id: Some(CLIENT_ID.to_owned()),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        ..config::OpenId::default()
    }
}

/// A server with one tenant of two schools in [`TENANT`].
async fn serve(change: impl FnOnce(&mut Settings)) -> (Running, TestDatabase) {
    let database = database().await;
    let tenant = group::tenant_file("zandpoort", 2, &format!("entra_tenant_id = \"{TENANT}\""));
    group::apply(&database.pool, &tenant).await.unwrap();
    let mut settings = running::settings(&database.url);
    change(&mut settings);
    (Running::start(&settings).await, database)
}

/// Whether an answer of the callback signs somebody in.
fn is_signed_in(page: &Page) -> bool {
    page.status == 303
        && page.set_cookies.iter().any(|cookie| {
            let name = cookie.split('=').next().unwrap();
            name == SESSION_COOKIE && !cookie.contains("Max-Age=0")
        })
}

/// Of a server on plain loopback.
const SESSION_COOKIE: &str = "oneroster-desk";

#[tokio::test]
async fn who_signs_in_by_the_provider_comes_to_the_page_they_asked_for() {
    for scene in [Scene::entra().await, Scene::plain().await] {
        let mut browser = Browser::new();
        let callback = scene
            .to_callback_for(&mut browser, "/desk/zandpoort/gebruikersnamen?mark=new")
            .await;
        let page = browser.get(&callback).await;
        assert!(is_signed_in(&page), "{page:?}");
        assert_eq!(
            page.location(),
            scene.url("/desk/zandpoort/gebruikersnamen?mark=new")
        );
        for cookie in &page.set_cookies {
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
                "{cookie}"
            );
        }
        assert_eq!(scene.sessions().await, 1);
        assert_eq!(browser.get(&scene.url("/desk")).await.status, 303);
    }
}

#[tokio::test]
async fn who_is_somebody_is_said_by_tid_and_oid_or_iss_and_sub_and_never_by_an_address() {
    let scene = Scene::entra().await;
    scene.signed_in().await;
    // Another name and address, the same person.
    scene.provider.claim("email", json!("jan.peeters@school.example"));
    scene
        .provider
        .claim("preferred_username", json!("jp@school.example"));
    scene.provider.claim("name", json!("Jan P."));
    // The `sub` of Entra is another one for each program.
    scene.provider.claim("sub", json!("pairwise-elsewhere"));
    scene.signed_in().await;
    let accounts = "select count(*) from desk.account where issuer is not null";
    assert_eq!(scene.count(accounts).await, 1);
    let by_tid_and_oid = "select count(*) from desk.account
        where issuer = 'entra:6f0c3b52-0000-4000-8000-000000000001' and subject = '0b1ec700-0000-4000-8000-000000000001'";
    assert_eq!(scene.count(by_tid_and_oid).await, 1);

    let scene = Scene::plain().await;
    scene.signed_in().await;
    scene
        .provider
        .claim("oid", json!("0b1ec700-0000-4000-8000-00000000dead"));
    scene.signed_in().await;
    assert_eq!(scene.count(accounts).await, 1);
    scene.provider.claim("sub", json!("somebody-else"));
    scene.signed_in().await;
    assert_eq!(scene.count(accounts).await, 2);
}

#[tokio::test]
async fn one_returns_to_the_desk_whatever_the_address_says() {
    let scene = Scene::entra().await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/desk/../../evil",
        "/desk//evil.example",
        "javascript:alert(1)",
        "/desk\r\nLocation: https://evil.example",
    ] {
        let mut browser = Browser::new();
        let callback = scene.to_callback_for(&mut browser, next).await;
        let page = browser.get(&callback).await;
        assert_eq!(page.location(), scene.url("/desk"), "{next}");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_nothing_to_sign_in_by() {
    let (server, _database) = serve(|_| {}).await;
    let mut browser = Browser::new();
    for path in ["/desk/openid", "/desk/openid/callback?state=a&code=b"] {
        let page = browser.get(&format!("{}{path}", server.base_url)).await;
        let nothing = browser.get(&format!("{}/desk/nothing", server.base_url)).await;
        assert_eq!((page.status, page.body), (nothing.status, nothing.body), "{path}");
    }
}
