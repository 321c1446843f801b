//! What refers to what among usernames, kept by triggers that look at a statement as a whole.

use crate::harness::database;
use crate::harness::school::school;

/// Runs statements and rolls them back; what they return, or why they are refused.
async fn tried(pool: &sqlx::PgPool, statements: &str, look: &'static str) -> Result<i64, String> {
    let mut transaction = pool.begin().await.unwrap();
    let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
        .execute(&mut *transaction)
        .await;
    let looked = match ran {
        Ok(_) => Ok(sqlx::query_scalar(look)
            .fetch_one(&mut *transaction)
            .await
            .unwrap()),
        Err(error) => {
            let error = error.into_database_error().unwrap();
            assert!(error.is_foreign_key_violation(), "{error:?}");
            Err(error.constraint().unwrap_or_default().to_owned())
        }
    };
    transaction.rollback().await.unwrap();
    looked
}

#[tokio::test]
async fn a_record_is_of_a_tenant_and_a_change_of_a_record() {
    let database = database().await;
    school(&database.pool, "t").await.publish().await;
    let changes = "select count(*) from username.change where tenant_id = 't'";
    let before = tried(&database.pool, "", changes).await.unwrap();
    assert!(before > 1);
    for (statements, expected) in [
        (
            "insert into username.record (tenant_id, rowguid, local_part, sync, origin)
             values ('nobody', gen_random_uuid(), 'a', true, 'manual')",
            Err("record_tenant"),
        ),
        (
            "insert into username.change (tenant_id, rowguid, changed_by, field)
             values ('t', gen_random_uuid(), 'Els', 'sync')",
            Err("change_record"),
        ),
        (
            "insert into username.change (tenant_id, rowguid, changed_by, field)
             select 't', case when n = 2000 then gen_random_uuid() else r.rowguid end, 'Els', 'sync'
             from generate_series(1, 2000) n, (select rowguid from username.record where tenant_id = 't' limit 1) r",
            Err("change_record"),
        ),
        (
            "update username.change set rowguid = gen_random_uuid()
             where change_id = (select min(change_id) from username.change)",
            Err("change_record_after_update"),
        ),
        (
            "update username.record set rowguid = gen_random_uuid()",
            Err("record_key_stays"),
        ),
        ("update username.record set rowguid = rowguid", Ok(before)),
        (
            "insert into username.change (tenant_id, rowguid, changed_by, field)
             select tenant_id, rowguid, 'Els', 'sync' from username.record
             cross join generate_series(1, 1000) where tenant_id = 't' and rowguid = (
                 select rowguid from username.record where tenant_id = 't' order by rowguid limit 1)",
            Ok(before + 1000),
        ),
        ("delete from username.record", Ok(0)),
        ("delete from tenant.tenant", Ok(0)),
    ] {
        let tried = tried(&database.pool, statements, changes).await;
        assert_eq!(tried, expected.map_err(str::to_owned), "{statements}");
    }
}

/// A truncate passes by what looks at rows: the history would stay, the trail would say nothing, and the next import would give out no name.
#[tokio::test]
async fn no_table_of_the_audit_trail_is_emptied_by_truncate() {
    let database = database().await;
    school(&database.pool, "t").await;
    let watched: Vec<String> = sqlx::query_scalar(
        "select distinct tgrelid::regclass::text from pg_trigger where tgname = 'audit_delete' order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert!(
        watched.len() > 8
            && watched.contains(&"auth.client_secret".to_owned())
            && watched.contains(&"username.record".to_owned()),
        "{watched:?}"
    );
    for table in watched {
        let truncate = sqlx::AssertSqlSafe(format!("truncate {table} cascade"));
        let error = sqlx::query(truncate).execute(&database.pool).await.unwrap_err();
        let error = error.into_database_error().unwrap();
        assert_eq!(error.code().as_deref(), Some("55000"), "{table}: {error}");
        assert!(error.message().ends_with("use delete"), "{error}");
    }
}
