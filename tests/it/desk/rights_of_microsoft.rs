//! Files of Microsoft on the desk, for everybody who asks: what is told of them are the people whom each may see, and no more.

use axum::http::StatusCode;
use oneroster_school::rights::Access;
use serde_json::Value;

use super::askers::{Asker, askers};
use super::role_world::{PEOPLE, TENANT, id, nothing_hidden, opened, sees_ever, text_of, world};
use crate::harness::api::Answer;
use crate::harness::database;
use crate::harness::desk::Site;

async fn hand_in(site: &Site, asker: &Asker, path: &str, text: &str) -> Answer {
    let path = format!("/desk/api/{TENANT}/{path}");
    site.upload(&asker.browser, &path, text.as_bytes().to_vec()).await
}

/// An account of everybody, known by the id alone: no name of anybody stands in the file.
fn accounts() -> String {
    let rows = (0..PEOPLE.len()).map(|person| format!("x{person}@zand.example,{}\n", id(person)));
    format!("userPrincipalName,sisId\n{}", rows.collect::<String>())
}

/// Returns those of the people whom they may write, now or later.
fn written(asker: &Asker) -> usize {
    let access = |person: &usize| {
        let ever = PEOPLE[*person].ever().map(|place| opened(&asker.given, place));
        ever.max().unwrap_or(Access::None)
    };
    (0..PEOPLE.len())
        .filter(|person| access(person) == Access::Write)
        .count()
}

fn seen(asker: &Asker) -> Vec<&'static str> {
    let people = PEOPLE.iter().enumerate();
    people
        .filter(|(person, _)| sees_ever(&asker.given, *person))
        .map(|(_, somebody)| somebody.family)
        .collect()
}

async fn compared(site: &Site, asker: &Asker) {
    let answer = hand_in(site, asker, "check-file/match", &accounts()).await;
    if asker.strongest() < Access::Write {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{:?}", asker.given);
        return;
    }
    nothing_hidden(&text_of(&answer), &asker.given, "match");
    let answer = answer.json();
    let mut families: Vec<&str> = answer["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().strip_prefix("Jo ").unwrap())
        .collect();
    families.sort_unstable();
    assert_eq!(families, seen(asker), "{:?}", asker.given);
    assert_eq!(answer["proposals"], written(asker), "{:?}", asker.given);
    let left = answer["accounts"].as_array().unwrap();
    assert_eq!(left.len(), PEOPLE.len() - families.len(), "{:?}", asker.given);
    assert!(
        left.iter()
            .all(|account| !account["note"].as_str().unwrap().contains("lijkt")),
        "whose they look like is not told of somebody else's: {left:?}"
    );
    let path = "check-file/match/export?format=csv";
    let file = text_of(&hand_in(site, asker, path, &accounts()).await);
    nothing_hidden(&file, &asker.given, "the check file with findings");
    let rows: Vec<Vec<&str>> = file.lines().skip(1).map(|row| row.split(';').collect()).collect();
    assert_eq!(rows.len(), families.len());
    let corrected = rows.iter().filter(|row| !row[2].is_empty()).count();
    assert_eq!(corrected, written(asker), "{:?}", asker.given);
}

async fn reported(site: &Site, asker: &Asker) {
    let rows = (0..PEOPLE.len()).map(|person| format!("UnmatchedEntry,{}\n", id(person)));
    let report = format!("Code,Id\n{}Pupils: 1\n", rows.collect::<String>());
    let answer = hand_in(site, asker, "sds-report", &report).await;
    assert_eq!(answer.status, StatusCode::OK);
    // The ids come from the file: only names would tell something.
    let mut text = text_of(&answer);
    for person in 0..PEOPLE.len() {
        text = text.replace(&id(person).to_string(), "");
    }
    nothing_hidden(&text, &asker.given, "the error report");
    let rows = answer.json()["groups"][0]["codes"][0]["rows"].clone();
    let told: Vec<bool> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["about"].as_array().is_some_and(|about| !about.is_empty()))
        .collect();
    let expected: Vec<bool> = (0..PEOPLE.len())
        .map(|person| sees_ever(&asker.given, person))
        .collect();
    assert_eq!(told, expected, "{:?}", asker.given);
    for (row, told) in rows.as_array().unwrap().iter().zip(told) {
        assert_eq!(row["unknown_ids"] == Value::Array(Vec::new()), told, "{row}");
    }
}

#[tokio::test]
async fn r82_r142_r143_files_of_microsoft_tell_of_nobody_whom_they_may_not_see() {
    let database = database().await;
    let school = world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let askers = askers(&site).await;
    super::role_world::switch(&site, &askers.last().unwrap().browser, true, &[]).await;
    school.publish().await;
    for asker in &askers {
        if asker.strongest() == Access::None {
            for path in ["check-file/match", "sds-report"] {
                let answer = hand_in(&site, asker, path, &accounts()).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {:?}", asker.given);
            }
            continue;
        }
        compared(&site, asker).await;
        reported(&site, asker).await;
    }
}
