//! Lists of words of the standard that several rules hold members against.

use serde_json::Value;

use super::subject::Subject;
use crate::client::clip;

/// The roles of OneRoster 1.1.
pub(super) const ROLES: [&str; 8] = [
    "administrator",
    "aide",
    "guardian",
    "parent",
    "proctor",
    "relative",
    "student",
    "teacher",
];

/// Words accepted as the type of a reference to an org: the standard's, and the types of orgs.
pub(super) const ORG_REFERENCE_TYPES: [&str; 7] = [
    "org",
    "department",
    "school",
    "district",
    "local",
    "state",
    "national",
];

/// Returns what is wrong with a member whose word must be on a list.
pub(super) fn word_outside(subject: &Subject<'_>, member: &str, words: &[&str]) -> Option<String> {
    match subject.value.get(member) {
        Some(Value::String(word)) if words.contains(&word.as_str()) => None,
        Some(other) => Some(format!("{member} {}", clip(&other.to_string()))),
        None => Some(format!("no {member}")),
    }
}
