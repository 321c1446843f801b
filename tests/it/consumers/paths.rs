//! Every path from every object to every other: what one endpoint names, none denies.

use std::collections::BTreeSet;

use oneroster_standard::Kind;
use serde_json::Value;

use super::{ServedRoster, published_school};
use crate::harness::api::Api;

/// The objects a consumer can walk from, by collection.
const COLLECTIONS: [(&str, &str); 6] = [
    ("academicSessions", "academicSession"),
    ("orgs", "org"),
    ("courses", "course"),
    ("classes", "class"),
    ("users", "user"),
    ("enrollments", "enrollment"),
];

/// Lists below an object, where each row can be read on its own, and the list there that leads back.
const LISTS: [(&str, &str, &str, &str); 12] = [
    ("schools", "courses", "courses", ""),
    ("schools", "classes", "classes", ""),
    ("schools", "enrollments", "enrollments", ""),
    ("schools", "students", "students", ""),
    ("schools", "teachers", "teachers", ""),
    ("schools", "terms", "terms", ""),
    ("terms", "classes", "classes", ""),
    ("terms", "gradingPeriods", "gradingPeriods", ""),
    ("courses", "classes", "classes", ""),
    ("students", "classes", "classes", "students"),
    ("classes", "students", "students", "classes"),
    ("classes", "teachers", "teachers", "classes"),
];

struct Walk<'a> {
    api: &'a Api,
    token: &'a str,
}

impl Walk<'_> {
    async fn rows(&self, path: &str, key: &str) -> Vec<Value> {
        let answer = self.api.get(self.token, &format!("{path}?limit=10000")).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.json()[key].as_array().unwrap().clone()
    }

    async fn ids(&self, path: &str, key: &str) -> BTreeSet<String> {
        self.rows(path, key).await.iter().map(id).collect()
    }

    async fn assert_there(&self, path: &str, named_by: &str) {
        let status = self.api.get(self.token, path).await.status;
        assert_eq!(status, 200, "{named_by} names {path}");
    }

    /// What an object refers to can be read.
    async fn references(&self) {
        for (collection, _) in COLLECTIONS {
            for object in self.rows(&format!("/{collection}"), collection).await {
                let members = object.as_object().unwrap();
                for reference in members.values().flat_map(references_in) {
                    let kind = Kind::ALL
                        .into_iter()
                        .find(|kind| kind.singular() == reference["type"])
                        .unwrap();
                    let path = format!("/{}/{}", kind.collection(), id(reference));
                    self.assert_there(&path, &format!("{collection}/{}", id(&object)))
                        .await;
                }
                if collection == "classes" {
                    for term in object["terms"].as_array().unwrap() {
                        self.assert_there(&format!("/terms/{}", id(term)), "a class")
                            .await;
                        let classes = self.ids(&format!("/terms/{}/classes", id(term)), "classes").await;
                        assert!(classes.contains(&id(&object)), "and back");
                        assert!(self.ids("/terms", "academicSessions").await.contains(&id(term)));
                    }
                }
                if collection == "enrollments" {
                    let role = object["role"].as_str().unwrap();
                    if matches!(role, "student" | "teacher") {
                        let user = id(&object["user"]);
                        self.assert_there(&format!("/{role}s/{user}"), "an enrollment")
                            .await;
                    }
                }
            }
        }
    }

    /// What a list below an object holds can be read, and leads back where the standard has a way.
    async fn lists(&self) -> usize {
        let mut walked = 0;
        for (parents, list, single, back) in LISTS {
            let parent_key = key_of(parents);
            for parent in self.ids(&format!("/{parents}"), parent_key).await {
                let path = format!("/{parents}/{parent}/{list}");
                for row in self.ids(&path, key_of(list)).await {
                    walked += 1;
                    self.assert_there(&format!("/{single}/{row}"), &path).await;
                    if !back.is_empty() {
                        let returned = self.ids(&format!("/{single}/{row}/{back}"), key_of(back)).await;
                        assert!(returned.contains(&parent), "{path} names {row}, and not back");
                    }
                }
            }
        }
        walked
    }
}

fn key_of(path: &str) -> &str {
    match path {
        "schools" => "orgs",
        "students" | "teachers" => "users",
        "terms" | "gradingPeriods" => "academicSessions",
        other => other,
    }
}

fn id(object: &Value) -> String {
    object["sourcedId"].as_str().unwrap().to_owned()
}

/// The references in a member of an object.
fn references_in(member: &Value) -> Vec<&Value> {
    let list = member
        .as_array()
        .map_or(std::slice::from_ref(member), Vec::as_slice);
    list.iter().filter(|value| value.get("href").is_some()).collect()
}

/// A made-up roster has sessions of every type in `terms`, and people who are enrolled as what they are not.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_endpoint_names_none_denies_in_a_roster_of_every_shape() {
    let stage = ServedRoster::new().await;
    let token = stage.token("").await;
    let walk = Walk {
        api: &stage.api,
        token: &token,
    };
    walk.references().await;
    assert!(walk.lists().await > 500);
}

/// The year of a school is of type `schoolYear`, and is what its classes name.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_endpoint_names_none_denies_in_a_school() {
    let (api, token) = published_school().await;
    let walk = Walk {
        api: &api,
        token: &token,
    };
    walk.references().await;
    assert!(walk.lists().await > 0);
    assert_eq!(
        walk.ids("/terms", "academicSessions").await,
        walk.ids("/academicSessions", "academicSessions").await
    );
}
