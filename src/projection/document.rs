//! A roster as JSON: content for storing, and the document of a preview.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Identified, Roster};
use crate::oneroster::{Base, Kind, StatusType};

/// Returns every object as (kind, id, content), sorted by kind and id.
///
/// The content is the object's JSON without `sourcedId`, `status` and `dateLastModified`, with relative hrefs.
pub fn contents(roster: &Roster) -> Vec<(Kind, String, String)> {
    let mut all = Vec::new();
    add(&mut all, Kind::AcademicSessions, &roster.academic_sessions);
    add(&mut all, Kind::Orgs, &roster.orgs);
    add(&mut all, Kind::Courses, &roster.courses);
    add(&mut all, Kind::Classes, &roster.classes);
    add(&mut all, Kind::Users, &roster.users);
    add(&mut all, Kind::Enrollments, &roster.enrollments);
    all
}

fn add<T: Serialize>(all: &mut Vec<(Kind, String, String)>, kind: Kind, objects: &[Identified<T>]) {
    all.extend(objects.iter().filter_map(|object| {
        // Entities hold nothing that JSON cannot say, so this never leaves one out.
        let content = serde_json::to_string(&object.content).ok()?;
        Some((kind, object.sourced_id.clone(), content))
    }));
}

/// Returns the document of a preview: objects as they would be served by a server at `base_url`, without dates.
pub fn preview_document(roster: &Roster, base_url: &str) -> Value {
    json!({
        "reference_date": roster.reference_date,
        "academicSessions": served(&roster.academic_sessions, base_url),
        "orgs": served(&roster.orgs, base_url),
        "courses": served(&roster.courses, base_url),
        "classes": served(&roster.classes, base_url),
        "users": served(&roster.users, base_url),
        "enrollments": served(&roster.enrollments, base_url),
    })
}

fn served<T: Serialize + Clone>(objects: &[Identified<T>], base_url: &str) -> Vec<Value> {
    objects
        .iter()
        .map(|object| {
            let mut document = json!(Base {
                sourced_id: object.sourced_id.clone(),
                status: StatusType::Active,
                date_last_modified: None,
                content: object.content.clone(),
            });
            make_absolute(&mut document, base_url);
            document
        })
        .collect()
}

/// Puts the server's address before every `href`.
fn make_absolute(value: &mut Value, base_url: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let (Value::String(href), "href") = (&mut *member, name.as_str()) {
                    *href = format!("{base_url}/ims/oneroster/v1p1{href}");
                } else {
                    make_absolute(member, base_url);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_absolute(item, base_url)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
