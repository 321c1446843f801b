//! Nothing of the tests stays behind: when the last test process has ended, however it ended, the data of their Postgres are
//! deleted. Databases are not dropped one by one, since the next test would wait for that.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use oneroster_embedded_postgres::{Embedded, Options, Sources};
use sqlx::ConnectOptions;

/// Deletes the data in the data directory `$1` if no process uses them.
///
/// The locks are those of `oneroster_embedded_postgres`. A process that begins takes `start.lock` before `users.lock`: whoever
/// holds the first while the others are free is alone. The lock files stay, since another process may have them open.
const SWEEP: &str = r#"
cd "$1" || exit
exec 7>>server.lock 8>>users.lock 9>>start.lock
flock -n 9 && flock -n 8 && flock -n 7 && rm -rf postgres-* password postgres.log
"#;

/// Waits until no process uses the data directory `$1` any more, and deletes its data. One such process is enough.
///
/// Postgres is stopped by its own guard, which needs `users.lock` for that. A patience of `$2` seconds spares test processes
/// that follow each other a new `initdb`.
const SWEEP_LATER: &str = r#"
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
flock -w 60 7 && rm -rf postgres-* password postgres.log
"#;

/// Deletes what an earlier run left that was cut off together with its sweeper.
pub(super) fn sweep(data_dir: &Path) {
    if data_dir.exists() {
        shell(SWEEP).arg(data_dir).status().unwrap();
    }
}

/// Starts the process that deletes the data once nobody uses them.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
pub(super) fn sweep_later(data_dir: &Path, patience_s: u32) {
    shell(SWEEP_LATER)
        .arg(data_dir)
        .arg(patience_s.to_string())
        // Not reached by the Ctrl-C that ends the tests.
        .process_group(0)
        .spawn()
        .unwrap();
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "oneroster-test-sweeper"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn files(data_dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data_dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Dropping [`Embedded`] leaves its locks to the kernel, as a process does that was killed.
#[tokio::test]
async fn the_data_of_the_tests_are_deleted_once_no_process_uses_them() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("postgres");
    let options = Options {
        data_dir: data_dir.clone(),
        postgres_bin: None,
        sources: Sources::default(),
        parameters: vec![("fsync".to_owned(), "off".to_owned())],
    };
    let first = Embedded::open(options.clone()).await.unwrap();
    let second = Embedded::open(options.clone()).await.unwrap();
    for _ in 0..2 {
        sweep_later(&data_dir, 0);
    }
    sweep(&data_dir);
    drop(first);
    second.connect_options().connect().await.unwrap();
    drop(second);
    let locks = ["server.lock", "start.lock", "sweeper.lock", "users.lock"];
    tokio::time::timeout(Duration::from_mins(1), async {
        while files(&data_dir) != locks {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the data are still there");

    Embedded::open(options).await.unwrap().close().await;
    assert_ne!(files(&data_dir), locks, "nobody waits to delete it");
    sweep(&data_dir);
    assert_eq!(files(&data_dir), locks);
}
