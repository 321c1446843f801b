//! Migration 0012 decides for the records there are: who gave a domain, who waits, and who people are.

use oneroster::db::MIGRATOR;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres};

use super::pupil;
use crate::harness::empty_database;

/// The number of the migration.
const IDENTITY: i64 = 12;

async fn migrate(connection: &mut PgConnection, is_before: bool) {
    let chosen = MIGRATOR
        .iter()
        .filter(|migration| (migration.version < IDENTITY) == is_before);
    for migration in chosen {
        sqlx::raw_sql(AssertSqlSafe(migration.sql.as_str().to_owned()))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

/// What was done before: whose record, who did it, which field, what it became.
const HISTORY: [(i64, &str, &str, &str); 18] = [
    (1, "system", "created", "p1@school.example"),
    (2, "system", "created", "p2"),
    (2, "system", "domain", "school.example"),
    (3, "system", "created", "p3"),
    (3, "ict", "domain", "school.example"),
    (4, "system", "domain", "school.example"),
    (4, "ict", "local_part", "x"),
    // 5 was handed what 1 had, by the system; 1 got something else.
    (1, "ict", "handed_to", "00000000-0000-4000-8000-000000000005"),
    (1, "ict", "domain", "school.example"),
    (5, "ict", "handed_from", "00000000-0000-4000-8000-000000000001"),
    (5, "ict", "domain", "school.example"),
    // 6 was handed what 3 had, by an admin.
    (3, "ict", "handed_to", "00000000-0000-4000-8000-000000000006"),
    (6, "ict", "handed_from", "00000000-0000-4000-8000-000000000003"),
    (6, "ict", "created", "p@school.example"),
    // Typed, taken off, and given by the system once more.
    (7, "ict", "domain", "school.example"),
    (7, "system", "domain", "school.example"),
    // Of 8 nothing is known; 9 has no domain.
    (9, "system", "created", "p9"),
    (9, "ict", "local_part", "q9"),
];

/// A database as it was before, with nine records: 8 and 9 ask for review, and 8 is released.
async fn before() -> PoolConnection<Postgres> {
    let mut connection = empty_database().await.pool.acquire().await.unwrap();
    migrate(&mut connection, true).await;
    let statements = "
        insert into tenant.tenant (tenant_id, configuration) values ('t', '{}');
        insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, geboortedatum)
            values ('t', 2, '00000000-0000-4000-8000-000000000002', 'Maes', '2012-03-02');
        insert into username.record (tenant_id, rowguid, local_part, domain, sync, origin, needs_review)
        select 't', ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'p' || n,
               case when n < 9 then 'school.example' end, n = 8, 'generated', n >= 8
        from generate_series(1, 9) as n";
    sqlx::raw_sql(statements).execute(&mut *connection).await.unwrap();
    for (number, by, field, new) in HISTORY {
        sqlx::query(
            "insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
             values ('t', $1::uuid, $2, $3, $4)",
        )
        .bind(pupil(number))
        .bind(by)
        .bind(field)
        .bind(new)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    connection
}

#[tokio::test]
async fn r147_the_history_says_who_gave_the_domains_there_are() {
    let mut connection = before().await;
    migrate(&mut connection, false).await;
    let origins: Vec<Option<String>> =
        sqlx::query_scalar("select domain_origin from username.record order by rowguid")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    let origins: Vec<&str> = origins
        .iter()
        .map(|origin| origin.as_deref().unwrap_or("-"))
        .collect();
    // 1 has what 5 had before, of which nothing is known, as of 8: an edit must not be undone for want of it.
    let expected = [
        "admin", "system", "admin", "system", "system", "admin", "system", "admin", "-",
    ];
    assert_eq!(origins, expected);
}

#[tokio::test]
async fn who_is_held_back_with_a_name_to_review_waits_and_the_mirror_says_who_people_are() {
    let mut connection = before().await;
    migrate(&mut connection, false).await;
    let waiting: Vec<String> =
        sqlx::query_scalar("select local_part from username.record where waits_for = '{review}'")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    assert_eq!(waiting, ["p9"], "8 is released and stays so");
    let identity: (i64, String, String, String) = sqlx::query_as(
        "select p_persoon, given_name, family_name, birth_date::text from username.record where p_persoon is not null",
    )
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(
        identity,
        (2, String::new(), "Maes".to_owned(), "2012-03-02".to_owned())
    );
}
