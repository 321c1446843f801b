//! Clocks that are too far apart: no new tokens, reading goes on, and the readiness probe says so.

use std::path::Path;
use std::time::Duration;

use oneroster::auth::client::NewSecret;
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::api::{self, Api};
use crate::harness::{command, database};

/// Where Debian has the library that gives a process another clock.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// A server whose clock is so far from the database's.
struct Shifted {
    child: std::process::Child,
    base_url: String,
    folder: tempfile::TempDir,
}

impl Shifted {
    async fn start(url: &str, shift: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut serve = command(url, &["serve", "--listen", "127.0.0.1:0"]);
        serve
            .env("LD_PRELOAD", FAKETIME)
            .env("FAKETIME", shift)
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("ONEROSTER_PUBLIC_URL", api::BASE_URL)
            .env("ONEROSTER_LOG_JSON", "true")
            .stderr(std::fs::File::create(&log).unwrap());
        let mut shifted = Self {
            child: serve.spawn().unwrap(),
            base_url: String::new(),
            folder,
        };
        for _ in 0..3000 {
            let told = shifted.told();
            let line = told.lines().find(|line| line.contains("\"serving\""));
            if let Some(line) = line {
                let line: Value = serde_json::from_str(line).unwrap();
                shifted.base_url = format!("http://{}", line["address"].as_str().unwrap());
                return shifted;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{}", shifted.told());
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn token(&self, client: &NewSecret) -> StatusCode {
        let asked = reqwest::Client::new()
            .post(format!("{}/connect/token", self.base_url))
            .basic_auth(&client.client_id, Some(&client.client_secret))
            .form(&[("grant_type", "client_credentials")]);
        asked.send().await.unwrap().status()
    }

    async fn read(&self, token: &str) -> StatusCode {
        let asked = reqwest::Client::new().get(format!("{}/ims/oneroster/v1p1/orgs", self.base_url));
        asked.bearer_auth(token).send().await.unwrap().status()
    }
}

impl Drop for Shifted {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_minute_apart_no_token_is_issued_and_reading_goes_on() {
    assert!(
        Path::new(FAKETIME).exists(),
        "{FAKETIME} is not there: apt-get install faketime"
    );
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish(&test.pool, "zand", &[]).await;
    let token = Api::start(&test.pool).await.token(&made).await;
    for (shift, expected) in [("-90s", false), ("+90s", false), ("+20s", true)] {
        let server = Shifted::start(&test.url, shift).await;
        let ready = reqwest::get(format!("{}/readyz", server.base_url)).await.unwrap();
        let (status, ready) = (ready.status(), ready.json::<Value>().await.unwrap());
        assert_eq!(server.read(&token).await, StatusCode::OK, "{shift}");
        if expected {
            assert_eq!(
                server.token(&made).await,
                StatusCode::OK,
                "{shift}: {}",
                server.told()
            );
            assert_eq!(status, StatusCode::OK, "{ready}");
        } else {
            assert_eq!(
                server.token(&made).await,
                StatusCode::SERVICE_UNAVAILABLE,
                "{shift}"
            );
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{ready}");
            let detail = ready["detail"].as_str().unwrap();
            assert!(detail.contains("s apart: no new tokens"), "{ready}");
            assert!(
                server.told().contains("more than a minute apart"),
                "{}",
                server.told()
            );
        }
    }
}
