//! A commit that waits, as for a standby that is gone: whoever asked gives up, and what waits in the database does not pile up.

use std::time::Duration;

use oneroster::db::RequestPool;
use sqlx::Executor;

use crate::harness::database;

/// Longer than it takes to connect, shorter than the commit.
const WHILE: Duration = Duration::from_millis(700);

#[tokio::test]
async fn a_connection_whose_commit_was_given_up_counts_until_that_has_ended() {
    let database = database().await;
    // Deferred triggers are part of the commit.
    database
        .pool
        .execute(
            "create table public.slow (tenant_id text);
             grant insert on public.slow to oneroster_tenant;
             create function public.wait() returns trigger language plpgsql as
             $$ begin perform pg_sleep(4); return null; end $$;
             create constraint trigger slow after insert on public.slow deferrable initially deferred
             for each row execute function public.wait()",
        )
        .await
        .unwrap();
    let requests = RequestPool::new(database.pool.connect_options().as_ref().clone(), 1);
    let mut lease = requests.lend("t").await.unwrap();
    let mut transaction = lease.begin("t").await.unwrap();
    transaction
        .execute("insert into public.slow values ('t')")
        .await
        .unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(200), transaction.commit()).await;
    assert!(given_up.is_err());
    drop(lease);

    let meanwhile = tokio::time::timeout(WHILE, requests.lend("t")).await;
    assert!(meanwhile.is_err(), "there is one session too many");
    requests.lend("t").await.unwrap().end();
    let committed: i64 = sqlx::query_scalar("select count(*) from public.slow")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(committed, 1, "it was waited for");
    requests.close().await;
}
