//! The page about files (`docs/files.md`) does what it says: its commands run as they stand, and print what stands below them.

use std::fmt::Write;
use std::process::Stdio;

use oneroster::export::{EXPORTS_MAX, EXPORTS_PER_TENANT, Format, ROWS_MAX};

use super::{read, read_zip};
use crate::guide::{Block, assert_as_shown, blocks};
use crate::harness::running::{self, Running};
use crate::harness::school::school;
use crate::harness::{audit_dir, binary, database};

const PAGE: &str = include_str!("../../../docs/files.md");

/// The commands, each with what it prints.
fn examples() -> Vec<(&'static str, Option<Block>)> {
    let mut examples: Vec<(&str, Option<Block>)> = Vec::new();
    for block in blocks(PAGE) {
        match block.language {
            "sh" => examples.push((block.text, None)),
            "text" => examples.last_mut().unwrap().1 = Some(block),
            "ini" => {}
            other => panic!("a block of {other:?}"),
        }
    }
    examples
}

#[tokio::test]
async fn every_command_of_the_page_runs_and_prints_what_is_shown() {
    let test = database().await;
    let school = school(&test.pool, "zandpoort").await;
    school.publish().await;
    let client = oneroster::auth::client::create(&test.server, "zandpoort", "files")
        .await
        .unwrap();
    let server = Running::start(&running::settings(&test.url)).await;
    let token = fetch_token(&server.base_url, &client).await;
    let examples = examples();
    assert!(examples.len() >= 6, "the page is read");
    let mut script = "set -euo pipefail\n".to_owned();
    for (number, (command, _)) in examples.iter().enumerate() {
        write!(script, "{{\n{command}\n}} > out{number}\n").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let program = binary();
    let path =
        std::env::join_paths([program.parent().unwrap(), "/usr/bin".as_ref(), "/bin".as_ref()]).unwrap();
    let shell = tokio::process::Command::new("bash")
        .arg("-c")
        .arg(script)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("DATABASE_URL", &test.url)
        .env("ONEROSTER_AUDIT_DIR", audit_dir(&test.url))
        .env("ONEROSTER_CONFIG", "/dev/null")
        .env("PUBLIC_URL", &server.base_url)
        .env("TOKEN", token)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(
        shell.status.success(),
        "{}",
        String::from_utf8_lossy(&shell.stderr)
    );
    for (number, (command, shown)) in examples.iter().enumerate() {
        let output = std::fs::read_to_string(folder.path().join(format!("out{number}"))).unwrap();
        if let Some(block) = shown {
            assert_as_shown(*block, &output, command);
        }
    }
    // What was fetched is what was written.
    let zip = |name: &str| read_zip(&std::fs::read(folder.path().join(name)).unwrap());
    assert_eq!(zip("roster.zip"), zip("zandpoort.zip"));
    assert_eq!(read(&folder.path().join("markt"))["Student.csv"].rows.len(), 2);
    server.stop().await;
}

async fn fetch_token(base_url: &str, client: &oneroster::auth::client::NewSecret) -> String {
    let answer = reqwest::Client::new()
        .post(format!("{base_url}/connect/token"))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// Every format and file, and every note and limit, stands on the page.
#[test]
fn the_page_names_every_file_and_every_limit() {
    for format in Format::ALL {
        assert!(PAGE.contains(&format!("| `{format}` |")), "{format}");
        for table in format.tables() {
            assert!(
                PAGE.contains(&format!("`{}`", table.file)),
                "{format} {}",
                table.file
            );
        }
    }
    assert_eq!((ROWS_MAX, EXPORTS_PER_TENANT, EXPORTS_MAX), (500_000, 2, 10));
    for text in [
        "500,000 rows",
        "A tenant may have two at a time, all together ten",
    ] {
        assert!(PAGE.contains(text), "{text}");
    }
    for note in [
        "more-schools",
        "home-elsewhere",
        "in-other-export",
        "staff-and-pupil",
        "no-password",
        "mixed-domains",
        "many-rows",
        "more-teachers",
        "section-left-out",
        "membership-left-out",
    ] {
        assert!(PAGE.contains(&format!("`{note}`")), "{note}");
    }
}
