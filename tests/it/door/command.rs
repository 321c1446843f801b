//! The command: what it takes, prints and ends with.

use std::process::Output;

use oneroster_school::door::Guard;
use oneroster_school::tenant::file;
use serde_json::Value;
use tempfile::TempDir;

use super::group::{Files, Group};
use crate::harness::{self, TestDatabase, database, group};

pub(super) const TENANT_FILE: &str = r#"
id = "t"
name = "T"
active_school_year = "2026-27"
team_name_format = "{klas}"
username_format = "{voornaam}"
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
"#;

pub(super) async fn tenant_with(group: &Group) -> TestDatabase {
    let database = database().await;
    group::apply(&database.pool, &file::parse(TENANT_FILE).unwrap())
        .await
        .unwrap();
    let (output, _) = import(&database, &group.files(), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    database
}

pub(super) fn folder(files: &Files) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn import(database: &TestDatabase, files: &Files, arguments: &[&str]) -> (Output, Value) {
    let folder = folder(files);
    let output = harness::command(&database.url, &["import", "--tenant", "t", "--json"])
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, report)
}

fn renamed(group: &Group) -> Files {
    group
        .with_people(60, |person| person.family = format!("Other{}", person.family))
        .files()
}

#[tokio::test]
async fn an_unknown_guard_is_wrong_usage_and_is_answered_with_those_there_are() {
    let output = harness::command("postgres://127.0.0.1:1/none", &["import", "--tenant", "t", "."])
        .args(["--accept", "names_changed"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    for guard in Guard::ALL {
        assert!(errors.contains(guard.id()), "{guard}: {errors}");
    }
}

#[tokio::test]
async fn guards_are_reported_in_the_agreed_shape_and_accepted_by_name() {
    let group = Group::of(&[180]);
    let database = tenant_with(&group).await;
    let (output, report) = import(&database, &renamed(&group), &[]);
    assert_eq!(
        (output.status.code(), &report["accepted"]),
        (Some(1), &false.into())
    );
    let guard = &report["guards"][0];
    assert_eq!(guard["guard"], "names-changed");
    assert_eq!(
        (&guard["count"], &guard["of"], &guard["accepted"]),
        (&60.into(), &180.into(), &false.into())
    );
    assert_eq!(report["faults"], serde_json::json!([]));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("--accept names-changed --by NAME"), "{errors}");
    assert!(
        errors.contains("refused") && !errors.contains("Otherfamily"),
        "{errors}"
    );

    let arguments = [
        "--accept",
        "names-changed",
        "--accept",
        "other-group",
        "--by",
        "Els",
    ];
    let (output, report) = import(&database, &renamed(&group), &arguments);
    assert_eq!(
        (output.status.code(), &report["guards"][0]["accepted"]),
        (Some(0), &true.into())
    );
    let decided = harness::command(&database.url, &["tenant", "decisions", "t", "--json"])
        .output()
        .unwrap();
    let decided = String::from_utf8(decided.stdout).unwrap();
    for said in ["import_accepted", "names-changed", "Els"] {
        assert!(decided.contains(said), "{said}: {decided}");
    }
}

#[tokio::test]
async fn force_opens_guards_about_people_classes_and_text_only_together_with_by() {
    let group = Group::of(&[180]);
    let database = tenant_with(&group).await;
    let mut files = renamed(&group);
    let made_at = |time: &str| format!("bestand,rijen\ngemaakt_op,{time}\n");
    files.insert("manifest.csv", made_at("2999-01-01T00:00:00Z"));
    let (output, report) = import(&database, &files, &["--force"]);
    assert_eq!(output.status.code(), Some(1));
    let guards: Vec<_> = report["guards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|guard| (&guard["guard"], &guard["accepted"]))
        .collect();
    assert_eq!(
        guards,
        [
            (&"extracted-in-future".into(), &true.into()),
            (&"names-changed".into(), &false.into())
        ]
    );
    assert_eq!(
        report["faults"],
        serde_json::json!([]),
        "what is accepted is no fault"
    );
    let (output, report) = import(&database, &files, &["--accept", "names-changed"]);
    assert_eq!(
        (output.status.code(), &report["faults"][0]["rule"]),
        (Some(1), &"extracted-in-future".into())
    );
    let (output, _) = import(&database, &files, &["--force", "--by", "Els"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // From now on every bundle is older than the last: the old use of --force, without a name.
    files.insert("manifest.csv", made_at("2026-01-01T00:00:00Z"));
    for (arguments, code) in [
        (&[][..], 1),
        (&["--accept", "older-than-last-load"], 0),
        (&["--force"], 0),
    ] {
        files.insert("manifest.csv", made_at("2026-01-01T00:00:00Z"));
        let (output, _) = import(&database, &files, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        files.insert("manifest.csv", made_at("2998-01-01T00:00:00Z"));
        let (output, _) = import(&database, &files, &["--force"]);
        assert_eq!(output.status.code(), Some(0));
    }
}

#[tokio::test]
async fn remarks_are_reported_with_counts_and_examples_and_told_on_the_screen() {
    let group = Group::of(&[180]);
    let database = tenant_with(&group).await;
    let files = group
        .with_people(1, |person| person.given = "Jos?".to_owned())
        .files();
    let (output, report) = import(&database, &files, &["--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    let remark = &report["remarks"][0];
    assert_eq!(
        (&remark["rule"], &remark["count"]),
        (&"damaged-text".into(), &1.into())
    );
    let example =
        serde_json::json!({"file": "persoon.csv", "line": 2, "column": "voornaam", "value": "Jos?"});
    assert_eq!(remark["examples"], serde_json::json!([example]));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("damaged-text (1)") && errors.contains("persoon.csv:2 voornaam Jos?"),
        "{errors}"
    );
}
