//! What strict consumers demand of tokens, values and objects.

use axum::body::Body;
use axum::http::{Method, Request};
use oneroster::auth::client;
use serde_json::{Value, json};

use super::{ServedRoster, published_school};
use crate::harness::api::Api;
use crate::harness::school::{CLASS, JAN};

/// The names under which consumers ask for tokens and cannot be told otherwise; a gradebook write is refused in JSON.
#[tokio::test]
async fn tokens_are_given_wherever_consumers_ask_for_them() {
    let stage = ServedRoster::new().await;
    for path in [
        "/connect/token",
        "/oauth/token",
        "/oauth/access_token",
        "/ims/oneroster/token",
        "/ims/oneroster/v1p1/oauth/token",
        "/token",
        "/ims/oneroster/v1p1/token",
        "/ims/oneroster/v1p1/Token",
    ] {
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            stage.client.client_id, stage.client.client_secret
        );
        let request = Request::builder().method(Method::POST).uri(path);
        let answer = stage.api.send(request.body(Body::from(body)).unwrap()).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(stage.api.get(&token, "/orgs").await.status, 200, "{path}");
    }
    let token = stage.token("").await;
    let put = stage
        .api
        .ask(Method::PUT, &token, "/ims/oneroster/v1p1/lineItems/1")
        .await;
    assert_eq!(
        (put.status.as_u16(), &put.json()["CodeMajor"]),
        (404, &json!("failure"))
    );
}

/// `MZDevinc` and the `OpenAPI` document want JSON booleans, all others take or need strings.
#[tokio::test]
async fn booleans_are_strings_unless_a_client_wants_them_native() {
    let stage = ServedRoster::new().await;
    let path = "/users/zu001?fields=enabledUser";
    let token = stage.token("").await;
    let plain = stage.api.get(&token, path).await.json();
    assert_eq!(plain["user"]["enabledUser"], "true");
    client::set(
        &stage.pool,
        "zand",
        &stage.client.client_id,
        &["native_booleans=true".to_owned()],
    )
    .await
    .unwrap();
    let native = Api::start(&stage.pool).await;
    let token = native.token(&stage.client).await;
    for (path, pointer) in [
        (path, "/user/enabledUser"),
        ("/classes/zk000/students", "/users/0/enabledUser"),
    ] {
        assert_eq!(
            native.get(&token, path).await.json().pointer(pointer),
            Some(&json!(true))
        );
    }
}

/// Asserts what strict readers need of an object: no null, no empty string, references whole.
fn assert_strict(value: &Value, path: &str) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::String(text) => assert!(!text.is_empty(), "{path} is empty"),
        Value::Array(items) => items.iter().for_each(|item| assert_strict(item, path)),
        Value::Object(members) => {
            if let Some(href) = members.get("href") {
                assert!(href.as_str().unwrap().starts_with("https://"), "{path}");
                assert_eq!(
                    members.keys().collect::<Vec<_>>(),
                    ["href", "sourcedId", "type"],
                    "{path}"
                );
            }
            for (name, member) in members {
                assert_strict(member, &format!("{path}.{name}"));
            }
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What the product publishes, member by member: the arrays and `metadata` that consumers iterate over are there even if
/// empty, scalars without a value are not, `identifier` is filled, dates have three fractional digits.
#[tokio::test]
async fn each_published_object_has_what_strict_consumers_need() {
    let (api, token) = published_school().await;
    for (collection, arrays, scalars) in [
        (
            "academicSessions",
            "children",
            "title startDate endDate type schoolYear",
        ),
        ("orgs", "children", "name type identifier"),
        (
            "courses",
            "grades subjects subjectCodes resources",
            "title courseCode",
        ),
        (
            "classes",
            "terms grades subjects subjectCodes periods resources",
            "title classType",
        ),
        (
            "users",
            "agents orgs userIds grades",
            "username givenName familyName role identifier enabledUser",
        ),
        ("enrollments", "", "role beginDate endDate"),
    ] {
        let rows = api.get(&token, &format!("/{collection}")).await.json()[collection].take();
        assert!(!rows.as_array().unwrap().is_empty(), "{collection}");
        for row in rows.as_array().unwrap() {
            assert_strict(row, collection);
            assert!(row["metadata"].is_object(), "{row}");
            for name in arrays.split_whitespace() {
                assert!(row[name].is_array(), "{collection}: no {name}");
            }
            for name in scalars.split_whitespace() {
                assert!(row[name].is_string(), "{collection}: no {name}");
            }
            let date = row["dateLastModified"].as_str().unwrap();
            let form: String = date
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            assert_eq!(form, "0000-00-00T00:00:00.000Z");
        }
        let year = rows[0]["schoolYear"].as_str().unwrap_or("2027");
        assert!(
            year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()),
            "{year}"
        );
    }
    let students = api.get(&token, &format!("/classes/{CLASS}/students")).await;
    assert_eq!(students.ids("users").len(), 2);
    for user in students.json()["users"].as_array().unwrap() {
        assert!(!user["username"].as_str().unwrap().contains('@'), "{user}");
    }
}

/// R26: demographics are empty, contacts are neither users nor agents, and flags are in no object.
#[tokio::test]
async fn r26_no_demographics_contacts_or_flags_are_delivered() {
    let (api, token) = published_school().await;
    let demographics = api.get(&token, "/demographics").await;
    assert_eq!(
        (demographics.status.as_u16(), demographics.json()),
        (200, json!({ "demographics": [] }))
    );
    assert_eq!(api.get(&token, &format!("/demographics/{JAN}")).await.status, 404);
    let users = api.get(&token, "/users").await.json()["users"].take();
    assert_eq!(users.as_array().unwrap().len(), 3);
    for user in users.as_array().unwrap() {
        let members: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = "agents dateLastModified enabledUser familyName givenName grades identifier metadata orgs role \
             sourcedId status userIds username";
        assert_eq!(members, expected.split_whitespace().collect::<Vec<_>>());
        assert!(["student", "teacher"].contains(&user["role"].as_str().unwrap()));
        assert_eq!(
            (&user["agents"], &user["userIds"], &user["metadata"]),
            (&json!([]), &json!([]), &json!({}))
        );
    }
}
