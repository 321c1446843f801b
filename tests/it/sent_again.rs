//! `publish --touch`: chosen objects get a new date, and only these.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};

use oneroster::auth::client;
use oneroster::publication::{self, Error, Publication, State, TOUCHED_MAX, Touch, Touched};
use oneroster_standard::Kind;
use serde_json::Value;

use crate::harness;
use crate::harness::api::Api;
use crate::harness::group::{Shape, group, pupil};
use crate::harness::school::{CLASS, COLLECTIONS, JAN, LOTTE, School, school};

fn objects(ids: &[&str]) -> BTreeSet<Touched> {
    let object = |id: &&str| Touched {
        kind: None,
        sourced_id: (*id).to_owned(),
    };
    ids.iter().map(object).collect()
}

async fn touch(school: &School, ids: &[&str]) -> Result<Publication, Error> {
    let touch = Touch {
        by: "Els",
        objects: &objects(ids),
        dry_run: false,
    };
    publication::touch(&school.server, &school.tenant_id, touch).await
}

/// Every object of every collection, by its path.
async fn whole(api: &Api, token: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for path in COLLECTIONS {
        let answer = api.get(token, path).await.json();
        let name = path.trim_start_matches('/');
        for object in answer[name].as_array().unwrap() {
            let id = object["sourcedId"].as_str().unwrap();
            all.insert(format!("{name}/{id}"), object.clone());
        }
    }
    all
}

/// What a delta since a moment has, by path.
async fn delta(api: &Api, token: &str, since: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for path in COLLECTIONS {
        let answer = api
            .get(token, &format!("{path}?filter=dateLastModified%3E'{since}'"))
            .await;
        let name = path.trim_start_matches('/');
        all.extend(answer.ids(name).into_iter().map(|id| format!("{name}/{id}")));
    }
    all
}

#[tokio::test]
async fn a_consumer_that_missed_a_person_and_a_class_reads_these_two_again_and_everything_else_is_as_it_was()
{
    let database = harness::database().await;
    let school = school(&database.pool, "touch").await;
    school.publish().await;
    let created = client::create(&database.server, "touch", "sds").await.unwrap();
    let api = Api::start(&database.pool).await;
    let old = api.token(&created).await;
    let before = whole(&api, &old).await;
    let first = api.get(&old, "/users").await;
    let since = first.header("x-roster-published-at").to_owned();

    let touched = touch(&school, &[JAN, CLASS]).await.unwrap();
    assert_eq!(touched.state, State::Published);
    let changed: Vec<_> = touched.summary.changed.into_iter().collect();
    assert_eq!(changed, [(Kind::Classes, 1), (Kind::Users, 1)]);

    // Who holds the token of before sees nothing of it.
    let again = api.get(&old, "/users").await;
    assert_eq!(
        (again.header("etag"), &again.body),
        (first.header("etag"), &first.body)
    );
    let new = api.token(&created).await;
    assert_ne!(api.get(&new, "/users").await.header("etag"), first.header("etag"));
    let chosen = [format!("classes/{CLASS}"), format!("users/{JAN}")];
    assert_eq!(
        delta(&api, &new, &since).await,
        chosen.clone().into(),
        "the memberships do not follow"
    );

    let mut after = whole(&api, &new).await;
    for (path, object) in &mut after {
        let old = &before[path]["dateLastModified"];
        if chosen.contains(path) {
            assert_ne!(object["dateLastModified"], *old, "{path}");
            object["dateLastModified"] = old.clone();
        }
    }
    assert_eq!(after, before);
    // What is kept beside a class came along, so that the brake still knows it.
    let without_facts: i64 = sqlx::query_scalar(
        "select count(*) from roster.object_version
         where kind = 'classes' and until_number is null and class_facts is null",
    )
    .fetch_one(&school.pool)
    .await
    .unwrap();
    assert_eq!(without_facts, 0);
    assert_eq!(
        school.publish().await.state,
        State::Unchanged,
        "and there is nothing left to publish"
    );
}

#[tokio::test]
async fn what_waits_to_be_published_is_not_taken_along() {
    let database = harness::database().await;
    let school = school(&database.pool, "waits").await;
    school.publish().await;
    school.jan_leaves().await;
    touch(&school, &[LOTTE]).await.unwrap();
    let (status, ..) = school.object("users", JAN).await.unwrap();
    assert_eq!(status, "active");
    let left = school.publish().await;
    assert_eq!(left.summary.removed.get(&Kind::Users), Some(&1));
    // A removal that was missed is sent again as a removal.
    let (_, content, date) = school.object("users", JAN).await.unwrap();
    touch(&school, &[JAN]).await.unwrap();
    let (status, same, later) = school.object("users", JAN).await.unwrap();
    assert_eq!((status.as_str(), same), ("tobedeleted", content));
    assert!(later > date, "{later} is after {date}");
}

#[tokio::test]
async fn what_is_held_stays_held_and_as_it_was() {
    let database = harness::database().await;
    let shape = Shape {
        schools: 1,
        pupils: 40,
        year: Shape::TWELVE.year,
    };
    let school = group(&database.pool, "held", shape).await;
    school.publish().await;
    school
        .change("update informat.inschrijving set status = 1 where tenant_id = $1 and p_persoon % 2 = 0")
        .await;
    let held = school.publish().await;
    assert_eq!(held.state, State::Held);
    touch(&school, &[&pupil(1, 1), &pupil(1, 2)]).await.unwrap();
    let still = school.publish().await;
    assert_eq!(still.state, State::Held);
    let fingerprint = |publication: Publication| publication.held.unwrap().fingerprint;
    assert_eq!(fingerprint(still), fingerprint(held));
}

#[tokio::test]
async fn an_unknown_id_and_too_many_are_refused_with_words_and_nothing_is_sent() {
    let database = harness::database().await;
    let school = school(&database.pool, "refused").await;
    let error = touch(&school, &[JAN]).await.unwrap_err().to_string();
    assert!(error.contains(JAN), "nothing was published yet: {error}");
    school.publish().await;
    let error = touch(&school, &[JAN, "nobody"]).await.unwrap_err().to_string();
    assert!(error.contains("nobody") && !error.contains(JAN), "{error}");
    let many: Vec<String> = (0..=TOUCHED_MAX).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let error = touch(&school, &many).await.unwrap_err();
    assert!(
        matches!(error, Error::TooManyTouched { count } if count == TOUCHED_MAX + 1),
        "{error}"
    );
    assert_eq!(school.generations().await, 1);
    let enrollment = Touched {
        kind: Some(Kind::Enrollments),
        sourced_id: format!("{JAN}-1"),
    };
    let dry = Touch {
        by: "Els",
        objects: &[enrollment].into(),
        dry_run: true,
    };
    let dry = publication::touch(&school.server, "refused", dry).await.unwrap();
    assert_eq!(dry.changes.len(), 1);
    assert_eq!(school.generations().await, 1, "a dry run stores nothing");
}
