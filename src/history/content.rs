//! What history reads of the content of an object.

use oneroster_standard::Kind;
use serde_json::{Map, Value};

use crate::roster::Version;

/// The members of an object's content.
pub(super) type Members = Map<String, Value>;

/// Reads the content of a version; without members where it was not read.
pub(super) fn members_of(version: &Version) -> Members {
    serde_json::from_str(&version.content).unwrap_or_default()
}

/// Returns a member that is a text.
pub(super) fn text(members: &Members, field: &str) -> Option<String> {
    members.get(field)?.as_str().map(str::to_owned)
}

/// Returns the id that a member refers to.
pub(super) fn id(members: &Members, field: &str) -> Option<String> {
    reference(members.get(field)?)
}

/// Returns the ids that a list refers to.
pub(super) fn ids(members: &Members, field: &str) -> Vec<String> {
    let list = members.get(field).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(reference).collect()
}

/// Returns the ids of the orgs that a version of an object belongs to; of an org its own.
pub(super) fn orgs_of(version: &Version) -> Vec<String> {
    let members = members_of(version);
    match version.kind {
        Kind::AcademicSessions => Vec::new(),
        Kind::Orgs => vec![version.sourced_id.clone()],
        Kind::Courses => id(&members, "org").into_iter().collect(),
        Kind::Classes | Kind::Enrollments => id(&members, "school").into_iter().collect(),
        Kind::Users => ids(&members, "orgs"),
    }
}

fn reference(value: &Value) -> Option<String> {
    value.get("sourcedId")?.as_str().map(str::to_owned)
}

/// Returns a member as text: a text as it is, a reference as its id, a list with commas.
pub(super) fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(value_text).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => Some(reference(value).unwrap_or_else(|| value.to_string())),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}
