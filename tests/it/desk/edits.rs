//! Editing one person over HTTP: by whom, once, and from which day on.

use axum::http::StatusCode;
use chrono::Days;
use serde_json::{Value, json};
use uuid::Uuid;

use super::role_world::{id, number, text_of, world};
use crate::harness::database;
use crate::harness::desk::{Browser, Site};

async fn post(site: &Site, browser: &Browser, path: &str, body: Value) -> (StatusCode, String) {
    let answer = super::role_world::post(site, browser, path, body).await;
    (answer.status, text_of(&answer))
}

#[tokio::test]
async fn r71_r75_a_name_is_edited_once_by_who_saw_it_and_a_served_one_is_asked_about() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let account = site
        .account(
            "mia",
            &[("zandpoort", "001507", None, "iLeerlingen: Alles schrijven")],
        )
        .await;
    let mia = site.signed_in(&account).await;
    let person = async |place: usize| -> Value {
        site.get(&mia, &format!("/desk/api/zandpoort/usernames/{}", id(place)))
            .await
            .json()
    };
    let before = person(0).await;
    assert_eq!(before["login"], "jo.aerts");
    let stamp = &before["row"]["stamp"];
    let order = |username: &str, stamp: &Value, confirm: bool| json!({ "id": id(0), "username": username, "stamp": stamp, "confirm": confirm });
    let (status, answer) = post(&site, &mia, "name", order("jo.anders", stamp, false)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["row"]["username"], "jo.anders");
    // The second of two admins is told, and sees what stands there now.
    let (status, stale) = post(&site, &mia, "name", order("jo.derde", stamp, false)).await;
    let stale: Value = serde_json::from_str(&stale).unwrap();
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(stale["error"]["code"], "changed-meanwhile");
    assert_eq!(stale["row"]["username"], "jo.anders");
    // Released and served, another name is asked about once.
    let sync = json!({ "id": id(0), "on": true, "stamp": stale["row"]["stamp"], "reason": null });
    let (status, released) = post(&site, &mia, "sync", sync).await;
    assert_eq!(status, StatusCode::OK, "{released}");
    school.publish().await;
    let served = person(0).await;
    assert_eq!(
        (&served["row"]["served"], &served["row"]["state"]),
        (&json!(true), &json!("on"))
    );
    let stamp = &served["row"]["stamp"];
    let (status, asked) = post(&site, &mia, "name", order("jo.vierde", stamp, false)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        asked.contains("confirm-rename") && asked.contains("alias"),
        "{asked}"
    );
    let (status, _) = post(&site, &mia, "name", order("jo.vierde", stamp, true)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = post(&site, &mia, "name", order("jo é", stamp, true)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    let stamp = person(0).await["row"]["stamp"].clone();
    let (status, refused) = post(&site, &mia, "name", order("joé", &stamp, true)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.contains("name-form") && refused.contains("accenten"),
        "{refused}"
    );
    let history = person(0).await["history"].to_string();
    assert!(
        history.contains("jo.vierde") && history.contains("Vrijgegeven"),
        "{history}"
    );
}

/// Returns who starts when, for [`School::change`].
fn starts(place: usize, day: chrono::NaiveDate) -> String {
    format!(
        "update informat.inschrijving set begindatum = '{day}' where tenant_id = $1 and p_persoon = {}",
        number(place)
    )
}

#[tokio::test]
async fn r69_r96_a_pupil_is_released_and_renamed_from_their_first_day() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let account = site
        .account(
            "mia",
            &[("zandpoort", "001507", None, "iLeerlingen: Alles schrijven")],
        )
        .await;
    let mia = site.signed_in(&account).await;
    let name = |id: Uuid, stamp: Value| json!({ "id": id, "username": "jo.nieuw", "stamp": stamp });
    let release = |id: Uuid, stamp: Value| json!({ "id": id, "on": true, "stamp": stamp });
    // Foubert is somewhere else; who is nowhere answers the same.
    let unknown = Uuid::from_u128(7);
    let today = school.today().await;
    school.change(&starts(0, today + Days::new(1))).await;
    for (path, of_future, of_nobody) in [
        ("name", name(id(0), json!("0")), name(unknown, json!("0"))),
        ("sync", release(id(0), json!("0")), release(unknown, json!("0"))),
    ] {
        let (status, refused) = post(&site, &mia, path, of_future).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {refused}");
        assert_eq!(refused, post(&site, &mia, path, of_nobody).await.1);
    }
    school.change(&starts(0, today)).await;
    let panel = format!("/desk/api/zandpoort/usernames/{}", id(0));
    let stamp = async || -> Value { site.get(&mia, &panel).await.json()["row"]["stamp"].clone() };
    let (status, answer) = post(&site, &mia, "name", name(id(0), stamp().await)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (status, answer) = post(&site, &mia, "sync", release(id(0), stamp().await)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}
