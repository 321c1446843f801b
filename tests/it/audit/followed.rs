//! Servers write to their own folders what others did; several processes may share a folder.

use oneroster::audit::{Folder, Trail};
use sqlx::Connection;

use super::{folder, follow, ran, until_written};
use crate::harness::running::{Running, settings};
use crate::harness::school::{JAN, school};
use crate::harness::{as_server, database};

#[tokio::test]
async fn a_server_writes_to_its_own_folder_what_others_did() {
    let database = database().await;
    school(&database.pool, "t").await;
    let own = tempfile::tempdir().unwrap();
    let mut of_server = settings(&database.url);
    of_server.audit.dir = Some(own.path().join("audit"));
    let server = Running::start(&of_server).await;
    let own = Folder::open(&own.path().join("audit")).unwrap();
    ran(
        &database,
        &[
            "usernames",
            "set",
            "--tenant",
            "t",
            "--user",
            JAN,
            "jan.x",
            "--by",
            "Els",
        ],
    )
    .await
    .done();
    let written = until_written(&own, "t", |entry| entry.kind == "username_changed").await;
    let of_command = folder(&database).read("t").unwrap();
    assert!(of_command.contains(&written[0]), "the same entry in both folders");
    let created = until_written(&own, "t", |entry| entry.kind == "tenant_created").await;
    assert_eq!(created.len(), 1, "also what was before the server began");
    server.stop().await;
}

#[tokio::test]
async fn a_transaction_that_commits_later_is_never_passed_over() {
    let database = database().await;
    school(&database.pool, "t").await;
    school(&database.pool, "u").await;
    assert_eq!(follow(&database).await, None);
    let mut slow = database.pool.acquire().await.unwrap();
    let mut slow = slow.begin().await.unwrap();
    sqlx::query(
        "update username.record set local_part = 'slow' where tenant_id = 't' and rowguid = $1::uuid",
    )
    .bind(JAN)
    .execute(&mut *slow)
    .await
    .unwrap();
    sqlx::query(
        "update username.record set local_part = 'fast' where tenant_id = 'u' and rowguid = $1::uuid",
    )
    .bind(JAN)
    .execute(&database.pool)
    .await
    .unwrap();
    let blocked = as_server(&database.pool);
    let later = tokio::spawn(async move {
        let mut transaction = oneroster::db::scope::begin(&blocked, "t").await.unwrap();
        oneroster::audit::note(&mut transaction, "t", "later", &serde_json::json!({}))
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    });
    crate::harness::wait_for_locks(&database.pool, 1).await;
    assert_eq!(follow(&database).await, None);
    let folder = folder(&database);
    let has = |tenant_id: &str, text: &str| {
        let lines = std::fs::read_to_string(folder.path().join(format!("{tenant_id}.jsonl"))).unwrap();
        lines.contains(text)
    };
    assert!(has("u", "fast") && !has("t", "slow") && !has("t", "later"));
    slow.commit().await.unwrap();
    later.await.unwrap();
    assert_eq!(follow(&database).await, None);
    let entries = folder.read("t").unwrap();
    assert!(has("t", "slow") && has("t", "later"));
    assert!(
        entries.is_sorted_by_key(|entry| entry.position),
        "in the order of positions"
    );
}

#[tokio::test]
async fn several_processes_share_a_folder_and_write_each_entry_once() {
    let database = database().await;
    school(&database.pool, "t").await;
    let mut following = Vec::new();
    for place in 0..4 {
        let (pool, folder) = (as_server(&database.pool), folder(&database));
        following.push(tokio::spawn(async move {
            let mut trail = Trail::new(folder, "test");
            for turn in 0..5 {
                let mut transaction = oneroster::db::scope::begin(&pool, "t").await.unwrap();
                let detail = serde_json::json!({ "place": place, "turn": turn });
                oneroster::audit::note(&mut transaction, "t", "noted", &detail)
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
                assert_eq!(trail.follow(&pool, &pool).await.unwrap(), None);
            }
        }));
    }
    for one in following {
        one.await.unwrap();
    }
    let text = std::fs::read_to_string(folder(&database).path().join("t.jsonl")).unwrap();
    assert_eq!(text.matches("\"kind\":\"noted\"").count(), 20);
    assert_eq!(text.lines().count(), folder(&database).read("t").unwrap().len());
}
