//! Many new rows of one statement: entered together, listed by person, brought back as they were.

use std::path::Path;

use serde_json::Value;

use super::{folder, owned, ran, run_lines};
use crate::harness::backup::{back_up, restore};
use crate::harness::{TestDatabase, database};

/// More people than an entry holds rows.
const PEOPLE: usize = 620;

/// Generates a school, and applies its tenant file; nothing is imported.
async fn generated(database: &TestDatabase, place: &Path) {
    let bundle = place.join("bundle");
    let bundle = bundle.to_str().unwrap();
    run_lines(
        database,
        &[
            &format!("generate {bundle} --pupils 600 --seed 3"),
            &format!("tenant apply {bundle}/tenant.toml"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_import_enters_its_usernames_together_and_they_come_back() {
    let (database, place) = (database().await, tempfile::tempdir().unwrap());
    generated(&database, place.path()).await;
    let (backup, database) = back_up(&database).await;
    let bundle = place.path().join("bundle");
    let import = format!("import --tenant demo {}", bundle.display());
    run_lines(&database, &[&import]).await;
    let of_import = owned(&database.pool, "demo").await;
    assert!(of_import.len() > 2 * PEOPLE, "{}", of_import.len());
    let entries = folder(&database).read("demo").unwrap();
    assert!(entries.len() < 20, "{}", entries.len());
    let rows = |source: &str| -> Vec<usize> {
        let of = entries
            .iter()
            .filter(|entry| entry.source.as_deref() == Some(source));
        of.filter_map(|entry| Some(entry.rows.as_ref()?.as_array()?.len()))
            .collect()
    };
    for source in ["username.record", "username.change"] {
        let rows = rows(source);
        assert!(
            rows.len() > 1 && rows.iter().all(|count| *count <= 500),
            "{source} {rows:?}"
        );
        assert!(rows.iter().sum::<usize>() > PEOPLE, "{source} {rows:?}");
    }

    let database = restore(&database, &backup).await;
    let refused = ran(
        &database,
        &["usernames", "sync", "on", "--tenant", "demo", "--all"],
    )
    .await
    .refused();
    assert!(refused.contains("the database went back"), "{refused}");
    let report = ran(&database, &["recover"]).await.done();
    let kinds = &report["tenants"][0]["kinds"];
    assert_eq!(
        kinds["username_created"].as_u64(),
        Some(rows("username.record").iter().sum::<usize>() as u64)
    );
    assert_eq!(owned(&database.pool, "demo").await, of_import);
    // What the mirror lost comes from the next export, which makes no name anew.
    let again = ran(
        &database,
        &["import", "--tenant", "demo", bundle.to_str().unwrap()],
    )
    .await
    .done();
    assert_eq!(again["usernames_created"], 0);
}

#[tokio::test]
async fn rows_whose_numbers_were_given_to_others_get_new_ones() {
    let (database, place) = (database().await, tempfile::tempdir().unwrap());
    generated(&database, place.path()).await;
    let import = format!("import --tenant demo {}", place.path().join("bundle").display());
    run_lines(&database, &[&import]).await;
    let (backup, database) = back_up(&database).await;
    run_lines(&database, &["usernames sync on --tenant demo --all --by An"]).await;
    let without_numbers = async |database: &TestDatabase| -> Vec<String> {
        sqlx::query_scalar(
            "select to_jsonb(c) - 'change_id' || '{}' from username.change c where changed_by = 'An' order by rowguid",
        )
        .fetch_all(&database.pool)
        .await
        .unwrap()
        .into_iter()
        .map(|row: Value| row.to_string())
        .collect()
    };
    let of_an = without_numbers(&database).await;
    assert!(of_an.len() > 50, "{}", of_an.len());
    let database = restore(&database, &backup).await;
    // By hand, before anybody saw that the database went back: the next number of the history is used.
    sqlx::query(
        "insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
         select tenant_id, rowguid, 'Bo', 'sync', 'x' from username.record limit 1",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    ran(&database, &["recover"]).await.done();
    assert_eq!(without_numbers(&database).await, of_an);
    let by_bo: i64 = sqlx::query_scalar("select count(*) from username.change where changed_by = 'Bo'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(by_bo, 1, "what was done meanwhile stays");
}

#[tokio::test]
async fn what_somebody_did_to_many_is_one_line_with_how_many() {
    let (database, place) = (database().await, tempfile::tempdir().unwrap());
    generated(&database, place.path()).await;
    let import = format!("import --tenant demo {}", place.path().join("bundle").display());
    run_lines(
        &database,
        &[&import, "usernames sync on --tenant demo --all --by An"],
    )
    .await;
    let report = ran(&database, &["tenant", "decisions", "demo"]).await.done();
    let lines = report["decisions"].as_array().unwrap();
    let released: Vec<&Value> = lines.iter().filter(|line| line["decided_by"] == "An").collect();
    assert_eq!(released.len(), 1, "{released:?}");
    let flags: i64 = sqlx::query_scalar("select count(*) from username.change where changed_by = 'An'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(released[0]["detail"]["people"], flags);
    assert_eq!(released[0]["detail"]["users"].as_array().unwrap().len(), 20);
    assert!(
        lines.iter().all(|line| line["decided_by"] != "system"),
        "what the system did by itself is left out"
    );
}
