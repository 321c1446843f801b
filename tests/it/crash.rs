//! A process killed in the middle leaves what was there before, and the next one continues from it.

use std::process::{Child, Stdio};

use sqlx::{Connection, PgConnection};

use crate::harness::school::{JAN, school};
use crate::harness::{self, wait_for_locks, wait_until_alone};

/// Runs the binary on a database.
fn spawn(url: &str, arguments: &[&str]) -> Child {
    harness::command(url, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn kill_in_the_middle_of_a_publication_leaves_the_last_generation() {
    let database = harness::database().await;
    let school = school(&database.pool, "killed").await;
    let first = school.publish().await;
    school.jan_leaves().await;
    // Publishing ends by locking the head: held here, it stands still with everything written and nothing committed.
    let mut blocker = PgConnection::connect(&harness::owner_url(&database.url))
        .await
        .unwrap();
    let mut held = blocker.begin().await.unwrap();
    sqlx::query("select 1 from roster.head for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let mut process = spawn(&database.url, &["publish", "--tenant", "killed"]);
    wait_for_locks(&database.pool, 1).await;
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
    // The next start continues as if nothing had happened.
    assert!(
        spawn(&database.url, &["publish", "--tenant", "killed"])
            .wait()
            .unwrap()
            .success()
    );
    assert_eq!(school.object("users", JAN).await.unwrap().0, "tobedeleted");
}
