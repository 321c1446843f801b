//! What must hold, or nothing is written; and what is altered in a value, and only that.

use super::read;
use super::roster::{Roster, TENANT, class, enrollment, named, noted, org, user};
use crate::harness::api::Change;

const FORMATS: [&str; 5] = ["sds-v1", "sds-v1-uk", "sds-v2.1", "oneroster-csv", "clever"];

/// A change of the small roster, and who refuses it: format, rule, file and column. The other formats take it.
type Case = (Change<'static>, &'static [&'static str]);

fn ids_and_values() -> Vec<Case> {
    vec![
        (
            (
                "users",
                "jan",
                "active",
                user("jan janssens", "student", &["001507-1"]),
            ),
            &[
                "sds-v1 username-form Student.csv Username",
                "sds-v1-uk username-form Student.csv Username",
                "sds-v2.1 username-form users.csv username",
                "oneroster-csv username-form users.csv username",
                "clever username-form students.csv Username",
            ],
        ),
        (
            ("classes", "c.1", "active", class("3B", "c1", "001507-1")),
            &[
                "sds-v1 section-id-form Section.csv SIS ID",
                "sds-v1-uk section-id-form Section.csv ID",
                "sds-v2.1 section-id-form classes.csv sourcedId",
            ],
        ),
        (
            (
                "enrollments",
                "x-1",
                "active",
                enrollment("jan", "c1", "001507-1", "student"),
            ),
            &[
                "sds-v1 duplicate-id StudentEnrollment.csv SIS ID",
                "sds-v1-uk duplicate-id StudentEnrollment.csv ID",
                "sds-v2.1 duplicate-id enrollments.csv role",
                "clever duplicate-id enrollments.csv Student_id",
            ],
        ),
        (
            ("classes", "c1", "active", class("\n", "c1", "001507-1")),
            &[
                "sds-v1 required-value Section.csv Section Name",
                "sds-v1-uk required-value Section.csv Section Name",
                "sds-v2.1 required-value classes.csv title",
                "oneroster-csv required-value classes.csv title",
                "clever required-value sections.csv Name",
            ],
        ),
    ]
}

fn references() -> Vec<Case> {
    vec![
        (
            ("classes", "c1", "active", class("3A", "c1", "001507-9")),
            &[
                "sds-v1 unresolved-reference Section.csv School SIS ID",
                "sds-v1-uk unresolved-reference Section.csv School DfE Number",
                "sds-v2.1 unresolved-reference classes.csv orgSourcedId",
                "oneroster-csv unresolved-reference classes.csv schoolSourcedId",
                "clever unresolved-reference sections.csv School_id",
            ],
        ),
        (
            ("classes", "c1", "active", class("3A", "c9", "001507-1")),
            &[
                "sds-v1 unresolved-reference Section.csv Course SIS ID",
                "sds-v1-uk unresolved-reference Section.csv Course SIS ID",
                "sds-v2.1 unresolved-reference classes.csv courseSourcedId",
                "oneroster-csv unresolved-reference classes.csv courseSourcedId",
            ],
        ),
        (
            (
                "enrollments",
                "jan-1",
                "active",
                enrollment("jan", "c9", "001507-1", "student"),
            ),
            &[
                "sds-v1 unresolved-reference StudentEnrollment.csv Section SIS ID",
                "sds-v1-uk unresolved-reference StudentEnrollment.csv Section ID",
                "sds-v2.1 unresolved-reference enrollments.csv classSourcedId",
                "oneroster-csv unresolved-reference enrollments.csv classSourcedId",
                "clever unresolved-reference enrollments.csv Section_id",
            ],
        ),
        (
            (
                "enrollments",
                "jan-1",
                "active",
                enrollment("jan", "c1", "001507-1", "teacher"),
            ),
            &[
                "sds-v1 unresolved-reference TeacherRoster.csv SIS ID",
                "sds-v1-uk unresolved-reference TeacherRoster.csv ID",
                "clever unresolved-reference sections.csv Teacher_id",
            ],
        ),
        (
            ("users", "jan", "active", user("jan", "student", &["001507-9"])),
            &[
                "sds-v1 unresolved-reference Student.csv School SIS ID",
                "sds-v1-uk unresolved-reference Student.csv School DfE Number",
                "sds-v2.1 unresolved-reference roles.csv orgSourcedId",
                "oneroster-csv unresolved-reference users.csv orgSourcedIds",
                "clever unresolved-reference students.csv School_id",
            ],
        ),
    ]
}

#[tokio::test]
async fn a_rule_that_does_not_hold_is_named_with_object_and_column() {
    for (change, refusals) in ids_and_values().into_iter().chain(references()) {
        let roster = Roster::with(std::slice::from_ref(&change)).await;
        for format in FORMATS {
            let ended = roster.export(format, &[]).await;
            let expected = refusals
                .iter()
                .find_map(|text| text.strip_prefix(&format!("{format} ")));
            let Some(expected) = expected else {
                ended.done();
                std::fs::remove_dir_all(roster.path("out")).unwrap();
                continue;
            };
            assert!(
                ended.stderr.contains("refused, nothing was written"),
                "{format}: {ended:?}"
            );
            let refusal = ended.refused();
            let said = ["rule", "file", "column"].map(|member| refusal[member].as_str().unwrap_or_default());
            assert_eq!(said.join(" "), expected, "{format} {change:?}: {refusal}");
            assert!(refusal["sourced_id"].is_string(), "{refusal}");
            assert!(!roster.path("out").exists(), "{format}: nothing was written");
        }
    }
}

/// A username belongs to one person, whatever its case.
#[tokio::test]
async fn a_username_twice_is_refused_in_every_format() {
    let twice = user("JAN.janssens", "teacher", &["001507-1"]);
    let roster = Roster::with(&[("users", "bert", "active", twice)]).await;
    for format in FORMATS {
        let refusal = roster.export(format, &[]).await.refused();
        assert_eq!(refusal["rule"], "duplicate-username");
        assert_eq!(
            (&refusal["sourced_id"], &refusal["detail"]),
            (&"bert".into(), &"also of jan".into())
        );
    }
}

/// Any text survives but for control characters and outer blanks, and each change is noted.
#[tokio::test]
async fn text_comes_back_as_it_is_but_for_one_rule() {
    let long = "é".repeat(200);
    let titles = [
        ("t1", "a, \"b\" & 'c'", "a, \"b\" & 'c'"),
        ("t2", "=1+1", "=1+1"),
        ("t3", "-2+3;@x|y", "-2+3;@x|y"),
        ("t4", "3A\r\nMarkt\ttwee", "3A Markt twee"),
        ("t5", "\u{feff}3A\u{2028}Markt ", "3A Markt"),
        ("t6", " 3A\u{a0}", "3A"),
        ("t7", long.as_str(), long.as_str()),
        ("t8", "𝔘𝔫𝔦 👩🏽‍🏫 שלום e\u{301}", "𝔘𝔫𝔦 👩🏽‍🏫 שלום e\u{301}"),
    ];
    let classes = titles.map(|(id, title, _)| ("classes", id, "active", class(title, "c1", "001507-1")));
    let roster = Roster::with(&classes).await;
    roster
        .publish(&[(
            "users",
            "zoe",
            "active",
            named(
                "zoe",
                [" Zoë\u{85}Ann", "O'Neill, \"Ö\""],
                "student",
                &["001507-1"],
            ),
        )])
        .await;
    for (format, file, id, column) in [
        ("sds-v1", "Section.csv", "SIS ID", "Section Name"),
        ("sds-v2.1", "classes.csv", "sourcedId", "title"),
        ("oneroster-csv", "classes.csv", "sourcedId", "title"),
    ] {
        let report = roster.export_to(format, format, &[]).await.done();
        let set = read(&roster.path(format));
        for (class, _, expected) in titles {
            assert_eq!(set[file].row(id, class)[column], expected, "{format} {class}");
        }
        assert_eq!(noted(&report, "control-characters"), 3, "{report}");
        assert_eq!(noted(&report, "outer-blanks"), 1, "{report}");
        assert_eq!(noted(&report, "special-characters"), 2, "{report}");
    }
    let student = read(&roster.path("sds-v1"))["Student.csv"]
        .row("SIS ID", "zoe")
        .clone();
    assert_eq!(
        (student["First Name"].as_str(), student["Last Name"].as_str()),
        ("Zoë Ann", "O'Neill, \"Ö\"")
    );
}

/// A V1 profile has one setting for all names.
#[tokio::test]
async fn mixed_domain_modes_are_noted() {
    let with_domain = user("bert.ameel@school.example", "teacher", &["001507-1"]);
    let roster = Roster::with(&[("users", "bert", "active", with_domain)]).await;
    let report = roster.export("sds-v1", &[]).await.done();
    assert_eq!(
        noted(&report, "mixed-domains"),
        2,
        "the pupils have none: {report}"
    );
    let pupils = ["jan", "lotte"].map(|id| {
        let name = format!("{id}@school.example");
        ("users", id, "active", user(&name, "student", &["001507-1"]))
    });
    roster.publish(&pupils).await;
    let report = roster.export("sds-v1", &[]).await.done();
    assert_eq!(noted(&report, "mixed-domains"), 0, "{report}");
    let names = read(&roster.path("out"))["Student.csv"]
        .column("Username")
        .join(" ");
    assert_eq!(names, "jan@school.example lotte@school.example");
}

/// The columns of a file that have values: format, file, columns.
const FILLED: [(&str, &str, &str); 12] = [
    ("sds-v1", "School.csv", "SIS ID,Name,School Number"),
    (
        "sds-v1",
        "Section.csv",
        "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,Status",
    ),
    (
        "sds-v1",
        "Student.csv",
        "SIS ID,School SIS ID,First Name,Last Name,Username,Status",
    ),
    (
        "sds-v1",
        "Teacher.csv",
        "SIS ID,School SIS ID,First Name,Last Name,Username,Status",
    ),
    (
        "sds-v1-uk",
        "Student.csv",
        "ID,School DfE Number,First Name,Last Name,Username,Status",
    ),
    ("sds-v2.1", "users.csv", "sourcedId,username,givenName,familyName"),
    (
        "sds-v2.1",
        "roles.csv",
        "userSourcedId,orgSourcedId,role,isPrimary",
    ),
    (
        "sds-v2.1",
        "courses.csv",
        "sourcedId,orgSourcedId,title,code,schoolYearSourcedId",
    ),
    (
        "oneroster-csv",
        "users.csv",
        "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier",
    ),
    (
        "clever",
        "students.csv",
        "School_id,Student_id,Last_name,First_name,Username",
    ),
    (
        "clever",
        "teachers.csv",
        "School_id,Teacher_id,First_name,Last_name,Username",
    ),
    (
        "clever",
        "sections.csv",
        "School_id,Section_id,Teacher_id,Name,Section_number,Term_name,Term_start,Term_end",
    ),
];

/// What holds in no format is never filled: nothing but the columns of the tables has a value.
#[tokio::test]
async fn only_the_columns_that_the_documentation_names_are_filled() {
    let roster = Roster::with(&[]).await;
    for format in FORMATS {
        roster.export_to(format, format, &[]).await.done();
    }
    for (format, file, columns) in FILLED {
        let set = read(&roster.path(format));
        let sheet = &set[file];
        let has_value = |column: &&str| !sheet.column(column).concat().is_empty();
        let named: Vec<&str> = sheet.header.split(',').filter(has_value).collect();
        assert_eq!(named.join(","), columns, "{format} {file}");
    }
    let section = read(&roster.path("clever"))["sections.csv"].rows[0].clone();
    assert_eq!(section["Term_start"], "09/01/2026");
    let section = read(&roster.path("sds-v1"))["Section.csv"].rows[0].clone();
    assert_eq!(
        (section["Term StartDate"].as_str(), section["Status"].as_str()),
        ("2026-09-01", "Active")
    );
    let school = read(&roster.path("sds-v1"))["School.csv"].rows[0].clone();
    assert_eq!(school["School Number"], "001507");
}

/// An org's name is required, and a tenant is known.
#[tokio::test]
async fn what_cannot_be_exported_says_why() {
    let roster = Roster::begin().await;
    let ended = roster.export("sds-v1", &[]).await;
    assert!(
        ended.code == 1 && ended.stderr.contains("nothing has been published"),
        "{ended:?}"
    );
    roster.publish(&[("orgs", "o", "active", org("", "o"))]).await;
    assert_eq!(
        roster.export("sds-v1", &[]).await.refused()["rule"],
        "required-value"
    );
    let unknown = roster.export("sds-v1", &["--org", "nowhere,o"]).await.refused();
    assert_eq!(
        (&unknown["rule"], &unknown["sourced_id"]),
        (&"unknown-org".into(), &"nowhere".into())
    );
    let elsewhere = crate::harness::oneroster(
        &roster.database.url,
        &[
            "export",
            "--tenant",
            "other",
            "--format",
            "clever",
            roster.path("x").to_str().unwrap(),
        ],
    )
    .await;
    let said = String::from_utf8(elsewhere.stderr).unwrap();
    assert!(
        said.contains("no tenant has the id") && !said.contains(TENANT),
        "{said}"
    );
}
