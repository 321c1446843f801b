//! Manners of the command line: `-` is standard input and output, a tenant is named in one way everywhere, and what cannot be
//! read says the form it must have.

#![cfg(test)]

use std::io::Write;
use std::process::{Output, Stdio};

use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::school::{JAN, school, tenant_file};
use crate::harness::{TestDatabase, command, database};

fn run(url: &str, arguments: &[&str]) -> Output {
    command(url, arguments).output().unwrap()
}

/// Runs the program with something to read.
fn fed(url: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = command(url, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_dash_is_standard_input_and_output() {
    let TestDatabase { pool, url, .. } = database().await;
    let file = tenant_file("t");
    let applied = fed(&url, &["tenant", "apply", "-"], file.as_bytes());
    assert!(
        text(&applied.stdout).starts_with("tenant t: created"),
        "{applied:?}"
    );
    let broken = fed(&url, &["tenant", "apply", "-"], b"id = ");
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken.stderr).contains("standard input was not applied"),
        "{broken:?}"
    );
    let large = fed(&url, &["tenant", "apply", "-"], &vec![b'#'; (1 << 20) + 1]);
    assert!(text(&large.stderr).contains("larger than 1 MiB"), "{large:?}");

    school(&pool, "u").await;
    let exported = run(&url, &["usernames", "export", "--tenant", "u", "-", "--json"]);
    let check_file = text(&exported.stdout);
    assert!(
        check_file.contains("jan.janssens") && check_file.contains(JAN),
        "{check_file}"
    );
    let report: serde_json::Value = serde_json::from_slice(&exported.stderr).unwrap();
    assert_eq!((&report["people"], &report["file"]), (&3.into(), &"-".into()));
    let mut lines: Vec<String> = check_file.lines().map(str::to_owned).collect();
    let jan = lines.iter_mut().find(|line| line.contains(JAN)).unwrap();
    let mut cells: Vec<&str> = jan.split(';').collect();
    cells[2] = "jantje";
    *jan = cells.join(";");
    let arguments = ["usernames", "import", "--tenant", "u", "-"];
    let imported = fed(&url, &arguments, lines.join("\r\n").as_bytes());
    assert!(
        text(&imported.stdout).contains("jan.janssens → jantje"),
        "{imported:?}"
    );
    let refused = fed(&url, &arguments, b"");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("standard input"), "{refused:?}");
}

#[tokio::test]
async fn a_bundle_may_come_from_standard_input() {
    let TestDatabase { pool, url, .. } = database().await;
    school(&pool, "t").await;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("school.csv", options).unwrap();
    archive
        .write_all(b"instelnr,school,schoolcode\n001507,Zandpoort,\n")
        .unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let arguments = ["import", "--tenant", "t", "-", "--json"];
    let imported = fed(&url, &arguments, &bytes);
    let report: serde_json::Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(
        (&report["accepted"], &report["rows"]["school.csv"]),
        (&true.into(), &1.into())
    );
    let broken = fed(&url, &arguments, b"no archive");
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stderr).contains("standard-input.zip"), "{broken:?}");
}

#[tokio::test]
async fn a_tenant_is_named_by_option_or_first() {
    let TestDatabase { pool, url, .. } = database().await;
    school(&pool, "t").await;
    for action in ["show", "decisions"] {
        let first = run(&url, &["tenant", action, "t"]);
        let option = run(&url, &["tenant", action, "--tenant", "t"]);
        assert_eq!(
            (first.status.code(), &first.stdout),
            (Some(0), &option.stdout),
            "{action}"
        );
        for wrong in [
            vec!["tenant", action],
            vec!["tenant", action, "t", "--tenant", "t"],
        ] {
            assert_eq!(run(&url, &wrong).status.code(), Some(2), "{wrong:?}");
        }
    }
    let first = run(&url, &["tenant", "activate-year", "t", "2026-27"]);
    let option = run(&url, &["tenant", "activate-year", "--tenant", "t", "2026-27"]);
    assert_eq!((first.status.code(), &first.stdout), (Some(1), &option.stdout));
    assert!(
        text(&first.stdout).contains("2026-27 is the active school year already"),
        "{first:?}"
    );
    for wrong in [
        vec!["tenant", "activate-year", "t"],
        vec!["tenant", "activate-year", "--tenant", "t"],
        vec!["tenant", "activate-year", "t", "2026-27", "--tenant", "t"],
    ] {
        assert_eq!(run(&url, &wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn what_cannot_be_read_says_the_form_it_must_have() {
    for (arguments, form) in [
        (
            vec!["preview", "--tenant", "t", "--as-of", "1/9/2026"],
            "YYYY-MM-DD",
        ),
        (
            vec![
                "preview",
                "--tenant",
                "t",
                "--as-of",
                "2026-09-01",
                "--year",
                "2026",
            ],
            "two years in a row, such as 2026-27",
        ),
        (
            vec!["tenant", "activate-year", "t", "2026"],
            "two years in a row, such as 2026-27",
        ),
        (vec!["history", "--tenant", "t", "--from", "newest"], "number"),
        (vec!["history", "--tenant", "t", "--object", "jan"], "KIND/ID"),
        (vec!["health", "--tenant", "Zand Poort"], "a-z, 0-9 and -"),
        (vec!["publish", "--tenant", "Zand Poort"], "a-z, 0-9 and -"),
        (vec!["publish", "--tenant", "t", "--release=3fa9"], "8 characters"),
        (
            vec!["health", "--tenant", "t", "--severity", "fatal"],
            "error, warning or info",
        ),
    ] {
        let output = run("postgres://nowhere", &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(form), "{arguments:?}: {output:?}");
    }
}

/// A trigger fails as a server does whose disk is full, or that lacks a right.
async fn refuse_writing(pool: &PgPool, code: &str, message: &str) {
    let function = format!(
        "create or replace function refuse() returns trigger language plpgsql as \
         $$ begin raise exception '{message}' using errcode = '{code}'; end $$"
    );
    sqlx::raw_sql(AssertSqlSafe(function))
        .execute(pool)
        .await
        .unwrap();
    let trigger = "create or replace trigger refuse before insert on auth.client for each row execute function refuse()";
    sqlx::raw_sql(trigger).execute(pool).await.unwrap();
}

#[tokio::test]
async fn a_database_error_is_told_once_and_a_full_disk_is_named() {
    let TestDatabase { pool, url, .. } = database().await;
    school(&pool, "t").await;
    for (code, message, told) in [
        (
            "53100",
            "could not extend file",
            "because: the disk of the database is full (could not extend file): make room on it",
        ),
        (
            "42501",
            "permission denied",
            "the database said: permission denied [42501]",
        ),
    ] {
        refuse_writing(&pool, code, message).await;
        let refused = run(&url, &["client", "create", "--tenant", "t", "--name", "n"]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let said = text(&refused.stderr);
        assert!(said.contains(told), "{said}");
        assert_eq!(said.matches(message).count(), 1, "{said}");
        assert!(
            !said.contains("at line") && !said.contains("error returned"),
            "{said}"
        );
    }
}
