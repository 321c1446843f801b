//! What comes back from the provider counts once, and in the browser that went there.

use super::browser::Browser;
use super::{Scene, is_signed_in};

/// Gives an address another value of a parameter; `None` takes it out.
fn with(url: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = url.split_once('?').unwrap();
    let kept = query
        .split('&')
        .filter(|pair| !pair.starts_with(&format!("{name}=")));
    let mut pairs: Vec<String> = kept.map(str::to_owned).collect();
    pairs.extend(value.map(|value| format!("{name}={value}")));
    format!("{path}?{}", pairs.join("&"))
}

fn parameter(url: &str, name: &str) -> String {
    super::hostile::query(url.split_once('?').unwrap().1)[name].clone()
}

#[tokio::test]
async fn what_came_back_signs_in_once() {
    let scene = Scene::entra().await;
    scene.provider.take_used_codes();
    let mut browser = Browser::new();
    let callback = scene.to_callback(&mut browser).await;
    let before = browser.clone();
    assert!(is_signed_in(&browser.get(&callback).await));
    for mut again in [browser.clone(), before] {
        let page = again.get(&callback).await;
        assert_eq!(page.status, 400, "{page:?}");
        assert!(page.body.contains("al gebruikt"), "{}", page.body);
    }
    assert_eq!(scene.sessions().await, 1);
    scene.signed_in().await;
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused_even_if_the_provider_takes_it() {
    let scene = Scene::entra().await;
    scene.provider.take_used_codes();
    let mut browser = Browser::new();
    let first = scene.to_callback(&mut browser).await;
    assert!(is_signed_in(&browser.get(&first).await));
    let second = scene.to_callback(&mut browser).await;
    let mixed = with(&second, "code", Some(&parameter(&first, "code")));
    let page = browser.get(&mixed).await;
    assert_eq!(page.status, 400, "{page:?}");
    assert_eq!(scene.sessions().await, 1);
    // The sign-in that was begun is used up; the next one is not.
    let third = scene.to_callback(&mut browser).await;
    assert!(is_signed_in(&browser.get(&third).await));
}

#[tokio::test]
async fn a_state_that_is_missing_or_another_is_refused_and_harms_nothing() {
    let scene = Scene::entra().await;
    let mut browser = Browser::new();
    let earlier = scene.to_callback(&mut browser).await;
    assert!(is_signed_in(&browser.get(&earlier).await));
    let callback = scene.to_callback(&mut browser).await;
    for state in [
        None,
        Some(""),
        Some("invented"),
        Some(parameter(&earlier, "state").as_str()),
    ] {
        let page = browser.clone().get(&with(&callback, "state", state)).await;
        assert_eq!(page.status, 400, "{state:?}: {page:?}");
    }
    let twice = format!("{callback}&state={}", parameter(&callback, "state"));
    assert_eq!(browser.clone().get(&twice).await.status, 400);
    let without_code = with(&callback, "code", None);
    assert_eq!(browser.clone().get(&without_code).await.status, 400);
    assert_eq!(scene.sessions().await, 1);
    assert!(is_signed_in(&browser.get(&callback).await));
}

#[tokio::test]
async fn what_another_browser_began_signs_nobody_in() {
    let scene = Scene::entra().await;
    let mut attacker = Browser::new();
    let theirs = scene.to_callback(&mut attacker).await;
    // Who never began, and who did.
    let mut victim = Browser::new();
    assert_eq!(victim.get(&theirs).await.status, 400);
    let own = scene.to_callback(&mut victim).await;
    let page = victim.clone().get(&theirs).await;
    assert_eq!(page.status, 400, "{page:?}");
    assert_eq!(scene.sessions().await, 0);
    assert!(is_signed_in(&victim.get(&own).await));
    assert!(is_signed_in(&attacker.get(&theirs).await));
}

#[tokio::test]
async fn who_takes_too_long_begins_again() {
    let scene = Scene::entra().await;
    let mut browser = Browser::new();
    let callback = scene.to_callback(&mut browser).await;
    sqlx::query("update desk.pending_sign_in set begun_at = begun_at - interval '11 minutes'")
        .execute(scene.pool())
        .await
        .unwrap();
    assert_eq!(browser.get(&callback).await.status, 400);
    let callback = scene.to_callback(&mut browser).await;
    assert_eq!(
        scene.count("select count(*) from desk.pending_sign_in").await,
        1,
        "what took too long is forgotten"
    );
    assert!(is_signed_in(&browser.get(&callback).await));
}

#[tokio::test]
async fn what_the_provider_says_instead_of_a_code_is_not_repeated() {
    let scene = Scene::entra().await;
    let mut browser = Browser::new();
    scene.to_callback(&mut browser).await;
    let url = scene.url(
        "/desk/openid/callback?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=a",
    );
    let page = browser.get(&url).await;
    assert_eq!(page.status, 403);
    assert!(!page.body.contains("alert(1)"), "{}", page.body);
}
