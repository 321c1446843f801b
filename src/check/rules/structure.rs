//! Rules about what all objects have in common, and about sessions, orgs, courses, classes and enrollments.

use chrono::{DateTime, NaiveDate};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::record::{RecordRule, Subject, text};
use super::user::{ROLES, word_outside};
use crate::check::client::clip;
use crate::oneroster::{AcademicSession, Base, Class, Course, Enrollment, Kind, Org, User};

const ALL: &[Kind] = &Kind::ALL;
const ORG_TYPES: [&str; 6] = ["department", "school", "district", "local", "state", "national"];
const SESSION_TYPES: [&str; 4] = ["gradingPeriod", "semester", "schoolYear", "term"];
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
const SESSION_REFERENCE_TYPES: [&str; 5] = [
    "academicSession",
    "term",
    "gradingPeriod",
    "semester",
    "schoolYear",
];

/// Rules for objects of every kind; the first also for deleted ones.
pub(super) const COMMON: [RecordRule; 5] = [
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

pub(super) const RULES: [RecordRule; 16] = [
    RecordRule {
        id: "session-fields",
        kinds: &[Kind::AcademicSessions],
        inactive: false,
        expected: "title, type, schoolYear, startDate and endDate; dates as YYYY-MM-DD, the end not before the start",
        check: session_fields,
    },
    RecordRule {
        id: "session-type",
        kinds: &[Kind::AcademicSessions],
        inactive: false,
        expected: "type: gradingPeriod, semester, schoolYear or term",
        check: |subject| word_outside(subject, "type", &SESSION_TYPES),
    },
    RecordRule {
        id: "school-year-four-digit-string",
        kinds: &[Kind::AcademicSessions],
        inactive: false,
        expected: "schoolYear: a string of four digits",
        check: |subject| {
            let year = subject.value.get("schoolYear")?;
            let good = year
                .as_str()
                .is_some_and(|text| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()));
            (!good).then(|| format!("schoolYear {}", shown(Some(year))))
        },
    },
    RecordRule {
        id: "org-name",
        kinds: &[Kind::Orgs],
        inactive: false,
        expected: "a name that is not empty",
        check: |subject| subject.missing(&["name"]),
    },
    RecordRule {
        id: "org-identifier",
        kinds: &[Kind::Orgs],
        inactive: false,
        expected: "an identifier that is not empty; optional in the standard, demanded by School Data Sync",
        check: |subject| subject.missing(&["identifier"]),
    },
    RecordRule {
        id: "org-type",
        kinds: &[Kind::Orgs],
        inactive: false,
        expected: "type: department, school, district, local, state or national",
        check: |subject| word_outside(subject, "type", &ORG_TYPES),
    },
    RecordRule {
        id: "course-fields",
        kinds: &[Kind::Courses],
        inactive: false,
        expected: "title and courseCode, none empty",
        check: |subject| subject.missing(&["title", "courseCode"]),
    },
    RecordRule {
        id: "course-org-ref",
        kinds: &[Kind::Courses],
        inactive: false,
        expected: "org: a reference to an org",
        check: |subject| reference_problem(subject, "org", &ORG_REFERENCE_TYPES),
    },
    RecordRule {
        id: "class-title",
        kinds: &[Kind::Classes],
        inactive: false,
        expected: "a title that is not empty",
        check: |subject| subject.missing(&["title"]),
    },
    RecordRule {
        id: "class-school-ref",
        kinds: &[Kind::Classes],
        inactive: false,
        expected: "school: a reference to an org",
        check: |subject| reference_problem(subject, "school", &ORG_REFERENCE_TYPES),
    },
    RecordRule {
        id: "class-course-ref",
        kinds: &[Kind::Classes],
        inactive: false,
        expected: "course: a reference to a course",
        check: |subject| reference_problem(subject, "course", &["course"]),
    },
    RecordRule {
        id: "class-terms-not-empty",
        kinds: &[Kind::Classes],
        inactive: false,
        expected: "terms: an array of at least one reference; School Data Sync refuses a class without a term",
        check: |subject| {
            let terms = subject.value.get("terms").and_then(Value::as_array);
            terms
                .is_none_or(Vec::is_empty)
                .then(|| format!("terms {}", shown(subject.value.get("terms"))))
        },
    },
    RecordRule {
        id: "class-term-ref",
        kinds: &[Kind::Classes],
        inactive: false,
        expected: "each term: a sourcedId and the type academicSession, term, gradingPeriod, semester or schoolYear",
        check: |subject| {
            let terms = subject.value.get("terms").and_then(Value::as_array)?;
            let bad = terms
                .iter()
                .find(|term| !is_reference(term, &SESSION_REFERENCE_TYPES))?;
            Some(format!("term {}", shown(Some(bad))))
        },
    },
    RecordRule {
        id: "enrollment-refs",
        kinds: &[Kind::Enrollments],
        inactive: false,
        expected: "user of type user, class of type class, and school of type org, each with a sourcedId",
        check: |subject| {
            reference_problem(subject, "user", &["user"])
                .or_else(|| reference_problem(subject, "class", &["class"]))
                .or_else(|| reference_problem(subject, "school", &ORG_REFERENCE_TYPES))
        },
    },
    RecordRule {
        id: "enrollment-role",
        kinds: &[Kind::Enrollments],
        inactive: false,
        expected: "a role of OneRoster 1.1: administrator, aide, guardian, parent, proctor, relative, student, teacher",
        check: |subject| word_outside(subject, "role", &ROLES),
    },
    RecordRule {
        id: "grades-vocabulary",
        kinds: &[Kind::Users, Kind::Courses, Kind::Classes],
        inactive: false,
        expected: "grades School Data Sync knows: 01 to 14, IT, PR, PK, TK, KG, PS, PS1 to PS4, UG, other, …",
        check: |subject| {
            let grades = subject.value.get("grades").and_then(Value::as_array)?;
            let bad = grades
                .iter()
                .find(|grade| !grade.as_str().is_some_and(is_grade))?;
            Some(format!("grade {}", shown(Some(bad))))
        },
    },
];

/// Looks at what no other rule has found fault with: does the object read as the entity of the standard?
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

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "missing".to_owned(), |value| clip(&value.to_string()))
}

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

fn session_fields(subject: &Subject<'_>) -> Option<String> {
    let has = |member: &&str| subject.value.get(*member).is_some_and(|value| !value.is_null());
    let missing: Vec<&str> = ["type", "schoolYear"]
        .into_iter()
        .filter(|member| !has(member))
        .collect();
    if !missing.is_empty() {
        return Some(format!("no {}", missing.join(", no ")));
    }
    if let Some(problem) = subject.missing(&["title", "startDate", "endDate"]) {
        return Some(problem);
    }
    // Acceptance tests read the first ten characters, so a time after the date does no harm.
    let day = |member| {
        let text = subject.text(member)?;
        NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()
    };
    match (day("startDate"), day("endDate")) {
        (Some(start), Some(end)) if start <= end => None,
        (Some(_), Some(_)) => Some("endDate lies before startDate".to_owned()),
        (None, _) => Some(format!("startDate {}", shown(subject.value.get("startDate")))),
        (_, None) => Some(format!("endDate {}", shown(subject.value.get("endDate")))),
    }
}

fn is_reference(value: &Value, types: &[&str]) -> bool {
    text(value, "sourcedId").is_some() && text(value, "type").is_some_and(|word| types.contains(&word))
}

fn reference_problem(subject: &Subject<'_>, member: &str, types: &[&str]) -> Option<String> {
    let value = subject.value.get(member);
    let good = value.is_some_and(|value| is_reference(value, types));
    (!good).then(|| format!("{member} {}", shown(value)))
}

fn is_grade(grade: &str) -> bool {
    const WORDS: [&str; 17] = [
        "IT",
        "PR",
        "PK",
        "TK",
        "KG",
        "PS",
        "UG",
        "other",
        "PS1",
        "PS2",
        "PS3",
        "PS4",
        "undergraduate",
        "graduate",
        "postgraduate",
        "alumni",
        "adultEducation",
    ];
    let is_digits = !grade.is_empty() && grade.bytes().all(|byte| byte.is_ascii_digit());
    let is_number =
        is_digits && grade.len() <= 2 && grade.parse().is_ok_and(|number: u8| (1..=14).contains(&number));
    is_number || WORDS.iter().any(|word| word.eq_ignore_ascii_case(grade))
}

/// Finds the first member without a value; extensions under `metadata` are the provider's own affair.
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

/// Which kind each member that holds references refers to.
fn referred(kind: Kind) -> &'static [(&'static str, Kind)] {
    match kind {
        Kind::AcademicSessions => &[
            ("parent", Kind::AcademicSessions),
            ("children", Kind::AcademicSessions),
        ],
        Kind::Orgs => &[("parent", Kind::Orgs), ("children", Kind::Orgs)],
        Kind::Courses => &[("org", Kind::Orgs), ("schoolYear", Kind::AcademicSessions)],
        Kind::Classes => &[
            ("school", Kind::Orgs),
            ("course", Kind::Courses),
            ("terms", Kind::AcademicSessions),
        ],
        Kind::Users => &[("orgs", Kind::Orgs), ("agents", Kind::Users)],
        Kind::Enrollments => &[
            ("user", Kind::Users),
            ("class", Kind::Classes),
            ("school", Kind::Orgs),
        ],
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
    use super::{is_grade, is_timestamp};

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

    #[test]
    fn grades_are_those_of_the_list() {
        for good in ["1", "01", "14", "KG", "kg", "ps1", "other"] {
            assert!(is_grade(good), "{good}");
        }
        for bad in ["0", "15", "001", "+1", "3e leerjaar", ""] {
            assert!(!is_grade(bad), "{bad}");
        }
    }
}
