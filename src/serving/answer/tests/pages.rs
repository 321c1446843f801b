//! Pages by example: how they are put together, kept and bounded.

use oneroster_standard::query::ObjectForm;
use serde_json::{Value, json};

use super::questions::{BRUSSELS_MIDNIGHT_MS, reference};
use super::*;

fn many(count: usize) -> CachedCollection {
    let objects = (0..count).map(|number| {
        let user = json!({
            "username": format!("u{number}"), "givenName": "Ann", "familyName": format!("f{:05}", count - number),
            "enabledUser": "false", "role": if number % 2 == 0 { "student" } else { "teacher" },
            "orgs": [reference("org", "orgs", "o1")],
        });
        (format!("{number:06}"), number % 500 != 499, BRUSSELS_MIDNIGHT_MS, user)
    });
    build(Kind::Users, objects.collect()).0
}

fn parameters(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn a_page_of_everything_is_a_slice_of_what_is_kept() {
    let collection = many(2_000);
    let (page, _) = ask(
        &collection,
        &parameters(&[("limit", "1000"), ("offset", "500")]),
        Policy::default(),
    );
    let chunks: Vec<Bytes> = page.body.collect();
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks[1].as_ptr(), collection.data.slice(&(500..1500)).as_ptr());
}

const NATIVE: ObjectForm = ObjectForm {
    native_booleans: true,
    email: false,
    enabled_users: false,
    ended_enrollments: false,
    district_org: false,
};

#[test]
fn a_page_with_few_gaps_is_slices_and_one_with_many_is_copied_bit_by_bit() {
    let collection = many(2_000);
    let (page, _) = ask(
        &collection,
        &parameters(&[("filter", "status='active'"), ("limit", "1000")]),
        Policy::default(),
    );
    assert_eq!((page.total, page.count), (1_996, 1_000));
    let chunks: Vec<Bytes> = page.body.collect();
    assert_eq!(chunks.len(), 2 + 3 + 2); // rows 0–498, 500–998, 1000–1001, and two commas
    assert_eq!(chunks[1].as_ptr(), collection.data.slice(&(0..1)).as_ptr());
    let (page, _) = ask(
        &collection,
        &parameters(&[("filter", "role='student'"), ("limit", "1000")]),
        Policy::default(),
    );
    let length = page.body.remaining();
    let chunks: Vec<Bytes> = page.body.collect();
    assert_eq!(
        (page.total, chunks.len()),
        (1_000, 2 + length.div_ceil(COPIED_BYTES))
    );
    assert_eq!(chunks.iter().map(Bytes::len).sum::<usize>(), length);
}

#[test]
fn what_is_written_anew_is_written_bit_by_bit_while_it_is_sent() {
    const CHUNK_BYTES_MAX: usize = 300 << 10;
    let collection = many(6_000);
    let since = ("filter", "dateLastModified>'2026-01-01'");
    let native = Policy {
        form: NATIVE,
        ..Policy::default()
    };
    let narrow = parameters(&[since, ("fields", "sourcedId,username,orgs")]);
    let enabled = Policy {
        form: ObjectForm {
            enabled_users: true,
            ..ObjectForm::default()
        },
        ..Policy::default()
    };
    for (asked, policy) in [
        (narrow, Policy::default()),
        (parameters(&[since]), native),
        (parameters(&[since]), enabled),
    ] {
        let (page, answer) = ask(&collection, &asked, policy);
        assert_eq!(answer["users"].as_array().unwrap().len(), 6_000);
        let length = page.body.remaining();
        let chunks: Vec<Bytes> = page.body.collect();
        let longest = chunks.iter().map(Bytes::len).max().unwrap();
        assert!(
            longest <= CHUNK_BYTES_MAX,
            "a chunk of {longest} of {length} bytes"
        );
        assert_eq!(chunks.iter().map(Bytes::len).sum::<usize>(), length);
    }
}

#[test]
fn the_rows_of_a_question_are_kept_within_a_bound() {
    let collection = many(2_000);
    for number in 0..50 {
        let filter = format!("givenName!='{number}'");
        let asked = parameters(&[("filter", &filter), ("sort", "familyName")]);
        let (page, body) = ask(&collection, &asked, Policy::default());
        assert_eq!(
            (page.total, &body["users"][0]["familyName"]),
            (2_000, &json!("f00001"))
        );
        let (again, _) = ask(&collection, &asked, Policy::default());
        assert_eq!(again.body.concat(), page.body.concat());
    }
    let (bytes, bytes_max) = (collection.answers().bytes(), collection.data.blob_bytes() / 8);
    assert!((1..=bytes_max).contains(&bytes), "{bytes} of {bytes_max}");
}

#[test]
fn warnings_follow_the_collection_with_the_id_of_the_request() {
    let collection = many(3);
    let asked = parameters(&[
        ("sort", "shoeSize"),
        ("fields", "sourcedId,hatSize"),
        ("limit", "1"),
    ]);
    let query = ListQuery::parse(Kind::Users, &asked, &Policy::default()).unwrap();
    let page = list(&collection, &Restriction::default(), &query, "request-7");
    let body = String::from_utf8(page.body.concat()).unwrap();
    assert!(
        body.starts_with("{\"users\":[{\"sourcedId\":\"000000\",\"status\":\"active\","),
        "{body}"
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    let set = body["statusInfoSet"].as_array().unwrap();
    assert_eq!(set.len(), 2);
    assert_eq!(set[0]["imsx_codeMinor"], "invalid_sort_field");
    assert_eq!(set[1]["imsx_codeMinor"], "invalid_selection_field");
    for (entry, word) in set.iter().zip(["shoeSize", "hatSize"]) {
        assert_eq!(entry["imsx_codeMajor"], "success");
        assert_eq!(entry["imsx_severity"], "warning");
        assert_eq!(entry["imsx_messageRefIdentifier"], "request-7");
        assert!(entry["imsx_description"].as_str().unwrap().contains(word));
    }
    assert!(
        body["users"][0].get("familyName").is_some(),
        "all fields after an unknown one"
    );
}

#[test]
fn what_does_not_match_is_an_empty_collection_and_a_page_past_the_end_has_the_right_total() {
    let collection = many(3);
    for filter in [
        "status='norecords'",
        "sourcedId='norecords'",
        "username='norecords'",
        "email='a@b.example'",
    ] {
        let (page, body) = ask(&collection, &parameters(&[("filter", filter)]), Policy::default());
        assert_eq!(
            (page.total, page.count, body),
            (0, 0, json!({"users": []})),
            "{filter}"
        );
    }
    for offset in ["3", "18446744073709551615"] {
        let (page, body) = ask(&collection, &parameters(&[("offset", offset)]), Policy::default());
        assert_eq!((page.total, page.count, body), (3, 0, json!({"users": []})));
    }
}

#[test]
fn a_delta_is_dated_after_and_a_date_alone_is_midnight_in_brussels() {
    let collection = many(3); // all dated 2026-07-01T00:00 in Brussels
    for (filter, total) in [
        ("dateLastModified>'2026-07-01'", 0),
        ("dateLastModified>='2026-07-01'", 3),
        ("dateLastModified>'2026-06-30T21:59:59.999Z'", 3),
        ("dateLastModified>'2026-06-30T22:00:00.000Z'", 0),
        ("dateLastModified>'2026-06-30'", 3),
        ("dateLastModified>'9999-12-31'", 0),
        ("dateLastModified<'0001-01-01'", 0),
    ] {
        let (page, _) = ask(&collection, &parameters(&[("filter", filter)]), Policy::default());
        assert_eq!(page.total, total, "{filter}");
    }
}

#[test]
fn an_unpaged_delta_holds_everything_whatever_the_default_limit() {
    let collection = many(350);
    let delta = ("filter", "dateLastModified>'2026-06-01'");
    let (page, body) = ask(&collection, &parameters(&[delta]), Policy::default());
    assert_eq!(
        (page.total, page.count, body["users"].as_array().unwrap().len()),
        (350, 350, 350)
    );
    let paged = Policy {
        unpaged_delta: false,
        ..Policy::default()
    };
    let (page, _) = ask(&collection, &parameters(&[delta]), paged);
    assert_eq!((page.total, page.count), (350, 100));
}

#[test]
fn a_restriction_narrows_collections_and_single_objects() {
    let collection = many(10);
    let students = Restriction {
        clauses: vec![Clause::equal(Kind::Users, "role", "student").unwrap()],
        ids: Some(["000000", "000001", "000002", "none"].map(str::to_owned).into()),
        either: None,
    };
    let query = ListQuery::parse(Kind::Users, &[], &Policy::default()).unwrap();
    let page = list(&collection, &students, &query, "r");
    let body: Value = serde_json::from_slice(&page.body.concat()).unwrap();
    let ids: Vec<&Value> = body["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["sourcedId"])
        .collect();
    assert_eq!(ids, ["000000", "000002"]);
    let query = SingleQuery::parse(Kind::Users, &[], &Policy::default()).unwrap();
    assert!(single(&collection, &students, "000000", &query, "r").is_some());
    assert!(
        single(&collection, &students, "000001", &query, "r").is_none(),
        "a teacher"
    );
    assert!(
        single(&collection, &students, "000004", &query, "r").is_none(),
        "not among the ids"
    );
    let of_org = Restriction {
        clauses: vec![Clause::equal(Kind::Users, "orgs", "o1").unwrap()],
        ids: None,
        either: None,
    };
    assert!(single(&collection, &of_org, "000001", &query, "r").is_some());
}

#[test]
fn an_index_finds_what_reading_every_document_finds() {
    let objects = (0..400).map(|number: usize| {
        let orgs = [
            format!("o{}", number % 70),
            "o\"1".to_owned(),
            format!("o{}", number % 50),
        ];
        let mut user = json!({
            "username": format!("U{}", number % 90), "givenName": "Ann", "familyName": "Peeters",
            "enabledUser": "false", "role": "student",
            "orgs": orgs.iter().map(|id| reference("org", "orgs", id)).collect::<Vec<_>>(),
        });
        if number.is_multiple_of(3) {
            user["identifier"] = json!(format!("é{}", number % 60));
        }
        (
            format!("{number:06}"),
            !number.is_multiple_of(7),
            BRUSSELS_MIDNIGHT_MS,
            user,
        )
    });
    let (collection, documents) = build(Kind::Users, objects.collect());
    let asked_for = "username U1 u1 u89 u90 / orgs o1 o69 o70 o\"1 / identifier é0 é3 É3 é1 / email a";
    for (name, value) in asked_for.split(" / ").flat_map(|words| {
        let (name, values) = words.split_once(' ').unwrap();
        values.split(' ').map(move |value| (name, value))
    }) {
        let seconds = [
            (true, ("status", "=", "active".to_owned())),
            (false, ("username", "=", "u5".to_owned())),
        ];
        for second in seconds.into_iter().map(Some).chain([None]) {
            let first = Some((name, "=", value.to_owned()));
            let asked = Asked {
                first,
                second,
                sort: None,
                fields: None,
                policy: Policy::default(),
            };
            let mut parameters = asked.parameters();
            parameters.push(("limit".to_owned(), "10000".to_owned()));
            let (_, body) = ask(&collection, &parameters, asked.policy);
            assert_eq!(body["users"], json!(asked.oracle(&documents)), "{parameters:?}");
        }
    }
    let (mut names, ..) = collection.indexes.usage();
    names.sort_unstable();
    assert_eq!(names, ["email", "identifier", "orgs", "username"]);
}

#[test]
fn indexes_stay_within_their_bound_and_the_one_asked_last_stays() {
    let collection = many(2_000);
    for name in [
        "orgs",
        "username",
        "orgs",
        "email",
        "givenName",
        "orgs",
        "familyName",
        "identifier",
        "userIds.type",
    ] {
        let asked = parameters(&[("filter", &format!("{name}='x'"))]);
        assert_eq!(ask(&collection, &asked, Policy::default()).0.total, 0);
        let (names, bytes, bytes_max) = collection.indexes.usage();
        assert!(bytes <= bytes_max, "{bytes} for {names:?}");
        assert_eq!(Some(&name.split('.').next().unwrap()), names.first());
    }
    let clauses = [("orgs", "o1"), ("role", "student")]
        .map(|(field, value)| Clause::equal(Kind::Users, field, value).unwrap());
    let restriction = Restriction {
        clauses: clauses.into(),
        ids: None,
        either: None,
    };
    let query = ListQuery::parse(Kind::Users, &parameters(&[("limit", "7")]), &Policy::default()).unwrap();
    for _ in 0..2 {
        // All 2,000 are of the org: too many to be looked at anew for each page.
        assert_eq!(list(&collection, &restriction, &query, "r").total, 1_000);
    }
    let kept = collection.answers().bytes();
    assert!((4_000..8_000).contains(&kept), "once: {kept}");
}

#[test]
fn ids_referred_to_are_those_of_active_objects_only() {
    let enrollment = |number: usize| {
        let content = json!({
            "user": reference("user", "users", &format!("u{}", number % 150)),
            "class": reference("class", "classes", &format!("c{}", number / 10)),
            "school": reference("org", "orgs", "o"),
            "role": if number.is_multiple_of(10) { "teacher" } else { "student" }, "metadata": {},
        });
        (
            format!("{number:04}"),
            number != 33,
            BRUSSELS_MIDNIGHT_MS,
            content,
        )
    };
    let (collection, _) = build(Kind::Enrollments, (0..300).map(enrollment).collect());
    let clauses = [("class", "c3"), ("role", "student")]
        .map(|(field, value)| Clause::equal(Kind::Enrollments, field, value).unwrap());
    let students = Restriction {
        clauses: clauses.into(),
        ids: None,
        either: None,
    };
    let found = evaluate::referred(&collection, &students, "user", evaluate::Referring::Active);
    let expected: Vec<String> = (31..40)
        .filter(|number| *number != 33)
        .map(|number| format!("u{number}"))
        .collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_question_is_quick_when_columns_answer_it() {
    let of_policy = |asked: &[(&str, &str)], policy| {
        let query = ListQuery::parse(Kind::Users, &parameters(asked), &policy).unwrap();
        crate::serving::is_quick(&query)
    };
    let quick = |asked: &[(&str, &str)]| of_policy(asked, Policy::default());
    assert!(quick(&[]) && quick(&[("limit", "5"), ("offset", "9")]));
    assert!(quick(&[(
        "filter",
        "status='active' AND dateLastModified>'2026-01-01'"
    )]));
    assert!(quick(&[("filter", "role='student'")]));
    assert!(!quick(&[("filter", "role='student' OR familyName='x'")]));
    assert!(!quick(&[("sort", "familyName")]) && !quick(&[("fields", "role")]));
    // A text within a date or an id is looked for in every document; within a status or a role once for each word.
    assert!(!quick(&[("filter", "dateLastModified~'2026'")]));
    assert!(!quick(&[("filter", "role='student' AND sourcedId~'x'")]));
    assert!(quick(&[("filter", "role~'stud' AND status~'act'")]));
    let native_booleans = Policy {
        form: NATIVE,
        ..Policy::default()
    };
    assert!(!of_policy(&[], native_booleans), "every document is written anew");
    let email = Policy {
        form: ObjectForm {
            email: true,
            ..ObjectForm::default()
        },
        ..Policy::default()
    };
    assert!(of_policy(&[], email), "what differs is put in as it is sent");
    let active = ("filter", "status='active'");
    assert!(of_policy(&[("limit", "1000"), active], email));
    assert!(
        !of_policy(&[("limit", "10000"), active], email),
        "many are looked into"
    );
    assert!(quick(&[("limit", "10000"), active]), "as they are kept");
}
