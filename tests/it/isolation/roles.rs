//! What the database user of an installation needs: nothing but to own its database and to take on two roles.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use oneroster::config;
use oneroster::db::{Database, Migrations, scope};
use oneroster_embedded_postgres::{self, Embedded, Options, Source, Sources};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

use crate::harness::api::Api;
use crate::harness::school::{JAN, school};

/// Opens a database as the program does, as a user with the password `secret`.
async fn open(server: &PgConnectOptions, user: &str, database: &str) -> Result<Database, String> {
    let options = server
        .clone()
        .username(user)
        .password("secret")
        .database(database);
    let settings = config::Database {
        url: Some(options.to_url_lossy().to_string()),
        ..config::Database::default()
    };
    Database::open(&settings, Migrations::Apply)
        .await
        .map_err(|error| {
            let causes =
                std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
        })
}

async fn run(admin: &mut PgConnection, statements: &str) {
    for statement in statements
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
    {
        let done = admin.execute(AssertSqlSafe(statement.to_owned())).await;
        done.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}

/// Reads from a refusal what an administrator should do.
#[track_caller]
fn advice(refusal: &Result<Database, String>, reason: &str) -> String {
    let refusal = refusal.as_ref().map(|_| ()).unwrap_err();
    assert!(refusal.contains(reason), "{refusal}");
    let (_, advice) = refusal.split_once("as an administrator run once: ").unwrap();
    // The message may be repeated as the cause of another.
    let (advice, _) = advice.split_once(" at line ").unwrap_or((advice, ""));
    advice.to_owned()
}

/// Works in a database as its ordinary owner: a school is made, published and read.
async fn work(database: &Database) {
    let options = database.pool().connect_options().as_ref().clone();
    let owner = PgPoolOptions::new().max_connections(2).connect_lazy_with(options);
    let superuser: bool = sqlx::query_scalar("select rolsuper from pg_roles where rolname = current_user")
        .fetch_one(&owner)
        .await
        .unwrap();
    assert!(!superuser);
    school(&owner, "gewoon").await.publish().await;
    let api = Api::start(&owner).await;
    let made = oneroster::auth::client::create(database.pool(), "gewoon", "sds")
        .await
        .unwrap();
    let token = api.token(&made).await;
    let jan = api.get(&token, &format!("/users/{JAN}")).await;
    assert_eq!(jan.json()["user"]["givenName"], "Jan");
    let mut other = scope::begin(database.pool(), "ander").await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from roster.object_version")
        .fetch_one(&mut *other)
        .await
        .unwrap();
    assert_eq!(seen, 0);
}

/// Starts a Postgres of its own for a test; `None` where no such Postgres can be had.
async fn cluster(sources: Sources) -> Option<(TempDir, Embedded)> {
    let directory = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .unwrap();
    let options = Options {
        data_dir: directory.path().to_owned(),
        postgres_bin: None,
        sources,
        parameters: Vec::new(),
    };
    match Embedded::open(options).await {
        Ok(embedded) => Some((directory, embedded)),
        Err(oneroster_embedded_postgres::Error::NoBinaries { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_owner_is_enough_and_one_that_may_too_little_is_told_what_to_run() {
    let (_directory, embedded) = cluster(Sources::default()).await.unwrap();
    Box::pin(try_users(embedded)).await;
}

/// Postgres 16 changed what the right to make roles brings; this fetches 18 where that is possible.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_owner_is_enough_for_a_newer_postgres_too() {
    let sources = Sources {
        ways: vec![Source::Cache, Source::Pip],
        cache_dir: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("fetched")),
    };
    if let Some((_directory, embedded)) = cluster(sources).await {
        Box::pin(try_users(embedded)).await;
    }
}

/// Each step needs the roles as the step before left them, in a cluster of its own.
async fn try_users(embedded: Embedded) {
    let server = embedded.connect_options().clone();
    let mut admin = server.connect().await.unwrap();
    run(
        &mut admin,
        "create role plain login password 'secret'; create role maker login createrole password 'secret';
         create database plain owner plain; create database late owner plain; create database faulty owner plain;
         create database one owner maker; create database two owner maker; create database three owner maker",
    )
    .await;

    // No roles yet, and no right to make them.
    let refused = open(&server, "plain", "plain").await;
    advice(&refused, "may not create roles");

    // With the right to: three databases of the cluster at once.
    let opened = tokio::join!(
        open(&server, "maker", "one"),
        open(&server, "maker", "two"),
        open(&server, "maker", "three")
    );
    for database in [opened.0.unwrap(), opened.1.unwrap(), opened.2.unwrap()] {
        work(&database).await;
        database.close().await;
    }

    // The roles are there, but not theirs.
    for role in ["oneroster_service", "oneroster_desk"] {
        let refused = open(&server, "plain", "plain").await;
        let advised = advice(&refused, &format!("may not act as role {role}"));
        run(&mut admin, &advised).await;
    }
    let database = open(&server, "plain", "plain").await.unwrap();
    work(&database).await;
    database.close().await;

    // Everything is in place, and then the membership is taken away.
    run(&mut admin, "revoke oneroster_tenant from plain").await;
    let refused = open(&server, "plain", "plain").await.unwrap_err();
    assert!(
        refused.contains(
            "cannot act as oneroster_service, oneroster_tenant, oneroster_desk and oneroster_desk_tenant"
        ),
        "{refused}"
    );
    run(&mut admin, "grant oneroster_tenant to plain").await;

    // Temporary tables, which an import needs, may have been forbidden to everyone.
    run(&mut admin, "revoke temporary on database late from public").await;
    let database = open(&server, "plain", "late").await.unwrap();
    let mut transaction = scope::begin(database.pool(), "gewoon").await.unwrap();
    transaction
        .execute("create temporary table staging (a integer)")
        .await
        .unwrap();
    drop(transaction);
    database.close().await;

    switch_policies_off(&server).await;

    // A role of this name that no policy would bind.
    run(&mut admin, "alter role oneroster_tenant bypassrls").await;
    let refused = open(&server, "plain", "late").await.unwrap_err();
    assert!(
        refused.contains("row-level security is not in force"),
        "{refused}"
    );
    let refused = open(&server, "plain", "faulty").await.unwrap_err();
    assert!(
        refused.contains("oneroster_tenant exists and may do too much"),
        "{refused}"
    );

    admin.close().await.unwrap();
    embedded.close().await;
}

/// Policies switched off on any one table, as for some maintenance.
async fn switch_policies_off(server: &PgConnectOptions) {
    for table in [
        "tenant.decision",
        "informat.persoon",
        "auth.client",
        "synclog.run",
    ] {
        let mut late = server.clone().database("late").connect().await.unwrap();
        run(
            &mut late,
            &format!("alter table {table} disable row level security"),
        )
        .await;
        let refused = open(server, "plain", "late").await.map(|_| ()).unwrap_err();
        assert!(
            refused.contains("row-level security is not in force"),
            "{table}: {refused}"
        );
        run(
            &mut late,
            &format!("alter table {table} enable row level security"),
        )
        .await;
        late.close().await.unwrap();
    }
    open(server, "plain", "late").await.unwrap().close().await;
}
