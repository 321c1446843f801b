//! A token as a ticket to a generation: until when it is good, and what ends it.

use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use oneroster::auth::{Rejection, client};
use oneroster::clock::Clock;
use serde_json::{Value, json};

use super::{claims, tickets_until};
use crate::harness::api::{self, Api, BASE_URL};
use crate::harness::database;

#[tokio::test]
async fn a_token_is_a_ticket_that_expires_no_later_than_tickets_until() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let (generation_id, _) = api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let mut latest = None;
    for lifetime in ["3600", "60", "43200", "120"] {
        client::set(
            &pool,
            "zand",
            &made.client_id,
            &[format!("token_lifetime_s={lifetime}")],
        )
        .await
        .unwrap();
        let claims = claims(&api.token(&made).await);
        let until = tickets_until(&pool).await;
        assert!(
            claims["exp"].as_i64().unwrap() * 1000 <= until.unwrap().timestamp_millis(),
            "{claims}"
        );
        assert!(until >= latest, "it never goes back");
        latest = until;
        assert_eq!(claims["gen"], json!(generation_id));
        assert_eq!((&claims["num"], &claims["tenant"]), (&json!(1), &json!("zand")));
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!(BASE_URL), &json!(made.client_id))
        );
    }
    let (_, date) = api::publish(&pool, "zand", &[]).await;
    assert!(date >= latest.unwrap() + TimeDelta::minutes(5));
}

/// The publisher holds the head row; a token asked for meanwhile is a ticket to what it publishes, not to what was before.
#[tokio::test]
async fn a_token_that_waited_for_a_publication_is_a_ticket_to_it() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let mut publisher = pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'zand' for update")
        .execute(&mut *publisher)
        .await
        .unwrap();
    let waiting = tokio::spawn(async move { api.issue(&made).await });
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let begun = async {
        while sqlx::query_scalar::<_, i64>(waits)
            .fetch_one(&pool)
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), begun)
        .await
        .expect("the token request waits for the row");
    sqlx::query(
        "update roster.head set number = 2, generation_id = gen_random_uuid() where tenant_id = 'zand'",
    )
    .execute(&mut *publisher)
    .await
    .unwrap();
    publisher.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().number, Some(2));
}

#[tokio::test]
async fn before_the_first_publication_a_token_is_no_ticket() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    assert!(claims(&token).get("gen").is_none());
    assert_eq!(tickets_until(&pool).await, None);
    let answer = api.get(&token, "/orgs").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (503, "30")
    );
    assert_eq!(answer.json()["CodeMinor"], "server_busy");
    api::publish_orgs(&pool, "zand", 1).await;
    let answer = api.get(&token, "/orgs").await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "a token without a ticket is of no use any more"
    );
    assert!(
        answer
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    assert_eq!(
        api.get(&api.token(&made).await, "/orgs").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_is_good_until_the_very_instant_it_names() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let token = Api::start(&pool).await.token(&made).await;
    let end = DateTime::from_timestamp(claims(&token)["exp"].as_i64().unwrap(), 0).unwrap();
    for (instant, expected) in [
        (end - TimeDelta::milliseconds(1), Ok(())),
        (end, Err(Rejection::Expired)),
        (end + TimeDelta::hours(1), Err(Rejection::Expired)),
    ] {
        let api = Api::start_at(&pool, Clock::Fixed(instant), BASE_URL).await;
        assert_eq!(api.auth.verify(&token).await.map(|_| ()), expected, "{instant}");
        assert_eq!(
            api.auth.verify(&token).await.map(|_| ()),
            expected,
            "a second time, remembered"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_making_is_refused() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let good = api.token(&made).await;
    let parts: Vec<&str> = good.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    assert_eq!(header["alg"], "ES256");
    let key_id = header["kid"].as_str().unwrap();
    let text = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", text(json!({ "alg": "none", "kid": key_id })), parts[1]);
    let mut hmac = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    hmac.kid = Some(key_id.to_owned());
    let public: Vec<u8> = sqlx::query_scalar("select public_x || public_y from auth.signing_key")
        .fetch_one(&pool)
        .await
        .unwrap();
    let confused = jsonwebtoken::encode(
        &hmac,
        &claims(&good),
        &jsonwebtoken::EncodingKey::from_secret(&public),
    )
    .unwrap();
    let mut altered = claims(&good);
    altered["tenant"] = json!("andere");
    let other_database = database().await.pool;
    let twin = api::tenant(&other_database, "zand").await;
    api::publish(&other_database, "zand", &[]).await;
    let other_key = Api::start(&other_database).await.token(&twin).await;
    let other_issuer = Api::start_at(&pool, Clock::System, "https://other.example")
        .await
        .token(&made)
        .await;
    for (name, token) in [
        ("empty", String::new()),
        ("rubbish", "abc".to_owned()),
        ("algorithm none", none),
        ("public key as HMAC secret", confused),
        (
            "altered claims",
            format!("{}.{}.{}", parts[0], text(altered), parts[2]),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("key of another installation", other_key),
        ("other issuer", other_issuer),
        ("very long", good.repeat(20)),
    ] {
        assert_eq!(api.auth.verify(&token).await, Err(Rejection::Foreign), "{name}");
        assert_eq!(
            api.get(&token, "/orgs").await.status,
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
    }
    assert_eq!(api.get(&good, "/orgs").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_client_is_refused_once_that_is_read() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let background = tokio::spawn(std::sync::Arc::clone(&api.auth).refresh_until(stopped));
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::OK);
    client::revoke(&api.pool, "zand", &made.client_id).await.unwrap();
    let refused = async {
        while api.get(&token, "/orgs").await.status == StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // How soon is a matter of the constants in `auth`; here it is that it happens.
    tokio::time::timeout(Duration::from_mins(1), refused)
        .await
        .unwrap();
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::UNAUTHORIZED);
    stop.send(true).unwrap();
    background.await.unwrap();
}
