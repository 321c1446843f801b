//! `import --watch`: what comes to a folder is imported and put away, whatever happens meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::bundle::zip;
use super::command::{TENANT_FILE, add_school, hold_last_table};
use super::{Files, import, mirror, only, school, version};
use crate::harness::{TestDatabase, command, database, wait_for_locks, wait_until_alone};

const PATIENCE: Duration = Duration::from_secs(20);

/// A running `import --watch`, killed when dropped.
struct Watching {
    child: Child,
    log: PathBuf,
}

impl Watching {
    fn start(database: &TestDatabase, place: &TempDir, arguments: &[&str]) -> Self {
        let log = place.path().join("log");
        let child = command(&database.url, &["import", "--watch"])
            .arg(inbox(place))
            .args(arguments)
            .stderr(fs::File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let watching = Self { child, log };
        watching.said("watching for bundles");
        watching
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn said(&self, text: &str) {
        wait_until(|| self.log().contains(text), || self.log());
    }

    /// Stops it as systemd does, and returns its exit code.
    fn stop(mut self) -> Option<i32> {
        kill(
            Pid::from_raw(self.child.id().try_into().unwrap()),
            Signal::SIGTERM,
        )
        .unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until(holds: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{}", otherwise());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn inbox(place: &TempDir) -> PathBuf {
    place.path().join("inbox")
}

/// Writes an archive beside the folder and gives it its name in there.
fn deliver(place: &TempDir, name: &str, files: &Files) {
    let draft = place.path().join("draft");
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    zip(&draft, &files);
    fs::rename(draft, inbox(place).join(name)).unwrap();
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn what_comes_is_put_away_with_its_report_each_for_the_tenant_of_its_folder() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    add_school(&database.pool, &TENANT_FILE.replace("\"t\"", "\"u\"")).await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(inbox(&place).join("t")).unwrap();
    fs::create_dir_all(inbox(&place).join("Not a tenant")).unwrap();
    fs::create_dir_all(inbox(&place).join("backup")).unwrap();
    let watching = Watching::start(&database, &place, &[]);
    // The folder of a tenant may come later.
    fs::create_dir_all(inbox(&place).join("u")).unwrap();
    let (good, mut bad) = (school(), only(&["school.csv"]));
    bad.get_mut("school.csv").unwrap().push_str("1,Te kort,\n");
    let done = inbox(&place).join("t/done/nacht.zip");
    // Watched from here on.
    wait_until(|| inbox(&place).join("u/done").is_dir(), || watching.log());
    wait_until(|| inbox(&place).join("t/done").is_dir(), || watching.log());
    deliver(&place, "t/nacht.zip", &good);
    deliver(&place, "u/nacht.zip", &bad);
    let refused = inbox(&place).join("u/refused/nacht.zip");
    wait_until(|| done.is_file() && refused.is_file(), || watching.log());
    let loaded = report(&inbox(&place).join("t/done/nacht.zip.json"));
    assert_eq!(
        (&loaded["accepted"], &loaded["inserted"]),
        (&true.into(), &11.into())
    );
    assert_eq!(
        (&loaded["tenant"], &loaded["delta"]),
        (&"t".into(), &false.into())
    );
    let fault = report(&inbox(&place).join("u/refused/nacht.zip.json"));
    assert_eq!(
        (&fault["accepted"], &fault["faults"][0]["rule"]),
        (&false.into(), &"instelnr-form".into())
    );

    // The same again, and what is no archive.
    deliver(&place, "t/nacht.zip", &good);
    let again = inbox(&place).join("t/done/nacht.2.zip");
    wait_until(|| again.is_file(), || watching.log());
    assert_eq!(
        report(&inbox(&place).join("t/done/nacht.2.zip.json"))["inserted"],
        0
    );
    fs::write(place.path().join("half"), &fs::read(&again).unwrap()[..200]).unwrap();
    fs::rename(place.path().join("half"), inbox(&place).join("t/half.zip")).unwrap();
    let half = inbox(&place).join("t/refused/half.zip");
    wait_until(|| half.is_file(), || watching.log());
    let half = report(&inbox(&place).join("t/refused/half.zip.json"));
    assert_eq!(half["faults"][0]["rule"], "unreadable", "{half}");

    watching.said("no tenant is called like this folder");
    assert!(!inbox(&place).join("backup/done").exists());
    assert_eq!(watching.stop(), Some(0));
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);
    assert_eq!(version(&database.pool, "u").await, 0);
    let entries: i64 = sqlx::query_scalar("select count(*) from audit.entry where kind = 'bundle_imported'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(entries, 2);
}

#[tokio::test]
async fn a_watcher_killed_in_the_middle_loses_nothing_and_loads_it_when_it_is_started_again() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(inbox(&place)).unwrap();
    let mut watching = Watching::start(&database, &place, &["--tenant", "t"]);
    let second = command(&database.url, &["import", "--tenant", "t", "--watch"])
        .arg(inbox(&place))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        second.status.code() == Some(1) && said.contains("is watched by another process"),
        "{said}"
    );

    let holder = hold_last_table(&database.pool).await;
    deliver(&place, "nacht.zip", &school());
    wait_for_locks(&database.pool, 1).await;
    watching.child.kill().unwrap();
    drop(watching);
    holder.rollback().await.unwrap();
    wait_until_alone(&database.pool).await;
    assert!(inbox(&place).join("working/nacht.zip").is_file());
    assert_eq!(version(&database.pool, "t").await, 0);

    let watching = Watching::start(&database, &place, &["--tenant", "t"]);
    let done = inbox(&place).join("done/nacht.zip");
    wait_until(|| done.is_file(), || watching.log());
    assert_eq!(watching.stop(), Some(0));
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);
}

/// Told to stop, it lets the import under way finish.
#[tokio::test]
async fn a_watcher_that_is_told_to_stop_finishes_what_it_does() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(inbox(&place)).unwrap();
    let watching = Watching::start(&database, &place, &["--tenant", "t"]);
    let holder = hold_last_table(&database.pool).await;
    deliver(&place, "a.zip", &school());
    wait_for_locks(&database.pool, 1).await;
    deliver(&place, "b.zip", &school());
    let stopping = tokio::task::spawn_blocking(move || watching.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    holder.rollback().await.unwrap();
    assert_eq!(stopping.await.unwrap(), Some(0));
    assert!(inbox(&place).join("done/a.zip").is_file() && inbox(&place).join("b.zip").is_file());
    assert_eq!(version(&database.pool, "t").await, 1);
}

/// It was loaded, and the process ended before it was put away. What was loaded meanwhile stays, and the report says what was done.
#[tokio::test]
async fn a_watcher_killed_after_the_commit_does_not_load_it_again() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(inbox(&place)).unwrap();
    let mut watching = Watching::start(&database, &place, &["--tenant", "t"]);
    let holder = hold_last_table(&database.pool).await;
    deliver(&place, "nacht.zip", &school());
    wait_for_locks(&database.pool, 1).await;
    // So that it cannot be put away.
    let done = inbox(&place).join("done");
    fs::remove_dir(&done).unwrap();
    fs::write(&done, "in the way").unwrap();
    holder.rollback().await.unwrap();
    watching.said("cannot go on here");
    watching.child.kill().unwrap();
    drop(watching);
    assert!(inbox(&place).join("working/nacht.zip").is_file());
    assert_eq!(version(&database.pool, "t").await, 1);

    let mut newer = school();
    let school_file = newer.get_mut("school.csv").unwrap();
    *school_file = school_file.replace("001507,", "001507,Nieuw ");
    import(&database.pool, "t", &newer).await.unwrap();
    let now = mirror(&database.pool, "t").await;
    fs::remove_file(&done).unwrap();
    let watching = Watching::start(&database, &place, &["--tenant", "t"]);
    let put = done.join("nacht.zip");
    wait_until(|| put.is_file(), || watching.log());
    assert_eq!(watching.stop(), Some(0));
    assert_eq!(mirror(&database.pool, "t").await, now);
    assert_eq!(version(&database.pool, "t").await, 2);
    let report = report(&done.join("nacht.zip.json"));
    assert_eq!(
        (
            &report["accepted"],
            &report["inserted"],
            &report["rows"]["school.csv"]
        ),
        (&true.into(), &11.into(), &1.into())
    );
    assert!(!inbox(&place).join("working/.note.json").exists());
}

#[tokio::test]
async fn a_folder_of_a_tenant_that_is_not_there_and_one_of_one_tenant_for_all_are_refused_at_once() {
    let database = database().await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(inbox(&place).join("working")).unwrap();
    for (arguments, words) in [
        (&["--tenant", "t"][..], "there is no tenant \"t\""),
        (&[], "--tenant ID"),
    ] {
        let refused = command(&database.url, &["import", "--watch"])
            .arg(inbox(&place))
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains(words), "{said}");
    }
}

/// The command in the report is one that works, and a delta stays one.
#[tokio::test]
async fn a_delta_that_a_guard_refused_is_imported_by_the_command_in_its_report() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    import(&database.pool, "t", &school()).await.unwrap();
    let before = mirror(&database.pool, "t").await;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(inbox(&place)).unwrap();
    let watching = Watching::start(&database, &place, &["--tenant", "t", "--delta"]);
    let lost = "instelnr,school,schoolcode\n001507,Sch\u{fffd}ol,\n".to_owned();
    deliver(&place, "it's.zip", &Files::from([("school.csv", lost)]));
    let refused = inbox(&place).join("refused/it's.zip");
    wait_until(|| refused.is_file(), || watching.log());
    assert_eq!(watching.stop(), Some(0));
    let report = report(&inbox(&place).join("refused/it's.zip.json"));
    let line = report["command"].as_str().unwrap();
    assert!(
        line.contains(" --delta ") && line.contains(" --accept replacement-character"),
        "{line}"
    );
    let typed = format!("set -- {line}; shift; for word; do printf '%s\\n' \"$word\"; done");
    let words = std::process::Command::new("sh")
        .args(["-c", &typed])
        .output()
        .unwrap();
    let words = String::from_utf8(words.stdout).unwrap();
    let arguments: Vec<&str> = words.lines().collect();
    let done = command(&database.url, &arguments).output().unwrap();
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let after = mirror(&database.pool, "t").await;
    assert_eq!(after.persoon, before.persoon);
    assert_ne!(after.school, before.school);
}
