//! Guessing names and passwords: nothing is learnt by it, and it takes longer each time.

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{Method, Request, StatusCode};
use chrono::TimeDelta;
use oneroster::access::account::{self, Change};
use oneroster::clock::Clock;

use super::sessions::{WRITES, sign_in, sign_in_form, world};
use crate::harness::api::Answer;
use crate::harness::desk::PASSWORD;

/// Without what differs in each answer.
fn essence(answer: &Answer, name: &str) -> (StatusCode, String) {
    let body = String::from_utf8_lossy(&answer.body).replace(name, "NAME");
    let mut parts = body.split("nonce=\"");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        text.push_str(part.split_once('"').unwrap().1);
    }
    (answer.status, text)
}

#[tokio::test]
async fn nobody_learns_by_failing_which_names_there_are() {
    let (_database, site) = world().await;
    site.account("mia", &[]).await;
    let gone = site.account("jan", &[]).await;
    account::change(&site.pool, &gone, &Change::Disable, "test")
        .await
        .unwrap();
    sqlx::query("insert into desk.account (login_name, display_name, issuer, subject, created_by) values ('els', 'els', 'x', 'y', 't')")
        .execute(&site.pool)
        .await
        .unwrap();
    let expected = essence(&sign_in(&site, "nobody", "wrong password").await, "nobody");
    assert_eq!(expected.0, StatusCode::UNAUTHORIZED);
    for name in ["mia", "jan", "els"] {
        let answer = sign_in(&site, name, "wrong password").await;
        assert_eq!(essence(&answer, name), expected, "{name}");
        assert!(answer.headers.get(SET_COOKIE).is_none());
    }
    // Their waits are the same too.
    for name in ["mia", "nobody"] {
        for _ in 0..4 {
            assert_eq!(
                sign_in(&site, name, "wrong password").await.status,
                StatusCode::UNAUTHORIZED
            );
        }
        let answer = sign_in(&site, name, "wrong password").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn who_guesses_waits_longer_each_time_on_every_server_and_a_right_password_too() {
    let (database, site) = world().await;
    site.account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let begin = Clock::System.now();
    let mut seconds = 0;
    let mut tried = 0;
    // A minute of guessing as fast as it is allowed.
    while seconds < 60 {
        let site = site.at(&database.pool, begin + TimeDelta::seconds(seconds)).await;
        match sign_in(&site, "mia", "wrong password").await.status {
            StatusCode::UNAUTHORIZED => tried += 1,
            StatusCode::TOO_MANY_REQUESTS => seconds += 1,
            other => panic!("{other}"),
        }
    }
    assert!((9..=11).contains(&tried), "{tried} guesses in a minute");
    let last: i64 =
        sqlx::query_scalar("select extract(epoch from max(blocked_until))::bigint from desk.failed_sign_in")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    let site_at = async |moment| site.at(&database.pool, moment).await;
    let just_before = site_at(begin + TimeDelta::seconds(60)).await;
    assert_eq!(
        sign_in(&just_before, "mia", PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let after = chrono::DateTime::from_timestamp(last + 1, 0).unwrap();
    let site = site_at(after).await;
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    // Then it begins anew.
    assert_eq!(
        sign_in(&site, "mia", "wrong password").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_and_others_do_not() {
    let (_database, site) = world().await;
    let form = |name: &str| {
        Request::builder()
            .method(Method::POST)
            .uri("/desk/sign-in")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(sign_in_form(name, "wrong password")))
            .unwrap()
    };
    for guess in 0..30 {
        let answer = site.send_from("192.0.2.7", form(&format!("name{guess}"))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{guess}");
    }
    let waits = site.send_from("192.0.2.7", form("another")).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    let other = site.send_from("192.0.2.8", form("another")).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
}
