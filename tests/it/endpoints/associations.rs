//! Associations against an oracle that reads the six collections and applies OneRoster 1.1 §12 by the letter.

use std::collections::{BTreeMap, BTreeSet};

use oneroster::http::catalog::{OPERATIONS, Operation, Target};
use serde_json::Value;

use super::TwoTenants;
use crate::harness::api::{Answer, Api};

/// The collections as a consumer reads them: tombstones included.
struct Collections(BTreeMap<&'static str, Vec<Value>>);

impl Collections {
    async fn read(api: &Api, token: &str) -> Self {
        let mut collections = BTreeMap::new();
        for name in [
            "academicSessions",
            "orgs",
            "courses",
            "classes",
            "users",
            "enrollments",
        ] {
            let answer = api.get(token, &format!("/{name}?limit=10000")).await;
            collections.insert(name, answer.json()[name].as_array().unwrap().clone());
        }
        Self(collections)
    }

    fn all(&self, name: &str) -> &[Value] {
        &self.0[name]
    }

    fn ids(&self, name: &str) -> Vec<&str> {
        self.all(name).iter().map(id).collect()
    }

    /// The ids of the objects of a collection that are as said, in order.
    fn those(&self, name: &str, are: impl Fn(&Value) -> bool) -> Vec<String> {
        self.all(name)
            .iter()
            .filter(|row| are(row))
            .map(|row| id(row).to_owned())
            .collect()
    }

    fn is(&self, name: &str, wanted: &str, field: &str, word: &str) -> bool {
        self.all(name)
            .iter()
            .any(|row| id(row) == wanted && (field.is_empty() || row[field] == word))
    }

    /// Whether a class names the session, be it a removed one.
    fn is_named_term(&self, session: &str) -> bool {
        self.is("academicSessions", session, "", "")
            && self
                .all("classes")
                .iter()
                .any(|row| refers_in_list(&row["terms"], session))
    }

    /// Whether an enrollment says so, be it a removed one.
    fn is_enrolled_as(&self, user: &str, role: &str) -> bool {
        self.is("users", user, "", "")
            && self
                .all("enrollments")
                .iter()
                .any(|row| row["role"] == role && row["user"]["sourcedId"] == user)
    }

    /// Who is enrolled, or where, by active enrollments.
    fn enrolled(&self, from: &str, parent: &str, to: &str, role: Option<&str>) -> BTreeSet<&str> {
        self.all("enrollments")
            .iter()
            .filter(|row| row["status"] == "active" && row[from]["sourcedId"] == parent)
            .filter(|row| role.is_none_or(|role| row["role"] == role))
            .map(|row| row[to]["sourcedId"].as_str().unwrap())
            .collect()
    }

    fn users_of_class(&self, class: &str, role: &str) -> Vec<String> {
        let found = self.enrolled("class", class, "user", Some(role));
        self.those("users", |row| found.contains(id(row)))
    }

    fn classes_of_user(&self, user: &str, role: Option<&str>) -> Vec<String> {
        let found = self.enrolled("user", user, "class", role);
        self.those("classes", |row| found.contains(id(row)))
    }

    fn users_of_school(&self, school: &str, role: &str) -> Vec<String> {
        self.those("users", |row| {
            row["role"] == role && refers_in_list(&row["orgs"], school)
        })
    }

    fn terms_of_school(&self, school: &str) -> Vec<String> {
        let classes = self
            .all("classes")
            .iter()
            .filter(|row| row["status"] == "active" && row["school"]["sourcedId"] == school);
        let found: BTreeSet<&str> = classes
            .flat_map(|row| row["terms"].as_array().unwrap())
            .map(id)
            .collect();
        self.those("academicSessions", |row| found.contains(id(row)))
    }

    /// What an association holds, by the name the standard gives it; `None` under an unknown parent.
    fn expected(&self, operation: &str, ids: &[&str]) -> Option<Vec<String>> {
        let (first, last) = (ids[0], ids[ids.len() - 1]);
        let refers = |field: &'static str| move |row: &Value| row[field]["sourcedId"] == last;
        let is_school = self.is("orgs", first, "type", "school");
        let is_class_of_school = is_school
            && self
                .all("classes")
                .iter()
                .any(|row| id(row) == last && row["school"]["sourcedId"] == first);
        let is_class = self.is("classes", first, "", "");
        let is_term = self.is("academicSessions", first, "type", "term") || self.is_named_term(first);
        let (is_known, rows) = match operation {
            "getCoursesForSchool" => (is_school, self.those("courses", refers("org"))),
            "getClassesForSchool" => (is_school, self.those("classes", refers("school"))),
            "getEnrollmentsForSchool" => (is_school, self.those("enrollments", refers("school"))),
            "getStudentsForSchool" => (is_school, self.users_of_school(last, "student")),
            "getTeachersForSchool" => (is_school, self.users_of_school(last, "teacher")),
            "getTermsForSchool" => (is_school, self.terms_of_school(last)),
            "getEnrollmentsForClassInSchool" => {
                (is_class_of_school, self.those("enrollments", refers("class")))
            }
            "getStudentsForClassInSchool" => (is_class_of_school, self.users_of_class(last, "student")),
            "getTeachersForClassInSchool" => (is_class_of_school, self.users_of_class(last, "teacher")),
            "getClassesForTerm" => (
                is_term,
                self.those("classes", |row| refers_in_list(&row["terms"], last)),
            ),
            "getGradingPeriodsForTerm" => (
                is_term,
                self.those("academicSessions", |row| {
                    row["type"] == "gradingPeriod" && row["parent"]["sourcedId"] == last
                }),
            ),
            "getClassesForCourse" => (
                self.is("courses", first, "", ""),
                self.those("classes", refers("course")),
            ),
            "getClassesForStudent" => (
                self.is("users", first, "role", "student") || self.is_enrolled_as(first, "student"),
                self.classes_of_user(last, Some("student")),
            ),
            "getClassesForTeacher" => (
                self.is("users", first, "role", "teacher") || self.is_enrolled_as(first, "teacher"),
                self.classes_of_user(last, Some("teacher")),
            ),
            "getClassesForUser" => (self.is("users", first, "", ""), self.classes_of_user(last, None)),
            "getStudentsForClass" => (is_class, self.users_of_class(last, "student")),
            "getTeachersForClass" => (is_class, self.users_of_class(last, "teacher")),
            "getResourcesForCourse" => (self.is("courses", first, "", ""), Vec::new()),
            "getResourcesForClass" => (is_class, Vec::new()),
            other => panic!("no oracle for {other}: write one"),
        };
        is_known.then_some(rows)
    }

    /// Every choice of parents, wrong ones included.
    fn parents(&self, operation: &Operation) -> Vec<Vec<&str>> {
        let Target::Association { parents, .. } = operation.target else {
            return Vec::new();
        };
        let choices = |place: usize| {
            let mut ids = self.ids(parents[place].view.object_type.collection());
            ids.extend(["nobody", "a'b\"c/é"]);
            ids
        };
        if parents.len() == 1 {
            return choices(0).into_iter().map(|parent| vec![parent]).collect();
        }
        let (schools, classes) = (choices(0), choices(1));
        schools
            .iter()
            .flat_map(|&school| classes.iter().map(move |&class| vec![school, class]))
            .collect()
    }
}

fn id(row: &Value) -> &str {
    row["sourcedId"].as_str().unwrap()
}

fn refers_in_list(list: &Value, wanted: &str) -> bool {
    list.as_array()
        .unwrap()
        .iter()
        .any(|reference| reference["sourcedId"] == wanted)
}

fn path(operation: &Operation, ids: &[&str]) -> String {
    let encoded: Vec<String> = ids
        .iter()
        .map(|id| {
            id.replace('%', "%25")
                .replace('/', "%2F")
                .replace('"', "%22")
                .replace('é', "%C3%A9")
        })
        .collect();
    operation.path(&encoded.iter().map(String::as_str).collect::<Vec<_>>())
}

fn answered(answer: &Answer, key: &str) -> (Vec<String>, usize) {
    (answer.ids(key), answer.header("x-total-count").parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_association_of_every_parent_is_what_the_collections_say() {
    let stage = TwoTenants::new().await;
    let collections = Collections::read(&stage.api, &stage.token).await;
    let (strict, strict_token) = stage.with_setting("unknown_parent_404=true").await;
    let mut filled: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in OPERATIONS {
        let key = operation.envelope_key();
        for ids in collections.parents(operation) {
            let path = path(operation, &ids);
            let expected = collections.expected(operation.id, &ids);
            let answer = stage.get(&format!("{path}?limit=10000")).await;
            let rows = expected.clone().unwrap_or_default();
            assert_eq!(answered(&answer, key), (rows.clone(), rows.len()), "{path}");
            let strictly = strict.get(&strict_token, &format!("{path}?limit=10000")).await;
            match &expected {
                Some(_) => assert_eq!(strictly.body, answer.body, "{path}"),
                None => assert_eq!(strictly.status, 404, "{path}"),
            }
            *filled.entry(operation.id).or_default() += usize::from(!rows.is_empty());
        }
    }
    let empty: Vec<_> = filled
        .iter()
        .filter(|(id, count)| **count == 0 && !id.contains("Resources"))
        .collect();
    assert!(empty.is_empty(), "never anything in {empty:?}");
    assert_eq!(filled.len(), 19);
}

/// The rows of an association are asked for like those of any collection.
#[tokio::test(flavor = "multi_thread")]
async fn an_association_is_filtered_sorted_and_paged_like_any_collection() {
    let stage = TwoTenants::new().await;
    let collections = Collections::read(&stage.api, &stage.token).await;
    for (operation, sample) in super::paths(&stage.own) {
        let Target::Association { .. } = operation.target else {
            continue;
        };
        let key = operation.envelope_key();
        let all = stage.get(&format!("{sample}?limit=10000")).await.ids(key);
        let status = |wanted: &str| {
            collections.0.get(key).and_then(|rows| {
                rows.iter()
                    .find(|row| id(row) == wanted)
                    .and_then(|row| row["status"].as_str())
            })
        };
        let mut active = all.clone();
        active.retain(|id| status(id) == Some("active"));
        let page = stage
            .get(&format!("{sample}?filter=status='active'&limit=2&offset=1&sort=sourcedId&orderBy=desc&fields=sourcedId"))
            .await;
        let backwards: Vec<String> = active.iter().rev().skip(1).take(2).cloned().collect();
        assert_eq!(
            answered(&page, key),
            (backwards.clone(), active.len()),
            "{sample}"
        );
        for row in page.json()[key].as_array().unwrap() {
            assert_eq!(row.as_object().unwrap().len(), 1, "{sample}");
        }
        assert_eq!(
            page.header("link").contains("rel=\"next\""),
            active.len() > 3,
            "{sample}"
        );
        let delta = stage
            .get(&format!("{sample}?filter=dateLastModified%3E'2020-01-01'"))
            .await;
        assert_eq!(
            answered(&delta, key),
            (all.clone(), all.len()),
            "{sample}: a delta, unpaged"
        );
        let none = stage.get(&format!("{sample}?filter=sourcedId='norecords'")).await;
        assert_eq!(answered(&none, key), (Vec::new(), 0), "{sample}");
    }
}

/// What `include_tombstones` hides in collections it hides here too.
#[tokio::test]
async fn an_association_follows_the_settings_of_the_client() {
    let stage = TwoTenants::new().await;
    let school = stage
        .own
        .objects("orgs")
        .find(|(_, _, content)| content["type"] == "school")
        .unwrap()
        .0;
    let path = format!("/schools/{school}/enrollments?limit=10000");
    let statuses = |answer: &Answer| -> BTreeSet<String> {
        answer.json()["enrollments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["status"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(statuses(&stage.get(&path).await).len(), 2);
    let (api, token) = stage.with_setting("include_tombstones=false").await;
    assert_eq!(statuses(&api.get(&token, &path).await).len(), 1);
}
