//! Rules about sessions, orgs, courses, classes and enrollments.

use chrono::NaiveDate;
use oneroster_standard::Kind;
use serde_json::Value;

use super::subject::{RecordRule, Subject, shown, text};
use super::words::{ORG_REFERENCE_TYPES, ROLES, word_outside};

const ORG_TYPES: [&str; 6] = ["department", "school", "district", "local", "state", "national"];
const SESSION_TYPES: [&str; 4] = ["gradingPeriod", "semester", "schoolYear", "term"];
const SESSION_REFERENCE_TYPES: [&str; 5] = [
    "academicSession",
    "term",
    "gradingPeriod",
    "semester",
    "schoolYear",
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

#[cfg(test)]
mod tests {
    use super::is_grade;

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
