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

/// Runs a command that reports JSON.
fn ran(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = harness::command(&database.url, &[arguments, &["--json"]].concat())
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (
        output.status.code(),
        report,
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn r143_what_microsoft_counted_of_each_run_is_kept_once_beside_what_was_published_then() {
    let (database, school) = published().await;
    told(&database, "Users: 3\nUnmatched users: 0\n");
    told(&database, "Users: 3\nUnmatched users: 0\n");
    school.jan_leaves().await;
    school.publish().await;
    told(&database, "Students: 1\nTeachers: 1\n");
    // What has no counts is no run, and neither is what is only looked at.
    told(&database, &format!("Code,Id\nUnmatchedEntry,{LOTTE}\n"));
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), "Users: 99\n").unwrap();
    let file = path.path().to_str().unwrap();
    assert_eq!(
        ran(&database, &["sds-report", "--tenant", "t", file, "--dry-run"]).0,
        Some(0)
    );

    let (code, report, said) = ran(&database, &["sds-report", "--tenant", "t"]);
    assert_eq!(code, Some(0), "{said}");
    let runs: Vec<_> = report["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["generation"].clone(), run["counts"].clone()))
        .collect();
    let count = |of: &str, published: Option<u64>, counted: u64| json!({ "of": of, "published": published, "counted": counted });
    let newest = json!([count("pupils", Some(1), 1), count("staff", Some(1), 1)]);
    let oldest = json!([count("users", Some(3), 3), count("unmatched", None, 0)]);
    assert_eq!(runs, [(json!(2), newest), (json!(1), oldest)]);
}

#[tokio::test]
async fn r143_licences_are_counted_now_on_the_first_day_of_the_next_year_and_at_the_most_between() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    let today = school.today().await;
    let (later, next) = (today + chrono::Days::new(10), today + chrono::Days::new(230));
    let end = next + chrono::Days::new(300);
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2027-28', '{next}', '{end}');
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, 4, '00000000-0000-4000-8000-000000000004', 'Maes', 'An');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status) values
                 ($1, 4, 4, '001507', 1, '311', '2026-27', '{later}', 0),
                 ($1, 5, 1, '001507', 1, '311', '2027-28', '{next}', 0)"
        ))
        .await;
    school.publish().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    let text = harness::school::tenant_file("t").replacen(
        "[[schools]]",
        "licences = { pupils = 2, staff = 1 }\n[[schools]]",
        1,
    );
    std::fs::write(&file, text).unwrap();
    let (code, _, said) = ran(&database, &["tenant", "apply", file.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let (code, report, said) = ran(&database, &["sds-report", "--tenant", "t"]);
    assert_eq!(code, Some(0), "{said}");
    let licences = &report["licences"];
    let need = |need: &Value| (need["pupils"].clone(), need["staff"].clone(), need["day"].clone());
    assert_eq!(need(&licences["now"]), (json!(2), json!(1), json!(today)));
    assert_eq!(need(&licences["next_year"]), (json!(1), json!(1), json!(next)));
    assert_eq!(licences["peak"]["pupils"]["day"], json!(later));
    let few = json!([{
        "kind": "pupils", "day": later, "needed": 3, "available": 2,
        "once_released": licences["peak"]["pupils"]["pupils"] == 2,
    }]);
    assert_eq!(licences["too_few"], few);
    // What is counted is what the roster of that day has.
    for day in [today, later] {
        let (_, preview, _) = ran(
            &database,
            &["preview", "--tenant", "t", "--as-of", &day.to_string()],
        );
        let users = preview["users"].as_array().unwrap().len();
        let counted = if day == today {
            &licences["now"]
        } else {
            &licences["peak"]["pupils"]
        };
        let published = counted["pupils"].as_u64().unwrap() + counted["staff"].as_u64().unwrap();
        assert_eq!(published, users as u64, "{day}: {licences}");
    }
    let text = harness::command(&database.url, &["sds-report", "--tenant", "t"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(&format!("TOO FEW for pupils from {later} on")),
        "{text}"
    );
}
