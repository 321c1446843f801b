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

#[tokio::test]
async fn two_servers_are_compared_by_person_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let old = Side::new(folder.path(), "old", "").await;
    // Another name, somebody who is not released, a class of another name, a pupil who left it.
    let new = Side::new(
        folder.path(),
        "new",
        &format!(
            "update username.record set local_part = 'janssens.jan' where tenant_id = $1 and rowguid = '{JAN}';
             update username.record set sync = false where tenant_id = $1 and rowguid = '{BERT}';
             update informat.persoon set voornaam = 'Lot' where tenant_id = $1 and rowguid = '{LOTTE}';
             update informat.klassen set klas = '3B' where tenant_id = $1;
             delete from informat.inschrklas where tenant_id = $1 and p_inschrklas = 2"
        ),
    )
    .await;
    let (old_url, new_url) = (old.base_url(), new.base_url());
    let written = folder.path().join("differences.csv");
    let of_old = [
        "--old",
        &old_url,
        "--old-client-id",
        &old.client_id,
        "--old-secret-file",
        &old.secret,
    ];
    let of_new = [
        "--new",
        &new_url,
        "--new-client-id",
        &new.client_id,
        "--new-secret-file",
        &new.secret,
    ];
    let write = ["--write", written.to_str().unwrap()];
    let (code, report, said) = compare(&old.database.url, &[&of_old[..], &of_new, &write].concat()).await;
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
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("enrollments only_old"))
            .count(),
        2,
        "{lines:#?}"
    );
    assert_eq!(report["differences"], lines.len(), "{lines:#?}");
    assert_eq!(
        report["rows"][0],
        json!({ "collection": "users", "old": 3, "new": 2 })
    );
    let text = std::fs::read_to_string(&written).unwrap();
    assert_eq!(text.lines().count(), 1 + lines.len(), "{text}");
    assert_eq!(
        std::fs::metadata(&written).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // A server beside itself, and beside what its database would serve today.
    let same = [
        "--new",
        &old_url,
        "--new-client-id",
        &old.client_id,
        "--new-secret-file",
        &old.secret,
    ];
    for of_new in [&same[..], &["--tenant", "t"]] {
        let (code, report, said) = compare(&old.database.url, &[&of_old[..], of_new].concat()).await;
        assert_eq!((code, &report["groups"]), (0, &json!([])), "{said}{report:#}");
    }
    let (code, report, _) = compare(
        &new.database.url,
        &[&of_old[..], &["--tenant", "t", "--first", "0"]].concat(),
    )
    .await;
    assert_eq!(
        (code, report["differences"].as_u64()),
        (1, Some(lines.len() as u64))
    );
    assert_eq!(told(&report), [""; 0]);

    // What cannot be read is no comparison, and no secret is told.
    std::fs::write(&old.secret, "surely-wrong").unwrap();
    let (code, report, said) = compare(&old.database.url, &[&of_old[..], &["--tenant", "t"]].concat()).await;
    assert!(
        code == 1 && report.is_null() && said.contains("no token of 127.0.0.1"),
        "{said}"
    );
    assert!(!said.contains("surely-wrong"), "{said}");
    for (arguments, text) in [
        (&of_old[..], "--tenant"),
        (
            &[&of_old[..], &["--new", &new_url]].concat()[..],
            "--new-client-id",
        ),
    ] {
        let (code, _, said) = compare(&old.database.url, arguments).await;
        assert!(code == 2 && said.contains(text), "{said}");
    }
    old.server.stop().await;
    new.server.stop().await;
}
