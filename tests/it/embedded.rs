//! The embedded Postgres: shared, restarted, stopped, and what it refuses.

mod killed;
mod refusals;
mod start;

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use oneroster::config::{self, environment};
use oneroster::db::{Database, MIGRATOR, Migrations};
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

/// A process that uses a data directory until it is asked to end, or killed.
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

/// The processes of Postgres, its guard and every process that works in the directory.
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
async fn as_owner(database: &Database, data_dir: &Path) -> sqlx::PgConnection {
    let password = std::fs::read_to_string(data_dir.join("password")).unwrap();
    let options = database.pool().connect_options().as_ref().clone();
    let owner = options.username("oneroster").password(password.trim());
    owner.connect().await.unwrap()
}

/// Leaves a mark that a later start must find.
async fn leave_mark(data_dir: &Path) {
    let database = open(data_dir).await;
    let mut owner = as_owner(&database, data_dir).await;
    sqlx::query("create table mark (x int)")
        .execute(&mut owner)
        .await
        .unwrap();
    owner.close().await.unwrap();
    database.close().await;
}

async fn assert_marked(data_dir: &Path) {
    let database = open(data_dir).await;
    let mut owner = as_owner(&database, data_dir).await;
    sqlx::query("select x from mark")
        .execute(&mut owner)
        .await
        .unwrap();
    owner.close().await.unwrap();
    database.close().await;
}
