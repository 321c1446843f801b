//! A token that is wrong in one thing signs nobody in; once that one thing is mended, it does.

use serde_json::json;

use super::browser::Browser;
use super::hostile::{LIES, Lie, OBJECT, Provider};
use super::{Scene, is_signed_in};

#[tokio::test]
async fn a_token_that_is_wrong_in_one_thing_is_refused_until_that_is_mended() {
    let scene = Scene::entra().await;
    for lie in LIES {
        scene.provider.lie(Some(lie));
        let mut browser = Browser::new();
        let page = scene.sign_in(&mut browser).await;
        assert_eq!(page.status, 400, "{lie:?}: {page:?}");
        assert!(page.set_cookies.is_empty(), "{lie:?}: {page:?}");
        assert_eq!(scene.sessions().await, 0, "{lie:?}");
        scene.provider.lie(None);
        scene.signed_in().await;
        sqlx::query("delete from desk.session")
            .execute(scene.pool())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_same_holds_for_a_provider_that_is_not_entra() {
    let scene = Scene::start(Provider::plain().await, |_| {}).await;
    let of_entra = [Lie::Tenant, Lie::NoTenant, Lie::NoObject, Lie::Payload];
    for lie in LIES.into_iter().filter(|lie| !of_entra.contains(lie)) {
        scene.provider.lie(Some(lie));
        let page = scene.sign_in(&mut Browser::new()).await;
        assert_eq!(page.status, 400, "{lie:?}: {page:?}");
        scene.provider.lie(None);
        scene.signed_in().await;
    }
}

#[tokio::test]
async fn another_tenant_of_entra_signs_nobody_in_however_right_its_token() {
    let scene = Scene::entra().await;
    scene.signed_in().await;
    // Its own administrator gives out whatever roles they like.
    scene
        .provider
        .claim("tid", json!("6f0c3b52-0000-4000-8000-00000000dead"));
    let page = scene.sign_in(&mut Browser::new()).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.body.contains("geen scholengroep"), "{}", page.body);
    assert_eq!(
        scene
            .count("select count(*) from desk.account where issuer is not null")
            .await,
        1
    );
}

#[tokio::test]
async fn the_same_address_with_another_oid_is_somebody_else() {
    let scene = Scene::entra().await;
    scene.provider.claim("roles", json!([]));
    // Known from here on, without rights; no session, so that nobody goes round in circles.
    let page = scene.sign_in(&mut Browser::new()).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(
        page.body.contains("nog geen rechten") && page.body.contains("Jan Peeters"),
        "{}",
        page.body
    );
    sqlx::query(
        "insert into desk.access_grant (tenant_id, account_id, login_name, display_name, school, kind, given_by)
         select 'zandpoort', account_id, login_name, display_name, '100001', 'manager', 'test' from desk.account
         where subject = $1",
    )
    .bind(OBJECT)
    .execute(scene.pool())
    .await
    .unwrap();
    scene.signed_in().await;
    scene
        .provider
        .claim("oid", json!("0b1ec700-0000-4000-8000-00000000dead"));
    let page = scene.sign_in(&mut Browser::new()).await;
    assert_eq!(page.status, 403, "{page:?}");
    scene.provider.claim("oid", json!(OBJECT));
    scene.signed_in().await;
}

#[tokio::test]
async fn a_new_key_is_read_once_and_invented_ones_ask_the_provider_for_nothing() {
    let scene = Scene::entra().await;
    scene.signed_in().await;
    assert_eq!(scene.provider.asked().keys, 1);
    scene.provider.rotate();
    scene.signed_in().await;
    scene.signed_in().await;
    assert_eq!(scene.provider.asked().keys, 2);
    scene.provider.rotate();
    for _ in 0..3 {
        let page = scene.sign_in(&mut Browser::new()).await;
        assert!(page.status == 400 && !is_signed_in(&page), "{page:?}");
    }
    assert_eq!(scene.provider.asked().keys, 2);
}
