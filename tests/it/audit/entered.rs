//! What is entered: each kind of change, with who, from where, from what and to what.

use serde_json::{Value, json};

use super::{client, folder, ran, run_lines};
use crate::harness::school::{JAN, LOTTE, school, tenant_file};
use crate::harness::{self, database};

/// The kinds of entries in a folder, in order, without those that an import or a scene brings along.
fn kinds(entries: &[oneroster::audit::Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.kind.as_str()).collect()
}

#[tokio::test]
async fn each_kind_of_change_is_in_the_folder_with_who_from_where_from_and_to() {
    let database = database().await;
    school(&database.pool, "t").await;
    run_lines(&database, &["usernames sync off --tenant t --all --by Els"]).await;
    let folder = folder(&database);
    let before = folder.read("t").unwrap().len();
    let (client_id, secret) = client(&database, "sds").await;
    run_lines(
        &database,
        &[
            &format!("client rotate --tenant t {client_id}"),
            &format!("client set --tenant t {client_id} native_booleans=true"),
            &format!("client revoke --tenant t {client_id}"),
            &format!("usernames set --tenant t --user {JAN} jan.x --by Els"),
            &format!("usernames sync on --tenant t --by Els --user {JAN} {LOTTE}"),
            "publish --tenant t",
        ],
    )
    .await;
    let entries = folder.read("t").unwrap().split_off(before);
    let kinds = kinds(&entries);
    for kind in [
        "client_created",
        "secret_created",
        "secret_limited",
        "client_set",
        "client_revoked",
        "username_changed",
        "name_retired",
        "flag_changed",
        "history_added",
        "generation_published",
    ] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let of_kind = |kind: &str| entries.iter().find(|entry| entry.kind == kind).unwrap();
    let renamed = of_kind("username_changed");
    assert_eq!(renamed.by, "Els");
    assert!(
        renamed.origin.starts_with("oneroster usernames on "),
        "{}",
        renamed.origin
    );
    assert_eq!(renamed.key, Some(json!({ "rowguid": JAN })));
    assert_eq!(renamed.before.as_ref().unwrap()["local_part"], "jan.janssens");
    assert_eq!(renamed.after.as_ref().unwrap()["local_part"], "jan.x");
    let revoked = of_kind("client_revoked");
    assert!(revoked.by.starts_with("os:"), "{}", revoked.by);
    assert_eq!(revoked.before, Some(json!({ "revoked_at": null })));
    let text = std::fs::read_to_string(folder.path().join("t.jsonl")).unwrap();
    assert!(!text.contains(&secret), "a secret is nowhere but with its client");
    let published = of_kind("generation_published").detail.clone().unwrap();
    let dated: String = sqlx::query_scalar(
        "select to_char(published_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') from roster.generation where tenant_id = 't'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(published["published_at"], dated);
}

#[tokio::test]
async fn plain_sql_is_entered_too_with_the_user_of_the_database() {
    let database = database().await;
    school(&database.pool, "t").await;
    sqlx::query("update username.record set local_part = 'by.hand' where rowguid = $1::uuid")
        .bind(JAN)
        .execute(&database.pool)
        .await
        .unwrap();
    sqlx::query("delete from username.record where rowguid = $1::uuid")
        .bind(LOTTE)
        .execute(&database.pool)
        .await
        .unwrap();
    assert_eq!(super::follow(&database).await, None);
    let entries = folder(&database).read("t").unwrap();
    let renamed = entries
        .iter()
        .find(|entry| {
            entry
                .after
                .as_ref()
                .is_some_and(|after| after["local_part"] == "by.hand")
        })
        .unwrap();
    assert!(renamed.by.starts_with("db:"), "{}", renamed.by);
    let deleted = entries
        .iter()
        .find(|entry| entry.kind == "username_deleted")
        .unwrap();
    assert_eq!(deleted.before.as_ref().unwrap()["local_part"], "lotte.peeters");
    assert_eq!(deleted.after, None);
    assert!(
        entries.iter().any(|entry| entry.kind == "history_deleted"),
        "what the deletion took along is entered as well"
    );
}

#[tokio::test]
async fn the_decisions_of_a_tenant_list_the_trail_in_the_same_columns() {
    let database = database().await;
    school(&database.pool, "t").await;
    let path = tempfile::tempdir().unwrap();
    let file = path.path().join("t.toml");
    std::fs::write(&file, tenant_file("t").replace("Scholengroep t", "Anders")).unwrap();
    let (client_id, _) = client(&database, "sds").await;
    let check_file = path.path().join("check.csv");
    run_lines(
        &database,
        &[
            &format!("tenant apply {}", file.display()),
            &format!("client rotate --tenant t {client_id}"),
            &format!("usernames export --tenant t {}", check_file.display()),
            "usernames sync off --tenant t --all --by Els",
            &format!("usernames set --tenant t --user {JAN} jan.x --by Els"),
            "publish --tenant t",
        ],
    )
    .await;
    let report = ran(&database, &["tenant", "decisions", "t"]).await.done();
    let decisions = report["decisions"].as_array().unwrap();
    let of_kind = |kind: &str| -> Vec<&Value> {
        decisions
            .iter()
            .filter(|decision| decision["decision"] == kind)
            .collect()
    };
    let changed = of_kind("tenant_configured");
    assert_eq!(
        changed[0]["detail"]["name"],
        json!({ "from": "Scholengroep t", "to": "Anders" })
    );
    assert_eq!(of_kind("client_created").len(), 1);
    assert_eq!(of_kind("client_rotated").len(), 1);
    assert_eq!(of_kind("birth_dates_exported")[0]["detail"]["people"], 3);
    let flags = of_kind("flag_changed");
    assert_eq!(flags.len(), 1, "one statement, one line: {flags:?}");
    assert_eq!(flags[0]["decided_by"], "Els");
    assert_eq!(flags[0]["detail"]["people"], 3);
    let renamed = of_kind("username_changed");
    assert_eq!(renamed[0]["detail"]["from"], "jan.janssens");
    assert_eq!(renamed[0]["detail"]["to"], "jan.x");
    assert!(
        renamed[0]["detail"]["origin"]
            .as_str()
            .unwrap()
            .starts_with("oneroster usernames on ")
    );
    let text = report.to_string();
    assert!(
        !text.contains("secret_sha256") && !text.contains("lotte.peeters"),
        "{text}"
    );
}

#[tokio::test]
async fn what_changes_something_needs_a_folder_and_what_reads_does_not() {
    let database = database().await;
    school(&database.pool, "t").await;
    let without = |arguments: &[&str]| {
        let mut command = harness::command(&database.url, arguments);
        command.env_remove("ONEROSTER_AUDIT_DIR");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for arguments in [
        &["client", "create", "--tenant", "t", "--name", "sds"][..],
        &["usernames", "sync", "off", "--tenant", "t", "--all"],
        &["publish", "--tenant", "t"],
        &["recover"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let (code, text) = without(arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {text}");
        assert!(
            text.contains("ONEROSTER_AUDIT_DIR") && text.contains("[audit]"),
            "{text}"
        );
    }
    for arguments in [
        &["usernames", "list", "--tenant", "t"][..],
        &["publish", "--tenant", "t", "--dry-run"],
    ] {
        let (code, text) = without(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
    }
    let clients: i64 = sqlx::query_scalar("select count(*) from auth.client")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(clients, 0);
}
