//! Pages, links, deltas and single objects.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{assert_refusal, links};
use crate::harness::api::{self, Api, BASE_URL, org};
use crate::harness::database;

#[tokio::test]
async fn following_next_gives_every_object_once() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 25).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let mut seen = Vec::new();
    let mut path = Some("/ims/oneroster/v1p1/orgs?limit=10&filter=status='active'&x=a,b".to_owned());
    while let Some(asked) = path.take() {
        let answer = api.ask(Method::GET, &token, &asked).await;
        assert_eq!(answer.status, StatusCode::OK);
        let ids = answer.ids("orgs");
        assert_eq!(
            (answer.header("x-total-count"), answer.header("x-count")),
            ("25", ids.len().to_string().as_str())
        );
        seen.extend(ids);
        for (relation, address) in links(&answer) {
            let rest = address.strip_prefix(BASE_URL).unwrap();
            assert!(
                rest.contains("filter=status%3D%27active%27&x=a%2Cb&limit=10&offset="),
                "{address}"
            );
            if relation == "next" {
                path = Some(rest.to_owned());
            }
        }
    }
    let expected: Vec<String> = (0..25).map(|place| format!("o{place:03}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_still_counts() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 3).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/orgs?offset=5000&limit=5000").await;
    assert_eq!((answer.status.as_u16(), answer.ids("orgs").len()), (200, 0));
    assert_eq!(
        (answer.header("x-total-count"), answer.header("x-count")),
        ("3", "0")
    );
    assert!(links(&answer).iter().all(|(relation, _)| relation != "next"));
    let second = api.get(&token, "/orgs?offset=2&limit=1").await;
    assert_eq!(second.ids("orgs"), ["o002"]);
    let nothing = api.get(&token, "/users?filter=sourcedId='norecords'").await;
    assert_eq!(
        (nothing.status.as_u16(), nothing.json()),
        (200, json!({ "users": [] }))
    );
    assert_eq!(nothing.header("x-total-count"), "0");
}

#[tokio::test]
async fn a_delta_without_limit_is_whole_and_has_no_links() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 150).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let delta = api
        .get(
            &token,
            "/orgs?filter=dateLastModified%3E'2020-01-01T01:00:00.000Z'",
        )
        .await;
    assert_eq!((delta.ids("orgs").len(), delta.header("link")), (150, ""));
    let plain = api.get(&token, "/orgs").await;
    assert_eq!((plain.ids("orgs").len(), links(&plain).len()), (100, 3));
}

#[tokio::test]
async fn a_single_carries_the_same_headers_and_an_unknown_one_is_404() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let changes = [
        ("orgs", "001507-1", "active", org("een")),
        ("orgs", "weg", "tobedeleted", org("weg")),
    ];
    let (_, date) = api::publish(&pool, "zand", &changes).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let answer = api.get(&token, "/orgs/001507-1").await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["org"]["name"]),
        (200, &json!("een"))
    );
    assert_eq!(
        (
            answer.header("x-total-count"),
            answer.header("x-roster-generation")
        ),
        ("1", "1")
    );
    let date = date.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    assert_eq!(
        (
            answer.header("x-roster-published-at"),
            &body["org"]["dateLastModified"]
        ),
        (date.as_str(), &json!(date))
    );
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(
        api.get(&token, "/orgs/weg").await.json()["org"]["status"],
        "tobedeleted"
    );
    for path in [
        "/orgs/001507-2",
        "/users/001507-1",
        "/orgs/%00",
        "/orgs/001507-1%20",
        "/classes/x",
    ] {
        assert_refusal(&api.get(&token, path).await, 404, "unknown object");
    }
}

#[tokio::test]
async fn a_ticket_stays_with_its_generation_on_every_page() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish_orgs(&pool, "zand", 4).await;
    let api = Api::start(&pool).await;
    let old = api.token(&made).await;
    let before = api.get(&old, "/orgs?limit=2").await;
    let changes = [
        ("orgs", "o000", "tobedeleted", org("o000")),
        ("orgs", "a", "active", org("a")),
        ("orgs", "o002", "active", org("anders")),
    ];
    let (_, date) = api::publish(&pool, "zand", &changes).await;
    let expires_at = api.auth.verify(&old).await.unwrap().expires_at;
    assert!(
        date.timestamp() >= expires_at + 300,
        "the date lies past the old ticket"
    );
    assert_eq!(api.get(&old, "/orgs?limit=2").await.body, before.body);
    let rest = api.get(&old, "/orgs?limit=2&offset=2").await;
    assert_eq!(
        (rest.ids("orgs"), rest.header("x-roster-generation")),
        (vec!["o002".to_owned(), "o003".to_owned()], "1")
    );
    // A server that never saw the first generation answers the same.
    let other = Api::start(&pool).await;
    assert_eq!(other.get(&old, "/orgs?limit=2").await.body, before.body);
    let new = api.token(&made).await;
    let after = api.get(&new, "/orgs").await;
    assert_eq!(after.ids("orgs"), ["a", "o000", "o001", "o002", "o003"]);
    assert_eq!(
        (
            after.header("x-roster-generation"),
            &after.json()["orgs"][1]["status"]
        ),
        ("2", &json!("tobedeleted"))
    );
    let delta = format!(
        "/orgs?filter=dateLastModified%3E'{}'",
        before.header("x-roster-published-at")
    );
    assert_eq!(api.get(&new, &delta).await.ids("orgs"), ["a", "o000", "o002"]);
}
