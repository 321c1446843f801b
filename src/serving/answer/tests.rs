//! Answers against an oracle that knows nothing of blobs, columns or the parser: it reads every document with
//! `serde_json` and applies OneRoster 1.1 §4–§6 by the letter.

mod oracle;
mod pages;
mod questions;

use oneroster_standard::query::{Clause, ListQuery, Policy};
use oneroster_standard::{Class, Enrollment, Kind, User};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use oracle::Asked;
use questions::{asked, form, objects};

use super::*;
use crate::serving::body::COPIED_BYTES;
use crate::serving::clause_test::date_text;
use crate::serving::collection_builder::{CollectionBuilder, StoredObject};

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

/// Members of a content that are none of the object's: what is stored beside it.
const DOMAIN: &str = "@domain";
const ENDED: &str = "@ended";

/// Builds the collection, and the documents as they are kept, with what is stored beside them.
fn build(kind: Kind, mut objects: Vec<Object>) -> (CachedCollection, Vec<Value>) {
    objects.sort_by(|a, b| a.0.cmp(&b.0));
    objects.dedup_by(|a, b| a.0 == b.0);
    let mut builder = CollectionBuilder::new(kind, 0);
    let mut documents = Vec::new();
    for (id, active, date, mut content) in objects {
        let mut beside = |name| content.as_object_mut().unwrap().remove(name);
        let (domain, ended) = (beside(DOMAIN), beside(ENDED));
        let status = if active {
            StatusType::Active
        } else {
            StatusType::ToBeDeleted
        };
        let content = written(kind, &content);
        let text = date_text(date);
        let stored = StoredObject {
            sourced_id: &id,
            status,
            date,
            date_text: &text,
            content: &content,
            email_domain: domain.as_ref().and_then(Value::as_str),
            ended_on: ended
                .as_ref()
                .filter(|_| !active)
                .map(|day| day.as_str().unwrap().parse().unwrap()),
        };
        builder.push(&stored, ROOT).unwrap();
        let absolute = content.replace("\"href\":\"/", &format!("\"href\":\"{ROOT}/"));
        let mut document: Value = serde_json::from_str(&absolute).unwrap();
        document["sourcedId"] = json!(id);
        document["status"] = json!(status.as_str());
        document["dateLastModified"] = json!(text);
        for (name, value) in [(DOMAIN, domain), (ENDED, ended)] {
            if let Some(value) = value {
                document[name] = value;
            }
        }
        documents.push(document);
    }
    (CachedCollection::new(builder.finish()), documents)
}

fn ask(
    collection: &CachedCollection,
    parameters: &[(String, String)],
    policy: Policy,
) -> (CollectionAnswer, Value) {
    let query = ListQuery::parse(collection.data.kind, parameters, &policy).unwrap();
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

    /// Generations that follow each other share what did not change: it is copied, with what clients see otherwise.
    #[test]
    fn what_was_copied_is_answered_like_what_was_read(
        kind in select(vec![Kind::Users, Kind::Enrollments]), objects in objects(Kind::Users), enrollments in objects(Kind::Enrollments),
        form in form(), cut in 0_usize..14,
    ) {
        let objects = if kind == Kind::Users { objects } else { enrollments };
        let (collection, documents) = build(kind, objects);
        let cut = cut.min(collection.data.len());
        let mut builder = CollectionBuilder::new(kind, 0);
        builder.copy(&collection.data, cut..collection.data.len());
        let copied = CachedCollection::new(builder.finish());
        let (_, body) = ask(&copied, &[], Policy { form, ..Policy::default() });
        let expected: Vec<Value> = documents[cut..].iter().map(|document| oracle::finished(document, form)).collect();
        prop_assert_eq!(body, json!({ kind.collection(): expected }));
    }

    #[test]
    fn a_document_is_found_by_its_id_and_by_no_other(objects in objects(Kind::Users), form in form()) {
        let (collection, documents) = build(Kind::Users, objects);
        let policy = Policy { form, ..Policy::default() };
        let query = SingleQuery::parse(Kind::Users, &[], &policy).unwrap();
        for document in &documents {
            let id = document["sourcedId"].as_str().unwrap();
            let found = single(&collection, &Restriction::default(), id, &query, "r").unwrap();
            let body: Value = serde_json::from_slice(&found.body.concat()).unwrap();
            prop_assert_eq!(&body, &json!({"user": oracle::finished(document, form)}));
            prop_assert_eq!(found.status.as_str(), document["status"].as_str().unwrap());
            let other = format!("{id}x");
            prop_assert!(single(&collection, &Restriction::default(), &other, &query, "r").is_none());
        }
    }
}
