//! What is where at the small provider: collections, parts of them, and what belongs to whom.

use oneroster_standard::Kind;
use serde_json::Value;

use super::server::Roster;

/// What a path leads to.
pub(super) struct Found<'a> {
    pub(super) plural: &'static str,
    pub(super) singular: &'static str,
    pub(super) rows: Vec<&'a Value>,
}

/// Finds what is below a path; with the id of a single object still among its like. `None` for an unknown path.
pub(super) fn find<'a>(roster: &'a Roster, segments: &[String]) -> Option<Found<'a>> {
    let words: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (kind, rows) = match words.as_slice() {
        ["demographics"] | ["demographics", _] => return Some(nothing("demographics", "demographics")),
        ["resources"] | ["resources", _] => return Some(nothing("resources", "resource")),
        ["students", id] if is_enrolled(roster, id, "student") => collection(roster, "users")?,
        ["teachers", id] if is_enrolled(roster, id, "teacher") => collection(roster, "users")?,
        [word] | [word, _] => collection(roster, word)?,
        [first, parent, last] => belonging(roster, first, parent, last)?,
        ["schools", school, "classes", class, last] => {
            let (_, classes) = belonging(roster, "schools", school, "classes")?;
            if !classes.iter().any(|row| row["sourcedId"] == *class) {
                return belonging(roster, "classes", "nobody", last).map(found);
            }
            match *last {
                "enrollments" => (
                    Kind::Enrollments,
                    those(roster, Kind::Enrollments, |row| {
                        row["class"]["sourcedId"] == *class
                    }),
                ),
                last => belonging(roster, "classes", class, last)?,
            }
        }
        _ => return None,
    };
    Some(found((kind, rows)))
}

fn found((kind, rows): (Kind, Vec<&Value>)) -> Found<'_> {
    Found {
        plural: kind.collection(),
        singular: kind.singular(),
        rows,
    }
}

fn nothing<'a>(plural: &'static str, singular: &'static str) -> Found<'a> {
    Found {
        plural,
        singular,
        rows: Vec::new(),
    }
}

fn is_enrolled(roster: &Roster, user: &str, role: &str) -> bool {
    roster[&Kind::Enrollments]
        .iter()
        .any(|row| row["role"] == role && row["user"]["sourcedId"] == user)
}

fn those(roster: &Roster, kind: Kind, are: impl Fn(&Value) -> bool) -> Vec<&Value> {
    roster[&kind].iter().filter(|row| are(row)).collect()
}

fn collection<'a>(roster: &'a Roster, word: &str) -> Option<(Kind, Vec<&'a Value>)> {
    let (kind, field, value) = match word {
        "schools" => (Kind::Orgs, "type", "school"),
        "terms" => {
            let is_term = |row: &Value| {
                let id = row["sourcedId"].as_str().unwrap_or_default();
                let is_named = || {
                    roster[&Kind::Classes]
                        .iter()
                        .any(|class| holds(&class["terms"], id))
                };
                row["type"] == "term" || is_named()
            };
            return Some((
                Kind::AcademicSessions,
                those(roster, Kind::AcademicSessions, is_term),
            ));
        }
        "gradingPeriods" => (Kind::AcademicSessions, "type", "gradingPeriod"),
        "students" => (Kind::Users, "role", "student"),
        "teachers" => (Kind::Users, "role", "teacher"),
        word => {
            let kind = Kind::from_collection(word)?;
            return Some((kind, roster[&kind].iter().collect()));
        }
    };
    Some((kind, those(roster, kind, |row| row[field] == value)))
}

fn holds(list: &Value, id: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|reference| reference["sourcedId"] == id))
}

/// What belongs to a parent; under one that is not there, nothing.
fn belonging<'a>(
    roster: &'a Roster,
    first: &str,
    parent: &str,
    last: &str,
) -> Option<(Kind, Vec<&'a Value>)> {
    let refers = |field: &'static str| move |row: &Value| row[field]["sourcedId"] == parent;
    let enrolled = |from: &str, to: &str, role: Option<&str>| -> Vec<&Value> {
        roster[&Kind::Enrollments]
            .iter()
            .filter(|row| row["status"] == "active" && row[from]["sourcedId"] == parent)
            .filter(|row| role.is_none_or(|role| row["role"] == role))
            .map(|row| &row[to]["sourcedId"])
            .collect()
    };
    let of_role = |role: &'static str| move |row: &Value| row["role"] == role && holds(&row["orgs"], parent);
    let (kind, rows) = match (first, last) {
        ("schools", "courses") => (Kind::Courses, those(roster, Kind::Courses, refers("org"))),
        ("schools", "classes") => (Kind::Classes, those(roster, Kind::Classes, refers("school"))),
        ("schools", "enrollments") => (
            Kind::Enrollments,
            those(roster, Kind::Enrollments, refers("school")),
        ),
        ("schools", "students") => (Kind::Users, those(roster, Kind::Users, of_role("student"))),
        ("schools", "teachers") => (Kind::Users, those(roster, Kind::Users, of_role("teacher"))),
        ("schools", "terms") => {
            let classes = those(roster, Kind::Classes, refers("school"));
            let is_given = |row: &Value| {
                let id = row["sourcedId"].as_str().unwrap();
                classes
                    .iter()
                    .any(|class| class["status"] == "active" && holds(&class["terms"], id))
            };
            (
                Kind::AcademicSessions,
                those(roster, Kind::AcademicSessions, is_given),
            )
        }
        ("terms", "classes") => (
            Kind::Classes,
            those(roster, Kind::Classes, |row| holds(&row["terms"], parent)),
        ),
        ("terms", "gradingPeriods") => (
            Kind::AcademicSessions,
            those(roster, Kind::AcademicSessions, |row| {
                row["type"] == "gradingPeriod" && row["parent"]["sourcedId"] == parent
            }),
        ),
        ("courses", "classes") => (Kind::Classes, those(roster, Kind::Classes, refers("course"))),
        ("students" | "teachers" | "users", "classes") => {
            let role = match first {
                "students" => Some("student"),
                "teachers" => Some("teacher"),
                _ => None,
            };
            let classes = enrolled("user", "class", role);
            (
                Kind::Classes,
                those(roster, Kind::Classes, |row| classes.contains(&&row["sourcedId"])),
            )
        }
        ("classes", "students" | "teachers") => {
            let role = if last == "students" { "student" } else { "teacher" };
            let users = enrolled("class", "user", Some(role));
            (
                Kind::Users,
                those(roster, Kind::Users, |row| users.contains(&&row["sourcedId"])),
            )
        }
        ("classes", "enrollments") if parent == "nobody" => (Kind::Enrollments, Vec::new()),
        _ => return None,
    };
    Some((kind, rows))
}
