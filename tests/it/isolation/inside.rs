//! What whoever gets SQL of their own into a server's statements can do: from inside its own connections, as it signs in.

use oneroster::auth::Keyring;
use oneroster::db::{Database, Migrations};
use oneroster_embedded_postgres::{Embedded, Options, Sources};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres};

use super::{OTHER, OWN, REFUSED, code, two_tenants};
use crate::harness::running::{self, Running};
use crate::harness::school::school;
use crate::harness::{TestDatabase, command, database, owner_url, program};

/// The schemas with what is kept.
const SCHEMAS: [&str; 9] = [
    "public", "tenant", "informat", "username", "roster", "auth", "synclog", "audit", "desk",
];

/// What nobody but an owner or a superuser may, under any role that a server can take on.
const NEVER: &[&str] = &[
    "set role oneroster",
    "set role postgres",
    "set role pg_read_all_data",
    "set session authorization oneroster",
    "alter table informat.persoon disable row level security",
    "alter table informat.persoon no force row level security",
    "alter table auth.client owner to current_user",
    "drop policy own_tenant on informat.persoon",
    "create policy open on informat.persoon using (true)",
    "alter role current_user bypassrls",
    "alter role session_user superuser",
    "create role another",
    "grant oneroster to session_user",
    "create database another",
    "copy (select 1) to program 'true'",
    "copy pg_temp.x from program 'echo 1'",
    "copy (select 1) to '/tmp/x'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "alter system set log_statement = 'all'",
    "select rolpassword from pg_authid",
    "drop table auth.signing_key",
    "truncate auth.signing_key",
    "alter function audit.kind(text, jsonb, jsonb) owner to current_user",
    "drop trigger audit_update on auth.client",
    "alter table auth.client disable trigger all",
    "set session_replication_role = replica",
    "update _sqlx_migrations set checksum = ''",
    "delete from audit.entry",
    "update audit.entry set by = 'somebody else'",
];

/// Opens what a server opens, and takes one of its connections.
async fn connection(pool: &PgPool) -> PoolConnection<Postgres> {
    let mut connection = pool.acquire().await.unwrap();
    // As an import does.
    let _ = connection.execute("create temporary table x (line text)").await;
    connection
}

async fn attempt(connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
    connection
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .map(|_| ())
}

/// Tries everything from a session, under each role that it can take on, and after `reset role`.
async fn try_all(pool: &PgPool, roles: &[&str]) {
    let mut connection = connection(pool).await;
    let mut roles: Vec<String> = roles.iter().map(|role| format!("set role {role}")).collect();
    roles.push("reset role".to_owned());
    for role in &roles {
        attempt(&mut connection, role).await.unwrap();
        for schema in SCHEMAS {
            for statement in [
                format!("create function {schema}.mine() returns integer language sql as 'select 1'"),
                format!("create table {schema}.mine (x integer)"),
            ] {
                let refused = attempt(&mut connection, &statement).await;
                assert_eq!(code(refused), REFUSED, "{role}: {statement}");
            }
        }
        for statement in NEVER {
            let refused = attempt(&mut connection, statement).await;
            let said = format!("{role}: {statement}: {refused:?}");
            let code = code(refused);
            // A role that is not there, and one that is not to be taken on.
            let is_refused = code == REFUSED
                || (["22023", "42704"].contains(&code.as_str()) && statement.contains("role"));
            assert!(is_refused, "{said}");
        }
    }
    // By itself it reads nothing.
    for table in [
        "tenant.tenant",
        "informat.persoon",
        "auth.client",
        "auth.signing_key",
        "audit.entry",
        "desk.account",
    ] {
        let refused = attempt(&mut connection, &format!("select from {table}")).await;
        assert_eq!(code(refused), REFUSED, "{table}");
    }
}

#[tokio::test]
async fn injected_sql_gets_around_no_wall_from_inside_a_server() {
    let database = two_tenants().await;
    let settings = running::settings(&database.url);
    let opened = Database::open(&settings.database, Migrations::Require)
        .await
        .unwrap();
    assert_eq!(opened.too_much(), [""; 0]);
    let all = [
        "oneroster_service",
        "oneroster_tenant",
        "oneroster_desk",
        "oneroster_desk_tenant",
    ];
    try_all(opened.pool(), &all).await;
    try_all(opened.housekeeping(), &all).await;
    try_all(opened.desk(), &all).await;

    // In the scope of a tenant: nothing of another, and no keys.
    let mut transaction = oneroster::db::scope::begin(opened.pool(), OWN).await.unwrap();
    let (own, other): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where tenant_id = $1), count(*) filter (where tenant_id = $2) from informat.persoon",
    )
    .bind(OWN)
    .bind(OTHER)
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert!(own > 0 && other == 0, "{own} {other}");
    let keys = attempt(
        &mut transaction,
        "select private_key, sealed_key from auth.signing_key",
    )
    .await;
    assert_eq!(code(keys), REFUSED);
    drop(transaction);
    opened.close().await;
}

/// The control: signed in as the owner, the same gets through. So the login is what stands there.
#[tokio::test]
async fn signed_in_as_the_owner_the_wall_would_not_stand_and_the_log_says_so() {
    let database = two_tenants().await;
    let mut settings = running::settings(&owner_url(&database.url));
    settings.database.owner_url = None;
    let opened = Database::open(&settings.database, Migrations::Require)
        .await
        .unwrap();
    assert!(
        opened
            .too_much()
            .iter()
            .any(|reason| reason.contains("superuser")),
        "{:?}",
        opened.too_much()
    );
    let mut connection = connection(opened.pool()).await;
    attempt(&mut connection, "reset role").await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from informat.persoon where tenant_id = $1")
        .bind(OTHER)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert!(seen > 0);
    drop(connection);
    opened.close().await;

    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut serve = command(&owner_url(&database.url), &["serve", "--listen", "127.0.0.1:0"]);
    let mut serving = serve
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let told = || std::fs::read_to_string(&log).unwrap();
    for _ in 0..3000 {
        if told().contains("serving") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(
        told().contains("may do too much: it is a superuser") && told().contains("--print-roles"),
        "{}",
        told()
    );
}

/// A whole server works so, and every command.
#[tokio::test]
async fn a_server_serves_and_publishes_signed_in_as_a_user_that_owns_nothing() {
    let database = database().await;
    school(&database.pool, OWN).await.publish().await;
    let server = Running::start(&running::settings(&database.url)).await;
    let answered = reqwest::get(format!("{}/readyz", server.base_url)).await.unwrap();
    assert!(answered.status().is_success());
    server.stop().await;
    let output = command(&database.url, &["publish", "--all"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Nothing is typed for an embedded Postgres, one of before included: its servers sign in as a user that owns nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_postgres_gets_a_login_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // As versions of before left it: the owner and the migrations alone.
    let embedded = Embedded::open(Options {
        data_dir: folder.path().to_owned(),
        postgres_bin: None,
        sources: Sources::default(),
        parameters: Vec::new(),
    })
    .await
    .unwrap();
    let mut owner = embedded.connect_options().connect().await.unwrap();
    oneroster::db::MIGRATOR.run(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    let mut settings = running::settings("postgres://none/none");
    settings.database.url = None;
    settings.database.owner_url = None;
    settings.database.data_dir = Some(folder.path().to_owned());
    settings.keys.encryption_key_file = None;
    let opened = Database::open(&settings.database, Migrations::Require)
        .await
        .unwrap();
    // Its encryption key is beside it.
    let keyring = Keyring::open(&settings, opened.pool()).await.unwrap();
    assert_eq!(keyring.file(), folder.path().join("encryption-key"));
    assert_eq!(opened.too_much(), [""; 0]);
    try_all(opened.pool(), &["oneroster_service", "oneroster_tenant"]).await;
    let user: String = sqlx::query_scalar("select session_user::text")
        .fetch_one(opened.pool())
        .await
        .unwrap();
    assert_eq!(user, "oneroster_serve");
    opened.close().await;
    // A password that was lost is made anew.
    std::fs::remove_file(folder.path().join("serve-password")).unwrap();
    let listed = program(&["tenant", "list", "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
    embedded.close().await;
}

#[tokio::test]
async fn an_administrator_is_told_what_to_run() {
    let url = database().await.url;
    let printed = command(&url, &["migrate", "--print-roles"]).output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success());
    for line in [
        "create role oneroster_service nologin noinherit;",
        "create role serve_of_tests login noinherit password 'CHOOSE ANOTHER';",
        "grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to serve_of_tests;",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

/// What somebody may whom the user could become, it may too; and a database whose schema public has another name is looked at like any other.
#[tokio::test]
async fn a_login_that_could_become_somebody_unbound_may_do_too_much() {
    let TestDatabase { pool, url, .. } = database().await;
    let name = format!("member_{}", uuid::Uuid::from_u128(rand::random()).simple());
    let database_name = url
        .split('?')
        .next()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let password: String = url
        .split("://serve_of_tests:")
        .nth(1)
        .unwrap()
        .split('@')
        .next()
        .unwrap()
        .to_owned();
    let statements = [
        format!("create role {name} login noinherit password '{password}'"),
        format!("create role {name}_above bypassrls"),
        format!("grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to {name}"),
        "alter schema public rename to elsewhere".to_owned(),
        format!("alter database {database_name} set search_path = elsewhere"),
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&pool)
            .await
            .unwrap();
    }
    let settings = running::settings(&url.replace("://serve_of_tests:", &format!("://{name}:")));
    let too_much = async || {
        let opened = Database::open(&settings.database, Migrations::Require)
            .await
            .unwrap();
        let found = opened.too_much().to_vec();
        opened.close().await;
        found
    };
    let before = too_much().await;
    let granted = format!("grant {name}_above to {name}");
    sqlx::query(AssertSqlSafe(granted)).execute(&pool).await.unwrap();
    let after = too_much().await;
    for statement in [format!("drop role {name}_above"), format!("drop role {name}")] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&pool)
            .await
            .unwrap();
    }
    assert_eq!(before, [""; 0]);
    assert!(
        after.len() == 1 && after[0].contains("may become a user that no right binds"),
        "{after:?}"
    );
}
