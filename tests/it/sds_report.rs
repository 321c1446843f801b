//! `oneroster sds-report`: what School Data Sync said of a run, read back to people and classes.

#![cfg(test)]

use serde_json::{Value, json};

use crate::harness::school::{CLASS, JAN, LOTTE, School, school};
use crate::harness::{self, TestDatabase, database};

async fn published() -> (TestDatabase, School) {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    school.publish().await;
    (database, school)
}

/// Runs `sds-report` on a file of this text.
fn told(database: &TestDatabase, text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("errors.csv");
    std::fs::write(&path, text).unwrap();
    let arguments = ["sds-report", "--tenant", "t", path.to_str().unwrap(), "--json"];
    let output = harness::command(&database.url, &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn r143_each_row_is_read_back_to_its_person_or_class() {
    let (database, _school) = published().await;
    let text = format!(
        "Foutcode;SIS ID;Bericht\n\
         AzureActiveDirectoryNoAvailableLicenses;{};Geen licenties\n\
         AzureActiveDirectoryNoAvailableLicenses;{LOTTE};Geen licenties\n\
         AzureActiveDirectoryInvalidPropertyValue;Section {CLASS};x\n\
         SomethingNobodyKnows;99999999-0000-4000-8000-000000000000;y\n",
        JAN.to_uppercase()
    );
    let report = told(&database, &text);
    let codes: Vec<(&Value, &Value, &Value)> = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (&group["code"], &group["count"], &group["who"]))
        .collect();
    assert_eq!(codes.len(), 3, "{report}");
    let licences = (
        &json!("AzureActiveDirectoryNoAvailableLicenses"),
        &json!(2),
        &json!("microsoft-admin"),
    );
    assert_eq!(codes[0], licences);
    let rows = &report["errors"][0]["rows"];
    assert_eq!(rows[0]["about"][0]["sourced_id"], JAN);
    assert_eq!(
        (&rows[0]["line"], &rows[0]["about"][0]["published"]),
        (&json!(2), &json!(true))
    );
    assert!(
        rows[0]["about"][0]["name"]
            .as_str()
            .unwrap()
            .contains("Jan Janssens"),
        "{rows}"
    );
    let of = |code: &str| {
        let groups = report["errors"].as_array().unwrap();
        groups.iter().find(|group| group["code"] == code).unwrap().clone()
    };
    let class = of("AzureActiveDirectoryInvalidPropertyValue");
    assert_eq!(class["rows"][0]["about"][0]["kind"], "classes");
    let unknown = of("SomethingNobodyKnows");
    assert_eq!(
        (&unknown["means"], &unknown["rows"][0]["cells"]),
        (&Value::Null, &json!(["y"]))
    );
    assert_eq!(
        unknown["rows"][0]["unknown_ids"],
        json!(["99999999-0000-4000-8000-000000000000"])
    );
}

#[tokio::test]
async fn r143_the_counts_of_microsoft_stand_beside_ours() {
    let (database, _school) = published().await;
    let report = told(&database, "Leerlingen: 1\nTeachers: 1\nUnmatched students: 1\n");
    let counts = report["counts"].as_array().unwrap();
    let pupils = json!({"of": "pupils", "published": 2, "counted": 1, "label": "Leerlingen"});
    assert_eq!(counts[0], pupils, "{report}");
    assert_eq!(
        (&counts[1]["of"], &counts[1]["published"]),
        (&json!("staff"), &json!(1))
    );
    assert_eq!(
        (&counts[2]["of"], &counts[2]["published"]),
        (&json!("unmatched"), &Value::Null)
    );
}
