//! What saves bytes: compression that the consumer accepts, and "not modified" for what it has.

use std::io::Read;

use axum::body::Body;
use axum::http::{Method, Request};
use oneroster::auth::client;

use crate::harness::api::{self, Answer, Api};
use crate::harness::database;

/// Asks for all orgs of a tenant with these headers.
async fn ask(api: &Api, method: Method, token: &str, headers: &[(&str, &str)], query: &str) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/ims/oneroster/v1p1/orgs{query}"))
        .header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut body),
        "br" => brotli::Decompressor::new(&*answer.body, 4096).read_to_end(&mut body),
        "zstd" => zstd::Decoder::new(&*answer.body).unwrap().read_to_end(&mut body),
        _ => (&*answer.body).read_to_end(&mut body),
    }
    .unwrap();
    body
}

#[tokio::test]
async fn an_answer_is_compressed_as_the_consumer_accepts_and_holds_the_same_bytes() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 100).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let plain = ask(&api, Method::GET, &token, &[], "").await;
    assert_eq!(
        (plain.header("content-encoding"), plain.status.as_u16()),
        ("", 200)
    );
    assert_eq!(plain.header("content-length"), plain.body.len().to_string());
    for (accepted, encoding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, zstd;q=0", "gzip"),
        ("identity", ""),
        ("*;q=0, identity", ""),
        ("", ""),
    ] {
        let answer = ask(&api, Method::GET, &token, &[("accept-encoding", accepted)], "").await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(decoded(&answer), plain.body, "{accepted}");
        assert_eq!(answer.header("x-total-count"), "100");
        assert!(
            encoding.is_empty() || answer.body.len() * 4 < plain.body.len(),
            "{accepted}"
        );
        let vary: Vec<_> = answer
            .headers
            .get_all("vary")
            .iter()
            .map(|value| value.to_str().unwrap().to_ascii_lowercase())
            .collect();
        assert!(
            vary.iter().any(|value| value == "accept-encoding"),
            "{accepted}: {vary:?}"
        );
    }
}

#[tokio::test]
async fn a_small_answer_is_sent_as_it_is() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 100).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let answer = ask(
        &api,
        Method::GET,
        &token,
        &[("accept-encoding", "gzip")],
        "?limit=1",
    )
    .await;
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.ids("orgs"), ["o000"]);
}

#[tokio::test]
async fn a_current_copy_is_answered_304_until_the_question_the_generation_or_the_settings_change() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 3).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let first = ask(&api, Method::GET, &token, &[], "?limit=2").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = async |token: &str, query: &str| {
        ask(&api, Method::GET, token, &[("if-none-match", &tag)], query).await
    };
    let known = again(&token, "?limit=2").await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(
        (known.header("etag"), known.header("content-length")),
        (&*tag, "")
    );
    // Of the state: its number, which the token says. Its date would have to be read.
    assert_eq!(known.header("x-roster-generation"), "1");
    assert_eq!(again(&token, "?limit=3").await.status, 200);
    assert_eq!(again("x", "?limit=2").await.status, 401);
    // A new token of the same generation has the same answers.
    let second = api.token(&client).await;
    assert_eq!(again(&second, "?limit=2").await.status, 304);
    // Its ticket is to the state the tag is of; a newer ticket is to another.
    api::publish(
        &database.pool,
        "north",
        &[("orgs", "o001", "active", api::org("renamed"))],
    )
    .await;
    assert_eq!(again(&second, "?limit=2").await.status, 304);
    let third = api.token(&client).await;
    let changed = again(&third, "?limit=2").await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    // Another switch of the client, another answer.
    client::set(
        &database.pool,
        "north",
        &client.client_id,
        &["native_booleans=true".to_owned()],
    )
    .await
    .unwrap();
    let api = Api::start(&database.pool).await;
    let switched = ask(
        &api,
        Method::GET,
        &third,
        &[("if-none-match", changed.header("etag"))],
        "?limit=2",
    )
    .await;
    assert_eq!(switched.status, 200);
}

#[tokio::test]
async fn head_tells_the_length_and_the_tag_without_a_body() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 100).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let got = ask(&api, Method::GET, &token, &[], "").await;
    let head = ask(&api, Method::HEAD, &token, &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), got.header("etag"));
    assert_eq!(head.header("content-length"), got.body.len().to_string());
}

/// RFC 9110 §8.6: a length is said only if it is the one that GET would have.
#[tokio::test]
async fn head_says_no_length_where_get_would_be_compressed() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 100).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    for (query, encoding) in [("", "gzip"), ("?limit=1", "")] {
        let accepted = [("accept-encoding", "gzip")];
        let got = ask(&api, Method::GET, &token, &accepted, query).await;
        let head = ask(&api, Method::HEAD, &token, &accepted, query).await;
        assert_eq!(got.header("content-encoding"), encoding);
        assert_eq!(head.body.len(), 0);
        for name in ["content-encoding", "content-length", "etag", "x-total-count"] {
            assert_eq!(head.header(name), got.header(name), "{name} of {query:?}");
        }
    }
}

#[tokio::test]
async fn what_is_not_sent_again_has_no_encoding() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 100).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let first = ask(&api, Method::GET, &token, &[("accept-encoding", "gzip")], "").await;
    let known = [
        ("accept-encoding", "gzip"),
        ("if-none-match", first.header("etag")),
    ];
    for method in [Method::GET, Method::HEAD] {
        let again = ask(&api, method, &token, &known, "").await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!(
            (again.header("content-encoding"), again.header("content-length")),
            ("", "")
        );
    }
}

#[tokio::test]
async fn an_error_has_no_tag_and_is_kept_by_nobody() {
    let database = database().await;
    let client = api::tenant(&database.pool, "north").await;
    api::publish_orgs(&database.pool, "north", 1).await;
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    for query in ["?limit=0", "?filter=x", "/none"] {
        let answer = ask(&api, Method::GET, &token, &[], query).await;
        assert!(answer.status.is_client_error(), "{query}");
        assert_eq!(
            (answer.header("etag"), answer.header("cache-control")),
            ("", "private, no-store")
        );
    }
}
