//! The desk without a socket: who asks is signed in as a test says, and asks as a page of the desk does.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{Method, Request};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use oneroster::access::account::{self, Account};
use oneroster::access::grants::{self, Given, Place};
use oneroster::access::sessions::{self, Way};
use oneroster::access::{Hashed, NewAccount, Passwords};
use oneroster::clock::Clock;
use oneroster::config;
use oneroster::db::scope;
use oneroster::desk::Desk;
use oneroster::edge::{PeerAddress, TrustedProxies};
use serde_json::Value;
use sqlx::{Connection, PgPool};
use tokio::sync::OnceCell;
use tower::ServiceExt;

use super::api::Answer;
use super::as_desk;

/// The address the desk believes it has.
pub(crate) const DESK_URL: &str = "https://desk.example";

/// What the password of every account of a test is.
pub(crate) const PASSWORD: &str = "a good password";

/// A desk.
pub(crate) struct Site {
    /// Its connections.
    pub(crate) pool: PgPool,
    base_url: String,
    clock: Clock,
    router: Router,
    /// [`PASSWORD`], hashed once: that takes long.
    hashed: OnceCell<Hashed>,
}

/// Somebody at a browser: with the cookie of their session, if they have one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
}

impl Site {
    /// A desk on the database of a test, by the pool of its owner.
    pub(crate) async fn start(owner: &PgPool) -> Self {
        Self::start_at(owner, Clock::System, DESK_URL).await
    }

    #[expect(clippy::unused_async, reason = "the pool connects in a runtime")]
    pub(crate) async fn start_at(owner: &PgPool, clock: Clock, base_url: &str) -> Self {
        let pool = as_desk(owner);
        let mut desk = Desk::new(pool.clone(), base_url.to_owned(), TrustedProxies::default());
        desk.clock = clock;
        Self {
            pool,
            base_url: base_url.to_owned(),
            clock,
            router: Router::new().fallback_service(oneroster::desk::service(desk)),
            hashed: OnceCell::new(),
        }
    }

    /// The same with settings of the operator.
    pub(crate) async fn start_with(owner: &PgPool, settings: config::Desk) -> Self {
        let mut site = Self::start(owner).await;
        let mut desk = Desk::new(
            site.pool.clone(),
            site.base_url.clone(),
            TrustedProxies::default(),
        );
        desk.settings = settings;
        site.router = Router::new().fallback_service(oneroster::desk::service(desk));
        site
    }

    /// The same desk at another moment.
    pub(crate) async fn at(&self, owner: &PgPool, moment: DateTime<Utc>) -> Self {
        Self::start_at(owner, Clock::Fixed(moment), &self.base_url).await
    }

    /// Makes an account without a password, and gives it rights: tenant, school, site, and a role or `manager`.
    pub(crate) async fn account(&self, name: &str, given: &[(&str, &str, Option<i32>, &str)]) -> Account {
        self.make(name, false, given).await
    }

    /// Makes an operator.
    pub(crate) async fn operator(&self, name: &str) -> Account {
        self.make(name, true, &[]).await
    }

    async fn make(
        &self,
        name: &str,
        is_operator: bool,
        given: &[(&str, &str, Option<i32>, &str)],
    ) -> Account {
        let hash = async || Passwords::default().hash(name, PASSWORD).await.unwrap();
        let hashed = self.hashed.get_or_init(hash).await;
        let mut connection = self.pool.acquire().await.unwrap();
        let new = NewAccount {
            login_name: name,
            display_name: name,
            is_operator,
            password: hashed,
        };
        let account = account::create(&mut connection, &new, "test").await.unwrap();
        for (tenant_id, school, site, role) in given {
            let mut transaction = connection.begin().await.unwrap();
            scope::enter(&mut transaction, tenant_id).await.unwrap();
            let place = Place {
                school: (*school).to_owned(),
                site: *site,
            };
            let given = match *role {
                "manager" => Given::Manager,
                role => Given::standard(role).unwrap(),
            };
            grants::give(&mut transaction, tenant_id, &account, (&place, &given), "test")
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        account
    }

    /// Signs an account in without a password.
    pub(crate) async fn signed_in(&self, account: &Account) -> Browser {
        let now = self.clock.now();
        let token = sessions::begin(&self.pool, account.account_id, Way::Password, now)
            .await
            .unwrap()
            .unwrap();
        let name = if self.base_url.starts_with("https") {
            "__Host-oneroster-desk"
        } else {
            "oneroster-desk"
        };
        Browser {
            cookie: Some(format!("{name}={}", token.as_str())),
        }
    }

    /// Sends a request from an address.
    pub(crate) async fn send_from(&self, address: &str, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = format!("{address}:40000").parse().unwrap();
        request.extensions_mut().insert(PeerAddress(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("127.0.0.1", request).await
    }

    /// Asks as a page of the desk does.
    pub(crate) async fn ask(
        &self,
        browser: &Browser,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &browser.cookie {
            request = request.header(COOKIE, cookie);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.ask(browser, Method::GET, path, None).await
    }

    /// Opens a page as a browser does.
    pub(crate) async fn page(&self, browser: &Browser, path: &str) -> Answer {
        let mut request = Request::builder()
            .uri(path)
            .header("accept", "text/html,*/*;q=0.8");
        if let Some(cookie) = &browser.cookie {
            request = request.header(COOKIE, cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, browser: &Browser, path: &str, body: &Value) -> Answer {
        self.ask(browser, Method::POST, path, Some(body)).await
    }

    /// Sends a file as a page of the desk does.
    pub(crate) async fn upload(&self, browser: &Browser, path: &str, bytes: Vec<u8>) -> Answer {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/octet-stream");
        if let Some(cookie) = &browser.cookie {
            request = request.header(COOKIE, cookie);
        }
        self.send(request.body(Body::from(bytes)).unwrap()).await
    }

    /// Sends a form as a page of the desk does.
    pub(crate) async fn form(&self, browser: &Browser, path: &str, form: &str) -> Answer {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = &browser.cookie {
            request = request.header(COOKIE, cookie);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }
}

impl Browser {
    /// Keeps the cookie of an answer, as a browser does.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
    }
}
