//! Nothing of a test stays behind. Its database is dropped when its thread ends, which it also does when the test fails. When the
//! last test process has ended, however it ended, a small shell deletes the data of the tests' Postgres.

use std::cell::RefCell;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use oneroster_embedded_postgres::{Embedded, Options, Sources};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

/// Waits until nobody uses the Postgres of the data directory `$1` any more, and deletes its data.
///
/// The locks are those of `oneroster_embedded_postgres`. Who begins takes `start.lock` before `users.lock`, so whoever holds
/// the first while the second is free is alone; Postgres is then stopped by its own guard. The lock files stay: another
/// process may have them open. A little patience spares test processes that follow each other a new `initdb`.
const SWEEPER: &str = r#"
trap '' HUP INT TERM
cd "$1" || exit
exec 6>>sweeper.lock 7>>server.lock 8>>users.lock 9>>start.lock
flock -n 6 || exit 0
while :; do
  flock 8
  flock -u 8
  sleep "$2"
  flock -n 8 || continue
  if flock -n 9; then break; fi
  flock -u 8
done
flock -u 8
flock -w 60 7 || exit
rm -rf postgres-* password postgres.log
"#;

/// The way to the thread that drops databases.
static DROPPER: OnceLock<Sender<String>> = OnceLock::new();

thread_local! {
    static DATABASES: Databases = const { Databases(RefCell::new(Vec::new())) };
}

/// The databases that were made on this thread. It is the test's own, and ends with the test.
struct Databases(RefCell<Vec<String>>);

impl Drop for Databases {
    fn drop(&mut self) {
        if let Some(dropper) = DROPPER.get() {
            for name in self.0.take() {
                // Without the thread the process is ending: the sweeper's turn.
                let _ = dropper.send(name);
            }
        }
    }
}

/// Has the database dropped when this thread ends.
pub(super) fn drop_with_this_thread(name: &str) {
    DATABASES.with(|databases| databases.0.borrow_mut().push(name.to_owned()));
}

/// Starts what cleans up: a thread for the databases, a process for the rest.
pub(super) fn start(data_dir: &Path, admin: PgConnectOptions) {
    start_sweeper(data_dir, 2);
    let (sender, names) = channel();
    DROPPER.set(sender).unwrap();
    std::thread::spawn(move || drop_databases(&admin, &names));
}

fn start_sweeper(data_dir: &Path, patience_s: u32) {
    Command::new("sh")
        .args(["-c", SWEEPER, "oneroster-test-sweeper"])
        .arg(data_dir)
        .arg(patience_s.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Not reached by the Ctrl-C that ends the tests.
        .process_group(0)
        .spawn()
        .unwrap();
}

/// Drops one database after the other. Nobody waits for it, and sessions that a test left behind are ended.
fn drop_databases(admin: &PgConnectOptions, names: &Receiver<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = admin.connect().await.unwrap();
        for name in names {
            let statement = format!("drop database if exists {name} with (force)");
            connection.execute(AssertSqlSafe(statement)).await.unwrap();
        }
    });
}

/// Runs what a test does with its database on a thread of its own. Returns how it ended and the database's name.
fn run_as_a_test(fails: bool) -> (std::thread::Result<()>, String) {
    let (sender, name) = channel();
    let test = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let database = super::database().await;
            let query = sqlx::query_scalar::<_, String>("select current_database()::text");
            sender
                .send(query.fetch_one(&database.pool).await.unwrap())
                .unwrap();
            assert!(!fails, "fails on purpose");
        });
    };
    (std::thread::spawn(test).join(), name.recv().unwrap())
}

async fn wait_until(holds: impl AsyncFn() -> bool) {
    tokio::time::timeout(Duration::from_mins(1), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("it never came to hold");
}

#[tokio::test]
async fn the_database_of_a_test_is_dropped_when_it_has_ended_or_failed() {
    let watching = super::database().await.pool;
    for fails in [false, true] {
        let (ended, name) = tokio::task::spawn_blocking(move || run_as_a_test(fails))
            .await
            .unwrap();
        assert_eq!(ended.is_err(), fails);
        wait_until(async || {
            sqlx::query_scalar("select not exists (select from pg_database where datname = $1)")
                .bind(&name)
                .fetch_one(&watching)
                .await
                .unwrap()
        })
        .await;
    }
}

/// Dropping [`Embedded`] leaves its locks to the kernel, as a process does that was killed.
#[tokio::test]
async fn the_data_of_the_tests_are_deleted_once_their_last_process_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("postgres");
    let options = Options {
        data_dir: data_dir.clone(),
        postgres_bin: None,
        sources: Sources::default(),
        parameters: vec![("fsync".to_owned(), "off".to_owned())],
    };
    let files = || {
        let entries = std::fs::read_dir(&data_dir).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let first = Embedded::open(options.clone()).await.unwrap();
    let second = Embedded::open(options.clone()).await.unwrap();
    start_sweeper(&data_dir, 0);
    start_sweeper(&data_dir, 0);
    drop(first);
    second.connect_options().connect().await.unwrap();
    drop(second);
    let locks = ["server.lock", "start.lock", "sweeper.lock", "users.lock"];
    wait_until(async || files() == locks).await;

    let again = Embedded::open(options).await.unwrap();
    again.connect_options().connect().await.unwrap();
    assert_ne!(files(), locks);
    again.close().await;
}
