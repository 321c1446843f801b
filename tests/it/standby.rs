//! A database that takes no writes, such as the standby that a primary became: nobody is given a session with it.
//!
//! A session says `transaction_read_only` on a standby. Here a setting of the test's database makes new sessions say so.

use std::time::Duration;

use sqlx::{Executor, PgPool};

use crate::harness::{command, database, requests};

/// Long enough to connect some times.
const WHILE: Duration = Duration::from_millis(500);

async fn take_writes(pool: &PgPool, database: &str, takes: bool) {
    let setting = if takes { "off" } else { "on" };
    let statement = format!(r#"alter database "{database}" set default_transaction_read_only = {setting}"#);
    // Said by a session of before, which may.
    pool.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
}

async fn name(pool: &PgPool) -> String {
    sqlx::query_scalar("select current_database()")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_session_is_made_with_a_database_that_takes_writes_or_waited_for() {
    let database = database().await;
    let name = name(&database.pool).await;
    take_writes(&database.pool, &name, false).await;
    let requests = requests(&database.pool);
    let waited = tokio::time::timeout(WHILE, requests.lend("t")).await;
    assert!(waited.is_err(), "{waited:?}");
    take_writes(&database.pool, &name, true).await;
    let mut lease = requests.lend("t").await.unwrap();
    let is_read_only: String = sqlx::query_scalar("show transaction_read_only")
        .fetch_one(&mut *lease)
        .await
        .unwrap();
    assert_eq!(is_read_only, "off");
    lease.end();
    requests.close().await;
}

#[tokio::test]
async fn a_command_says_that_the_database_takes_no_writes() {
    let database = database().await;
    let name = name(&database.pool).await;
    take_writes(&database.pool, &name, false).await;
    for arguments in [
        &["tenant", "list"][..],
        &["publish", "--all"],
        &["migrate"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let output = command(&database.url, arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("takes no writes: it is a standby"), "{said}");
    }
}
