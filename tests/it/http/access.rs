//! Who may read what: tenants, tokens, scopes.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use oneroster::auth::Scope;
use serde_json::json;

use super::{COLLECTIONS, assert_refusal};
use crate::harness::api::{self, Api, org};
use crate::harness::database;

/// R24: credentials open the data of their own tenant only.
#[tokio::test]
async fn two_tenants_never_see_each_other() {
    let pool = database().await.pool;
    let (zand, andere) = (
        api::tenant(&pool, "zand").await,
        api::tenant(&pool, "andere").await,
    );
    api::publish(
        &pool,
        "zand",
        &[
            ("orgs", "z", "active", org("z")),
            ("orgs", "beide", "active", org("van zand")),
        ],
    )
    .await;
    api::publish(
        &pool,
        "andere",
        &[
            ("orgs", "a", "active", org("a")),
            ("orgs", "beide", "active", org("van andere")),
        ],
    )
    .await;
    let api = Api::start(&pool).await;
    for (made, own, others, name) in [(&zand, "z", "a", "van zand"), (&andere, "a", "z", "van andere")] {
        let token = api.token(made).await;
        assert_eq!(api.get(&token, "/orgs").await.header("x-total-count"), "2");
        assert_eq!(api.get(&token, "/orgs/beide").await.json()["org"]["name"], name);
        assert_eq!(
            api.get(&token, &format!("/orgs/{own}")).await.status,
            StatusCode::OK
        );
        assert_refusal(
            &api.get(&token, &format!("/orgs/{others}")).await,
            404,
            "unknown object",
        );
        let sought = api
            .get(&token, &format!("/orgs?filter=sourcedId='{others}'"))
            .await;
        assert_eq!(sought.json(), json!({ "orgs": [] }));
    }
}

#[tokio::test]
async fn without_a_good_token_there_is_401() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    for collection in COLLECTIONS {
        for path in [
            format!("/ims/oneroster/v1p1/{collection}"),
            format!("/ims/oneroster/v1p1/{collection}/x"),
        ] {
            for authorization in [
                "",
                "Basic abc",
                "Bearer",
                "Bearer abc",
                "OAuth oauth_consumer_key=\"x\"",
                token.as_str(),
            ] {
                let mut request = Request::builder().uri(&path);
                if !authorization.is_empty() {
                    request = request.header("authorization", authorization);
                }
                let answer = api.send(request.body(Body::empty()).unwrap()).await;
                assert_refusal(&answer, 401, "unauthorized");
                let challenge = answer.header("www-authenticate");
                assert_eq!(
                    challenge.contains("error=\"invalid_token\""),
                    authorization == "Bearer abc",
                    "{challenge}"
                );
                assert!(challenge.starts_with("Bearer "));
            }
        }
        for authorization in [format!("bearer {token}"), format!("BEARER  {token}")] {
            let request = Request::builder()
                .uri(format!("/ims/oneroster/v1p1/{collection}"))
                .header("authorization", authorization);
            assert_eq!(
                api.send(request.body(Body::empty()).unwrap()).await.status,
                StatusCode::OK
            );
        }
    }
}

#[tokio::test]
async fn either_roster_scope_opens_the_base_endpoints_and_no_other_does() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    for (scope, is_open) in [
        (Scope::RosterCore, true),
        (Scope::Roster, true),
        (Scope::Demographics, false),
        (Scope::Resource, false),
    ] {
        let issued = api
            .auth
            .issue(&made.client_id, &made.client_secret, Some(scope.uri()), None)
            .await
            .unwrap();
        for collection in COLLECTIONS {
            let answer = api.get(&issued.access_token, &format!("/{collection}")).await;
            if is_open {
                assert_eq!(answer.status, StatusCode::OK);
            } else {
                assert_refusal(&answer, 403, "forbidden");
                assert!(
                    answer
                        .header("www-authenticate")
                        .contains("error=\"insufficient_scope\"")
                );
            }
        }
    }
}
