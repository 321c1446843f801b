//! The server itself: without its database, with a roster that cannot be loaded, from start to stop.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::assert_refusal;
use crate::harness::api::{self, Api};
use crate::harness::{database, running};

#[tokio::test]
async fn with_the_database_gone_good_tickets_still_open_what_is_in_memory() {
    let pool = database().await.pool;
    let (made, cold) = (api::tenant(&pool, "zand").await, api::tenant(&pool, "koud").await);
    api::publish_orgs(&pool, "zand", 3).await;
    api::publish_orgs(&pool, "koud", 3).await;
    let api = Api::start(&pool).await;
    let (token, cold_token) = (api.token(&made).await, api.token(&cold).await);
    let before = api.get(&token, "/orgs").await;
    assert_eq!(api.ask(Method::GET, "", "/readyz").await.status, StatusCode::OK);
    api.close_database().await;
    assert_eq!(api.get(&token, "/orgs").await.body, before.body);
    assert_eq!(
        api.get(&token, "/orgs?filter=sourcedId='o001'").await.ids("orgs"),
        ["o001"]
    );
    let answer = api.get(&cold_token, "/orgs").await;
    assert_refusal(&answer, 503, "server_busy");
    assert_eq!(answer.header("retry-after"), "30");
    let ready = api.ask(Method::GET, "", "/readyz").await;
    assert_eq!(
        (ready.status.as_u16(), &ready.json()["database"]),
        (503, &json!("unreachable"))
    );
    assert_eq!(ready.json()["rosters_in_memory"], 1);
    assert_eq!(api.ask(Method::GET, "", "/healthz").await.status, StatusCode::OK);
}

/// Sends bytes over a socket and reads the answer to its end.
/// "Try later" would be a lie: a load that cannot succeed is a fault of this side, to be looked into.
#[tokio::test]
async fn a_roster_that_cannot_be_loaded_is_a_fault_of_the_server_and_not_busy() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let user = json!({ "username": "a", "role": "janitor" });
    api::publish(&pool, "zand", &[("users", "u1", "active", user)]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/users").await;
    assert_refusal(&answer, 500, "internal_server_error");
    assert!(!answer.json().to_string().contains("janitor"));
    sqlx::query("revoke select on roster.object_version from oneroster_tenant")
        .execute(&pool)
        .await
        .unwrap();
    assert_refusal(&api.get(&token, "/orgs").await, 500, "internal_server_error");
    api.close_database().await;
    let answer = api.get(&token, "/orgs").await;
    assert_refusal(&answer, 503, "server_busy");
    assert_eq!(answer.header("retry-after"), "30");
}

async fn raw(address: std::net::SocketAddr, request: &str) -> (String, Value) {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn a_server_takes_a_free_port_serves_raw_requests_and_stops_when_told() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let mut settings = running::settings(&test.url);
    let server = running::bind(&settings).await.unwrap();
    let address = server.local_address();
    assert_eq!(server.base_url(), format!("http://{address}"));
    settings.server.listen = address;
    let second = running::bind(&settings).await.unwrap_err();
    assert!(
        second.to_string().contains(&address.to_string()) && second.to_string().contains("--listen"),
        "{second}"
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async move { drop(stopped.await) }));

    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.client_id, made.client_secret
    );
    let request = format!(
        "POST /connect/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let (_, body) = raw(address, &request).await;
    let bearer = body["access_token"].as_str().unwrap();
    // School Data Sync writes its filters without encoding.
    let path = "/ims/oneroster/v1p1/orgs?filter=dateLastModified>'2020-01-01T01:00:00.000Z'";
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    );
    let (head, body) = raw(address, &request).await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(
        head.to_lowercase().contains("\r\ndate: ") && head.to_lowercase().contains("\r\ncontent-length: "),
        "{head}"
    );
    assert_eq!(body["orgs"].as_array().unwrap().len(), 3);
    let (head, _) = raw(address, &request.replace("GET", "HEAD")).await;
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && head.to_lowercase().contains("\r\ncontent-length: "),
        "{head}"
    );
    let request =
        "HEAD /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n";
    let (head, _) = raw(address, request).await;
    assert!(
        head.contains("content-encoding: gzip") && !head.contains("content-length: "),
        "{head}"
    );

    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), running)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
