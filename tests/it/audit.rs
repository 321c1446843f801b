//! The audit trail and `oneroster recover`: what is entered, when it is in the files, and that a database which went back is
//! recognised and brought forward.

mod accounts;
mod behind;
mod entered;
mod erased;
mod followed;
mod forgotten;
mod history;
mod leaked;
mod many;
mod recovered;
mod removed;
mod sent_again;

use std::path::PathBuf;
use std::time::Duration;

use oneroster::audit::{Entry, Folder, Lack, Trail};
use serde_json::Value;
use sqlx::PgPool;

use crate::harness::{TestDatabase, audit_dir, command};

/// How a command ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    json: Value,
    stderr: String,
}

impl Ran {
    /// The report of a command that did what it was asked.
    #[track_caller]
    fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json
    }

    /// What a command said that refused.
    #[track_caller]
    fn refused(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stderr
    }
}

/// Runs the program on a database with its folder.
async fn ran(database: &TestDatabase, arguments: &[&str]) -> Ran {
    ran_in(database, &folder_path(database), arguments).await
}

/// Runs it with another folder.
async fn ran_in(database: &TestDatabase, folder: &std::path::Path, arguments: &[&str]) -> Ran {
    let mut command = command(&database.url, &[arguments, &["--json"]].concat());
    command.env("ONEROSTER_AUDIT_DIR", folder);
    let output = tokio::process::Command::from(command).output().await.unwrap();
    Ran {
        code: output.status.code(),
        json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs commands that do what they are asked, one a line, with words that are separated by spaces.
async fn run_lines(database: &TestDatabase, lines: &[&str]) {
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        ran(database, &words).await.done();
    }
}

/// Makes a client, and returns its id and its secret.
async fn client(database: &TestDatabase, name: &str) -> (String, String) {
    let made = ran(database, &["client", "create", "--tenant", "t", "--name", name])
        .await
        .done();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

fn folder_path(database: &TestDatabase) -> PathBuf {
    audit_dir(&database.url)
}

fn folder(database: &TestDatabase) -> Folder {
    Folder::open(&folder_path(database)).unwrap()
}

/// Writes to the folder of a database what it lacks, as a command does; returns what the database lacks.
async fn follow(database: &TestDatabase) -> Option<Lack> {
    let mut trail = Trail::new(folder(database), "test");
    trail.follow(&database.server, &database.server).await.unwrap()
}

/// The entries in a folder that meet a condition, once there are some: a server writes them.
async fn until_written(folder: &Folder, tenant_id: &str, is_meant: impl Fn(&Entry) -> bool) -> Vec<Entry> {
    let looking = async {
        loop {
            let entries = folder.read(tenant_id).unwrap();
            let meant: Vec<Entry> = entries.into_iter().filter(&is_meant).collect();
            if !meant.is_empty() {
                return meant;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), looking)
        .await
        .expect("nobody wrote it")
}

/// Everything of a tenant that only we own, row by row.
async fn owned(pool: &PgPool, tenant_id: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for table in [
        "tenant.tenant",
        "tenant.decision",
        "auth.client",
        "auth.client_secret",
        "username.record",
        "username.change",
        "username.retired",
        "username.swap",
    ] {
        let statement =
            format!("select '{table} ' || to_jsonb(t)::text from {table} t where tenant_id = $1 order by 1");
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(tenant_id)
            .fetch_all(pool)
            .await
            .unwrap();
        rows.extend(found);
    }
    rows
}
