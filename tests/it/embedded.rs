//! The embedded Postgres: shared, restarted, stopped, and what it refuses.

use crate::harness;

#[tokio::test]
async fn a_test_database_is_migrated_and_its_own() {
    let (one, other) = (harness::database().await, harness::database().await);
    assert_ne!(one.url, other.url);
    let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(&one.pool)
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(applied).unwrap(),
        oneroster::db::MIGRATOR.iter().count()
    );
    let again = sqlx::PgPool::connect(&other.url).await.unwrap();
    sqlx::query("create table mine (x int)")
        .execute(&again)
        .await
        .unwrap();
    let seen: Option<String> = sqlx::query_scalar("select to_regclass('mine')::text")
        .fetch_one(&one.pool)
        .await
        .unwrap();
    assert_eq!(seen, None);
}
