//! The `where tenant_id = …` is forgotten, or the whole scope: what then is seen and done.

use std::collections::BTreeMap;
use std::path::Path;

use oneroster::db::scope;
use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres};
use uuid::Uuid;

use super::{OTHER, OWN, REFUSED, code, count, leave, tenant_tables, two_tenants};

#[tokio::test]
async fn a_read_that_forgets_its_tenant_sees_one_tenant() {
    let database = two_tenants().await;
    for table in tenant_tables(&database.pool).await {
        let mut transaction = database.server.begin().await.unwrap();
        leave(&mut transaction).await;
        let own = count(&mut transaction, &table, Some(OWN)).await;
        let other = count(&mut transaction, &table, Some(OTHER)).await;
        assert!(
            own > 0 && other > 0,
            "{table}: add a row to FILL, or this shows nothing"
        );
        scope::enter(&mut transaction, OWN).await.unwrap();
        assert_eq!(count(&mut transaction, &table, None).await, own, "{table}");
        assert_eq!(count(&mut transaction, &table, Some(OTHER)).await, 0, "{table}");
        let tenants: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("select distinct tenant_id from {table}")))
                .fetch_all(&mut *transaction)
                .await
                .unwrap();
        assert_eq!(tenants, [OWN], "{table}");
    }
}

#[tokio::test]
async fn a_write_that_forgets_its_tenant_touches_one_tenant() {
    let database = two_tenants().await;
    for table in tenant_tables(&database.pool).await {
        for statement in [
            format!("update {table} set tenant_id = tenant_id"),
            format!("delete from {table}"),
        ] {
            let mut transaction = scope::begin(&database.server, OWN).await.unwrap();
            let own = count(&mut transaction, &table, None).await;
            let done = sqlx::query(AssertSqlSafe(statement.clone()))
                .execute(&mut *transaction)
                .await;
            if table == "audit.entry" {
                assert_eq!(code(done), REFUSED, "{table}: only added to");
                continue;
            }
            let done = done.unwrap();
            assert_eq!(done.rows_affected(), u64::try_from(own).unwrap(), "{statement}");
            leave(&mut transaction).await;
            assert!(
                count(&mut transaction, &table, Some(OTHER)).await > 0,
                "{statement}"
            );
        }
    }
}

#[tokio::test]
async fn a_row_for_another_tenant_is_refused() {
    let database = two_tenants().await;
    for table in tenant_tables(&database.pool).await {
        // A policy is asked before any constraint, so the other columns do not matter.
        let insert = format!("insert into {table} (tenant_id) values ($1)");
        let insert = |tenant_id: &'static str| sqlx::query(AssertSqlSafe(insert.clone())).bind(tenant_id);
        let mut transaction = scope::begin(&database.server, OWN).await.unwrap();
        let refused = insert(OTHER).execute(&mut *transaction).await;
        assert_eq!(code(refused), REFUSED, "{table}");
        drop(transaction);
        let mut transaction = scope::begin(&database.server, OWN).await.unwrap();
        if let Err(error) = insert(OWN).execute(&mut *transaction).await {
            let code = error.as_database_error().unwrap().code().unwrap();
            assert!(
                code.starts_with("23"),
                "{table}: a constraint, not a policy: {error}"
            );
        }
        drop(transaction);
        let mut transaction = scope::begin(&database.server, OWN).await.unwrap();
        let given_away = format!("update {table} set tenant_id = '{OTHER}'");
        let refused = sqlx::query(AssertSqlSafe(given_away))
            .execute(&mut *transaction)
            .await;
        assert_eq!(code(refused), REFUSED, "{table}");
    }
}

#[tokio::test]
async fn without_a_scope_nothing_is_seen() {
    let database = two_tenants().await;
    let mut connection = database.server.acquire().await.unwrap();
    for table in tenant_tables(&database.pool).await {
        let select = sqlx::query(AssertSqlSafe(format!("select * from {table}")))
            .fetch_all(&mut *connection)
            .await;
        if table != "roster.evaluation" {
            assert_eq!(code(select), REFUSED, "{table}");
        }
        // Outside a transaction entering lasts for no statement but its own.
        scope::enter(&mut connection, OWN).await.unwrap();
        let role: String = sqlx::query_scalar("select current_user::text")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(role, scope::SERVICE_ROLE);
        // The role without a tenant, as it was never set and as a transaction leaves it behind.
        let mut transaction = connection.begin().await.unwrap();
        sqlx::query("set local role oneroster_tenant")
            .execute(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(count(&mut transaction, &table, None).await, 0, "{table}");
    }
}

/// A statement of the program as it was checked at compile time, from the committed folder `.sqlx`.
struct Statement {
    text: String,
    parameters: Vec<String>,
}

/// Every read of one tenant's rows, by its text.
fn reads() -> Vec<Statement> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let mut reads = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let described: Value = serde_json::from_str(&text).unwrap();
        let text = described["query"].as_str().unwrap().to_owned();
        let parameters = described["describe"]["parameters"]["Left"].as_array().unwrap();
        let parameters: Vec<String> = parameters
            .iter()
            .map(|parameter| parameter.as_str().unwrap_or_default().to_owned())
            .collect();
        let written = ["insert into", "update ", "delete from"]
            .iter()
            .any(|word| text.replace("for update", "").contains(word));
        // Reads with other parameters are left to the tests above.
        let known = |parameter: &String| matches!(parameter.as_str(), "Text" | "Uuid" | "UuidArray" | "Int8");
        if text.contains("tenant_id = $1") && !written && parameters.iter().all(known) {
            // One instant for all, so that answers can be compared.
            let text = text.replace("clock_timestamp()", "now()");
            reads.push(Statement { text, parameters });
        }
    }
    reads
}

/// Takes the predicate out of a statement, whatever table it is about.
fn forget(text: &str) -> String {
    let mut forgotten = String::new();
    for (place, part) in text.split("tenant_id = $1").enumerate() {
        if place > 0 {
            let alias = forgotten.trim_end_matches(|character: char| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
            });
            forgotten.truncate(alias.len());
            forgotten.push_str(" ($1::text is null or true)");
        }
        forgotten.push_str(part);
    }
    forgotten
}

/// Values that find something of either tenant, if they are allowed to.
struct Values {
    generation_ids: Vec<Uuid>,
    client_ids: Vec<String>,
}

impl Values {
    async fn read(connection: &mut PgConnection) -> Self {
        let generations = "select generation_id from roster.generation order by tenant_id";
        let clients = "select client_id from auth.client order by tenant_id";
        Self {
            generation_ids: sqlx::query_scalar(generations)
                .fetch_all(&mut *connection)
                .await
                .unwrap(),
            client_ids: sqlx::query_scalar(clients).fetch_all(connection).await.unwrap(),
        }
    }
}

/// Runs a read for [`OWN`], the other values being those of `whose`: all its rows in one document.
async fn run(
    connection: &mut PgConnection,
    text: &str,
    read: &Statement,
    values: &Values,
    whose: usize,
) -> Value {
    let document =
        format!("select coalesce(jsonb_agg(to_jsonb(q) order by to_jsonb(q)::text), '[]') from ({text}) q");
    let mut query: QueryScalar<'_, Postgres, Value, PgArguments> =
        sqlx::query_scalar(AssertSqlSafe(document)).bind(OWN);
    let mut numbers = 0;
    for parameter in read.parameters.iter().skip(1) {
        query = match parameter.as_str() {
            "Text" => query.bind(values.client_ids[whose].clone()),
            "Uuid" => query.bind(values.generation_ids[whose]),
            "UuidArray" => query.bind(values.generation_ids.clone()),
            "Int8" if read.text.contains("number < $3") => query.bind(9_i64),
            "Int8" => {
                numbers += 1;
                // From generation 0 to 1; alone: up to 1.
                let alone = read.parameters.len() == 2;
                query.bind(i64::from(numbers > 1 || alone))
            }
            other => panic!("no value for a parameter of type {other}: {}", read.text),
        };
    }
    query
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn the_programs_own_reads_without_their_predicate_give_one_tenants_rows() {
    let database = two_tenants().await;
    let reads = reads();
    assert!(reads.len() >= 25, "{}", reads.len());
    let mut leaking = BTreeMap::new();
    for read in &reads {
        let forgotten = forget(&read.text);
        assert!(!forgotten.contains("tenant_id = $1"), "{forgotten}");
        let mut transaction = database.server.begin().await.unwrap();
        leave(&mut transaction).await;
        let values = Values::read(&mut transaction).await;
        // OTHER comes before OWN in order: what is asked for by id is the other tenant's.
        let (theirs, ours) = (0, 1);
        let right = run(&mut transaction, &read.text, read, &values, ours).await;
        let unprotected = run(&mut transaction, &forgotten, read, &values, theirs).await;
        scope::enter(&mut transaction, OWN).await.unwrap();
        let protected = run(&mut transaction, &forgotten, read, &values, ours).await;
        assert_eq!(protected, right, "{forgotten}");
        let asked_for_theirs = run(&mut transaction, &forgotten, read, &values, theirs).await;
        let as_written = run(&mut transaction, &read.text, read, &values, theirs).await;
        assert_eq!(asked_for_theirs, as_written, "{forgotten}");
        leaking.insert(read.text.clone(), unprotected != as_written);
    }
    // Without row-level security nearly all of them would tell: this test would notice.
    let telling = leaking.values().filter(|leaks| **leaks).count();
    assert!(telling >= 20, "{telling} of {}", leaking.len());
    for load in [
        "select kind, sourced_id, from_number, until_number, status, content",
        "select number, published_at from",
    ] {
        let loads: Vec<bool> = leaking
            .iter()
            // What was removed is looked for on the desk, and this roster has nothing of the kind.
            .filter(|(text, _)| {
                text.starts_with(load) && !text.contains("until_number is null and status = 'tobedeleted'")
            })
            .map(|(_, leaks)| *leaks)
            .collect();
        assert_eq!(loads, [true, true], "the reads that serve a roster: {load}");
    }
}
