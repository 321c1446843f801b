//! A class, a place, an operation, an account and a right that are not seen; and what is told of them.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{Scene, get, put, scene};
use crate::desk::askers::asker;
use crate::desk::role_world::{SPOTS, Spot, TENANT, id, post, text_of};
use crate::harness::database;

#[tokio::test]
async fn r83_r85_a_class_a_place_and_an_operation_elsewhere_answer_as_none() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let no_class = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00EE).to_string();
    let of_class = |class: &str| {
        let api = |path: String| get(format!("/desk/api/{TENANT}/{path}"));
        vec![
            api(format!("why?class={class}")),
            api(format!("why?class={class}&person={}", id(0))),
            // Goris is in both.
            api(format!("why?class={class}&person={}", id(6))),
            api(format!("why/findings?class={class}")),
            api(format!("search?q={class}")),
            get(format!("/desk/{TENANT}/historiek?class={class}")),
            get(format!("/desk/{TENANT}/vooruitblik?class={class}")),
        ]
    };
    for place in [2, 3, 4] {
        scene
            .same(of_class, &Spot::class_id(place).to_string(), &no_class)
            .await;
    }
    let by_title = |title: &str| {
        let columns = json!({ "class": { "equals": title } });
        vec![
            get(format!("/desk/api/{TENANT}/search?q={title}")),
            get(format!("/desk/api/{TENANT}/search?q=goris%20{title}")),
            get(format!("/desk/{TENANT}/gebruikersnamen/afdrukken?class={title}")),
            put(
                "usernames/rows",
                json!({ "to": 9, "filter": { "columns": columns } }),
            ),
            put(
                "usernames/rows",
                json!({ "to": 9, "filter": { "search": title } }),
            ),
        ]
    };
    scene.same(by_title, "Reigers", "Xeigers").await;
    let of_place = |org: &str| {
        vec![
            get(format!("/desk/{TENANT}/vooruitblik?place={org}")),
            put("check-file/export", json!({ "format": "csv", "place": org })),
        ]
    };
    for spot in &SPOTS[2..] {
        scene.same(of_place, &spot.org(), "001599-9").await;
    }
    let of_operation = |operation: &str| vec![put("usernames/bulk/undo", json!({ "operation": operation }))];
    scene.same(of_operation, &scene.hidden_operation, &no_class).await;
}

/// What an account or a right at another school answers to a manager.
#[tokio::test]
async fn r90_accounts_and_rights_elsewhere_answer_as_none() {
    let database = database().await;
    let Scene { site, .. } = scene(&database.pool).await;
    let mia = asker(&site, "beheerder", &[("001507", None, "manager")]).await;
    let at = |tenant| [(tenant, "001509", None, "iLeerlingen: Alles lezen")];
    let hidden = site.account("els", &at(TENANT)).await;
    let other = site.account("tom", &at("ander")).await;
    let grant = async |name: &str| -> Uuid {
        sqlx::query_scalar("select grant_id from desk.access_grant where login_name = $1")
            .bind(name)
            .fetch_one(&database.pool)
            .await
            .unwrap()
    };
    let nobody = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00FF).to_string();
    let right = json!([{ "kind": "standard", "role": "iLeerlingen: Alles lezen" }]);
    let place = json!([{ "school": "001507" }]);
    let of_account = |account: &str| {
        vec![
            put("access/password", json!({ "account": account })),
            put(
                "access/give",
                json!({ "accounts": [account], "places": place, "rights": right }),
            ),
            put("access/copy", json!({ "from": account, "names": ["beheerder"] })),
            put("access/copy", json!({ "from": nobody, "accounts": [account] })),
        ]
    };
    let of_right = |right: &str| vec![put("access/take", json!({ "grants": [right] }))];
    let scene = Scene {
        site,
        mia,
        hidden_operation: String::new(),
    };
    for account in [hidden, other] {
        scene
            .same(of_account, &account.account_id.to_string(), &nobody)
            .await;
    }
    for name in ["els", "tom"] {
        scene
            .same(of_right, &grant(name).await.to_string(), &nobody)
            .await;
    }
    let listed = text_of(
        &scene
            .site
            .get(&scene.mia.browser, &format!("/desk/api/{TENANT}/access"))
            .await,
    );
    assert!(!listed.contains("els") && !listed.contains("tom"), "{listed}");
}

#[tokio::test]
async fn r83_r85_who_may_only_read_is_told_so_and_whose_name_is_taken_is_not_said() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let browser = &scene.mia.browser;
    let order = json!({ "id": id(1), "on": true, "stamp": "0" });
    let refused = post(&scene.site, browser, "sync", order).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(text_of(&refused).contains("read-only"));
    let rows = post(&scene.site, browser, "rows", json!({ "to": 1 }))
        .await
        .json();
    let name =
        json!({ "id": id(0), "username": "jo.claes", "stamp": rows["rows"][0]["stamp"], "confirm": true });
    let refused = post(&scene.site, browser, "name", name).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = text_of(&refused);
    assert!(
        refused.contains("name-held") && !refused.contains("Claes"),
        "{refused}"
    );
}

/// Files with birth dates and pages on paper are entered in the audit trail, under the name of who asked for them.
#[tokio::test]
async fn r82_what_leaves_as_a_file_or_on_paper_is_in_the_audit_trail() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let browser = &scene.mia.browser;
    let export = json!({ "format": "csv", "columns": ["family_name", "birth_date"] });
    post(&scene.site, browser, "export", export).await;
    let print = format!("/desk/{TENANT}/gebruikersnamen/afdrukken");
    let print = text_of(&scene.site.get(browser, &print).await);
    assert!(print.contains("Aerts") && !print.contains("2010"), "{print}");
    let trail: Vec<String> =
        sqlx::query_scalar("select kind || ' ' || by from audit.entry where detail is not null")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    for kind in ["birth_dates_exported mia", "usernames_printed mia"] {
        assert!(trail.iter().any(|entry| entry == kind), "{kind}: {trail:?}");
    }
}
