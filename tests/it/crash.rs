//! A process killed in the middle leaves what was there before, and the next one goes on from it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oneroster::generate;
use sqlx::{Connection, PgConnection, PgPool};

use crate::harness;
use crate::harness::school::{JAN, school};

/// Runs the binary on a database.
fn spawn(url: &str, arguments: &[&str]) -> Child {
    Command::new(harness::binary())
        .args(arguments)
        .env("DATABASE_URL", url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until a session of this database stands still at a lock, so that a process is known to be in the middle.
async fn wait_for_a_blocked_session(pool: &PgPool) {
    tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let blocked: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()",
            )
            .fetch_one(pool)
            .await
            .unwrap();
            if blocked > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("nothing ever waited for the lock");
}

/// Waits until nobody but the test is connected: the killed process's session has been rolled back.
async fn wait_until_alone(pool: &PgPool) {
    tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let others: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity
                 where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()",
            )
            .fetch_one(pool)
            .await
            .unwrap();
            if others == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the killed process's session stayed");
}

#[tokio::test]
async fn kill_in_the_middle_of_a_publication_leaves_the_last_generation() {
    let database = harness::database().await;
    let school = school(&database.pool, "killed").await;
    let first = school.publish().await;
    school.jan_leaves().await;
    // Publishing ends by locking the head: held here, it stands still with everything written and nothing committed.
    let mut blocker = PgConnection::connect(&database.url).await.unwrap();
    let mut held = blocker.begin().await.unwrap();
    sqlx::query("select 1 from roster.head for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let mut process = spawn(&database.url, &["publish", "--tenant", "killed"]);
    wait_for_a_blocked_session(&database.pool).await;
    process.kill().unwrap();
    process.wait().unwrap();
    held.rollback().await.unwrap();
    wait_until_alone(&database.pool).await;

    assert_eq!(school.generations().await, 1);
    let newest: (Option<uuid::Uuid>,) = sqlx::query_as("select generation_id from roster.head")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(newest.0, first.generation);
    assert_eq!(school.object("users", JAN).await.unwrap().0, "active");
    // The next start goes on as if nothing had happened.
    assert!(
        spawn(&database.url, &["publish", "--tenant", "killed"])
            .wait()
            .unwrap()
            .success()
    );
    assert_eq!(school.object("users", JAN).await.unwrap().0, "tobedeleted");
}

#[tokio::test]
async fn kill_in_the_middle_of_an_import_leaves_the_mirror() {
    let database = harness::database().await;
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("bundle");
    let group = generate::school_group(&generate::Options {
        pupils: 100,
        seed: 7,
        school_year: "2026-27".parse().unwrap(),
        tenant: "killed".to_owned(),
        complete_next_year: false,
    });
    generate::write(&group, &bundle).unwrap();
    let bundle = bundle.to_str().unwrap();
    let tenant_file = format!("{bundle}/tenant.toml");
    assert!(
        spawn(&database.url, &["tenant", "apply", &tenant_file])
            .wait()
            .unwrap()
            .success()
    );
    // Allocation takes its lock after the load: held here, the import stands still with all rows written.
    let mut blocker = PgConnection::connect(&database.url).await.unwrap();
    let lock = "hashtextextended('username killed', 0)";
    sqlx::query(sqlx::AssertSqlSafe(format!("select pg_advisory_lock({lock})")))
        .execute(&mut blocker)
        .await
        .unwrap();
    let mut process = spawn(&database.url, &["import", "--tenant", "killed", bundle]);
    wait_for_a_blocked_session(&database.pool).await;
    process.kill().unwrap();
    process.wait().unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("select pg_advisory_unlock({lock})")))
        .execute(&mut blocker)
        .await
        .unwrap();
    wait_until_alone(&database.pool).await;

    let people = || async {
        let count: i64 = sqlx::query_scalar("select count(*) from informat.persoon")
            .fetch_one(&database.pool)
            .await
            .unwrap();
        count
    };
    assert_eq!(people().await, 0);
    assert!(
        spawn(&database.url, &["import", "--tenant", "killed", bundle])
            .wait()
            .unwrap()
            .success()
    );
    assert!(people().await >= 100);
}
