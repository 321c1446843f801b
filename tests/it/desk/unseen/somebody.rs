//! Somebody at a place that is not seen answers as nobody: by their id, by their name, in a file.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ELSEWHERE, LEFT, Question, essence, get, put, scene};
use crate::desk::role_world::{Spot, TENANT, id};
use crate::harness::database;

/// Every question about a person by their id.
fn of_person(person: &str) -> Vec<Question> {
    let (own, own_class) = (id(0), Spot::class_id(0));
    let api = |path: String| get(format!("/desk/api/{TENANT}/{path}"));
    let day = "2026-12-24";
    vec![
        api(format!("usernames/{person}")),
        api(format!("swap/{person}")),
        api(format!("why?person={person}")),
        api(format!("why?person={person}&on={day}")),
        api(format!("why?person={person}&class={own_class}")),
        api(format!("why/findings?person={person}")),
        api(format!("search?q={person}")),
        get(format!("/desk/{TENANT}/historiek?person={person}")),
        put(
            "usernames/name",
            json!({ "id": person, "username": "x", "stamp": "0" }),
        ),
        put(
            "usernames/sync",
            json!({ "id": person, "on": true, "stamp": "0" }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": true, "people": { "ids": [person] } }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": false, "people": { "ids": [own, person] } }),
        ),
        put(
            "usernames/bulk/preview",
            json!({ "on": false, "people": { "all_but": { "filter": {}, "except": [person] } } }),
        ),
        put(
            "usernames/bulk",
            json!({ "on": false, "people": { "ids": [person] }, "count": 1, "fingerprint": "x" }),
        ),
        put(
            "usernames/rows",
            json!({ "to": 9, "filter": { "search": person } }),
        ),
        put("swap", json!({ "a": own, "b": person, "action": "begin" })),
        put("swap", json!({ "a": person, "b": own, "action": "begin" })),
    ]
}

#[tokio::test]
async fn r83_r85_somebody_elsewhere_answers_as_nobody() {
    let database = database().await;
    let scene = scene(&database.pool).await;
    let nobody = Uuid::from_u128(0xF00D_0000_4000_8000_0000_0000_0000_00FF).to_string();
    for person in [2, 4, 7, LEFT, ELSEWHERE] {
        scene.same(of_person, &id(person).to_string(), &nobody).await;
    }
    // By their name, too.
    let by_name = |name: &str| {
        let search = json!({ "to": 9, "filter": { "search": name } });
        let columns = json!({ "family_name": { "equals": name } });
        vec![
            get(format!("/desk/api/{TENANT}/search?q={name}")),
            get(format!("/desk/{TENANT}/historiek?person={name}")),
            get(format!("/desk/{TENANT}/historiek?person=jo.{name}")),
            put("usernames/rows", search),
            put("usernames/counts", json!({ "filter": { "columns": columns } })),
        ]
    };
    scene.same(by_name, "claes", "xlaes").await;
    scene.same(by_name, "otten", "xtten").await;
    // And in a file.
    for wanted in ["", "x"] {
        let judged = async |person: &str| {
            let file = format!(
                "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum\r\n{person};;{wanted};;;\r\n"
            );
            let path = format!("/desk/api/{TENANT}/check-file/judge?name=c.csv");
            let answer = scene
                .site
                .upload(&scene.mia.browser, &path, file.into_bytes())
                .await;
            let (status, headers, body) = essence(&answer, person);
            // The fingerprint is of the file's own bytes too.
            let mut body: Value = serde_json::from_str(&body).unwrap();
            assert!(body["fingerprint"].take().is_string());
            (status, headers, body)
        };
        let unknown = judged(&nobody).await;
        for person in [2, 4, 7, LEFT, ELSEWHERE] {
            assert_eq!(judged(&id(person).to_string()).await, unknown, "{wanted:?}");
        }
    }
}
