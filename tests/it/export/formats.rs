//! What stands where in each format, for a school group with everything that a format may stumble over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::group::Case;
use super::roster::noted;
use super::sets::{Set, assert_resolved};
use crate::m365::Sis;

const INFORMAT: &str = "\"informat\"";

fn set<const N: usize>(rows: &[[&str; N]]) -> BTreeSet<[String; N]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

/// Memberships that the API serves: class, user, role.
fn served(sis: &Sis) -> BTreeSet<[String; 3]> {
    let rows = sis.enrollments.iter();
    rows.map(|(_, row)| [row.class.clone(), row.user.clone(), format!("{:?}", row.role)])
        .collect()
}

fn with_role(pairs: BTreeSet<[String; 2]>, role: &str) -> impl Iterator<Item = [String; 3]> {
    pairs
        .into_iter()
        .map(move |[class, user]| [class, user, role.to_owned()])
}

#[tokio::test]
async fn v1_says_what_the_api_says_with_one_school_for_each_person() {
    let case = Case::begin(INFORMAT).await;
    let sis = case.world.served(&case.group).await;
    let (files, report) = case.export("v1", "sds-v1").await;
    assert_resolved(&files);
    let (bert, els, nora) = (case.bert.sis_id(), case.els.sis_id(), case.nora.sis_id());
    assert_eq!(
        files["Teacher.csv"].row("SIS ID", &bert)["School SIS ID"],
        "001507-1",
        "the home org"
    );
    for file in ["Student.csv", "Teacher.csv"] {
        assert_eq!(
            files[file].row("SIS ID", &els)["Username"],
            "els.smet@vti.example",
            "{file}"
        );
    }
    assert_eq!(
        files["Student.csv"].row("SIS ID", &nora)["First Name"],
        "Nora",
        "a future pupil"
    );
    let jan = files["Student.csv"].row("SIS ID", &case.jan.0.sis_id());
    assert_eq!(jan["Last Name"], "O'Neill, d'r");
    let titles: BTreeSet<&str> = files["Section.csv"].column("Section Name").into_iter().collect();
    assert!(titles.contains("3A, \"groep\" =1+1 - College"), "{titles:?}");
    assert_eq!(titles.len(), 4, "classes without teacher or pupils too");

    let columns = ["Section SIS ID", "SIS ID"];
    let mut memberships: BTreeSet<[String; 3]> =
        with_role(files["StudentEnrollment.csv"].pairs(columns), "Student").collect();
    memberships.extend(with_role(files["TeacherRoster.csv"].pairs(columns), "Staff"));
    assert_eq!(memberships, served(&sis));
    assert_eq!(
        (noted(&report, "more-schools"), noted(&report, "staff-and-pupil")),
        (2, 1),
        "{report}"
    );

    let (uk, report) = case.export("uk", "sds-v1-uk").await;
    assert_eq!(noted(&report, "dfe-number"), 2);
    for (file, columns) in [
        ("Student.csv", ["ID", "School DfE Number", "Username"]),
        ("Section.csv", ["ID", "School DfE Number", "Section Name"]),
    ] {
        let of_v1 = columns.map(|column| match column {
            "ID" => "SIS ID",
            "School DfE Number" => "School SIS ID",
            other => other,
        });
        assert_eq!(uk[file].pairs(columns), files[file].pairs(of_v1), "{file}");
    }
    assert_eq!(
        uk["TeacherRoster.csv"].pairs(["Section ID", "ID"]),
        files["TeacherRoster.csv"].pairs(["Section SIS ID", "SIS ID"])
    );
}

#[tokio::test]
async fn v2_says_what_the_api_says_with_every_school() {
    let case = Case::begin("{ pupils = \"informat\", staff = \"microsoft\" }").await;
    let sis = case.world.served(&case.group).await;
    let (files, report) = case.export("v2", "sds-v2.1").await;
    assert_resolved(&files);
    let bert = case.bert.sis_id();
    let roles = files["roles.csv"].pairs(["userSourcedId", "orgSourcedId", "role", "isPrimary"]);
    let of_bert: BTreeSet<_> = roles.iter().filter(|row| row[0] == bert).cloned().collect();
    let expected = [
        [bert.as_str(), "001507-1", "teacher", "TRUE"],
        [bert.as_str(), "001507-2", "teacher", "FALSE"],
    ];
    assert_eq!(of_bert, set(&expected));
    let primary: Vec<_> = roles.iter().filter(|row| row[3] == "TRUE").collect();
    assert_eq!(
        primary.len(),
        files["users.csv"].rows.len(),
        "one home for each person"
    );
    let orgs: BTreeSet<[String; 2]> = sis
        .users
        .iter()
        .flat_map(|(id, user)| user.orgs.iter().map(|org| [id.clone(), org.clone()]))
        .collect();
    assert_eq!(files["roles.csv"].pairs(["userSourcedId", "orgSourcedId"]), orgs);
    assert_eq!(
        files["users.csv"].row("sourcedId", &bert)["username"],
        "bert.ameel"
    );
    let role = |role: &str| if role == "student" { "Student" } else { "Staff" };
    let memberships: BTreeSet<[String; 3]> = files["enrollments.csv"]
        .pairs(["classSourcedId", "userSourcedId", "role"])
        .into_iter()
        .map(|[class, user, word]| [class, user, role(&word).to_owned()])
        .collect();
    assert_eq!(memberships, served(&sis));
    assert_eq!(noted(&report, "more-schools"), 0, "nobody lacks a school here");
    let session = &files["academicSessions.csv"].rows[0];
    assert_eq!(
        (session["schoolYear"].as_str(), session["type"].as_str()),
        ("2055", "schoolYear")
    );
    let (_, report) = case.export("v1", "sds-v1").await;
    assert!(noted(&report, "mixed-domains") > 0, "{report}");
}

#[tokio::test]
async fn clever_leaves_out_what_its_service_does_not_take() {
    let case = Case::begin(INFORMAT).await;
    let (files, report) = case.export("clever", "clever").await;
    assert_resolved(&files);
    assert_eq!(
        files["sections.csv"].rows.len(),
        2,
        "3B has no teacher, 3C no pupils"
    );
    assert_eq!(
        (
            noted(&report, "section-left-out"),
            noted(&report, "membership-left-out")
        ),
        (2, 2),
        "{report}"
    );
    assert_eq!(noted(&report, "more-teachers"), 1);
    let rows = &files["sections.csv"].rows;
    let five = rows.iter().find(|row| row["Name"].starts_with("5V")).unwrap();
    // The primary one has the earliest start; the others follow by theirs.
    assert_eq!(five["Teacher_id"], case.bert.sis_id());
    let names: Vec<&str> = ["Teacher_2_id", "Teacher_3_id", "Teacher_4_id"]
        .iter()
        .map(|column| files["teachers.csv"].row("Teacher_id", &five[*column])["First_name"].as_str())
        .collect();
    assert_eq!(names, ["Dirk", "Cas", "Bo"]);
    assert_eq!(
        files["students.csv"].rows.len(),
        4,
        "pupils without a section too, and the pupil of the staff"
    );
    assert_eq!(files["enrollments.csv"].rows.len(), 3);
}

/// What a cell of OneRoster CSV holds of a value that the API serves.
fn cell(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(","),
        Value::Object(reference) => reference["sourcedId"].as_str().unwrap().to_owned(),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => panic!("{value} is no value of the standard's"),
    }
}

/// Of each collection: its columns with the members that they hold.
const COLUMNS: [(&str, &[(&str, &str)]); 6] = [
    (
        "academicSessions",
        &[
            ("title", "title"),
            ("type", "type"),
            ("startDate", "startDate"),
            ("endDate", "endDate"),
            ("schoolYear", "schoolYear"),
        ],
    ),
    (
        "orgs",
        &[("name", "name"), ("type", "type"), ("identifier", "identifier")],
    ),
    (
        "courses",
        &[
            ("title", "title"),
            ("courseCode", "courseCode"),
            ("orgSourcedId", "org"),
            ("schoolYearSourcedId", "schoolYear"),
        ],
    ),
    (
        "classes",
        &[
            ("title", "title"),
            ("classCode", "classCode"),
            ("classType", "classType"),
            ("courseSourcedId", "course"),
            ("schoolSourcedId", "school"),
            ("termSourcedIds", "terms"),
        ],
    ),
    (
        "users",
        &[
            ("enabledUser", "enabledUser"),
            ("orgSourcedIds", "orgs"),
            ("role", "role"),
            ("username", "username"),
            ("givenName", "givenName"),
            ("familyName", "familyName"),
            ("identifier", "identifier"),
        ],
    ),
    (
        "enrollments",
        &[
            ("classSourcedId", "class"),
            ("schoolSourcedId", "school"),
            ("userSourcedId", "user"),
            ("role", "role"),
            ("primary", "primary"),
            ("beginDate", "beginDate"),
            ("endDate", "endDate"),
        ],
    ),
];

#[tokio::test]
async fn oneroster_csv_says_what_the_api_says() {
    let case = Case::begin(INFORMAT).await;
    let (files, _) = case.export("or", "oneroster-csv").await;
    let pulled = case.pull().await;
    for (collection, columns) in COLUMNS {
        let (rows, objects) = (
            &files[&format!("{collection}.csv")].rows,
            pulled[collection].as_array().unwrap(),
        );
        assert!(rows.len() == objects.len() && !rows.is_empty(), "{collection}");
        for object in objects {
            let id = object["sourcedId"].as_str().unwrap();
            let row = files[&format!("{collection}.csv")].row("sourcedId", id);
            for (column, member) in columns {
                assert_eq!(row[*column], cell(&object[*member]), "{collection} {id} {column}");
            }
        }
    }
    let bert = files["users.csv"].row("sourcedId", &case.bert.sis_id());
    assert_eq!(bert["orgSourcedIds"], "001507-1,001507-2", "the home org first");
    let primary = files["enrollments.csv"].column("primary");
    assert_eq!(primary.iter().filter(|word| **word == "true").count(), 3);
}

/// The lines of every file, as they stand.
fn lines(case: &Case, name: &str, files: &Set) -> BTreeSet<String> {
    files
        .keys()
        .flat_map(|file| {
            let text = std::fs::read_to_string(case.path(name).join(file)).unwrap();
            text.split("\r\n")
                .map(|line| format!("{file}: {line}"))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[tokio::test]
async fn after_one_pupil_changed_class_only_their_lines_differ() {
    let mut case = Case::begin(INFORMAT).await;
    let formats = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv"];
    let mut before = Vec::new();
    for format in formats {
        let name = format!("{format}-before");
        let (files, _) = case.export(&name, format).await;
        let (again, _) = case.export(format, format).await;
        assert_eq!(
            lines(&case, &name, &files),
            lines(&case, format, &again),
            "{format}: the same generation"
        );
        before.push(lines(&case, format, &files));
    }
    case.jan_changes_class().await;
    let jan = case.jan.0.sis_id();
    for (format, before) in formats.iter().zip(before) {
        let (files, _) = case.export(format, format).await;
        let after = lines(&case, format, &files);
        let changed: Vec<&String> = before.symmetric_difference(&after).collect();
        assert!((1..=4).contains(&changed.len()), "{format}: {changed:?}");
        assert!(
            changed.iter().all(|line| line.contains(&jan)),
            "{format}: {changed:?}"
        );
    }
}
