//! Uploaded files: what School Data Sync makes of a set in the V1 or the V2.1 format (003; Microsoft's samples).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A file as rows by column.
type Rows = [BTreeMap<String, String>];

/// A set of files, as the records that a pull over HTTP would have.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(super) sessions: Vec<Value>,
    pub(super) orgs: Vec<Value>,
    pub(super) users: Vec<Value>,
    pub(super) classes: Vec<Value>,
    pub(super) enrollments: Vec<Value>,
}

/// A record with what files do not say of one: they are read now, and hold what is active.
fn record(id: &str, mut content: Value) -> Value {
    content["sourcedId"] = json!(id);
    content["status"] = json!("active");
    content["dateLastModified"] = json!("2000-01-01T00:00:00.000Z");
    content
}

fn reference(kind: &str, id: &str) -> Value {
    json!({ "sourcedId": id, "type": kind })
}

fn org(id: &str, name: &str) -> Value {
    record(id, json!({ "name": name, "identifier": id, "type": "school" }))
}

fn user(id: &str, row: [&str; 3], role: &str, orgs: &BTreeSet<&str>) -> Value {
    let [username, given_name, family_name] = row;
    let orgs: Vec<Value> = orgs.iter().map(|org| reference("org", org)).collect();
    record(
        id,
        json!({ "username": username, "givenName": given_name, "familyName": family_name, "identifier": id,
                "role": role, "orgs": orgs }),
    )
}

fn enrollment(class: &str, user: &str, role: &str) -> Value {
    let id = format!("{class}/{user}/{role}");
    // A row of a file does not name the school of the class.
    record(
        &id,
        json!({ "class": reference("class", class), "user": reference("user", user), "school": reference("org", "-"),
                "role": role }),
    )
}

impl Upload {
    /// A set in the V1 format. Who stands among teachers is one, whatever else they are.
    pub(crate) fn v1<'r>(file: impl Fn(&str) -> &'r Rows) -> Self {
        let mut upload = Self::default();
        for row in file("School.csv") {
            upload.orgs.push(org(&row["SIS ID"], &row["Name"]));
        }
        let mut terms = BTreeMap::new();
        for row in file("Section.csv") {
            terms.insert(row["Term SIS ID"].as_str(), row);
            upload.classes.push(record(
                &row["SIS ID"],
                json!({ "title": row["Section Name"], "classCode": row["Section Number"],
                        "school": reference("org", &row["School SIS ID"]),
                        "terms": [reference("academicSession", &row["Term SIS ID"])] }),
            ));
        }
        for (id, row) in terms {
            let year: String = row["Term EndDate"].chars().take(4).collect();
            let term = json!({ "title": row["Term Name"], "type": "schoolYear", "schoolYear": year,
                               "startDate": row["Term StartDate"], "endDate": row["Term EndDate"] });
            upload.sessions.push(record(id, term));
        }
        let mut people = BTreeMap::new();
        for (name, role) in [("Student.csv", "student"), ("Teacher.csv", "teacher")] {
            for row in file(name) {
                people.insert(row["SIS ID"].as_str(), (role, row));
            }
        }
        for (id, (role, row)) in people {
            let names = ["Username", "First Name", "Last Name"].map(|column| row[column].as_str());
            upload.users.push(user(
                id,
                names,
                role,
                &BTreeSet::from([row["School SIS ID"].as_str()]),
            ));
        }
        for (name, role) in [
            ("StudentEnrollment.csv", "student"),
            ("TeacherRoster.csv", "teacher"),
        ] {
            for row in file(name) {
                upload
                    .enrollments
                    .push(enrollment(&row["Section SIS ID"], &row["SIS ID"], role));
            }
        }
        upload
    }

    /// A set in the V2.1 format.
    pub(crate) fn v2<'r>(file: impl Fn(&str) -> &'r Rows) -> Self {
        let mut upload = Self::default();
        for row in file("orgs.csv") {
            upload.orgs.push(org(&row["sourcedId"], &row["name"]));
        }
        for row in file("academicSessions.csv") {
            upload.sessions.push(record(&row["sourcedId"], json!(row)));
        }
        let mut roles: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
        for row in file("roles.csv") {
            let of_user = roles.entry(row["userSourcedId"].as_str()).or_default();
            of_user.0 = &row["role"];
            of_user.1.insert(&row["orgSourcedId"]);
        }
        for row in file("users.csv") {
            let names = ["username", "givenName", "familyName"].map(|column| row[column].as_str());
            let (role, orgs) = &roles[row["sourcedId"].as_str()];
            upload.users.push(user(&row["sourcedId"], names, role, orgs));
        }
        let codes: BTreeMap<&str, &str> = file("courses.csv")
            .iter()
            .map(|row| (row["sourcedId"].as_str(), row["code"].as_str()))
            .collect();
        for row in file("classes.csv") {
            let sessions = row["sessionSourcedIds"].split(',');
            let terms: Vec<Value> = sessions.map(|id| reference("academicSession", id)).collect();
            upload.classes.push(record(
                &row["sourcedId"],
                json!({ "title": row["title"], "classCode": codes[row["courseSourcedId"].as_str()],
                        "school": reference("org", &row["orgSourcedId"]), "terms": terms }),
            ));
        }
        for row in file("enrollments.csv") {
            upload.enrollments.push(enrollment(
                &row["classSourcedId"],
                &row["userSourcedId"],
                &row["role"],
            ));
        }
        upload
    }
}
