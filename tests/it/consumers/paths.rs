//! Every path from every object to every other: what one endpoint names, none denies.

use std::collections::BTreeSet;

use oneroster::auth::client;
use oneroster::http::catalog::OPERATIONS;
use oneroster_standard::Kind;
use serde_json::Value;

use super::{ServedRoster, published_school};
use crate::harness::api::Api;
use crate::harness::database;
use crate::harness::school::{CLASS, JAN, school};

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
const LISTS: [(&str, &str, &str, &str); 14] = [
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
    ("teachers", "classes", "classes", "teachers"),
    ("users", "classes", "classes", ""),
    ("classes", "students", "students", "classes"),
    ("classes", "teachers", "teachers", "classes"),
];

/// What a reference says, and the list below what it names that must say it too.
const BACK: [(&str, &str, &str, &str); 6] = [
    ("classes", "school", "schools", "classes"),
    ("classes", "course", "courses", "classes"),
    ("classes", "terms", "terms", "classes"),
    ("courses", "org", "schools", "courses"),
    ("enrollments", "school", "schools", "enrollments"),
    ("enrollments", "user", "users", "classes"),
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

    /// What refers to an object is in the list below it, and so are those who belong to a school or a class.
    async fn back(&self) {
        for (collection, member, parents, list) in BACK {
            for object in self.rows(&format!("/{collection}"), collection).await {
                for reference in references_in(&object[member]) {
                    // An enrollment that is over links nothing; an org that is no school has no lists.
                    let parent = format!("/{parents}/{}", id(reference));
                    let is_over =
                        collection == "enrollments" && member == "user" && object["status"] != "active";
                    if is_over || self.api.get(self.token, &parent).await.status != 200 {
                        continue;
                    }
                    let named = if member == "user" {
                        &object["class"]
                    } else {
                        &object
                    };
                    let found = self.ids(&format!("{parent}/{list}"), key_of(list)).await;
                    assert!(
                        found.contains(&id(named)),
                        "{collection}: {object} is not at {parent}/{list}"
                    );
                }
            }
        }
        for user in self.rows("/users", "users").await {
            let list = format!("{}s", user["role"].as_str().unwrap());
            for org in references_in(&user["orgs"]) {
                let parent = format!("/schools/{}", id(org));
                let is_school = self.api.get(self.token, &parent).await.status == 200;
                if is_school && matches!(&*list, "students" | "teachers") {
                    let found = self.ids(&format!("{parent}/{list}"), "users").await;
                    assert!(found.contains(&id(&user)), "{user} is not at {parent}/{list}");
                }
            }
        }
    }

    /// A class says the same below its school as by itself.
    async fn classes_in_schools(&self) {
        for school in self.ids("/schools", "orgs").await {
            for class in self.ids(&format!("/schools/{school}/classes"), "classes").await {
                let within = format!("/schools/{school}/classes/{class}");
                for list in ["students", "teachers"] {
                    let own = self.ids(&format!("/classes/{class}/{list}"), "users").await;
                    assert_eq!(
                        self.ids(&format!("{within}/{list}"), "users").await,
                        own,
                        "{within}/{list}"
                    );
                }
                let asked = format!("/enrollments?filter=class%3D'{class}'&limit=10000");
                let own = self.api.get(self.token, &asked).await.ids("enrollments");
                let found = self.ids(&format!("{within}/enrollments"), "enrollments").await;
                assert_eq!(found, own.into_iter().collect(), "{within}/enrollments");
            }
        }
    }

    async fn everything(&self) -> usize {
        self.references().await;
        self.back().await;
        self.classes_in_schools().await;
        self.lists().await
    }
}

/// Every list below an object is walked; of resources there are none.
#[test]
fn no_list_of_the_catalog_is_left_out() {
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.template.contains("}/"))
    {
        let parts: Vec<&str> = operation.template.split('/').skip(1).collect();
        let is_walked = match parts.as_slice() {
            [_, _, "resources"]
            | [
                "schools",
                _,
                "classes",
                _,
                "students" | "teachers" | "enrollments",
            ] => true,
            [parents, _, list] => LISTS
                .iter()
                .any(|(known, walked, ..)| known == parents && walked == list),
            _ => false,
        };
        assert!(is_walked, "{}", operation.template);
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
    assert!(walk.everything().await > 500);
}

/// The year of a school is of type `schoolYear`, and is what its classes name.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_endpoint_names_none_denies_in_a_school() {
    let (api, token) = published_school().await;
    let walk = Walk {
        api: &api,
        token: &token,
    };
    assert!(walk.everything().await > 0);
    assert_eq!(
        walk.ids("/terms", "academicSessions").await,
        walk.ids("/academicSessions", "academicSessions").await
    );
}

/// Who is staff and pupil has the role of staff, and is a student of their class all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_endpoint_names_none_denies_of_somebody_who_is_staff_and_pupil() {
    let database = database().await;
    let school = school(&database.pool, "beide").await;
    school
        .change("insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr) values ($1, 9, 1, '001507')")
        .await;
    school.publish().await;
    let client = client::create(&database.pool, "beide", "test").await.unwrap();
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let walk = Walk {
        api: &api,
        token: &token,
    };
    assert!(walk.everything().await > 0);
    let user = api.get(&token, &format!("/students/{JAN}")).await.json();
    assert_eq!(user["user"]["role"], "teacher");
    let jan = JAN.to_owned();
    assert!(
        walk.ids(&format!("/classes/{CLASS}/students"), "users")
            .await
            .contains(&jan)
    );
    assert!(!walk.ids("/students", "users").await.contains(&jan));
    assert!(walk.ids("/teachers", "users").await.contains(&jan));
}
