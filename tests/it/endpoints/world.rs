//! A made-up roster of every shape that associations must tell apart.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::api;

/// A roster: of each collection, status and content by id.
pub(crate) struct World {
    collections: BTreeMap<&'static str, BTreeMap<String, (&'static str, Value)>>,
}

const SESSION_TYPES: [&str; 4] = ["schoolYear", "semester", "term", "gradingPeriod"];
const ORG_TYPES: [&str; 4] = ["district", "school", "school", "school"];
const ROLES: [&str; 5] = ["teacher", "student", "student", "student", "administrator"];

fn refer(collection: &str, r#type: &str, id: &str) -> Value {
    json!({"href": format!("/{collection}/{id}"), "sourcedId": id, "type": r#type})
}

impl World {
    /// Makes one up; the ids begin with `prefix`. Large enough for indexes to be made and for pages to end.
    pub(crate) fn new(seed: u64, prefix: &str) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut world = Self {
            collections: BTreeMap::new(),
        };
        let id = |letter: char, number: usize| format!("{prefix}{letter}{number:03}");
        for number in 0..12 {
            let kind = SESSION_TYPES[number % SESSION_TYPES.len()];
            let parent = (kind == "gradingPeriod").then(|| {
                refer(
                    "academicSessions",
                    "academicSession",
                    &id('t', random.random_range(0..12)),
                )
            });
            let mut session = json!({"title": format!("Deel {number}"), "startDate": "2026-09-01",
                "endDate": "2027-06-30", "type": kind, "schoolYear": "2027", "children": [], "metadata": {}});
            if let Some(parent) = parent {
                session["parent"] = parent;
            }
            world.add("academicSessions", id('t', number), &mut random, session);
        }
        // A term that has a grading period and classes, whatever the dice say.
        world.object_mut("academicSessions", &id('t', 3))["parent"] =
            refer("academicSessions", "academicSession", &id('t', 2));
        world.places(prefix, &mut random);
        world.people(prefix, &mut random);
        for (collection, first) in [
            ("academicSessions", 't'),
            ("orgs", 'o'),
            ("courses", 'c'),
            ("classes", 'k'),
            ("users", 'u'),
            ("enrollments", 'e'),
        ] {
            // The samples are the first active objects: those that the lines above see to.
            for number in 0..5 {
                world
                    .collections
                    .get_mut(collection)
                    .unwrap()
                    .get_mut(&id(first, number))
                    .unwrap()
                    .0 = "active";
            }
        }
        world.object_mut("courses", &id('c', 0))["org"] = refer("orgs", "org", &id('o', 1));
        world
    }

    fn places(&mut self, prefix: &str, random: &mut ChaCha8Rng) {
        let id = |letter: char, number: usize| format!("{prefix}{letter}{number:03}");
        for number in 0..8 {
            let org = json!({"name": format!("Org {number}"), "type": ORG_TYPES[number % ORG_TYPES.len()],
                "identifier": id('o', number), "children": [], "metadata": {}});
            self.add("orgs", id('o', number), random, org);
        }
        for number in 0..20 {
            let course = json!({"title": format!("Vak {number}"), "courseCode": number.to_string(),
                "schoolYear": refer("academicSessions", "academicSession", &id('t', 0)),
                "org": refer("orgs", "org", &id('o', random.random_range(0..8))), "grades": [], "subjects": [],
                "subjectCodes": [], "resources": [], "metadata": {}});
            self.add("courses", id('c', number), random, course);
        }
        for number in 0..70 {
            let mut terms = vec![refer("academicSessions", "academicSession", &id('t', 2))];
            if random.random_bool(0.5) {
                terms = (0..random.random_range(1..4))
                    .map(|_| {
                        refer(
                            "academicSessions",
                            "academicSession",
                            &id('t', random.random_range(0..12)),
                        )
                    })
                    .collect();
            }
            // The first classes and courses go together, so that a sample of each finds something.
            let (course, school) = if number == 0 {
                (0, 1)
            } else {
                (random.random_range(0..20), random.random_range(0..8))
            };
            let class = json!({"title": format!("Klas {number}"), "classType": "homeroom", "grades": [],
                "subjects": [], "course": refer("courses", "course", &id('c', course)),
                "school": refer("orgs", "org", &id('o', school)), "terms": terms, "subjectCodes": [],
                "periods": [], "resources": [], "metadata": {}});
            self.add("classes", id('k', number), random, class);
        }
    }

    fn people(&mut self, prefix: &str, random: &mut ChaCha8Rng) {
        let id = |letter: char, number: usize| format!("{prefix}{letter}{number:03}");
        for number in 0..150 {
            let mut orgs = vec![refer("orgs", "org", &id('o', 1))];
            if number > 4 {
                orgs = (0..random.random_range(1..4))
                    .map(|_| refer("orgs", "org", &id('o', random.random_range(0..8))))
                    .collect();
            }
            let user = json!({"username": id('u', number), "userIds": [], "enabledUser": "true",
                "givenName": format!("Voornaam{}", number % 7), "familyName": format!("Naam{}", number % 11),
                "role": ROLES[number % ROLES.len()], "identifier": id('u', number), "agents": [], "orgs": orgs,
                "grades": [], "metadata": {}});
            self.add("users", id('u', number), random, user);
        }
        for number in 0..500 {
            // The first teacher and the first student are in the first class.
            let (user, class, role) = match number {
                0 => (0, 0, "teacher"),
                1 => (1, 0, "student"),
                _ => (
                    random.random_range(0..150),
                    random.random_range(0..70),
                    ROLES[random.random_range(0..ROLES.len())],
                ),
            };
            let school = self.object("classes", &id('k', class))["school"].clone();
            let enrollment = json!({"user": refer("users", "user", &id('u', user)),
                "class": refer("classes", "class", &id('k', class)), "school": school, "role": role,
                "beginDate": "2026-09-01", "metadata": {}});
            self.add("enrollments", id('e', number), random, enrollment);
        }
    }

    /// Adds an object; one in six is a tombstone.
    fn add(&mut self, collection: &'static str, id: String, random: &mut ChaCha8Rng, content: Value) {
        let status = if random.random_bool(1.0 / 6.0) {
            "tobedeleted"
        } else {
            "active"
        };
        self.collections
            .entry(collection)
            .or_default()
            .insert(id, (status, content));
    }

    fn object_mut(&mut self, collection: &str, id: &str) -> &mut Value {
        &mut self
            .collections
            .get_mut(collection)
            .unwrap()
            .get_mut(id)
            .unwrap()
            .1
    }

    /// Returns the content of an object.
    pub(crate) fn object(&self, collection: &str, id: &str) -> &Value {
        &self.collections[collection][id].1
    }

    /// Returns id, status and content of each object of a collection, by id.
    pub(crate) fn objects(&self, collection: &str) -> impl Iterator<Item = (&str, &'static str, &Value)> {
        self.collections[collection]
            .iter()
            .map(|(id, (status, content))| (id.as_str(), *status, content))
    }

    /// Publishes all of it as one generation.
    pub(crate) async fn publish(&self, pool: &PgPool, tenant_id: &str) {
        let mut changes: Vec<api::Change<'_>> = Vec::new();
        for (collection, objects) in &self.collections {
            for (id, (status, content)) in objects {
                changes.push((collection, id, status, content.clone()));
            }
        }
        api::publish(pool, tenant_id, &changes).await;
    }
}
