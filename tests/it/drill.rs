//! The drill of `docs/operations.md` works as it is written: a database is brought back from a dump, the files of the audit trail and the key.

#![cfg(test)]

use std::path::Path;
use std::process::Command;

use crate::guide::{Block, blocks};
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

/// Makes a client of the school.
async fn make_client(url: &str, name: &str) {
    let create = [
        "client",
        "create",
        "--tenant",
        "zandpoort",
        "--name",
        name,
        "--json",
    ];
    let made = oneroster(url, &create).await;
    assert!(made.status.success(), "{made:?}");
}

/// Loses a database, of which a dump, the files of the audit trail and the key are left in a folder.
async fn lose(place: &Path) {
    let lost = database().await;
    let school = school(&lost.pool, "zandpoort").await;
    school.publish().await;
    make_client(&lost.url, "sds").await;
    let address = owner_url(&lost.url);
    let dumped = Command::new(postgres_program("pg_dump"))
        .args(["--format=custom", "--file", "backup.dump", plain_url(&address)])
        .current_dir(place)
        .status();
    assert!(dumped.unwrap().success());
    // After the backup.
    make_client(&lost.url, "later").await;
    copy(&audit_dir(&lost.url), &place.join("audit"));
    std::fs::copy(encryption_key_file(), place.join("encryption-key")).unwrap();
}

/// The commands of the drill, behind what differs from place to place.
fn commands() -> String {
    let is_drill = |block: &Block| block.language == "sh" && block.text.starts_with(FIRST);
    let script = blocks(MANUAL).into_iter().find(is_drill);
    let script = script.expect("the drill has its commands").text;
    script.lines().skip(PLACES).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_brings_a_lost_database_back_as_it_is_written() {
    let place = tempfile::tempdir().unwrap();
    lose(place.path()).await;
    let drill = empty_database().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let path = [
        binary().parent().unwrap().to_owned(),
        postgres_program("pg_restore").parent().unwrap().to_owned(),
        "/usr/bin".into(),
        "/bin".into(),
    ];
    let key = place.path().join("encryption-key");
    let output = tokio::process::Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands()])
        .current_dir(place.path())
        .env_clear()
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("HOME", place.path())
        .env("ONEROSTER_CONFIG", "/dev/null")
        .env("ONEROSTER_DATABASE_OWNER_URL", plain_url(&drill.url))
        .env("DATABASE_URL", login_url(&drill.url))
        .env("ONEROSTER_AUDIT_DIR", place.path().join("audit"))
        .env("ONEROSTER_ENCRYPTION_KEY_FILE", key)
        .envs([("school", "zandpoort"), ("listen", &listen)])
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let said = said.concat();
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("client_created"),
        "what was missing is shown: {said}"
    );
    let clients: Vec<String> = sqlx::query_scalar("select name from auth.client order by name")
        .fetch_all(&drill.pool)
        .await
        .unwrap();
    assert_eq!(clients, ["drill", "later", "sds"], "{said}");
}
