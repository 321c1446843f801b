//! What comes from other sites, leads there, or would show our pages in theirs.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use super::sessions::{PAGE, WRITES, sign_in_form, world};
use crate::harness::desk::{Browser, PASSWORD};

#[tokio::test]
async fn a_request_that_comes_from_another_site_changes_nothing() {
    let (_database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let browser = site.signed_in(&mia).await;
    let cookie = browser.cookie.clone().unwrap();
    let posted = |headers: &[(&str, &str)]| {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/desk/afmelden")
            .header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    };
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://desk.example"),
        ],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://desk.example")],
        &[("origin", "https://desk.example.evil.example")],
        &[("referer", "https://desk.example/")],
    ] {
        let answer = site.send(posted(headers)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(
            site.get(&browser, PAGE).await.status,
            StatusCode::OK,
            "{headers:?}"
        );
    }
    assert_eq!(
        site.send(posted(&[("origin", "https://desk.example")]))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(site.get(&browser, PAGE).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn after_signing_in_nobody_is_led_elsewhere() {
    let (_database, site) = world().await;
    site.account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    for next in [
        "https://evil.example/desk/",
        "//evil.example/desk",
        "/desk//evil.example",
        "/\\evil.example",
        "/desk/\\evil.example",
        "/desk/../evil",
        "/deskevil",
        "javascript:alert(1)",
        "/desk/sign-in",
        "/desk/api/me",
        "/ims/oneroster/v1p1/users",
        "/desk/%0d%0aset-cookie:x=y\r\nx: y",
        "@evil.example/desk",
        "",
    ] {
        let form = format!(
            "{}&next={}",
            sign_in_form("mia", PASSWORD),
            oneroster::edge::encode(next)
        );
        let answer = site.form(&Browser::default(), "/desk/sign-in", &form).await;
        assert_eq!(answer.header("location"), "/desk", "{next}");
        let page = site
            .get(
                &Browser::default(),
                &format!("/desk/sign-in?next={}", oneroster::edge::encode(next)),
            )
            .await;
        assert!(!String::from_utf8_lossy(&page.body).contains("evil"), "{next}");
    }
}

#[tokio::test]
async fn no_page_can_be_framed_and_no_answer_is_kept() {
    let (_database, site) = world().await;
    let mia = site
        .account("mia", &[("zandpoort", "001507", None, WRITES)])
        .await;
    let browser = site.signed_in(&mia).await;
    for (browser, path) in [
        (&browser, PAGE),
        (&browser, "/desk/nowhere"),
        (&Browser::default(), "/desk/sign-in"),
        (&Browser::default(), PAGE),
        (&Browser::default(), "/"),
    ] {
        let answer = site.get(browser, path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_name_or_password_in_the_form_is_shown_as_text() {
    let (_database, site) = world().await;
    let form = "name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&password=x";
    let answer = site.form(&Browser::default(), "/desk/sign-in", form).await;
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("value=\"x\""), "a password is never sent back");
    let english = site.get(&Browser::default(), "/desk/sign-in?language=en").await;
    assert!(String::from_utf8_lossy(&english.body).contains("<html lang=\"en\">"));
}
