//! OneRoster over HTTP: paging, links, errors, tolerance, tickets, tenants.

mod access;
mod dialect;
mod paging;
mod server;

use serde_json::json;

use crate::harness::api::Answer;

const COLLECTIONS: [&str; 6] = [
    "academicSessions",
    "classes",
    "courses",
    "enrollments",
    "orgs",
    "users",
];

/// Checks that a refusal says so in each of the three shapes consumers read (OneRoster 1.1 §7.2).
fn assert_refusal(answer: &Answer, status: u16, code_minor: &str) {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!(answer.header("content-type"), "application/json");
    let entry = &body["statusInfoSet"][0];
    assert_eq!(
        (&entry["imsx_codeMajor"], &entry["imsx_severity"]),
        (&json!("failure"), &json!("error")),
        "{body}"
    );
    assert_eq!(entry["imsx_codeMinor"], code_minor, "{body}");
    assert_eq!(body["imsx_codeMajor"], "failure");
    // Clients that are generated from the OpenAPI document of the standard know its words only.
    let openapi_words = [
        "unknownobject",
        "invaliddata",
        "unauthorisedrequest",
        "invalid_sort_field",
        "invalid_filter_field",
        "invalid_selection_field",
        "targetreadfailure",
    ];
    let word = &body["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"];
    assert!(openapi_words.contains(&word.as_str().unwrap()), "{body}");
    assert_eq!(
        (&body["CodeMajor"], &body["CodeMinor"]),
        (&json!("failure"), &json!(code_minor))
    );
    assert_eq!(body["imsx_messageRefIdentifier"], answer.header("x-request-id"));
    assert!(!body["Description"].as_str().unwrap().is_empty());
}

/// Gives the links of a page as (rel, address).
fn links(answer: &Answer) -> Vec<(String, String)> {
    let header = answer.header("link");
    header
        .split(", ")
        .filter(|link| !link.is_empty())
        .map(|link| {
            let (address, relation) = link.split_once(">; rel=\"").unwrap();
            (
                relation.trim_end_matches('"').to_owned(),
                address.trim_start_matches('<').to_owned(),
            )
        })
        .collect()
}
