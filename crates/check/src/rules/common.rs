//! Rules about what objects of every kind have in common.

use chrono::DateTime;
use oneroster_standard::{AcademicSession, Base, Class, Course, Enrollment, Kind, Org, User};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::subject::{RecordRule, Subject, shown, text};
use super::words::word_outside;
use crate::client::clip;
use crate::relations::referred;

const ALL: &[Kind] = &Kind::ALL;

pub(super) const RULES: [RecordRule; 5] = [
    RecordRule {
        id: "sourced-id-string",
        kinds: ALL,
        inactive: true,
        expected: "sourcedId: a string that is not empty",
        check: |subject| {
            let id = subject.value.get("sourcedId");
            subject
                .text("sourcedId")
                .is_none()
                .then(|| format!("sourcedId {}", shown(id)))
        },
    },
    RecordRule {
        id: "status-vocabulary",
        kinds: ALL,
        inactive: true,
        expected: "status: active or tobedeleted",
        check: |subject| word_outside(subject, "status", &["active", "tobedeleted"]),
    },
    RecordRule {
        id: "date-last-modified-form",
        kinds: ALL,
        inactive: true,
        expected: "dateLastModified as YYYY-MM-DDTHH:mm:ss.SSS with Z or ±hh:mm: exactly three fractional digits",
        check: |subject| {
            let date = subject.value.get("dateLastModified");
            let good = subject.text("dateLastModified").is_some_and(is_timestamp);
            (!good).then(|| format!("dateLastModified {}", shown(date)))
        },
    },
    RecordRule {
        id: "no-null-or-empty-scalars",
        kinds: ALL,
        inactive: true,
        expected: "a member without a value is left out, never null or \"\"",
        check: |subject| empty_member(subject.value, ""),
    },
    RecordRule {
        id: "references-resolve",
        kinds: ALL,
        inactive: false,
        expected: "every object referred to was pulled too: School Data Sync drops what refers to nothing",
        check: dangling,
    },
];

/// Whether an object that broke no other rule parses as the entity of the standard.
pub(super) const LAST: RecordRule = RecordRule {
    id: "entity-form",
    kinds: ALL,
    inactive: false,
    expected: "all members of the types of OneRoster 1.1 (§2.2), the required ones present",
    check: |subject| {
        if subject.is_faulty {
            None
        } else {
            entity_problem(subject)
        }
    },
};

/// `YYYY-MM-DDTHH:mm:ss.SSS` and `Z` or `±hh:mm`, and a day and time that exist.
fn is_timestamp(text: &str) -> bool {
    let Some((clock, zone)) = text.split_at_checked(23) else {
        return false;
    };
    let form: String = clock
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let zone_form: String = zone
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    form == "0000-00-00T00:00:00.000"
        && matches!(zone_form.as_str(), "Z" | "+00:00" | "-00:00")
        && DateTime::parse_from_rfc3339(text).is_ok()
}

/// Finds the first member without a value; extensions under `metadata` are not judged.
fn empty_member(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(format!("{} is null", path.trim_start_matches('.'))),
        Value::String(text) if text.is_empty() => Some(format!("{} is empty", path.trim_start_matches('.'))),
        Value::Array(items) => items.iter().find_map(|item| empty_member(item, path)),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "metadata")
            .find_map(|(name, member)| empty_member(member, &format!("{path}.{}", clip(name)))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn dangling(subject: &Subject<'_>) -> Option<String> {
    for (member, kind) in referred(subject.kind) {
        let value = subject.value.get(member);
        let single = value.filter(|value| value.is_object());
        let several = value.and_then(Value::as_array).into_iter().flatten();
        for id in single
            .into_iter()
            .chain(several)
            .filter_map(|reference| text(reference, "sourcedId"))
        {
            if !subject.index.has(*kind, id) {
                return Some(format!("{member} refers to {}/{}", kind.collection(), clip(id)));
            }
        }
    }
    None
}

fn entity_problem(subject: &Subject<'_>) -> Option<String> {
    let value = canonical(subject.kind, subject.value);
    match subject.kind {
        Kind::AcademicSessions => reads_as::<AcademicSession>(value),
        Kind::Orgs => reads_as::<Org>(value),
        Kind::Courses => reads_as::<Course>(value),
        Kind::Classes => reads_as::<Class>(value),
        Kind::Users => reads_as::<User>(value),
        Kind::Enrollments => reads_as::<Enrollment>(value),
    }
}

fn reads_as<T: DeserializeOwned>(value: Value) -> Option<String> {
    serde_json::from_value::<Base<T>>(value)
        .err()
        .map(|error| clip(&error.to_string()))
}

/// Gives references the one type word of our types: providers also write `school` or `term`, which other rules allow.
/// Learning resources are no part of a sync.
fn canonical(kind: Kind, value: &Value) -> Value {
    let mut value = value.clone();
    let Some(members) = value.as_object_mut() else {
        return value;
    };
    members.remove("resources");
    for (member, referred) in referred(kind) {
        let Some(member) = members.get_mut(*member) else {
            continue;
        };
        let references = match member {
            Value::Array(items) => items.iter_mut().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![member]
            }
        };
        for reference in references.into_iter().filter_map(Value::as_object_mut) {
            if let Some(word) = reference.get_mut("type").filter(|word| word.is_string()) {
                *word = Value::from(referred.singular());
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn timestamps_have_exactly_three_fractional_digits_and_a_zone() {
        for good in ["2026-09-01T08:30:00.000Z", "2026-09-01T08:30:00.123+02:00"] {
            assert!(is_timestamp(good), "{good}");
        }
        for bad in [
            "2026-09-01T08:30:00Z",
            "2026-09-01T08:30:00.123456Z",
            "2026-09-01T08:30:00.123",
            "2026-09-01 08:30:00.123Z",
            "2026-02-30T08:30:00.123Z",
            "2026-09-01T08:30:00.123+0200",
            "2026-09-01",
            "",
        ] {
            assert!(!is_timestamp(bad), "{bad}");
        }
    }
}
