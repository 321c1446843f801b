//! `oneroster compare`: two real servers with known differences, and a server beside a tenant that nothing serves yet.

#![cfg(test)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::running::{self, Running};
use crate::harness::school::{BERT, JAN, LOTTE, School, school};
use crate::harness::{self, TestDatabase, database};

/// A server with its school published, and a client of it.
struct Side {
    database: TestDatabase,
    server: Running,
    client_id: String,
    /// The file with its secret.
    secret: String,
}

impl Side {
    async fn new(folder: &Path, name: &str, change: &str) -> Self {
        let database = database().await;
        let school: School = school(&database.pool, "t").await;
        school.change(change).await;
        school.publish().await;
        let create = ["client", "create", "--tenant", "t", "--name", "compare", "--json"];
        let made = harness::oneroster(&database.url, &create).await;
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let secret = folder.join(name);
        std::fs::write(&secret, format!("{}\n", made["client_secret"].as_str().unwrap())).unwrap();
        Self {
            server: Running::start(&running::settings(&database.url)).await,
            database,
            client_id: made["client_id"].as_str().unwrap().to_owned(),
            secret: secret.to_str().unwrap().to_owned(),
        }
    }

    /// The options that name it, as the old server or the new one.
    fn named(&self, which: &str) -> Vec<String> {
        let of = |option: &str, value: &str| [format!("--{which}{option}"), value.to_owned()];
        [
            of("", &self.base_url()),
            of("-client-id", &self.client_id),
            of("-secret-file", &self.secret),
        ]
        .concat()
    }

    fn base_url(&self) -> String {
        format!("{}/ims/oneroster/v1p1", self.server.base_url)
    }
}

/// What is told: exit code, document, text on stderr.
async fn compare(url: &str, arguments: &[&str]) -> (i32, Value, String) {
    let output = harness::oneroster(url, &[&["compare"], arguments, &["--json"]].concat()).await;
    (
        output.status.code().unwrap(),
        serde_json::from_slice(&output.stdout).unwrap_or_default(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Each difference as `collection what id old>new`.
fn told(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let groups = report["groups"].as_array().unwrap().iter();
    groups
        .flat_map(|group| {
            let of = format!("{} {}", text(&group["collection"]), text(&group["what"]));
            let first = group["first"].as_array().unwrap();
            let line = move |one: &Value| {
                format!(
                    "{of} {} {}>{}",
                    text(&one["sourced_id"]),
                    text(&one["old"]),
                    text(&one["new"])
                )
            };
            first.iter().map(line).collect::<Vec<_>>()
        })
        .collect()
}

/// Runs the command with the arguments of several places.
async fn compare_all(url: &str, parts: &[&[String]]) -> (i32, Value, String) {
    let arguments: Vec<&str> = parts.iter().copied().flatten().map(String::as_str).collect();
    compare(url, &arguments).await
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn two_servers_are_compared_by_person_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let old = Side::new(folder.path(), "old", "").await;
    // Another name, somebody who is not released, a class of another name, a pupil who left it.
    let change = format!(
        "update username.record set local_part = 'janssens.jan' where tenant_id = $1 and rowguid = '{JAN}';
         update username.record set sync = false where tenant_id = $1 and rowguid = '{BERT}';
         update informat.persoon set voornaam = 'Lot' where tenant_id = $1 and rowguid = '{LOTTE}';
         update informat.klassen set klas = '3B' where tenant_id = $1;
         delete from informat.inschrklas where tenant_id = $1 and p_inschrklas = 2"
    );
    let new = Side::new(folder.path(), "new", &change).await;
    let differences = differences_are_told(&old, &new, &folder.path().join("differences.csv")).await;
    beside_itself_and_its_own_database(&old).await;
    let (of_old, url) = (old.named("old"), &new.database.url);
    let (code, report, _) = compare_all(url, &[&of_old, &words("--tenant t --first 0")]).await;
    assert_eq!((code, &report["differences"]), (1, &json!(differences)));
    assert_eq!(told(&report), [""; 0]);
    what_cannot_be_read_is_no_comparison(&old, &new).await;
    old.server.stop().await;
    new.server.stop().await;
}

/// Returns how many there are.
async fn differences_are_told(old: &Side, new: &Side, written: &Path) -> usize {
    let write = ["--write".to_owned(), written.to_str().unwrap().to_owned()];
    let parts: [&[String]; 3] = [&old.named("old"), &new.named("new"), &write];
    let (code, report, said) = compare_all(&old.database.url, &parts).await;
    assert_eq!(code, 1, "{said}");
    let lines = told(&report);
    for expected in [
        format!("users only_old {BERT} {BERT}>"),
        format!("users givenName {LOTTE} Lotte>Lot"),
        format!("users username {JAN} jan.janssens>janssens.jan"),
        "classes title".to_owned(),
        "enrollments only_old".to_owned(),
    ] {
        assert!(
            lines.iter().any(|line| line.starts_with(&expected)),
            "{expected}: {lines:#?}"
        );
    }
    // The pupil, and the teacher who is not published.
    let gone = lines
        .iter()
        .filter(|line| line.starts_with("enrollments only_old"));
    assert_eq!(gone.count(), 2, "{lines:#?}");
    assert_eq!(report["differences"], lines.len(), "{lines:#?}");
    assert_eq!(
        report["rows"][0],
        json!({ "collection": "users", "old": 3, "new": 2 })
    );
    let text = std::fs::read_to_string(written).unwrap();
    assert_eq!(text.lines().count(), 1 + lines.len(), "{text}");
    let mode = std::fs::metadata(written).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    lines.len()
}

/// A server beside itself, and beside what its database would serve today.
async fn beside_itself_and_its_own_database(old: &Side) {
    for of_new in [old.named("new"), words("--tenant t")] {
        let (code, report, said) = compare_all(&old.database.url, &[&old.named("old"), &of_new]).await;
        assert_eq!((code, &report["groups"]), (0, &json!([])), "{said}{report:#}");
    }
}

/// And no secret is told.
async fn what_cannot_be_read_is_no_comparison(old: &Side, new: &Side) {
    let url = &old.database.url;
    let of_old = old.named("old");
    std::fs::write(&old.secret, "surely-wrong").unwrap();
    let (code, report, said) = compare_all(url, &[&of_old, &words("--tenant t")]).await;
    assert!(
        code == 1 && report.is_null() && said.contains("no token of 127.0.0.1"),
        "{said}"
    );
    assert!(!said.contains("surely-wrong"), "{said}");
    let only_its_url = new.named("new")[..2].to_vec();
    for (more, text) in [(Vec::new(), "--tenant"), (only_its_url, "--new-client-id")] {
        let (code, _, said) = compare_all(url, &[&of_old, &more]).await;
        assert!(code == 2 && said.contains(text), "{said}");
    }
}
