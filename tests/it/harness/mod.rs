//! What the tests stand on: a database of its own per test.

use sqlx::{Connection, Executor, PgConnection, PgPool};

/// A migrated database of one test.
pub(crate) struct TestDatabase {
    /// Connections to it.
    pub pool: PgPool,
    /// Its address.
    pub url: String,
}

/// Makes a fresh, migrated database.
pub(crate) async fn database() -> TestDatabase {
    let server = "postgres://postgres@127.0.0.1:55432";
    let name = format!("t{}", uuid::Uuid::from_u128(rand::random()).simple());
    let mut admin = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .unwrap();
    admin
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let url = format!("{server}/{name}");
    let pool = PgPool::connect(&url).await.unwrap();
    oneroster::db::MIGRATOR.run(&pool).await.unwrap();
    TestDatabase { pool, url }
}
