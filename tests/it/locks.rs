//! The keys of advisory locks, by which servers of different versions on one database exclude each other.

use oneroster::db::locks;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::harness;

/// The advisory locks that a connection holds, as the numbers Postgres makes of their keys.
async fn held(connection: &mut PgConnection) -> Vec<i64> {
    sqlx::query_scalar(
        "select (classid::bigint << 32) | objid::bigint from pg_locks
         where locktype = 'advisory' and pid = pg_backend_pid() and granted",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

async fn number_of(connection: &mut PgConnection, key: &str) -> i64 {
    sqlx::query_scalar("select hashtextextended($1, 0)")
        .bind(key)
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn each_lock_has_the_key_that_every_version_takes() {
    let database = harness::database().await;
    let mut connection = database.pool.acquire().await.unwrap();
    let token_id = Uuid::from_u128(0xfeed);
    for name in ["publication", "load", "usernames", "sync_run", "signing_key"] {
        let mut transaction = connection.begin().await.unwrap();
        let key = match name {
            "publication" => {
                locks::publication_until_the_end(&mut transaction, "t")
                    .await
                    .unwrap();
                "publish t"
            }
            "load" => {
                locks::load(&mut transaction, "t").await.unwrap();
                "informat.lading/t"
            }
            "usernames" => {
                locks::usernames(&mut transaction, "t").await.unwrap();
                "username t"
            }
            "sync_run" => {
                locks::sync_run(&mut transaction, token_id).await.unwrap();
                "synclog 00000000-0000-0000-0000-00000000feed"
            }
            _ => {
                locks::signing_key(&mut transaction).await.unwrap();
                ""
            }
        };
        let expected = if key.is_empty() {
            0x6f6e_6572_6b65_7973
        } else {
            number_of(&mut transaction, key).await
        };
        assert_eq!(held(&mut transaction).await, [expected], "{name}");
        transaction.rollback().await.unwrap();
        assert!(
            held(&mut connection).await.is_empty(),
            "{name} ends with its transaction"
        );
    }
}

#[tokio::test]
async fn the_publication_lock_lasts_as_long_as_its_connection() {
    let database = harness::database().await;
    let mut one = database.pool.acquire().await.unwrap().detach();
    let mut other = database.pool.acquire().await.unwrap();
    locks::publication(&mut one, "t").await.unwrap();
    assert_eq!(held(&mut one).await, [number_of(&mut other, "publish t").await]);
    assert!(!locks::try_publication(&mut other, "t").await.unwrap());
    assert!(locks::try_publication(&mut other, "another").await.unwrap());
    one.close().await.unwrap();
    locks::publication(&mut other, "t").await.unwrap();
}
