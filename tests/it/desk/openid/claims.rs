//! What the provider's word gives, where it counts, and how long.

use serde_json::json;

use super::browser::Browser;
use super::hostile::{Provider, TENANT};
use super::{Scene, WRITES, is_signed_in};

/// Whether the desk opens for a session.
async fn opens(scene: &Scene, browser: &mut Browser) -> bool {
    let page = browser.get(&scene.url("/desk/zandpoort/gebruikersnamen")).await;
    let nothing = browser.get(&scene.url("/desk/elsewhere/gebruikersnamen")).await;
    assert_eq!(nothing.status, 404);
    page.status == 200
}

/// Whether the newest session is an operator's.
async fn is_operator(scene: &Scene) -> bool {
    let newest = "select count(*) from (select claims from desk.session order by created_at desc limit 1) s
                  where (claims ->> 'is_operator')::boolean";
    scene.count(newest).await == 1
}

#[tokio::test]
async fn r83_roles_of_the_provider_give_rights_for_the_life_of_the_session() {
    let scene = Scene::entra().await;
    let mut first = scene.signed_in().await;
    assert!(opens(&scene, &mut first).await);
    // Taken away at the provider: the next sign-in has them no longer, this session still has.
    for roles in [
        json!([]),
        json!(["100009:iLeerlingen:Alles_schrijven"]),
        json!(["100001:iLeerlingen:Stages"]),
    ] {
        scene.provider.claim("roles", roles.clone());
        let page = scene.sign_in(&mut Browser::new()).await;
        assert_eq!(page.status, 403, "{roles}: {page:?}");
    }
    assert!(opens(&scene, &mut first).await);
    let stored = "select count(*) from desk.access_grant";
    assert_eq!(
        scene.count(stored).await,
        0,
        "the provider's word is not what somebody gave here"
    );
}

#[tokio::test]
async fn r4_a_manager_and_a_site_are_given_by_a_claim_of_any_name() {
    let scene = Scene::start(Provider::plain().await, |openid| {
        openid.grants_claim = "https://school.example/rights".to_owned();
    })
    .await;
    // The usual claim says nothing here.
    assert_eq!(scene.sign_in(&mut Browser::new()).await.status, 403);
    for rights in [
        json!("manager:100001"),
        json!(["other", "100002-1:iPersoneel: Alles lezen"]),
    ] {
        scene.provider.claim("https://school.example/rights", rights);
        scene.signed_in().await;
    }
}

#[tokio::test]
async fn an_operator_is_made_by_the_role_of_the_settings_from_their_own_entra_tenant_only() {
    let other = "6f0c3b52-0000-4000-8000-00000000dead";
    for (role, operators, is_made) in [
        (Some("operator"), Some(TENANT), true),
        (Some("operator"), Some(other), false),
        (Some("operator"), None, false),
        (Some("other"), Some(TENANT), false),
        (None, Some(TENANT), false),
    ] {
        let scene = Scene::start(Provider::entra().await, |openid| {
            openid.operator_role = role.map(str::to_owned);
            openid.operator_entra_tenant_id = operators.map(str::to_owned);
        })
        .await;
        scene.provider.claim("roles", json!(["operator", WRITES]));
        scene.signed_in().await;
        assert_eq!(is_operator(&scene).await, is_made, "{role:?} {operators:?}");
    }
    // The operators' own Entra tenant needs no school.
    let scene = Scene::start(Provider::entra().await, |openid| {
        openid.operator_role = Some("operator".to_owned());
        openid.operator_entra_tenant_id = Some(other.to_owned());
    })
    .await;
    scene.provider.claim("tid", json!(other));
    scene.provider.claim("roles", json!(["operator"]));
    let mut browser = scene.signed_in().await;
    assert!(is_operator(&scene).await && opens(&scene, &mut browser).await);
    // No longer given there: no operator at the next sign-in.
    scene.provider.claim("roles", json!([]));
    let page = scene.sign_in(&mut Browser::new()).await;
    assert!(page.status == 403 && !is_signed_in(&page), "{page:?}");
}

#[tokio::test]
async fn a_claim_that_was_left_out_is_refused_with_what_to_configure() {
    let scene = Scene::start(Provider::entra().await, |openid| {
        openid.grants_claim = "groups".to_owned();
    })
    .await;
    scene.provider.claim("groups", json!([WRITES]));
    scene.signed_in().await;
    for (claim, value, mended) in [
        ("_claim_names", json!({"groups": "src1"}), json!({})),
        ("hasgroups", json!(true), json!(false)),
    ] {
        scene.provider.claim(claim, value);
        let page = scene.sign_in(&mut Browser::new()).await;
        assert_eq!(page.status, 403, "{page:?}");
        for said in ["groups", "app-rollen", "desk.openid.grants_claim"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        scene.provider.claim(claim, mended);
        scene.signed_in().await;
    }
}

#[tokio::test]
async fn a_disabled_account_is_told_so() {
    let scene = Scene::entra().await;
    scene.signed_in().await;
    sqlx::query("update desk.account set disabled_at = now() where issuer is not null")
        .execute(scene.pool())
        .await
        .unwrap();
    let page = scene.sign_in(&mut Browser::new()).await;
    assert!(
        page.status == 403 && page.body.contains("uitgeschakeld"),
        "{page:?}"
    );
}
