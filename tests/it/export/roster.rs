//! A roster written by SQL, so that a test knows every byte of it, and may break what the publisher never would.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::api::{self, Change};
use crate::harness::{TestDatabase, database, oneroster};

/// The tenant.
pub(super) const TENANT: &str = "zandpoort";

/// A database with a tenant, and a folder to export to.
pub(super) struct Roster {
    pub(super) database: TestDatabase,
    folder: TempDir,
}

/// How an export ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) report: Value,
    pub(super) stderr: String,
}

impl Roster {
    /// A tenant without a roster.
    pub(super) async fn begin() -> Self {
        let database = database().await;
        api::tenant(&database.pool, TENANT).await;
        Self {
            database,
            folder: TempDir::new().unwrap(),
        }
    }

    /// The same with a small roster, and these changes to it.
    pub(super) async fn with(changes: &[Change<'_>]) -> Self {
        let roster = Self::begin().await;
        roster.publish(&small()).await;
        if !changes.is_empty() {
            roster.publish(changes).await;
        }
        roster
    }

    pub(super) async fn publish(&self, changes: &[Change<'_>]) {
        api::publish(&self.database.pool, TENANT, changes).await;
    }

    /// Where an export goes.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exports to `out`, with further arguments.
    pub(super) async fn export(&self, format: &str, arguments: &[&str]) -> Ended {
        self.export_to("out", format, arguments).await
    }

    pub(super) async fn export_to(&self, name: &str, format: &str, arguments: &[&str]) -> Ended {
        let path = self.path(name);
        let own = [
            "export",
            "--json",
            "--tenant",
            TENANT,
            "--format",
            format,
            path.to_str().unwrap(),
        ];
        let output = oneroster(&self.database.url, &[&own, arguments].concat()).await;
        Ended {
            code: output.status.code().unwrap(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// The report of an export that was made.
    pub(super) fn done(self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.report
    }

    /// The refusal of one that was not.
    pub(super) fn refused(self) -> Value {
        assert_eq!(self.code, 1, "{self:?}");
        self.report["refusal"].clone()
    }
}

/// The count of a note; 0 without it.
pub(super) fn noted(report: &Value, rule: &str) -> u64 {
    let notes = report["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["rule"] == rule);
    note.map_or(0, |note| note["count"].as_u64().unwrap())
}

fn reference(kind: &str, id: &str) -> Value {
    json!({ "href": format!("/{kind}s/{id}"), "sourcedId": id, "type": kind })
}

pub(super) fn org(name: &str, identifier: &str) -> Value {
    json!({ "name": name, "type": "school", "identifier": identifier, "children": [], "metadata": {} })
}

pub(super) fn session() -> Value {
    json!({ "title": "Schooljaar 2026-27", "startDate": "2026-09-01", "endDate": "2027-06-30", "type": "schoolYear",
            "children": [], "schoolYear": "2027", "metadata": {} })
}

pub(super) fn course(title: &str, org: &str) -> Value {
    json!({ "title": title, "schoolYear": reference("academicSession", "2026-27"), "courseCode": "3A", "grades": [],
            "subjects": [], "org": reference("org", org), "subjectCodes": [], "resources": [], "metadata": {} })
}

pub(super) fn class(title: &str, course: &str, org: &str) -> Value {
    json!({ "title": title, "classCode": "3A", "classType": "homeroom", "grades": [], "subjects": [],
            "course": reference("course", course), "school": reference("org", org),
            "terms": [reference("academicSession", "2026-27")], "subjectCodes": [], "periods": [], "resources": [],
            "metadata": {} })
}

pub(super) fn user(username: &str, role: &str, orgs: &[&str]) -> Value {
    named(username, ["Jan", "Janssens"], role, orgs)
}

pub(super) fn named(username: &str, [given, family]: [&str; 2], role: &str, orgs: &[&str]) -> Value {
    let orgs: Vec<Value> = orgs.iter().map(|org| reference("org", org)).collect();
    json!({ "username": username, "userIds": [], "enabledUser": "false", "givenName": given, "familyName": family,
            "role": role, "identifier": username, "agents": [], "orgs": orgs, "grades": [], "metadata": {} })
}

pub(super) fn enrollment(user: &str, class: &str, org: &str, role: &str) -> Value {
    let mut enrollment = json!({ "user": reference("user", user), "class": reference("class", class),
        "school": reference("org", org), "role": role, "beginDate": "2026-09-01", "endDate": "2027-06-30", "metadata": {} });
    if role == "teacher" {
        enrollment["primary"] = json!("true");
    }
    enrollment
}

/// One school with one class, two pupils and a teacher.
pub(super) fn small() -> Vec<Change<'static>> {
    vec![
        ("academicSessions", "2026-27", "active", session()),
        (
            "orgs",
            "001507-1",
            "active",
            org("001507 - Zandpoort - Markt", "001507-1"),
        ),
        ("courses", "c1", "active", course("3A - Markt", "001507-1")),
        ("classes", "c1", "active", class("3A - Markt", "c1", "001507-1")),
        (
            "users",
            "jan",
            "active",
            user("jan.janssens", "student", &["001507-1"]),
        ),
        (
            "users",
            "lotte",
            "active",
            user("lotte.peeters", "student", &["001507-1"]),
        ),
        (
            "users",
            "bert",
            "active",
            user("bert.ameel", "teacher", &["001507-1"]),
        ),
        (
            "enrollments",
            "jan-1",
            "active",
            enrollment("jan", "c1", "001507-1", "student"),
        ),
        (
            "enrollments",
            "lotte-1",
            "active",
            enrollment("lotte", "c1", "001507-1", "student"),
        ),
        (
            "enrollments",
            "bert-1",
            "active",
            enrollment("bert", "c1", "001507-1", "teacher"),
        ),
    ]
}
