//! How files are put in place: as a whole, whatever goes wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use sqlx::Connection;

use super::read;
use super::roster::{Roster, TENANT, user};
use crate::harness::api::Change;
use crate::harness::{command, wait_for_locks};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything in a folder but what is asked for, with hidden entries.
fn beside(roster: &Roster, name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(roster.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|other| other != name).collect()
}

#[tokio::test]
async fn a_set_is_its_owners_alone_and_is_replaced_as_a_whole() {
    let roster = Roster::with(&[]).await;
    roster.export("sds-v1", &[]).await.done();
    let first = read(&roster.path("out"));
    assert_eq!(mode(&roster.path("out")), 0o700);
    assert_eq!(mode(&roster.path("out/Student.csv")), 0o600);
    roster
        .publish(&[("users", "nora", "active", user("nora", "student", &["001507-1"]))])
        .await;
    // A file of the set that somebody deleted, and one that they damaged, are there again.
    std::fs::remove_file(roster.path("out/School.csv")).unwrap();
    std::fs::write(roster.path("out/Teacher.csv"), "x").unwrap();
    roster.export("sds-v1", &[]).await.done();
    let second = read(&roster.path("out"));
    assert_eq!(
        (first["Student.csv"].rows.len(), second["Student.csv"].rows.len()),
        (2, 3)
    );
    assert_eq!(first["School.csv"], second["School.csv"]);
    assert_eq!(beside(&roster, "out"), [""; 0], "no draft is left");
    roster.export_to("out.zip", "sds-v1", &[]).await.done();
    assert_eq!(mode(&roster.path("out.zip")), 0o600);
    // A link stays one.
    std::os::unix::fs::symlink(roster.path("out"), roster.path("link")).unwrap();
    roster.export_to("link", "sds-v1", &[]).await.done();
    assert!(
        std::fs::symlink_metadata(roster.path("link"))
            .unwrap()
            .is_symlink()
    );
}

#[tokio::test]
async fn the_same_generation_gives_the_same_bytes() {
    let roster = Roster::with(&[]).await;
    for (one, other) in [("a.zip", "b.zip"), ("a", "b")] {
        roster.export_to(one, "sds-v2.1", &[]).await.done();
        roster
            .publish(&[("users", "x", "active", user("x", "student", &["001507-1"]))])
            .await;
        roster
            .publish(&[("users", "x", "tobedeleted", user("x", "student", &["001507-1"]))])
            .await;
        roster
            .export_to(other, "sds-v2.1", &["--generation", "1"])
            .await
            .done();
        let bytes = |name: &str| {
            let path = roster.path(name);
            std::fs::read(if path.is_dir() {
                path.join("users.csv")
            } else {
                path
            })
            .unwrap()
        };
        assert!(!bytes(one).is_empty() && bytes(one) == bytes(other), "{one}");
    }
}

#[tokio::test]
async fn what_no_export_writes_is_never_replaced() {
    let roster = Roster::with(&[]).await;
    for (name, foreign) in [("out", "thesis.docx"), ("other", "sections.csv")] {
        std::fs::create_dir(roster.path(name)).unwrap();
        std::fs::write(roster.path(name).join(foreign), "mine").unwrap();
        for arguments in [[].as_slice(), &["--dry-run"]] {
            let ended = roster.export_to(name, "sds-v1", arguments).await;
            assert!(ended.code == 1 && ended.stderr.contains(foreign), "{ended:?}");
        }
        assert_eq!(
            std::fs::read_to_string(roster.path(name).join(foreign)).unwrap(),
            "mine"
        );
        assert_eq!(std::fs::read_dir(roster.path(name)).unwrap().count(), 1);
    }
    for (name, said) in [
        ("letter", "is a file"),
        ("letter.zip", "letter.zip"),
        ("no/where/out", "no/where"),
    ] {
        if !name.starts_with("no") {
            std::fs::write(roster.path(name), "dear").unwrap();
        }
        let ended = roster.export_to(name, "sds-v1", &[]).await;
        assert!(
            ended.code == 1 && ended.stderr.contains(said),
            "{name}: {ended:?}"
        );
    }
    assert_eq!(
        std::fs::read_to_string(roster.path("letter.zip")).unwrap(),
        "dear"
    );
}

/// Without rights in the folder around it nothing can be put in place, and nothing is touched. The superuser has rights anywhere.
#[tokio::test]
async fn a_folder_that_cannot_be_written_beside_stays_as_it_was() {
    let roster = Roster::with(&[]).await;
    let around = roster.path("around");
    std::fs::create_dir(&around).unwrap();
    roster.export_to("around/out", "sds-v1", &[]).await.done();
    let before = read(&around.join("out"));
    std::fs::set_permissions(&around, std::fs::Permissions::from_mode(0o500)).unwrap();
    let is_writable = std::fs::write(around.join("try"), "").is_ok();
    if !is_writable {
        let ended = roster.export_to("around/out", "sds-v1", &[]).await;
        assert!(
            ended.code == 1 && ended.stderr.contains("around/out"),
            "{ended:?}"
        );
    }
    std::fs::set_permissions(&around, std::fs::Permissions::from_mode(0o700)).unwrap();
    // Nor is there a folder in a file, whoever asks.
    let file = roster.path("file");
    std::fs::write(&file, "").unwrap();
    assert_eq!(roster.export_to("file/out", "sds-v1", &[]).await.code, 1);
    assert_eq!(read(&around.join("out")), before);
}

/// A kill between the check of the draft and the exchange: the old set is there complete, and the next export takes away what
/// was left.
#[tokio::test]
async fn a_crash_before_the_exchange_leaves_the_old_set_whole() {
    let roster = Roster::with(&[]).await;
    roster.export("sds-v1", &[]).await.done();
    let before = read(&roster.path("out"));
    roster
        .publish(&[("users", "nora", "active", user("nora", "student", &["001507-1"]))])
        .await;
    // It stands between the two while somebody else enters something in the audit trail of the tenant.
    let mut connection = roster.database.pool.acquire().await.unwrap();
    let mut held = connection.begin().await.unwrap();
    sqlx::query("select audit.lock_head($1)")
        .bind(TENANT)
        .execute(&mut *held)
        .await
        .unwrap();
    let path = roster.path("out");
    let arguments = [
        "export",
        "--tenant",
        TENANT,
        "--format",
        "sds-v1",
        path.to_str().unwrap(),
    ];
    let mut child = command(&roster.database.url, &arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_locks(&roster.database.pool, 1).await;
    let drafts = beside(&roster, "out");
    assert!(
        drafts.len() == 1 && drafts[0].starts_with(".out.oneroster-export-"),
        "{drafts:?}"
    );
    let draft = roster.path(&drafts[0]);
    assert_eq!(read(&draft)["Student.csv"].rows.len(), 3, "the draft is complete");
    child.kill().unwrap();
    child.wait().unwrap();
    held.rollback().await.unwrap();
    assert_eq!(read(&roster.path("out")), before);

    let folder = std::fs::File::open(&draft).unwrap();
    folder
        .set_modified(std::time::SystemTime::now() - std::time::Duration::from_hours(1))
        .unwrap();
    roster.export("sds-v1", &[]).await.done();
    assert_eq!(read(&roster.path("out"))["Student.csv"].rows.len(), 3);
    assert_eq!(beside(&roster, "out"), [""; 0]);
}

/// A disk without room, as a limit on the size of files: the old set stays, and no draft.
#[tokio::test]
async fn a_full_disk_leaves_the_old_set_whole() {
    let roster = Roster::with(&[]).await;
    roster.export("sds-v1", &[]).await.done();
    let before = read(&roster.path("out"));
    let many: Vec<(String, Value)> = (0..100)
        .map(|number| {
            let name = format!("pupil{number}");
            let pupil = user(&name, "student", &["001507-1"]);
            (name, pupil)
        })
        .collect();
    let changes: Vec<Change<'_>> = many
        .iter()
        .map(|(id, pupil)| ("users", id.as_str(), "active", pupil.clone()))
        .collect();
    roster.publish(&changes).await;
    let path = roster.path("out");
    let program = command(
        &roster.database.url,
        &[
            "export",
            "--tenant",
            TENANT,
            "--format",
            "sds-v1",
            path.to_str().unwrap(),
        ],
    );
    // The signal is ignored, so that a write fails as it does on a full disk.
    let mut limited = std::process::Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""]);
    limited.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let output = limited.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && said.contains("cannot write"),
        "{said}"
    );
    assert_eq!(read(&roster.path("out")), before);
    assert_eq!(beside(&roster, "out"), [""; 0], "no draft is left");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_enters_nothing() {
    let roster = Roster::with(&[]).await;
    let report = roster.export("clever", &["--dry-run"]).await.done();
    assert_eq!(
        (&report["dry_run"], &report["rows"]["students.csv"]),
        (&true.into(), &2.into())
    );
    assert_eq!(beside(&roster, "out"), [""; 0]);
    let entries = || async {
        sqlx::query_as::<_, (String, Value)>(
            "select by, detail from audit.entry where kind = 'files_exported'",
        )
        .fetch_all(&roster.database.pool)
        .await
        .unwrap()
    };
    assert_eq!(entries().await, []);
    roster.export("sds-v1", &["--org", "001507-1"]).await.done();
    let entered = entries().await;
    assert_eq!(entered.len(), 1);
    let (by, detail) = &entered[0];
    assert!(by.starts_with("os:"), "{by}");
    let expected = serde_json::json!({
        "format": "sds-v1", "generation": 1, "since": null, "orgs": ["001507-1"], "has_passwords": false
    });
    assert_eq!(*detail, expected);
}
