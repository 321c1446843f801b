//! What is no request gets an answer like every other refusal; connections go on being understood.

use axum::http::Method;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{raw, read_answer};
use crate::harness::api::{self, Api};
use crate::harness::database;
use crate::harness::running::{self, Running};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_gets_json_a_request_id_and_a_status() {
    let test = database().await;
    let server = Running::start(&running::settings(&test.url)).await;
    let many = "X-A: b\r\n".repeat(200);
    let long = "a".repeat(1 << 20);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a blank", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), "400"),
        (
            "a control character",
            b"GET /a\x01b HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            "400",
        ),
        (
            "Latin-1",
            b"GET /caf\xe9 HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            "400",
        ),
        (
            "a folded header",
            b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n".to_vec(),
            "400",
        ),
        (
            "no header at all",
            b"GET / HTTP/1.1\r\nnothing\r\n\r\n".to_vec(),
            "400",
        ),
        (
            "another protocol",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            "400",
        ),
        (
            "many headers",
            format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n").into_bytes(),
            "431",
        ),
        (
            "a long header",
            format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\n\r\n").into_bytes(),
            "431",
        ),
        (
            "two lengths",
            b"POST /connect/token HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_vec(),
            "400",
        ),
    ];
    for (what, request, status) in cases {
        let answer = raw(server.address, &request)
            .await
            .unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(answer.status(), status, "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{what}");
        assert_eq!(answer.header("connection"), "close", "{what}");
        assert!(answer.header("date").ends_with(" gmt"), "{what}: {answer:?}");
        let id = answer.header("x-request-id").to_owned();
        assert_eq!(id.len(), 32, "{what}");
        assert_eq!(
            answer.json()["statusInfoSet"][0]["imsx_messageRefIdentifier"],
            id,
            "{what}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_characters_are_taken_on_every_request_of_a_connection_also_behind_chunks() {
    let test = database().await;
    let made = api::tenant(&test.pool, "zand").await;
    api::publish_orgs(&test.pool, "zand", 3).await;
    let server = Running::start(&running::settings(&test.url)).await;
    let api = Api::start_at(&test.pool, oneroster::clock::Clock::System, &server.base_url).await;
    let token = api.token(&made).await;
    let get = format!(
        "GET /ims/oneroster/v1p1/orgs?filter=sourcedId>'o001' HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.client_id, made.client_secret
    );
    let chunked = format!(
        "POST /connect/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{form}\r\n0\r\n\r\n",
        form.len()
    );
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    for request in [&get, &chunked, &get, &chunked, &get] {
        socket.write_all(request.as_bytes()).await.unwrap();
        let answer = read_answer(&mut socket).await.unwrap();
        assert_eq!(answer.status(), "200", "{answer:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_its_side_gets_its_answer() {
    let test = database().await;
    let server = Running::start(&running::settings(&test.url)).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    socket.shutdown().await.unwrap();
    assert_eq!(read_answer(&mut socket).await.unwrap().status(), "200");
    server.stop().await;
}

/// What is left of a body would be taken for the next request.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_leaves_a_body_unread_closes_the_connection_and_says_so() {
    let test = database().await;
    let server = Running::start(&running::settings(&test.url)).await;
    let large = 4 << 20;
    for request in [
        format!("POST /connect/token HTTP/1.1\r\nHost: x\r\nContent-Length: {large}\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {large}\r\n\r\n"),
        "DELETE /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n".to_owned(),
    ] {
        let answer = raw(server.address, request.as_bytes()).await.unwrap();
        assert!(["413", "405"].contains(&answer.status()), "{answer:?}");
        assert_eq!(answer.header("connection"), "close", "{answer:?}");
    }
    let whole = "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    let answer = raw(server.address, whole.as_bytes()).await.unwrap();
    assert_eq!((answer.status(), answer.header("connection")), ("405", ""));
    server.stop().await;
}

/// A consumer that asks for what changed since the date of its last answer must never be ahead of the database.
#[tokio::test(flavor = "multi_thread")]
async fn the_date_is_never_ahead_of_the_clock_of_the_database() {
    let test = database().await;
    let api = Api::start(&test.pool).await;
    for _ in 0..20 {
        let answer = api.ask(Method::GET, "", "/healthz").await;
        let date = chrono::DateTime::parse_from_rfc2822(answer.header("date")).unwrap();
        let now: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("select clock_timestamp()")
            .fetch_one(&test.pool)
            .await
            .unwrap();
        assert!(
            date <= now && now - date.to_utc() < chrono::TimeDelta::minutes(1),
            "{date} {now}"
        );
    }
}
