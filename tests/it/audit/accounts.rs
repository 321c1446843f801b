//! Accounts of the desk belong to no tenant: what is done with them is in a trail of its own, in its files, and is brought forward.

use serde_json::{Value, json};

use super::{folder, ran};
use crate::harness::backup::{back_up, restore};
use crate::harness::database;

/// What `admin history` lists: action and account.
fn actions(history: &Value) -> Vec<(String, String)> {
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = history["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| (text(entry, "action"), text(entry, "account")))
        .collect()
}

#[tokio::test]
async fn what_is_done_with_operators_is_in_the_trail_and_in_its_file_and_no_password_is() {
    let database = database().await;
    let made = ran(&database, &["admin", "create-user", "vendor", "--operator"])
        .await
        .done();
    let password = made["password"].as_str().unwrap().to_owned();
    let other = ran(&database, &["admin", "set-password", "vendor"]).await.done();
    ran(&database, &["admin", "disable", "vendor"]).await.done();
    ran(&database, &["admin", "enable", "vendor"]).await.done();
    let history = ran(&database, &["admin", "history"]).await.done();
    let expected = [
        "account_created",
        "password_set",
        "account_disabled",
        "account_enabled",
    ];
    assert_eq!(
        actions(&history),
        expected.map(|action| (action.to_owned(), "vendor".to_owned()))
    );
    let first = &history["entries"][0];
    assert_eq!(first["operator"], true);
    assert!(first["by"].as_str().unwrap().starts_with("os:"), "{first}");
    assert!(
        first["origin"]
            .as_str()
            .unwrap()
            .starts_with("oneroster admin on "),
        "{first}"
    );
    let file = std::fs::read_to_string(folder(&database).path().join("_accounts.jsonl")).unwrap();
    assert_eq!(file.lines().count(), 4, "{file}");
    let hash: String = sqlx::query_scalar("select password_hash from desk.account")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    for secret in [&password, other["password"].as_str().unwrap(), &hash] {
        assert!(!file.contains(secret));
    }
}

#[tokio::test]
async fn a_database_that_went_back_gets_its_accounts_again_without_their_passwords() {
    let database = database().await;
    for arguments in [
        &["admin", "create-user", "stays", "--operator"][..],
        &["admin", "create-user", "left", "--operator"],
        &["admin", "create-user", "changed", "--operator"],
    ] {
        ran(&database, arguments).await.done();
    }
    let (backup, database) = back_up(&database).await;
    for arguments in [
        &[
            "admin",
            "create-user",
            "vendor",
            "--operator",
            "--display-name",
            "Van de leverancier",
        ][..],
        &["admin", "disable", "left"],
        &["admin", "set-password", "changed"],
    ] {
        ran(&database, arguments).await.done();
    }
    let database = restore(&database, &backup).await;
    let refused = ran(&database, &["admin", "enable", "left"]).await.refused();
    assert!(refused.contains("oneroster recover"), "{refused}");
    let report = ran(&database, &["recover"]).await.done();
    assert_eq!(report["tenants"][0]["tenant"], "_accounts");
    assert_eq!(
        report["tenants"][0]["kinds"],
        json!({ "account_created": 1, "account_disabled": 1, "password_set": 1 })
    );
    let accounts: Vec<(String, String, bool, bool, bool)> = sqlx::query_as(
        "select login_name, display_name, is_operator, disabled_at is not null, password_hash is not null
         from desk.account order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let account = |name: &str, shown: &str, is_disabled, has_password| {
        (name.to_owned(), shown.to_owned(), true, is_disabled, has_password)
    };
    assert_eq!(
        accounts,
        [
            // The password of the backup was given up.
            account("changed", "changed", false, false),
            account("left", "left", true, true),
            account("stays", "stays", false, true),
            account("vendor", "Van de leverancier", false, false),
        ]
    );
    let again = ran(&database, &["recover"]).await.done();
    assert_eq!(again["tenants"], json!([]));
    ran(&database, &["admin", "set-password", "vendor"]).await.done();
}
