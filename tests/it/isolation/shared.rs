//! Many tenants on one or two connections: nothing of a scope outlives its transaction, however it ends.

use std::time::Duration;

use oneroster::db::{self, SessionKind, TenantSession, locks, scope};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, PgConnection, PgPool};

use super::{OWN, REFUSED, code, two_tenants};
use crate::harness::{self, api};

const TENANTS: u64 = 8;
const ROUNDS: usize = 40;

/// The tenants whose rows can be seen.
async fn seen(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("select tenant_id from roster.head order by tenant_id")
        .fetch_all(connection)
        .await
        .unwrap()
}

/// Shows that a connection from the pool is in the scope of no tenant.
async fn assert_unscoped(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (role, tenant): (String, Option<String>) =
        sqlx::query_as("select current_user::text, current_setting('oneroster.tenant_id', true)")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    assert_eq!(
        (role.as_str(), tenant.unwrap_or_default().as_str()),
        (scope::SERVICE_ROLE, "")
    );
    let refused = sqlx::query("select from roster.generation")
        .fetch_all(&mut *connection)
        .await;
    assert_eq!(code(refused), REFUSED);
}

/// Works in the scope of a tenant and leaves it in one of the ways there are.
async fn work(pool: &PgPool, tenant_id: &str, ending: usize) {
    let mut transaction = scope::begin(pool, tenant_id).await.unwrap();
    assert_eq!(seen(&mut transaction).await, [tenant_id]);
    match ending {
        0 => transaction.commit().await.unwrap(),
        1 => transaction.rollback().await.unwrap(),
        2 => drop(transaction),
        3 => {
            let failed = sqlx::query("select 1 / 0").execute(&mut *transaction).await;
            assert_eq!(code(failed), "22012");
        }
        4 => {
            // Commits what failed, which Postgres turns into a rollback.
            sqlx::query("select 1 / 0")
                .execute(&mut *transaction)
                .await
                .unwrap_err();
            let _ = transaction.commit().await;
        }
        5 => {
            let mut nested = transaction.begin().await.unwrap();
            scope::enter(&mut nested, "tenant-0").await.unwrap();
            assert_eq!(seen(&mut nested).await, ["tenant-0"]);
            nested.rollback().await.unwrap();
            assert_eq!(seen(&mut transaction).await, [tenant_id], "back to before");
            transaction.commit().await.unwrap();
        }
        _ => {
            // The caller stops waiting in the middle of the statement.
            let sleeping = sqlx::query("select pg_sleep(0.05)").execute(&mut *transaction);
            let cut = tokio::time::timeout(Duration::from_millis(5), sleeping).await;
            drop(cut);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_scope_outlives_its_transaction_on_a_shared_connection() {
    let database = harness::database().await;
    for tenant in 0..TENANTS {
        api::tenant(&database.pool, &format!("tenant-{tenant}")).await;
    }
    for connections in [1, 2] {
        let pool = db::pool_options(SessionKind::Work)
            .max_connections(connections)
            .connect_lazy_with(database.pool.connect_options().as_ref().clone());
        let tasks = (0..TENANTS).map(|tenant| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut random = ChaCha8Rng::seed_from_u64(tenant);
                let tenant_id = format!("tenant-{tenant}");
                for _ in 0..ROUNDS {
                    work(&pool, &tenant_id, random.random_range(0..7)).await;
                    if random.random_bool(0.3) {
                        assert_unscoped(&pool).await;
                    }
                }
            })
        });
        for done in futures_util::future::join_all(tasks).await {
            done.unwrap();
        }
        assert_unscoped(&pool).await;
    }
}

#[tokio::test]
async fn a_session_of_one_tenant_keeps_its_scope_and_comes_back_without_it_or_not_at_all() {
    let database = two_tenants().await;
    let pool = db::pool_options(SessionKind::Work)
        .max_connections(2)
        .connect_lazy_with(database.pool.connect_options().as_ref().clone());
    let mut connection = TenantSession::enter(&pool, OWN, SessionKind::Publication)
        .await
        .unwrap();
    locks::publication(&mut connection, OWN).await.unwrap();
    for _ in 0..2 {
        let mut transaction = connection.begin().await.unwrap();
        assert_eq!(seen(&mut transaction).await, [OWN]);
        transaction.rollback().await.unwrap();
        assert_eq!(seen(&mut connection).await, [OWN]);
        assert_unscoped(&pool).await;
    }
    let limit = "select current_setting('lock_timeout') || ' ' || current_setting('idle_session_timeout')";
    let of_pool: String = sqlx::query_scalar(limit).fetch_one(&pool).await.unwrap();
    let pid = "select pg_backend_pid()";
    let own: i32 = sqlx::query_scalar(pid).fetch_one(&mut *connection).await.unwrap();
    connection.leave().await;
    // Both connections are seen: the one that came back has nothing left of the tenant.
    let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    let mut is_there = false;
    for pooled in [&mut *one, &mut *other] {
        assert_eq!(
            sqlx::query_scalar::<_, String>(limit)
                .fetch_one(&mut *pooled)
                .await
                .unwrap(),
            of_pool
        );
        is_there |= sqlx::query_scalar::<_, i32>(pid)
            .fetch_one(&mut *pooled)
            .await
            .unwrap()
            == own;
        let scope = "select current_user::text, coalesce(current_setting('oneroster.tenant_id', true), '')";
        let scope: (String, String) = sqlx::query_as(scope).fetch_one(&mut *pooled).await.unwrap();
        assert_eq!(scope, ("oneroster_service".to_owned(), String::new()));
    }
    assert!(is_there, "it is used again");
    assert!(
        locks::try_publication(&mut other, OWN).await.unwrap(),
        "its lock is free"
    );
    other.close().await.unwrap();
    drop(one);

    // One that is dropped in the middle is closed.
    let mut dropped = TenantSession::enter(&pool, OWN, SessionKind::Publication)
        .await
        .unwrap();
    let own: i32 = sqlx::query_scalar(pid).fetch_one(&mut *dropped).await.unwrap();
    drop(dropped);
    assert_unscoped(&pool).await;
    let gone = "select not exists (select from pg_stat_activity where pid = $1)";
    let ended = async {
        while !sqlx::query_scalar::<_, bool>(gone)
            .bind(own)
            .fetch_one(&database.pool)
            .await
            .unwrap()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .unwrap();
}
