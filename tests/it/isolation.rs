//! Tenants are kept apart twice (design §6): by every statement, and by the database if a statement forgets.

mod catalog;
mod desk;
mod forgotten;
mod inside;
mod questions;
mod roles;
mod shared;

use oneroster::auth::client;
use oneroster::db;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use crate::harness::school::{JAN, school};
use crate::harness::{TestDatabase, database};

/// The tenant whose scope the tests enter, and the one it must not see.
const OWN: &str = "eigen";
const OTHER: &str = "ander";

/// Rows of the tables that neither the small school nor its publication fills; `$1` is the tenant.
const FILL: &[&str] = &[
    "insert into informat.lading (tenant_id, delta, gewijzigd, rijen) values ($1, false, true, '{}')",
    "insert into informat.weigering (tenant_id, door, fouten, bewakers) values ($1, 'test', 1, '{}')",
    "insert into alarm.alarm (tenant_id, alarm_id, kind, subject) values ($1, $2, 'held', '')",
    "insert into alarm.message (tenant_id, alarm_id, is_end, channel, recipient, subject, body)
         values ($1, $2, false, 'mail', '', 'held', 'held')",
    "insert into alarm.daily (tenant_id, day, free_from) values ($1, current_date, clock_timestamp())",
    "insert into informat.bestand (tenant_id, tabel, vingerafdruk, rijen, teksten, spiegelversie, handwerk)
         values ($1, 'school', sha256(''), 1, '{}', 1, 1)",
    "insert into username.settled (tenant_id, code, today, mirror_version, handwork, audit_position)
         values ($1, 'none', current_date, 1, 1, 1)",
    "insert into informat.idwissel (tenant_id, p_lading, tabel, sleutel, oude_id, nieuwe_id, oordeel)
         select $1, p_lading, 'persoon', 1, $2, gen_random_uuid(), 'person-id-changed'
         from informat.lading where tenant_id = $1 order by p_lading limit 1",
    "insert into roster.hold (tenant_id, fingerprint, reasons, summary, held_at, seen_at)
         values ($1, repeat('0', 64), '[]', '{}', clock_timestamp(), clock_timestamp())",
    "insert into roster.history (tenant_id, whole_from) values ($1, 1)",
    "insert into synclog.run (tenant_id, client_id, token_id, run_number, first_request_at, last_request_at, is_complete, readings)
         values ($1, 'client', $2, 1, clock_timestamp(), clock_timestamp(), true, '[]')",
    "insert into synclog.microsoft_run (tenant_id, fingerprint, told_by, counts) values ($1, sha256(''), 'test', '[]')",
    "insert into desk.account (account_id, login_name, display_name, created_by)
         values ($2, 'jan', 'Jan', 'test') on conflict do nothing",
    "insert into desk.access_grant (tenant_id, account_id, login_name, display_name, school, kind, given_by)
         values ($1, $2, 'jan', 'Jan', '001507', 'manager', 'test')",
    "insert into tenant.decision (tenant_id, decided_by, decision, detail) values ($1, 'test', 'release', '{}')",
    "insert into username.swap (tenant_id, swap_id, person_a, person_b, from_a, from_b, temporary_a, temporary_b, to_a, to_b, began_by)
         select $1, gen_random_uuid(), $2, min(rowguid::text)::uuid, 'a', 'b', 'b_EX', 'a_EX', 'b', 'a', 'test'
         from username.record where tenant_id = $1 and rowguid <> $2",
    "insert into username.retired (tenant_id, name, rowguid) values ($1, 'jan.jansen', $2)",
    "insert into username.erased_name (tenant_id, name_hash, rowguid) values ($1, sha256(''), $2)",
    "insert into username.name_key (tenant_id, sealed_key, sealed_with) values ($1, 'x', 'x')",
];

/// Makes a database with two tenants that have rows in every table.
async fn two_tenants() -> TestDatabase {
    let mut database = database().await;
    // As the program has them, but signed in as the owner: what was done is looked at on the same connection.
    database.server = db::work(database.pool.connect_options().as_ref().clone());
    for tenant_id in [OWN, OTHER] {
        school(&database.pool, tenant_id).await.publish().await;
        client::create(&database.server, tenant_id, "sds").await.unwrap();
        for statement in FILL {
            let statement = statement
                .replace("$1", &format!("'{tenant_id}'"))
                .replace("$2", &format!("'{JAN}'"));
            sqlx::query(AssertSqlSafe(statement))
                .execute(&database.pool)
                .await
                .unwrap();
        }
    }
    database
}

/// The tables with a column `tenant_id`, with their schema, wherever they are.
async fn tenant_tables(pool: &PgPool) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(tables.len() >= 21, "{tables:?}");
    tables
}

/// Gives the connection the owner's rights again until the transaction ends, to look at what was done.
async fn leave(connection: &mut PgConnection) {
    sqlx::query("select set_config('role', 'none', true)")
        .execute(connection)
        .await
        .unwrap();
}

/// Counts the rows of a tenant, or of all.
async fn count(connection: &mut PgConnection, table: &str, tenant_id: Option<&str>) -> i64 {
    let statement = format!("select count(*) from {table} where $1::text is null or tenant_id = $1");
    sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(tenant_id)
        .fetch_one(connection)
        .await
        .unwrap()
}

/// The SQLSTATE of a statement that was refused.
#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, sqlx::Error>) -> String {
    let error = result.unwrap_err();
    let error = error.as_database_error().unwrap_or_else(|| panic!("{error:?}"));
    error.code().unwrap().into_owned()
}

/// SQLSTATE of a missing privilege, and of a row that a policy refuses.
const REFUSED: &str = "42501";
