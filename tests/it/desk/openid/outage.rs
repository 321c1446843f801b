//! A provider that is down, silent or endless hinders nobody else, and nobody waits for it without end.

use std::time::Duration;

use oneroster::access::{NewAccount, Passwords, account};

use super::Scene;
use super::browser::Browser;
use super::hostile::Manner;

#[tokio::test]
async fn a_provider_that_answers_badly_is_told_of_in_words_until_it_answers_well() {
    for manner in [Manner::Huge, Manner::Redirect, Manner::Silent] {
        let scene = Scene::entra().await;
        scene.provider.behave(manner);
        let start = scene.url("/desk/openid");
        let mut browser = Browser::new();
        let waiting = browser.get(&start);
        let page = tokio::time::timeout(Duration::from_mins(1), waiting)
            .await
            .expect("nobody waits without end");
        assert_eq!(page.status, 503, "{manner:?}: {page:?}");
        assert!(page.body.contains("antwoordt nu niet"), "{}", page.body);
        assert!(page.set_cookies.is_empty());
        let asked = scene.provider.asked();
        assert_eq!((asked.discovery, asked.keys), (1, 0), "{manner:?}");
        scene.provider.behave(Manner::Well);
        scene.signed_in().await;
    }
}

#[tokio::test]
async fn many_who_sign_in_at_once_ask_the_provider_once() {
    let scene = Scene::entra().await;
    let start = scene.url("/desk/openid");
    let all = (0..20).map(|_| {
        let start = start.clone();
        async move { Browser::new().get(&start).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(scene.provider.asked().discovery, 1);
    scene.provider.behave(Manner::Silent);
    scene.signed_in().await;
    assert_eq!(scene.provider.asked().discovery, 1, "it is remembered");
}

#[tokio::test]
async fn a_provider_that_is_gone_is_told_of_in_words() {
    let scene = Scene::entra().await;
    let mut browser = Browser::new();
    let callback = scene.to_callback(&mut browser).await;
    let start = scene.url("/desk/openid");
    scene.provider.stop();
    // Who is on the way back, and who begins with what is remembered.
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(browser.get(&start).await.status, 303);
}

#[tokio::test]
async fn an_operator_with_a_password_signs_in_while_the_provider_is_silent_or_gone() {
    let scene = Scene::entra().await;
    let password = "a good password";
    let hashed = Passwords::default().hash("operator", password).await.unwrap();
    let new = NewAccount {
        login_name: "operator",
        display_name: "Operator",
        is_operator: true,
        password: &hashed,
    };
    let mut connection = scene.pool().acquire().await.unwrap();
    account::create(&mut connection, &new, "test").await.unwrap();
    drop(connection);
    scene.provider.behave(Manner::Silent);
    // Others wait for the provider meanwhile.
    let start = scene.url("/desk/openid");
    let waiting = tokio::spawn(async move { Browser::new().get(&start).await.status });
    let mut browser = Browser::new();
    let page = browser.get(&scene.url("/desk/sign-in")).await;
    assert!(
        page.status == 200 && page.body.contains("/desk/openid?"),
        "{page:?}"
    );
    let form = [("name", "operator"), ("password", password)];
    let page = browser.post(&scene.url("/desk/sign-in"), &form).await;
    assert_eq!(page.status, 303, "{page:?}");
    assert!(!waiting.is_finished(), "nobody waited for the provider");
    let page = browser.get(&scene.url("/desk/zandpoort/gebruikersnamen")).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(waiting.await.unwrap(), 503);
    scene.provider.stop();
    let page = browser.get(&scene.url("/desk/zandpoort/gebruikersnamen")).await;
    assert_eq!(page.status, 200, "{page:?}");
}
