//! The drill of `docs/operations.md` works as it is written: a database is brought back from a dump, the files of the audit trail and the key.

#![cfg(test)]

use std::path::Path;
use std::process::Command;

use crate::guide::blocks;
use crate::harness::school::school;
use crate::harness::{
    audit_dir, binary, database, empty_database, encryption_key_file, login_url, oneroster, owner_url,
    plain_url, postgres_program,
};

const MANUAL: &str = include_str!("../../docs/operations.md");

/// Where the drill begins, and where what differs from place to place ends.
const FIRST: &str = "export ONEROSTER_DATABASE_OWNER_URL=";
const PLACES: usize = 3;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_brings_a_lost_database_back_as_it_is_written() {
    let lost = database().await;
    let school = school(&lost.pool, "zandpoort").await;
    school.publish().await;
    let made = oneroster(
        &lost.url,
        &[
            "client",
            "create",
            "--tenant",
            "zandpoort",
            "--name",
            "sds",
            "--json",
        ],
    )
    .await;
    assert!(made.status.success(), "{made:?}");
    let place = tempfile::tempdir().unwrap();
    let dumped = Command::new(postgres_program("pg_dump"))
        .args([
            "--format=custom",
            "--file",
            "backup.dump",
            plain_url(&owner_url(&lost.url)),
        ])
        .current_dir(place.path())
        .status();
    assert!(dumped.unwrap().success());
    // After the backup.
    let made = oneroster(
        &lost.url,
        &[
            "client",
            "create",
            "--tenant",
            "zandpoort",
            "--name",
            "later",
            "--json",
        ],
    )
    .await;
    assert!(made.status.success(), "{made:?}");
    copy(&audit_dir(&lost.url), &place.path().join("audit"));
    std::fs::copy(encryption_key_file(), place.path().join("encryption-key")).unwrap();

    let drill = empty_database().await;
    let script = blocks(MANUAL)
        .into_iter()
        .find(|block| block.language == "sh" && block.text.starts_with(FIRST))
        .expect("the drill has its commands");
    let commands: Vec<&str> = script.text.lines().skip(PLACES).collect();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listen.local_addr().unwrap();
    drop(listen);
    let path = [
        binary().parent().unwrap().to_owned(),
        postgres_program("pg_restore").parent().unwrap().to_owned(),
        "/usr/bin".into(),
        "/bin".into(),
    ];
    let output = tokio::process::Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands.join("\n")])
        .current_dir(place.path())
        .env_clear()
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("HOME", place.path())
        .env("ONEROSTER_CONFIG", "/dev/null")
        .env("ONEROSTER_DATABASE_OWNER_URL", plain_url(&drill.url))
        .env("DATABASE_URL", login_url(&drill.url))
        .env("ONEROSTER_AUDIT_DIR", place.path().join("audit"))
        .env(
            "ONEROSTER_ENCRYPTION_KEY_FILE",
            place.path().join("encryption-key"),
        )
        .env("school", "zandpoort")
        .env("listen", address.to_string())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    for words in ["client_created", "zandpoort"] {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    let clients: Vec<String> = sqlx::query_scalar("select name from auth.client order by name")
        .fetch_all(&drill.pool)
        .await
        .unwrap();
    assert_eq!(clients, ["drill", "later", "sds"], "{said}");
}
