//! Signing in and out: who gets a session, what its cookie is like, and when it is over.

use axum::body::Body;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use chrono::TimeDelta;
use oneroster::access::account::{self, Change};
use oneroster::clock::Clock;
use sqlx::AssertSqlSafe;

use crate::harness::api::Answer;
use crate::harness::desk::{Browser, PASSWORD, Site};
use crate::harness::school::school;
use crate::harness::{TestDatabase, database};

pub(super) const WRITES: &str = "iLeerlingen: Alles schrijven";

/// A page that whoever is signed in with rights may see.
pub(super) const PAGE: &str = "/desk/zandpoort/gebruikersnamen";

pub(super) async fn world() -> (TestDatabase, Site) {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    (database, site)
}

pub(super) fn sign_in_form(name: &str, password: &str) -> String {
    format!("name={name}&password={}", password.replace(' ', "+"))
}

pub(super) async fn sign_in(site: &Site, name: &str, password: &str) -> Answer {
    site.form(
        &Browser::default(),
        "/desk/sign-in",
        &sign_in_form(name, password),
    )
    .await
}

#[tokio::test]
async fn who_signs_in_gets_a_cookie_for_this_host_alone() {
    let (_database, site) = world().await;
    site.account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let answer = site
        .form(
            &Browser::default(),
            "/desk/sign-in",
            &format!(
                "{}&next=%2Fdesk%2Fzandpoort%2Fgebruikersnamen%3Fx%3D1",
                sign_in_form("MIA", PASSWORD)
            ),
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/desk/zandpoort/gebruikersnamen?x=1");
    let cookie = answer.header("set-cookie");
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(
        pair.starts_with("__Host-oneroster-desk=") && pair.len() == 22 + 43,
        "{cookie}"
    );
    assert_eq!(
        attributes,
        "Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
    );
    let mut browser = Browser::default();
    browser.keep(&answer);
    assert_eq!(site.get(&browser, PAGE).await.status, StatusCode::OK);
    // What the database holds is no cookie.
    let token = pair.split_once('=').unwrap().1;
    let stored: String = sqlx::query_scalar("select string_agg(s::text, ' ') from desk.session s")
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert!(!stored.contains(token));
}

#[tokio::test]
async fn on_plain_loopback_the_cookie_has_another_name_and_the_page_says_so_and_elsewhere_nobody_signs_in() {
    let (database, _) = world().await;
    let site = Site::start_at(&database.pool, Clock::System, "http://127.0.0.1:8080").await;
    site.account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let page = site.get(&Browser::default(), "/desk/sign-in").await;
    assert!(String::from_utf8_lossy(&page.body).contains("zonder HTTPS"));
    let answer = sign_in(&site, "mia", PASSWORD).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("oneroster-desk=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    // The same server, asked from another machine.
    let form = |method: Method| {
        Request::builder()
            .method(method)
            .uri("/desk/sign-in")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(sign_in_form("mia", PASSWORD)))
            .unwrap()
    };
    let answer = site.send_from("192.0.2.7", form(Method::POST)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.headers.get(SET_COOKIE).is_none());
    let page = site.send_from("192.0.2.7", form(Method::GET)).await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    assert!(
        page.contains("alleen via HTTPS") && !page.contains("type=\"password\""),
        "{page}"
    );
    // Nor under an address that only looks like it.
    let site = Site::start_at(&database.pool, Clock::System, "http://desk.example").await;
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn without_a_session_a_page_leads_to_the_sign_in_and_the_api_says_so() {
    let (_database, site) = world().await;
    let nobody = Browser::default();
    let page = site.get(&nobody, &format!("{PAGE}?a=b%20c")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers[LOCATION],
        "/desk/sign-in?next=%2Fdesk%2Fzandpoort%2Fgebruikersnamen%3Fa%3Db%2520c"
    );
    let api = site
        .post(
            &nobody,
            "/desk/api/zandpoort/usernames/rows",
            &serde_json::json!({"to": 1}),
        )
        .await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.json()["error"]["code"], "signed-out");
    let forged = Browser {
        cookie: Some("__Host-oneroster-desk=AAAA".to_owned()),
    };
    assert_eq!(site.get(&forged, PAGE).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_begins_anew_at_sign_in_so_that_nobody_can_be_handed_one() {
    let (_database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let attacker = site
        .account("eve", &[("zandpoort", "001507", None, WRITES)])
        .await;
    // The victim's browser was given the attacker's session before.
    let planted = site.signed_in(&attacker).await;
    let answer = site
        .form(&planted, "/desk/sign-in", &sign_in_form("mia", PASSWORD))
        .await;
    let mut victim = planted.clone();
    victim.keep(&answer);
    assert_ne!(victim.cookie, planted.cookie);
    assert_eq!(site.get(&victim, PAGE).await.status, StatusCode::OK);
    assert_eq!(
        site.get(&planted, PAGE).await.status,
        StatusCode::SEE_OTHER,
        "it is over"
    );
    // A cookie that somebody made up is not taken over either.
    let made_up = Browser {
        cookie: Some(format!("__Host-oneroster-desk={}", "x".repeat(43))),
    };
    let answer = site
        .form(&made_up, "/desk/sign-in", &sign_in_form("mia", PASSWORD))
        .await;
    assert!(!answer.header("set-cookie").contains(&"x".repeat(43)));
    assert_eq!(site.get(&made_up, PAGE).await.status, StatusCode::SEE_OTHER);
    drop(mia);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_at_last_however_much_it_is_used() {
    let (database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let begin = Clock::System.now();
    let at = async |minutes: i64| site.at(&database.pool, begin + TimeDelta::minutes(minutes)).await;
    let browser = at(0).await.signed_in(&mia).await;
    let status = async |minutes: i64| at(minutes).await.get(&browser, PAGE).await.status;
    assert_eq!(status(59).await, StatusCode::OK);
    assert_eq!(
        status(118).await,
        StatusCode::OK,
        "59 minutes after it was used last"
    );
    assert_eq!(status(179).await, StatusCode::SEE_OTHER, "61 minutes later");
    let browser = at(0).await.signed_in(&mia).await;
    for minutes in (50..720).step_by(50) {
        assert_eq!(
            at(minutes).await.get(&browser, PAGE).await.status,
            StatusCode::OK,
            "{minutes}"
        );
    }
    assert_eq!(
        at(721).await.get(&browser, PAGE).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_in_the_database_and_everywhere_ends_all() {
    let (_database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let (here, there) = (site.signed_in(&mia).await, site.signed_in(&mia).await);
    let answer = site.form(&here, "/desk/afmelden", "").await;
    assert_eq!(answer.header("location"), "/desk/sign-in");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        site.get(&here, PAGE).await.status,
        StatusCode::SEE_OTHER,
        "the old cookie is worth nothing"
    );
    assert_eq!(site.get(&there, PAGE).await.status, StatusCode::OK);
    let here = site.signed_in(&mia).await;
    site.form(&here, "/desk/afmelden-overal", "").await;
    for browser in [&here, &there] {
        assert_eq!(site.get(browser, PAGE).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_disabled_account_and_another_password_end_all_sessions_at_once() {
    let (database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let browser = site.signed_in(&mia).await;
    account::change(&site.pool, &mia, &Change::Disable, "test")
        .await
        .unwrap();
    assert_eq!(site.get(&browser, PAGE).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    account::change(&site.pool, &mia, &Change::Enable, "test")
        .await
        .unwrap();
    assert_eq!(
        site.get(&browser, PAGE).await.status,
        StatusCode::SEE_OTHER,
        "it does not come back"
    );
    let browser = site.signed_in(&mia).await;
    let passwords = oneroster::access::Passwords::default();
    let other = passwords.hash("mia", "another password").await.unwrap();
    account::change(&site.pool, &mia, &Change::Password(other), "test")
        .await
        .unwrap();
    assert_eq!(site.get(&browser, PAGE).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        sign_in(&site, "mia", "another password").await.status,
        StatusCode::SEE_OTHER
    );
    // The trail of the tenant tells it.
    let kinds: Vec<String> = sqlx::query_scalar(
        "select kind from audit.entry where tenant_id = 'zandpoort' and detail ->> 'account' = 'mia' order by position",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(kinds, ["account_disabled", "account_enabled", "password_set"]);
}

#[tokio::test]
async fn a_right_that_is_taken_and_an_operator_who_is_none_any_more_hold_at_once() {
    let (database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let vendor = site.operator("vendor").await;
    let (mia, vendor) = (site.signed_in(&mia).await, site.signed_in(&vendor).await);
    for browser in [&mia, &vendor] {
        assert_eq!(site.get(browser, PAGE).await.status, StatusCode::OK);
    }
    for change in [
        "delete from desk.access_grant",
        "update desk.account set is_operator = false",
    ] {
        sqlx::query(AssertSqlSafe(change))
            .execute(&database.pool)
            .await
            .unwrap();
    }
    for browser in [&mia, &vendor] {
        assert_eq!(site.get(browser, PAGE).await.status, StatusCode::NOT_FOUND);
    }
}
