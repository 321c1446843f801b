//! Any query string against a small roster: no panic, and every answer is what its headers would say.
//!
//! The first byte picks the collection and the client's switches, the rest is the query string as it comes.
#![no_main]

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use oneroster::edge::query_parameters;
use oneroster::roster::Version;
use oneroster::serving::{Generation, Snapshot};
use oneroster_standard::query::{ListQuery, ObjectForm, Policy, SingleQuery};
use oneroster_standard::{Kind, StatusType};
use serde_json::{Value, json};
use uuid::Uuid;

static ROSTER: LazyLock<Snapshot> = LazyLock::new(roster);

fuzz_target!(|data: &[u8]| {
    let Some((&switches, query)) = data.split_first() else {
        return;
    };
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let Some(parameters) = query_parameters(query) else {
        return;
    };
    let kind = Kind::ALL[usize::from(switches & 7) % Kind::ALL.len()];
    let policy = Policy {
        include_tombstones_unfiltered: switches & 8 != 0,
        unpaged_delta: switches & 16 != 0,
        unpaged_full: switches & 64 != 0,
        form: ObjectForm {
            native_booleans: switches & 32 != 0,
            email: switches & 128 != 0,
            enabled_users: switches & 64 != 0,
            ended_enrollments: switches & 16 != 0,
            district_org: switches & 8 != 0,
        },
    };
    if let Ok(single) = SingleQuery::parse(kind, &parameters, &policy) {
        for id in ["a", "0", "", "nobody"] {
            if let Some(found) = ROSTER.single(kind, id, &single, "r") {
                let body: Value = serde_json::from_slice(&found.body.concat()).expect("a single is JSON");
                assert!(body[kind.singular()].is_object());
            }
        }
    }
    match ListQuery::parse(kind, &parameters, &policy) {
        Ok(question) => answered(kind, &question),
        Err(refused) => assert!(!refused.to_string().is_empty()),
    }
});

/// What holds of every answer.
fn answered(kind: Kind, question: &ListQuery) {
    let page = ROSTER.list(kind, question, "r");
    let text = page.body.concat();
    let body: Value = serde_json::from_slice(&text).expect("a collection is JSON");
    let first = format!("{{\"{}\":[", kind.collection());
    assert!(
        text.starts_with(first.as_bytes()),
        "the collection is the first member"
    );
    let rows = body[kind.collection()].as_array().expect("an array");
    assert_eq!(rows.len(), page.count);
    assert!(page.total <= ROSTER.count(kind));
    let expected = page.total.saturating_sub(question.offset()).min(question.limit());
    assert_eq!(page.count, expected);
    let again = ROSTER.list(kind, question, "r");
    assert_eq!(
        (again.total, again.body.concat()),
        (page.total, page.body.concat())
    );
}

/// A handful of every kind: names with what is awkward, empty and missing values, tombstones, three dates.
fn roster() -> Snapshot {
    let dates: HashMap<i64, _> = (1..=3)
        .map(|number| {
            (
                number,
                DateTime::from_timestamp_millis(1_700_000_000_000 + number * 86_400_000).expect("a date"),
            )
        })
        .collect();
    let mut versions = Vec::new();
    let mut kinds = Kind::ALL;
    kinds.sort_by_key(|kind| kind.collection());
    for kind in kinds {
        let mut ids = vec!["0", "1", "a", "b", "O'Brien", "é", "z-9"];
        ids.sort_unstable();
        for (place, id) in ids.into_iter().enumerate() {
            versions.push(Version {
                kind,
                sourced_id: id.to_owned(),
                from_number: place as i64 % 3 + 1,
                until_number: None,
                status: if place == 2 { StatusType::ToBeDeleted } else { StatusType::Active },
                content: content(kind, id, place).to_string(),
                causes: Vec::new(),
                email_domain: (kind == Kind::Users && place % 3 == 0).then(|| "zandpoort.example".to_owned()),
                ended_on: (kind == Kind::Enrollments && place == 2).then(|| "2026-11-25".parse().expect("a day")),
            });
        }
    }
    let generation = Generation {
        tenant_id: "fuzz".to_owned(),
        generation_id: Uuid::from_u128(1),
        number: 3,
        dates,
    };
    Snapshot::assemble(
        &generation,
        versions,
        None,
        "https://sis.example/ims/oneroster/v1p1",
    )
    .expect("a roster")
}

fn content(kind: Kind, id: &str, place: usize) -> Value {
    let reference = |collection: &str, kind: &str| json!({"href": format!("/{collection}/{id}"), "sourcedId": id, "type": kind});
    let name = ["Ann", "O'Brien", "Łukasz \"x\" \\ y", "<>", "", "ann", "ça va"][place % 7];
    match kind {
        Kind::Users => {
            json!({"username": id, "enabledUser": "true", "givenName": name, "familyName": name, "role": if place % 2 == 0 { "student" } else { "teacher" },
            "identifier": id, "orgs": [reference("orgs", "org")], "userIds": [], "agents": [], "grades": [], "metadata": {"a": name}})
        }
        Kind::Classes => {
            json!({"title": name, "classCode": id, "classType": "homeroom", "course": reference("courses", "course"), "school": reference("orgs", "org"),
            "terms": [reference("academicSessions", "academicSession")], "subjects": [], "grades": [], "periods": ["1", "2"], "subjectCodes": [], "metadata": {}})
        }
        Kind::Enrollments => {
            json!({"user": reference("users", "user"), "class": reference("classes", "class"), "school": reference("orgs", "org"),
            "role": "teacher", "primary": "false", "beginDate": "2026-09-01", "endDate": "2027-06-30", "metadata": {}})
        }
        Kind::Orgs => {
            json!({"name": name, "type": "school", "identifier": id, "children": [], "metadata": {}})
        }
        Kind::Courses => {
            json!({"title": name, "courseCode": id, "org": reference("orgs", "org"), "grades": [], "subjects": [], "metadata": {}})
        }
        Kind::AcademicSessions => {
            json!({"title": name, "startDate": "2026-09-01", "endDate": "2027-06-30", "type": "schoolYear", "schoolYear": "2027", "children": [], "metadata": {}})
        }
    }
}
