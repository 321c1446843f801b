//! What consumers send, how refusals look, and the settings of a client.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use oneroster::auth::client;

use super::{COLLECTIONS, assert_refusal};
use crate::harness::api::{self, Api, org};
use crate::harness::database;

#[tokio::test]
async fn what_consumers_do_to_paths_and_queries_is_served_in_place() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/ims/oneroster/v1p1/orgs/",
        "//ims/oneroster/v1p1//orgs",
        "/ims/oneroster/v1p1/orgs?",
        "/ims/oneroster/v1p1/orgs/?limit=5",
        "/ims/oneroster/v1p1/orgs?limit=5&offset=0&&filter=status%3D%27active%27&stray=1",
        "/ims/oneroster/v1p1/orgs?limit%20=5",
        "/ims/oneroster/v1p1/orgs?filter=status='active'+AND+type='school'",
    ] {
        let answer = api.ask(Method::GET, &token, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.ids("orgs").len()),
            (200, 3),
            "{path}"
        );
    }
    let request = Request::builder()
        .uri("/ims/oneroster/v1p1/orgs")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from("{\"a\":1}"));
    assert_eq!(
        api.send(request.unwrap()).await.status,
        StatusCode::OK,
        "a body on GET"
    );
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/ims/oneroster/v1p1/orgs?limit=2",
        "/ims/oneroster/v1p1/orgs/o001",
        "/ims/oneroster/v1p1/orgs/none",
        "/healthz",
    ] {
        let get = api.ask(Method::GET, &token, path).await;
        let head = api.ask(Method::HEAD, &token, path).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in [
            "content-length",
            "content-type",
            "x-total-count",
            "x-count",
            "link",
            "x-roster-generation",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn every_refusal_is_json_in_three_shapes() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for path in [
        "/",
        "/nothing",
        "/ims/oneroster/v1p1",
        "/ims/oneroster/v1p1/Orgs",
        "/ims/oneroster/v1p1/orgs/1/classes",
        "/ims/oneroster/v1p2/orgs",
    ] {
        assert_refusal(&api.ask(Method::GET, &token, path).await, 404, "unknown object");
        assert_refusal(&api.ask(Method::POST, &token, path).await, 404, "unknown object");
    }
    for (query, code_minor) in [
        ("limit=0", "invalid data"),
        ("limit=10001", "invalid data"),
        ("limit=ten", "invalid data"),
        ("offset=-1", "invalid data"),
        ("filter=shoeSize='1'", "invalid_filter_field"),
        ("filter=status", "invalid data"),
        ("fields=", "invalid_blank_selection_field"),
        ("filter=%zz", "invalid data"),
        ("filter=%ff", "invalid data"),
    ] {
        for collection in COLLECTIONS {
            assert_refusal(
                &api.get(&token, &format!("/{collection}?{query}")).await,
                400,
                code_minor,
            );
        }
    }
    assert_refusal(
        &api.get(&token, &format!("/orgs?x={}", "y".repeat(9000))).await,
        400,
        "invalid data",
    );
    assert_refusal(&api.get(&token, "/orgs/%zz").await, 400, "invalid data");
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        for path in [
            "/ims/oneroster/v1p1/orgs",
            "/ims/oneroster/v1p1/users/x",
            "/healthz",
            "/readyz",
            "/.well-known/jwks.json",
        ] {
            let answer = api.ask(method.clone(), &token, path).await;
            assert_refusal(&answer, 405, "invalid data");
            assert_eq!(answer.header("allow"), "GET, HEAD");
        }
    }
    let large = Request::builder()
        .uri("/ims/oneroster/v1p1/orgs")
        .body(Body::from(vec![b'x'; (1 << 20) + 1]));
    assert_refusal(&api.send(large.unwrap()).await, 413, "invalid data");
}

#[tokio::test]
async fn a_request_id_is_taken_over_when_harmless_and_made_otherwise() {
    let pool = database().await.pool;
    let api = Api::start(&pool).await;
    let mut made = Vec::new();
    for (sent, is_kept) in [
        ("sync-7.run_1", true),
        ("", false),
        ("a b", false),
        ("x\"y", false),
        (&"l".repeat(65), false),
    ] {
        let request = Request::builder()
            .uri("/nothing")
            .header("x-request-id", sent)
            .body(Body::empty())
            .unwrap();
        let answer = api.send(request).await;
        assert_refusal(&answer, 404, "unknown object");
        assert_eq!(answer.header("x-request-id") == sent, is_kept, "{sent:?}");
        made.push(answer.header("x-request-id").to_owned());
    }
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 5);
}

#[tokio::test]
async fn a_client_is_answered_as_its_settings_say() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(
        &pool,
        "zand",
        &[
            ("orgs", "a", "active", org("a")),
            ("orgs", "b", "tobedeleted", org("b")),
        ],
    )
    .await;
    let entries = [
        "include_tombstones=false".to_owned(),
        "unpaged_delta=false".to_owned(),
    ];
    let plain = Api::start(&pool).await;
    assert_eq!(
        plain.get(&plain.token(&made).await, "/orgs").await.ids("orgs"),
        ["a", "b"]
    );
    client::set(&plain.pool, "zand", &made.client_id, &entries)
        .await
        .unwrap();
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert_eq!(api.get(&token, "/orgs").await.ids("orgs"), ["a"]);
    let delta = api
        .get(&token, "/orgs?filter=dateLastModified%3E'2020-01-01'")
        .await;
    assert_eq!(
        delta.ids("orgs"),
        ["a", "b"],
        "a delta carries tombstones all the same"
    );
    assert_ne!(delta.header("link"), "");
}
