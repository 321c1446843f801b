use http_body_util::BodyExt;
use oneroster_standard::Kind;
use oneroster_standard::query::fields;

use super::*;
use crate::edge::{BodyError, GuardError, LogFields};
use crate::http::error::ApiError;
use crate::http::token::TokenError;

fn is_valid(schema: &str, body: &Value) -> Result<(), String> {
    let mut whole = document("https://sis.example");
    whole["$ref"] = json!(format!("#/components/schemas/{schema}"));
    let validator = jsonschema::validator_for(&whole).unwrap();
    validator
        .validate(body)
        .map_err(|error| format!("{error} at {}", error.instance_path()))
}

async fn body(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn refusals_are_what_the_document_says_also_those_that_a_test_from_outside_cannot_cause() {
    let log = LogFields::new("r1", None);
    for error in [
        ApiError::from(GuardError::Panic),
        ApiError::from(GuardError::Timeout),
        ApiError::from(BodyError::Incomplete),
        ApiError::NotPublished,
        ApiError::Unavailable("cause".to_owned()),
    ] {
        is_valid("Error", &body(error.into_response("r1", &log)).await).unwrap();
    }
    for error in [
        TokenError::from(GuardError::Panic),
        TokenError::from(GuardError::Timeout),
        TokenError::from(BodyError::Incomplete),
        TokenError::Unavailable("cause".to_owned()),
    ] {
        is_valid("TokenError", &body(error.into_response(&log)).await).unwrap();
    }
    assert!(is_valid("Error", &json!({ "error": "server_error" })).is_err());
}

/// An entity has no member that cannot be asked for, and none that the standard does not know.
#[test]
fn members_of_an_entity_are_fields_of_its_kind() {
    let schemas = schemas::all();
    for kind in Kind::ALL {
        let known: Vec<&str> = fields(kind).iter().map(|field| field.name).collect();
        let members = schemas[schemas::name(kind)]["properties"].as_object().unwrap();
        assert!(members.len() > 7, "{kind:?}");
        for name in members.keys() {
            assert!(known.contains(&name.as_str()), "{kind:?}.{name}");
        }
    }
}

#[test]
fn what_has_no_value_is_left_out_and_the_rest_is_always_there() {
    let schemas = schemas::all();
    let required = |name: &str| {
        let mut names: Vec<&str> = schemas[name]["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(
        required("Org"),
        "children dateLastModified metadata name sourcedId status type"
    );
    assert_eq!(
        required("Enrollment"),
        "class dateLastModified metadata role school sourcedId status user"
    );
    let org = json!({
        "sourcedId": "a", "status": "active", "dateLastModified": "2026-11-23T10:00:00.000Z",
        "name": "A", "type": "school", "children": [], "metadata": {},
    });
    is_valid("Org", &org).unwrap();
    for (name, value) in [
        ("status", json!("gone")),
        ("dateLastModified", json!("2026-11-23")),
        ("identifier", Value::Null),
        ("email", json!("a@b.example")),
        ("sourcedId", json!("")),
    ] {
        let mut wrong = org.clone();
        wrong[name] = value;
        assert!(is_valid("Org", &wrong).is_err(), "{name}");
    }
}

#[test]
fn descriptions_say_nothing_of_where_they_come_from() {
    let text = document("https://sis.example").to_string();
    for source in ["(R1", "§2.2", ", R1"] {
        assert!(!text.contains(source), "{source}");
    }
}

#[test]
fn the_page_escapes_what_it_shows() {
    let mut document = document("https://sis.example");
    document["info"]["title"] = json!("<script>\"&");
    let html = page::html(&document, "");
    assert!(html.contains("<h1>&lt;script&gt;&quot;&amp;") && !html.contains("<script>"));
}
