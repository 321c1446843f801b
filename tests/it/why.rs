//! `oneroster why`: the answer on the running program, beside what `preview` and the served roster say.

use serde_json::Value;

use crate::harness::school::{BERT, CLASS, JAN, LOTTE, School, school};
use crate::harness::{self, TestDatabase, database};

/// Runs `why --json` and returns its exit code and its report.
fn why(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, Value) {
    let command = [&["why", "--tenant", "t", "--json"], arguments].concat();
    let output = harness::command(&database.url, &command).output().unwrap();
    let report = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        report.unwrap_or_else(|_| panic!("{output:?}")),
    )
}

async fn small() -> (TestDatabase, School) {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    (database, school)
}

fn done(database: &TestDatabase, arguments: &[&str]) {
    let output = harness::command(&database.url, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test]
async fn it_says_what_the_data_say_and_what_consumers_have() {
    let (database, school) = small().await;
    let (code, before) = why(&database, &["jan", "janssens"]);
    assert_eq!((code, &before["sourced_id"]), (Some(0), &JAN.into()));
    assert_eq!(
        (&before["published"], &before["served"]),
        (&true.into(), &Value::Null),
        "{before}"
    );
    school.publish().await;
    let (_, report) = why(&database, &["jan.janssens"]);
    assert_eq!(
        (&report["published"], &report["served"]),
        (&true.into(), &true.into()),
        "{report}"
    );
    assert_eq!(
        (&report["reason"], &report["kind"], &report["who"]),
        (&"published".into(), &"users".into(), &"Jan Janssens".into())
    );
    done(
        &database,
        &[
            "usernames",
            "sync",
            "off",
            "--tenant",
            "t",
            "--user",
            JAN,
            "--by",
            "Els",
        ],
    );
    let (code, report) = why(&database, &[JAN]);
    assert_eq!((code, &report["reason"]), (Some(0), &"flag-off".into()));
    assert_eq!(
        (&report["published"], &report["served"]),
        (&false.into(), &true.into()),
        "until it is published"
    );
    let steps = report["steps"].as_array().unwrap();
    let flag = steps.iter().find(|step| step["step"] == "sync").unwrap();
    assert!(
        flag["holds"] == false && flag["fact"].as_str().unwrap().contains("Els"),
        "{flag}"
    );
    school.publish().await;
    let (_, report) = why(&database, &[JAN]);
    assert_eq!(report["served"], false);
}

#[tokio::test]
async fn of_a_day_to_come_and_a_day_past_it_says_what_is_known() {
    let (database, school) = small().await;
    school.publish().await;
    let today = school.today().await;
    let ends = today + chrono::Days::new(10);
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{ends}' where tenant_id = $1 and p_inschr = 1"
        ))
        .await;
    let on = |days: i64| (today + chrono::TimeDelta::days(days)).to_string();
    let (_, report) = why(&database, &[JAN, "--on", &on(10)]);
    assert_eq!(
        (&report["published"], &report["served"]),
        (&true.into(), &Value::Null),
        "nobody knows what will be served"
    );
    assert_eq!(report["until"], ends.to_string());
    let (_, report) = why(&database, &[JAN, "--on", &on(11)]);
    assert_eq!(
        (&report["published"], &report["reason"]),
        (&false.into(), &"ended".into())
    );
    let preview = harness::command(
        &database.url,
        &["preview", "--tenant", "t", "--as-of", &on(11), "--json"],
    )
    .output()
    .unwrap();
    assert!(!String::from_utf8(preview.stdout).unwrap().contains(JAN));
    let (_, report) = why(&database, &[JAN, "--on", &on(-5)]);
    assert_eq!(
        (&report["published"], &report["served"]),
        (&true.into(), &Value::Null),
        "before the first publication"
    );
}

#[tokio::test]
async fn a_class_a_name_of_many_and_nobody() {
    let (database, _school) = small().await;
    let (code, report) = why(&database, &["3a"]);
    assert_eq!(
        (code, &report["kind"], &report["sourced_id"]),
        (Some(0), &"classes".into(), &CLASS.into())
    );
    assert_eq!(report["reason"], "published");
    // Beginnings of words: everybody they fit is named.
    sqlx::query("update informat.persoon set naam = 'Janssens' where tenant_id = 't'")
        .execute(&database.pool)
        .await
        .unwrap();
    let (_, report) = why(&database, &["janss"]);
    let mut ids: Vec<&str> = report["others"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|other| other["sourced_id"].as_str())
        .collect();
    ids.push(report["sourced_id"].as_str().unwrap());
    ids.sort_unstable();
    assert_eq!(ids, [JAN, LOTTE, BERT]);
    let (code, report) = why(&database, &["nobody"]);
    assert_eq!(
        (code, &report["reason"], &report["kind"]),
        (Some(1), &"unknown".into(), &Value::Null)
    );
}

#[tokio::test]
async fn a_publication_that_is_held_is_named() {
    let (database, school) = small().await;
    done(
        &database,
        &["usernames", "sync", "off", "--tenant", "t", "--user", JAN],
    );
    school.publish().await;
    done(
        &database,
        &["usernames", "sync", "on", "--tenant", "t", "--user", JAN],
    );
    sqlx::query(
        "insert into roster.hold (tenant_id, fingerprint, reasons, summary, held_at, seen_at)
         values ('t', repeat('0', 64), '[]', '{\"added\": {}, \"changed\": {}, \"removed\": {}}', now(), now())",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let (_, report) = why(&database, &[JAN]);
    assert_eq!(
        (&report["published"], &report["served"], &report["reason"]),
        (&true.into(), &false.into(), &"held".into()),
        "{report}"
    );
}

#[tokio::test]
async fn that_it_was_asked_and_about_whom_is_in_the_audit_trail_without_names() {
    let (database, _school) = small().await;
    why(&database, &["jan.janssens", "--on", "2027-01-11"]);
    let detail: Value = sqlx::query_scalar("select detail from audit.entry where kind = 'asked_why'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(
        detail,
        serde_json::json!({ "kind": "users", "sourced_id": JAN, "on": "2027-01-11" })
    );
}

#[tokio::test]
async fn of_a_membership_it_says_what_class_and_person_have_to_do_with_it() {
    let (database, school) = small().await;
    school.publish().await;
    let (code, report) = why(&database, &["jan", "janssens", "--class", "3a"]);
    assert_eq!(
        (code, &report["kind"]),
        (Some(0), &"enrollments".into()),
        "{report}"
    );
    assert_eq!(
        (&report["published"], &report["served"]),
        (&true.into(), &true.into()),
        "{report}"
    );
    assert!(report["who"].as_str().unwrap().starts_with("Jan Janssens in "));
    assert!(
        report["sourced_id"].as_str().unwrap().starts_with(JAN),
        "{report}"
    );
    school
        .change("delete from informat.inschrklas where tenant_id = $1 and p_inschr = 1")
        .await;
    let (_, report) = why(&database, &["jan", "--class", CLASS]);
    assert_eq!(
        (&report["published"], &report["served"], &report["reason"]),
        (&false.into(), &true.into(), &"not-in-class".into()),
        "{report}"
    );
    let (code, report) = why(&database, &["jan", "--class", "9Z"]);
    assert_eq!((code, &report["kind"]), (Some(1), &Value::Null), "{report}");
}
