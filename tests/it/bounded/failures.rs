//! What fails is bounded by address; what has right credentials never is.

use std::time::Duration;

use oneroster::auth::client::NewSecret;
use reqwest::StatusCode;

use crate::harness::api;
use crate::harness::database;
use crate::harness::running::{self, Running};

/// A client for each "address": behind a proxy that is trusted, the header says it.
struct Caller {
    http: reqwest::Client,
    url: String,
}

impl Caller {
    async fn ask(&self, address: Option<&str>, id: &str, secret: &str) -> reqwest::Response {
        let mut request = self
            .http
            .post(&self.url)
            .basic_auth(id, Some(secret))
            .form(&[("grant_type", "client_credentials")]);
        if let Some(address) = address {
            request = request.header("X-Forwarded-For", address);
        }
        request.send().await.unwrap()
    }

    async fn good(&self, address: Option<&str>, client: &NewSecret) -> StatusCode {
        self.ask(address, &client.client_id, &client.client_secret)
            .await
            .status()
    }
}

async fn start(proxies: &[&str]) -> (Running, Caller, NewSecret) {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 1).await;
    let mut settings = running::settings(&test.url);
    settings.tokens.failures_per_minute = 5;
    settings.server.trusted_proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
    let server = Running::start(&settings).await;
    let caller = Caller {
        http: reqwest::Client::new(),
        url: format!("{}/connect/token", server.base_url),
    };
    (server, caller, made)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_whose_sign_ins_fail_is_refused_and_its_right_ones_are_not() {
    let (server, caller, made) = start(&[]).await;
    let mut statuses = Vec::new();
    for attempt in 0..12 {
        let (id, secret) = match attempt % 3 {
            0 => ("zand.aaaaaaaaaaaa", "x"),
            1 => ("nobody", "x"),
            _ => (&*made.client_id, "wrong"),
        };
        // What the header says is believed of nobody here.
        let answer = caller.ask(Some("198.51.100.1"), id, secret).await;
        let status = answer.status();
        statuses.push(status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            assert_eq!(answer.headers()["content-type"], "application/json");
            assert!(answer.headers().contains_key("x-request-id"));
            let body: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(body["error"], "temporarily_unavailable");
            assert!(
                body["error_description"]
                    .as_str()
                    .unwrap()
                    .contains("try again in"),
                "{body}"
            );
        }
        assert_eq!(caller.good(None, &made).await, StatusCode::OK, "after {attempt}");
    }
    assert_eq!(statuses[..5], [401; 5], "{statuses:?}");
    assert!(
        statuses[5..].iter().filter(|status| **status == 429).count() >= 6,
        "{statuses:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_address_is_bounded_for_itself_and_the_proxy_is_not() {
    let (server, caller, made) = start(&["127.0.0.0/8"]).await;
    for _ in 0..20 {
        let answer = caller.ask(Some("192.0.2.1"), "nobody", "x").await;
        assert!([401, 429].contains(&answer.status().as_u16()));
    }
    let refused = caller
        .ask(Some("10.9.9.9, 192.0.2.1, 127.0.0.1"), "nobody", "x")
        .await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        caller.ask(Some("192.0.2.2"), "nobody", "x").await.status(),
        StatusCode::UNAUTHORIZED
    );
    for _ in 0..20 {
        assert_eq!(
            caller.ask(None, "nobody", "x").await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(caller.good(Some("192.0.2.1"), &made).await, StatusCode::OK);
    server.stop().await;
}

/// A new client and a new secret are known at once, whatever an address has failed, and a revoked client fails like any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_known_within_seconds_and_an_old_one_fails() {
    use oneroster::auth::client;
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    let mut settings = running::settings(&test.url);
    settings.tokens.failures_per_minute = 1;
    let server = Running::start(&settings).await;
    let caller = Caller {
        http: reqwest::Client::new(),
        url: format!("{}/connect/token", server.base_url),
    };
    caller.ask(None, "nobody", "x").await;
    let until = async |client: &NewSecret, status: StatusCode| {
        let waiting = async {
            while caller.good(None, client).await != status {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting)
            .await
            .unwrap();
    };
    let second = client::create(&test.pool, "zand", "second").await.unwrap();
    until(&second, StatusCode::OK).await;
    let rotated = client::rotate(&test.pool, "zand", &made.client_id).await.unwrap();
    until(&rotated, StatusCode::OK).await;
    assert_eq!(
        caller.good(None, &made).await,
        StatusCode::OK,
        "the old secret stays valid for a while"
    );
    client::revoke(&test.pool, "zand", &made.client_id).await.unwrap();
    until(&rotated, StatusCode::TOO_MANY_REQUESTS).await;
    server.stop().await;
}
