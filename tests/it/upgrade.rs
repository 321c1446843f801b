//! Databases of versions that were released, brought to the schema of today: what was served is served, and who had a name keeps it.
//!
//! Each fixture in `upgrade/` was made by `upgrade/make.py` with the program of its version: 5,000 pupils, two generations, tombstones, a name
//! that a person gave, clients, an account of the desk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use oneroster::auth::client::NewSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::harness::api::Api;
use crate::harness::{TestDatabase, base16, command, empty_database, owner_url, plain_url, postgres_program};

/// A fixture: its dump, and what its version served.
struct Fixture {
    dump: PathBuf,
    expected: Value,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/upgrade");
    let mut dumps: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "dump"))
        .collect();
    dumps.sort();
    assert!(!dumps.is_empty());
    dumps
        .into_iter()
        .map(|dump| Fixture {
            expected: expected(&dump),
            dump,
        })
        .collect()
}

fn expected(dump: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(dump.with_extension("json")).unwrap()).unwrap()
}

fn client(of: &Value) -> NewSecret {
    NewSecret {
        client_id: of["client_id"].as_str().unwrap().to_owned(),
        client_secret: of["client_secret"].as_str().unwrap().to_owned(),
    }
}

async fn restored(fixture: &Fixture) -> TestDatabase {
    let database = empty_database().await;
    let output = Command::new(postgres_program("pg_restore"))
        .args(["--exit-on-error", "--no-owner", "-d", plain_url(&database.url)])
        .arg(&fixture.dump)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    database
}

/// Runs a command as an operator does, and returns what it printed.
fn run(url: &str, arguments: &[&str]) -> String {
    let output = command(url, arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

async fn pulled(api: &Api, token: &str, collection: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let page = api
            .get(token, &format!("/{collection}?limit=5000&offset={}", rows.len()))
            .await
            .json();
        let (_, found) = page.as_object().unwrap().iter().next().unwrap();
        let found = found.as_array().unwrap();
        rows.extend(found.iter().cloned());
        if found.len() < 5000 {
            return rows;
        }
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or("")
}

/// As `make.py` makes it.
fn digest(rows: &[Value]) -> String {
    let line = |row: &Value| {
        ["sourcedId", "status", "dateLastModified", "username"]
            .map(|name| text(row, name).to_owned())
            .join(" ")
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort_unstable();
    base16(&Sha256::digest(lines.join("\n")))
}

async fn usernames(pool: &PgPool) -> BTreeMap<String, String> {
    sqlx::query_as("select rowguid::text, local_part from username.record")
        .fetch_all(pool)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

#[tokio::test]
async fn what_an_earlier_version_served_is_served_and_nobody_gets_another_name() {
    for fixture in fixtures() {
        let (expected, database) = (&fixture.expected, restored(&fixture).await);
        let (tenant, before) = (
            expected["tenant"].as_str().unwrap(),
            usernames(&database.pool).await,
        );
        assert!(before.len() > 5000, "{:?}", before.len());
        run(&owner_url(&database.url), &["migrate"]);

        let api = Api::start(&database.pool).await;
        let token = api.token(&client(&expected["client"])).await;
        for (collection, of) in expected["collections"].as_object().unwrap() {
            let rows = pulled(&api, &token, collection).await;
            assert_eq!(
                rows.len() as u64,
                of["rows"].as_u64().unwrap(),
                "{:?} {collection}",
                fixture.dump
            );
            assert_eq!(
                digest(&rows),
                of["sha256"].as_str().unwrap(),
                "{:?} {collection}",
                fixture.dump
            );
        }
        let revoked = client(&expected["revoked"]);
        let refused = api
            .auth
            .issue(&revoked.client_id, &revoked.client_secret, None, None)
            .await;
        assert!(refused.is_err(), "a client that was revoked stays so");

        // The next publication, of today and by the rules of today, renames nobody.
        run(&database.url, &["publish", "--tenant", tenant]);
        assert_eq!(usernames(&database.pool).await, before);
        let renamed = expected["renamed"].as_str().unwrap();
        let found = run(
            &database.url,
            &[
                "usernames",
                "list",
                "--tenant",
                tenant,
                "--search",
                "een.andere.naam",
                "--json",
            ],
        );
        assert!(found.contains(renamed), "{found}");
        let accounts = run(&database.url, &["admin", "list", "--json"]);
        assert!(accounts.contains("mia.peeters"), "{accounts}");
        let decisions = run(&database.url, &["tenant", "decisions", tenant, "--json"]);
        assert!(decisions.contains("mia"), "{decisions}");
    }
}
