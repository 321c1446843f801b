//! *Instellingen*: what a change would do, the change, and two people who make one at the same time.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asking::Asking;
use crate::harness::database;
use crate::harness::group::{Shape, group};
use crate::harness::school::school;

const SETTINGS: &str = "/desk/api/zandpoort/settings";

/// What the page gives to its script.
async fn data(desk: &Asking) -> Value {
    let page = desk.shown("/desk/zandpoort/instellingen").await;
    let (_, rest) = page.split_once("id=\"settings-data\"").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

/// The settings of the page with a change, as its script sends them.
async fn wanted(desk: &Asking, change: impl FnOnce(&mut Value)) -> Value {
    let data = data(desk).await;
    let mut configuration = data["configuration"].clone();
    change(&mut configuration);
    json!({ "revision": data["revision"], "configuration": configuration })
}

#[tokio::test]
async fn r7_r11_formats_are_shown_on_the_tenants_own_people_and_classes() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let desk = Asking::start(&database.pool).await;
    let asked = json!({
        "username_format": "{familienaam}.{voornaam:1}", "username_max_length": 75, "team_name_format": "Klas {klascode}",
    });
    let (status, made) = desk.post(&format!("{SETTINGS}/formats"), &asked).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let jan = json!({ "person": "Jan Janssens", "username": "jan.janssens", "made": "janssens.j", "doubtful": false });
    assert!(made["names"].as_array().unwrap().contains(&jan), "{made}");
    assert_eq!(
        made["titles"],
        json!([{ "before": "2026-27 3A - Markt", "after": "Klas 3A" }])
    );
    let wrong =
        json!({ "username_format": "{roepnaam}", "username_max_length": 75, "team_name_format": "Klas" });
    let (_, said) = desk.post(&format!("{SETTINGS}/formats"), &wrong).await;
    assert!(
        said["errors"]["username_format"]
            .as_str()
            .unwrap()
            .contains("{roepnaam}"),
        "{said}"
    );
    assert!(
        said["errors"]["team_name_format"]
            .as_str()
            .unwrap()
            .contains("{klascode}"),
        "{said}"
    );
}

#[tokio::test]
async fn a_change_says_what_it_does_before_it_is_made_and_the_second_person_is_told() {
    let database = database().await;
    let school = group(
        &database.pool,
        "zandpoort",
        Shape {
            schools: 2,
            ..Shape::TWELVE
        },
    )
    .await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let change = wanted(&desk, |configuration| {
        configuration["schools"][0]["sites"][0]["sync"] = json!(false);
    })
    .await;
    let other = wanted(&desk, |configuration| configuration["brake_percent"] = json!(30)).await;
    let (status, preview) = desk.post(&format!("{SETTINGS}/preview"), &change).await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    let text = preview.to_string();
    assert!(text.contains("personen worden niet meer doorgegeven"), "{text}");
    assert!(text.contains("zouden verdwijnen"), "the brake's words: {text}");
    assert!(
        preview["difference"][0]
            .as_str()
            .unwrap()
            .ends_with("sync: true → false"),
        "{text}"
    );
    assert_eq!(data(&desk).await["revision"], 1, "nothing was stored");

    let (status, stored) = desk.post(SETTINGS, &change).await;
    assert_eq!(
        (status, &stored["revision"]),
        (StatusCode::OK, &json!(2)),
        "{stored}"
    );
    let (status, refused) = desk.post(SETTINGS, &other).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::CONFLICT, &json!("settings-changed"))
    );
    let difference = refused["difference"].to_string();
    assert!(
        difference.contains("brake_percent: 20 → 30") && difference.contains("sync: false → true"),
        "{difference}"
    );
    let by: Vec<String> = sqlx::query_scalar("select by from audit.entry where kind = 'tenant_configured'")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(by, ["operator"]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_rules_of_a_tenant_file() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let refused = async |change: fn(&mut Value)| {
        let (status, answer) = desk.post(SETTINGS, &wanted(&desk, change).await).await;
        (status, answer["error"].clone())
    };
    let (status, error) = refused(|configuration| configuration["username_max_length"] = json!(4)).await;
    assert_eq!(
        (status, &error["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("settings-invalid"))
    );
    assert!(error["hint"].as_str().unwrap().contains("8 to 75"), "{error}");
    let (_, error) = refused(|configuration| configuration["active_school_year"] = json!("2027-28")).await;
    assert_eq!(error["code"], "settings-school-year");
    let (_, error) = refused(|configuration| configuration["org_id_with_hoofdstructuur"] = json!(true)).await;
    assert_eq!(error["code"], "settings-org-ids");
    let (status, _) = refused(|configuration| configuration["id"] = json!("duinen")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // A field that was left empty is not set.
    let change = wanted(&desk, |configuration| configuration["contact"] = json!("")).await;
    assert_eq!(
        desk.post(SETTINGS, &change).await.1["revision"],
        1,
        "nothing changed"
    );
}

/// The default of the Sync flag is the vendor's: a manager's change answers as if there were no settings, and nothing is changed.
#[tokio::test]
async fn r95_only_the_vendor_switches_the_default_of_the_sync_flag() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let vendor = Asking::start(&database.pool).await;
    let order = wanted(&vendor, |configuration| {
        configuration["schools"][0]["sites"][0]["sync_default"] = json!(false);
    })
    .await;
    let settings = oneroster::config::Desk::default();
    let mia = Asking::with_role(&database.pool, settings, "mia", ("zandpoort", "manager")).await;
    let nothing = mia.post("/desk/api/zandpoort/nothing", &order).await;
    assert_eq!(nothing.0, StatusCode::NOT_FOUND);
    for path in ["", "/preview", "/formats"] {
        assert_eq!(
            mia.post(&format!("{SETTINGS}{path}"), &order).await,
            nothing,
            "{path}"
        );
    }
    assert_eq!(
        mia.page("/desk/zandpoort/instellingen").await.0,
        StatusCode::NOT_FOUND
    );
    let default =
        async || data(&vendor).await["configuration"]["schools"][0]["sites"][0]["sync_default"].clone();
    assert_eq!(default().await, json!(true));
    let (status, said) = vendor.post(SETTINGS, &order).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_eq!(default().await, json!(false));
}
