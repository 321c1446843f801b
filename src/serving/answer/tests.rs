//! Answers against an oracle that knows nothing of blobs, columns or the parser: it reads every document with
//! `serde_json` and applies OneRoster 1.1 §4–§6 by the letter.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;
use crate::oneroster::{Class, Enrollment, Kind, User};
use crate::query::{Clause, ListQuery, Policy};
use crate::serving::body::COPIED_BYTES;
use crate::serving::clause_test::date_text;
use crate::serving::collection::{Builder, Stored};

const ROOT: &str = "https://sis.example/ims/oneroster/v1p1";

/// An object to be: id, whether active, date, content.
type Object = (String, bool, i64, Value);

fn written(kind: Kind, content: &Value) -> String {
    fn of<T: serde::Serialize + serde::de::DeserializeOwned>(content: &Value) -> String {
        serde_json::to_string(&serde_json::from_value::<T>(content.clone()).unwrap()).unwrap()
    }
    match kind {
        Kind::Users => of::<User>(content),
        Kind::Classes => of::<Class>(content),
        Kind::Enrollments => of::<Enrollment>(content),
        Kind::AcademicSessions | Kind::Orgs | Kind::Courses => content.to_string(),
    }
}

/// Builds the collection, and the documents as a consumer should see them.
fn build(kind: Kind, mut objects: Vec<Object>) -> (Arc<Collection>, Vec<Value>) {
    objects.sort_by(|a, b| a.0.cmp(&b.0));
    objects.dedup_by(|a, b| a.0 == b.0);
    let mut builder = Builder::new(kind, 0);
    let mut documents = Vec::new();
    for (id, active, date, content) in objects {
        let status = if active {
            StatusType::Active
        } else {
            StatusType::ToBeDeleted
        };
        let content = written(kind, &content);
        let text = date_text(date);
        let stored = Stored {
            sourced_id: &id,
            status,
            date,
            date_text: &text,
            content: &content,
        };
        builder.push(&stored, ROOT).unwrap();
        let absolute = content.replace("\"href\":\"/", &format!("\"href\":\"{ROOT}/"));
        let mut document: Value = serde_json::from_str(&absolute).unwrap();
        document["sourcedId"] = json!(id);
        document["status"] = json!(status.as_str());
        document["dateLastModified"] = json!(text);
        documents.push(document);
    }
    (Arc::new(builder.finish()), documents)
}

fn reference(kind: &str, collection: &str, id: &str) -> Value {
    json!({"href": format!("/{collection}/{id}"), "sourcedId": id, "type": kind})
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "Ann",
            "ann",
            "Bert",
            "O'Brien",
            "Łukasz",
            "a\"b\\c",
            "\"href\":\"/x",
            "été",
            "-"
        ])
        .prop_map(str::to_owned),
        "[a-cA-C]{1,2}",
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(select(vec!["01", "02", "PK", "pk"]).prop_map(str::to_owned), 0..3)
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-d]{1,2}",
        select(vec!["é", "A\"1", "b\\2", "a-1"]).prop_map(str::to_owned)
    ]
}

/// 2026-06-30T22:00:00Z is the start of 1 July in Brussels.
const BRUSSELS_MIDNIGHT_MS: i64 = 1_782_856_800_000;

fn date() -> impl Strategy<Value = i64> {
    (-2_i64..3).prop_map(|step| BRUSSELS_MIDNIGHT_MS + step)
}

fn day() -> impl Strategy<Value = &'static str> {
    select(vec!["2026-06-30", "2026-07-01", "2026-07-02"])
}

fn user() -> impl Strategy<Value = Value> {
    let optional = proptest::option::of(word());
    let orgs = proptest::collection::vec(id(), 1..3);
    (word(), word(), word(), any::<bool>(), any::<bool>(), optional, orgs, words()).prop_map(
        |(username, given, family, enabled, teacher, identifier, orgs, grades)| {
            let mut user = json!({
                "username": username, "givenName": given, "familyName": family,
                "enabledUser": enabled.to_string(), "role": if teacher { "teacher" } else { "student" },
                "userIds": orgs.iter().map(|id| json!({"type": "LDAP", "identifier": id})).collect::<Vec<_>>(),
                "agents": [], "grades": grades, "metadata": {},
                "orgs": orgs.iter().map(|id| reference("org", "orgs", id)).collect::<Vec<_>>(),
            });
            if let Some(identifier) = identifier {
                user["identifier"] = json!(identifier);
            }
            user
        },
    )
}

fn enrollment() -> impl Strategy<Value = Value> {
    let primary = proptest::option::of(any::<bool>());
    (id(), id(), id(), any::<bool>(), primary, proptest::option::of(day())).prop_map(
        |(user, class, school, teacher, primary, begin)| {
            let mut enrollment = json!({
                "user": reference("user", "users", &user), "class": reference("class", "classes", &class),
                "school": reference("org", "orgs", &school), "role": if teacher { "teacher" } else { "student" },
                "metadata": {},
            });
            if let Some(primary) = primary {
                enrollment["primary"] = json!(primary.to_string());
            }
            if let Some(begin) = begin {
                enrollment["beginDate"] = json!(begin);
            }
            enrollment
        },
    )
}

fn class() -> impl Strategy<Value = Value> {
    let terms = proptest::collection::vec(id(), 1..3);
    (word(), proptest::option::of(word()), id(), terms, words()).prop_map(|(title, code, school, terms, subjects)| {
        let mut class = json!({
            "title": title, "classType": "homeroom", "grades": [], "subjects": subjects, "subjectCodes": [],
            "course": reference("course", "courses", &school), "school": reference("org", "orgs", &school),
            "terms": terms.iter().map(|id| reference("academicSession", "academicSessions", id)).collect::<Vec<_>>(),
            "periods": [], "resources": [], "metadata": {},
        });
        if let Some(code) = code {
            class["classCode"] = json!(code);
        }
        class
    })
}

fn objects(kind: Kind) -> BoxedStrategy<Vec<Object>> {
    let content = match kind {
        Kind::Users => user().boxed(),
        Kind::Enrollments => enrollment().boxed(),
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => class().boxed(),
    };
    proptest::collection::vec((id(), any::<bool>(), date(), content), 0..14).boxed()
}

/// A clause as a consumer means it.
type Meant = (&'static str, &'static str, String);

/// The fields and members of them that are filtered on in the test.
const fn filterable(kind: Kind) -> &'static str {
    match kind {
        Kind::Users => {
            "sourcedId status dateLastModified username userIds.identifier enabledUser givenName familyName \
             middleName role identifier email agents.sourcedId orgs.sourcedId orgs orgs.type orgs.href \
             grades metadata.x"
        }
        Kind::Enrollments => {
            "sourcedId status dateLastModified user.sourcedId class class.sourcedId school.sourcedId \
             school.type role primary beginDate endDate"
        }
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => {
            "sourcedId status dateLastModified title classCode classType location subjects course.sourcedId \
             school terms.sourcedId periods"
        }
    }
}

fn meant(kind: Kind) -> impl Strategy<Value = Meant> {
    let names: Vec<&'static str> = filterable(kind).split_whitespace().collect();
    let predicate = select(vec!["=", "!=", ">", ">=", "<", "<=", "~"]);
    (select(names), predicate).prop_flat_map(|(name, predicate)| {
        let list = ["grades", "subjects", "periods"].contains(&name);
        let predicate = if list && predicate.contains(['<', '>']) {
            "~"
        } else {
            predicate
        };
        let value = match name {
            "dateLastModified" | "beginDate" | "endDate" if predicate == "~" => {
                select(vec!["2026", "-07-", "T22", ".001z"])
                    .prop_map(str::to_owned)
                    .boxed()
            }
            "dateLastModified" | "beginDate" | "endDate" => select(vec![
                "2026-07-01",
                "2026-06-30T22:00:00.000Z",
                "2026-06-30T22:00:00.0005Z",
                "2026-07-01T00:00:00.001+02:00",
                "2026-06-30T21:59:59.999999999Z",
                "2026-06-30",
            ])
            .prop_map(str::to_owned)
            .boxed(),
            "enabledUser" | "primary" => select(vec!["true", "false"]).prop_map(str::to_owned).boxed(),
            "status" => select(vec!["active", "tobedeleted", "norecords", "Active", "b"])
                .prop_map(str::to_owned)
                .boxed(),
            "role" => select(vec!["student", "teacher", "STUDENT", "te", "x"])
                .prop_map(str::to_owned)
                .boxed(),
            _ if list => words().prop_map(|words| words.join(", ")).boxed(),
            _ => prop_oneof![word(), id(), Just("norecords".to_owned())].boxed(),
        };
        value.prop_map(move |value| (name, predicate, value))
    })
}

fn oracle_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()?
        .and_hms_opt(0, 0, 0)?;
    Some(
        chrono_tz::Europe::Brussels
            .from_local_datetime(&midnight)
            .unwrap()
            .to_utc(),
    )
}

fn oracle_scalar(name: &str, predicate: &str, actual: Option<&str>, value: &str) -> bool {
    let Some(actual) = actual else {
        return false;
    };
    let ordering = match name {
        _ if predicate == "~" => return actual.to_lowercase().contains(&value.to_lowercase()),
        "dateLastModified" | "beginDate" | "endDate" => oracle_instant(actual)
            .unwrap()
            .cmp(&oracle_instant(value).unwrap()),
        "username" | "email" => actual.to_lowercase().cmp(&value.to_lowercase()),
        _ => actual.cmp(value),
    };
    match predicate {
        "=" => ordering == Ordering::Equal,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        other => panic!("{other}"),
    }
}

fn oracle_meets(document: &Value, (name, predicate, value): &Meant) -> bool {
    if *predicate == "!=" {
        return !oracle_meets(document, &(name, "=", value.clone()));
    }
    let (field, member) = match *name {
        "orgs" | "class" | "school" => (*name, Some("sourcedId")),
        dotted => dotted
            .split_once('.')
            .map_or((dotted, None), |(field, member)| (field, Some(member))),
    };
    match (&document[field], member) {
        (Value::Array(elements), Some(member)) => elements
            .iter()
            .any(|element| oracle_scalar(name, predicate, element[member].as_str(), value)),
        (Value::Array(elements), None) => {
            let has = |wanted: &str| elements.iter().any(|element| element == wanted);
            let has_caseless = |wanted: &str| {
                elements
                    .iter()
                    .any(|element| element.as_str().unwrap().to_lowercase() == wanted.to_lowercase())
            };
            let mut wanted = value.split(',').map(str::trim);
            if *predicate == "=" {
                wanted.all(has)
            } else {
                wanted.any(has_caseless)
            }
        }
        (object, Some(member)) => oracle_scalar(name, predicate, object[member].as_str(), value),
        (scalar, None) => oracle_scalar(name, predicate, scalar.as_str(), value),
    }
}

/// What documents are compared by when sorted: a missing value is the empty list.
fn oracle_key(document: &Value, field: &str) -> Vec<String> {
    match &document[field] {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => {
            // A list that is empty still comes after no list at all; the fields tested always have theirs.
            elements
                .iter()
                .map(|e| e.as_str().or(e["sourcedId"].as_str()).unwrap().to_owned())
                .collect()
        }
        object @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => object["sourcedId"]
            .as_str()
            .map(str::to_owned)
            .into_iter()
            .collect(),
    }
}

#[derive(Debug, Clone)]
struct Asked {
    first: Option<Meant>,
    second: Option<(bool, Meant)>,
    sort: Option<(&'static str, bool)>,
    fields: Option<Vec<&'static str>>,
    policy: Policy,
}

impl Asked {
    fn parameters(&self) -> Vec<(String, String)> {
        let clause =
            |(name, predicate, value): &Meant| format!("{name}{predicate}'{}'", value.replace('\'', "''"));
        let mut parameters = Vec::new();
        if let Some(first) = &self.first {
            let mut filter = clause(first);
            if let Some((and, second)) = &self.second {
                filter.push_str(if *and { " AND " } else { " OR " });
                filter.push_str(&clause(second));
            }
            parameters.push(("filter".to_owned(), filter));
        }
        if let Some((field, descending)) = self.sort {
            parameters.push(("sort".to_owned(), field.to_owned()));
            parameters.push((
                "orderBy".to_owned(),
                if descending { "desc" } else { "asc" }.to_owned(),
            ));
        }
        if let Some(fields) = &self.fields {
            parameters.push(("fields".to_owned(), fields.join(",")));
        }
        parameters
    }

    fn oracle(&self, documents: &[Value]) -> Vec<Value> {
        let named = |name: &str| {
            let clauses = self
                .first
                .iter()
                .chain(self.second.iter().map(|(_, clause)| clause));
            clauses.clone().any(|clause| clause.0 == name)
        };
        let hide =
            !self.policy.include_tombstones_unfiltered && !named("status") && !named("dateLastModified");
        let mut found: Vec<Value> = documents
            .iter()
            .filter(|document| !hide || document["status"] == "active")
            .filter(|document| match (&self.first, &self.second) {
                (None, _) => true,
                (Some(first), None) => oracle_meets(document, first),
                (Some(first), Some((true, second))) => {
                    oracle_meets(document, first) && oracle_meets(document, second)
                }
                (Some(first), Some((false, second))) => {
                    oracle_meets(document, first) || oracle_meets(document, second)
                }
            })
            .cloned()
            .collect();
        if let Some((field, descending)) = self.sort {
            found.sort_by(|a, b| {
                let ordering = oracle_key(a, field).cmp(&oracle_key(b, field));
                if descending { ordering.reverse() } else { ordering }
            });
        }
        for document in &mut found {
            let members = document.as_object_mut().unwrap();
            if let Some(fields) = &self.fields {
                members.retain(|name, _| fields.contains(&name.as_str()));
            }
            for name in ["enabledUser", "primary"] {
                if let Some(value) = members.get_mut(name).filter(|_| self.policy.native_booleans) {
                    *value = json!(*value == "true");
                }
            }
        }
        found
    }
}

fn asked(kind: Kind) -> impl Strategy<Value = Asked> {
    let (sorts, names): (Vec<&'static str>, Vec<&'static str>) = match kind {
        Kind::Users => (
            vec![
                "sourcedId",
                "familyName",
                "identifier",
                "dateLastModified",
                "status",
                "role",
                "orgs",
                "grades",
            ],
            vec![
                "sourcedId",
                "email",
                "familyName",
                "orgs",
                "enabledUser",
                "status",
            ],
        ),
        Kind::Enrollments => (
            vec!["sourcedId", "class", "beginDate", "primary", "dateLastModified"],
            vec!["user", "primary", "dateLastModified"],
        ),
        Kind::Classes | Kind::AcademicSessions | Kind::Orgs | Kind::Courses => (
            vec!["title", "classCode", "terms", "school"],
            vec!["title", "location", "terms"],
        ),
    };
    let policy = (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.3)).prop_map(
        |(include, unpaged, native)| Policy {
            include_tombstones_unfiltered: include,
            unpaged_delta: unpaged,
            native_booleans: native,
        },
    );
    (
        proptest::option::weighted(0.9, meant(kind)),
        proptest::option::of((any::<bool>(), meant(kind))),
        proptest::option::of((select(sorts), any::<bool>())),
        proptest::option::weighted(0.3, proptest::sample::subsequence(names.clone(), 1..=names.len())),
        policy,
    )
        .prop_map(|(first, second, sort, fields, policy)| {
            let second = second.filter(|_| first.is_some());
            Asked {
                first,
                second,
                sort,
                fields,
                policy,
            }
        })
}

fn ask(collection: &Arc<Collection>, parameters: &[(String, String)], policy: Policy) -> (Page, Value) {
    let query = ListQuery::parse(collection.kind, parameters, &policy).unwrap();
    let page = list(collection, &Restriction::default(), &query, "request-1");
    let body: Vec<u8> = page.body.clone().flat_map(|chunk| chunk.to_vec()).collect();
    assert_eq!(body.len(), page.body.remaining());
    let body: Value = serde_json::from_slice(&body).unwrap();
    (page, body)
}

/// Asks for the whole answer, and for it in pages; both must be what the oracle says.
fn check(kind: Kind, objects: Vec<Object>, asked: &Asked, limit: usize) {
    let (collection, documents) = build(kind, objects);
    let expected = asked.oracle(&documents);
    let parameters = asked.parameters();
    let (page, body) = ask(&collection, &parameters, asked.policy);
    assert_eq!(body, json!({ kind.collection(): expected }), "{parameters:?}");
    assert_eq!((page.total, page.count), (expected.len(), expected.len()));

    let mut paged: Vec<Value> = Vec::new();
    for offset in (0..=expected.len()).step_by(limit) {
        let mut parameters = parameters.clone();
        parameters.push(("limit".to_owned(), limit.to_string()));
        parameters.push(("offset".to_owned(), offset.to_string()));
        let (page, body) = ask(&collection, &parameters, asked.policy);
        let rows = body[kind.collection()].as_array().unwrap().clone();
        assert_eq!((page.total, page.count), (expected.len(), rows.len()));
        assert_eq!(rows.len(), limit.min(expected.len() - offset));
        paged.extend(rows);
    }
    assert_eq!(paged, expected, "{parameters:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn users_are_answered_as_the_oracle_says(objects in objects(Kind::Users), asked in asked(Kind::Users), limit in 1_usize..5) {
        check(Kind::Users, objects, &asked, limit);
    }

    #[test]
    fn enrollments_are_answered_as_the_oracle_says(
        objects in objects(Kind::Enrollments), asked in asked(Kind::Enrollments), limit in 1_usize..5,
    ) {
        check(Kind::Enrollments, objects, &asked, limit);
    }

    #[test]
    fn classes_are_answered_as_the_oracle_says(objects in objects(Kind::Classes), asked in asked(Kind::Classes), limit in 1_usize..5) {
        check(Kind::Classes, objects, &asked, limit);
    }

    #[test]
    fn a_document_is_found_by_its_id_and_by_no_other(objects in objects(Kind::Users)) {
        let (collection, documents) = build(Kind::Users, objects);
        let query = SingleQuery::parse(Kind::Users, &[], &Policy::default()).unwrap();
        for document in &documents {
            let id = document["sourcedId"].as_str().unwrap();
            let found = single(&collection, &Restriction::default(), id, &query, "r").unwrap();
            let body: Value = serde_json::from_slice(&found.body.concat()).unwrap();
            prop_assert_eq!(&body, &json!({"user": document}));
            prop_assert_eq!(found.status.as_str(), document["status"].as_str().unwrap());
            let other = format!("{id}x");
            prop_assert!(single(&collection, &Restriction::default(), &other, &query, "r").is_none());
        }
    }
}

fn many(count: usize) -> Arc<Collection> {
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
    assert_eq!(chunks[1].as_ptr(), collection.slice(&(500..1500)).as_ptr());
}

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
    assert_eq!(chunks[1].as_ptr(), collection.slice(&(0..1)).as_ptr());
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
        native_booleans: true,
        ..Policy::default()
    };
    let narrow = parameters(&[since, ("fields", "sourcedId,username,orgs")]);
    for (asked, policy) in [(narrow, Policy::default()), (parameters(&[since]), native)] {
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
    let kept = collection.kept.lock().unwrap();
    assert!(
        kept.bytes() <= collection.kept_bytes_max(),
        "{} of {}",
        kept.bytes(),
        collection.kept_bytes_max()
    );
    assert!(kept.bytes() > 0);
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
    let (mut names, _) = collection.indexes.held();
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
        let (names, bytes) = collection.indexes.held();
        assert!(bytes <= collection.indexes_bytes_max(), "{bytes} for {names:?}");
        assert_eq!(Some(&name.split('.').next().unwrap()), names.first());
    }
    let clauses = [("orgs", "o1"), ("role", "student")]
        .map(|(field, value)| Clause::equal(Kind::Users, field, value).unwrap());
    let restriction = Restriction {
        clauses: clauses.into(),
        ids: None,
    };
    let query = ListQuery::parse(Kind::Users, &parameters(&[("limit", "7")]), &Policy::default()).unwrap();
    for _ in 0..2 {
        // All 2,000 are of the org: too many to be looked at anew for each page.
        assert_eq!(list(&collection, &restriction, &query, "r").total, 1_000);
    }
    let kept = collection.kept.lock().unwrap().bytes();
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
    };
    let found = evaluate::referred(&collection, &students, "user");
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
        evaluate::is_quick(&query)
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
        native_booleans: true,
        ..Policy::default()
    };
    assert!(!of_policy(&[], native_booleans), "every document is written anew");
}
