//! The sheet of a school: what the wizard of School Data Sync asks, from the commands (R144).

#![cfg(test)]

use std::os::unix::fs::PermissionsExt;

use crate::harness::school::school;
use crate::harness::{command, database};

#[tokio::test]
async fn r144_the_sheet_of_a_new_client_has_its_secret_and_only_its_owner_can_read_it() {
    let database = database().await;
    school(&database.pool, "t").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sheet.html");
    let path = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command(&database.url, arguments);
        command.env("ONEROSTER_PUBLIC_URL", "https://sis.example");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let made = run(&[
        "client", "create", "--tenant", "t", "--name", "SDS", "--preset", "sds", "--sheet", path, "--json",
    ]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    let html = std::fs::read_to_string(&file).unwrap();
    for said in [
        text("client_id"),
        text("client_secret"),
        "https://sis.example/ims/oneroster/v1p1".to_owned(),
        "https://sis.example/connect/token".to_owned(),
        "30/06/2027".to_owned(),
    ] {
        assert!(html.contains(&said), "{said}: {html}");
    }
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    // Later the secret is nowhere to be had.
    let html = run(&["tenant", "sheet", "t", "--client", &text("client_id")]);
    assert!(html.contains(&text("client_id")) && !html.contains(&text("client_secret")));
    let unknown = command(&database.url, &["tenant", "sheet", "t", "--client", "t.nobody"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(said.contains("oneroster client list --tenant t"), "{said}");
    // Where it cannot be written, no client is made.
    let nowhere = [
        "client",
        "create",
        "--tenant",
        "t",
        "--name",
        "SDS",
        "--sheet",
        "/nowhere/sheet.html",
    ];
    assert_eq!(
        command(&database.url, &nowhere).output().unwrap().status.code(),
        Some(1)
    );
    let clients: i64 = sqlx::query_scalar("select count(*) from auth.client where tenant_id = 't'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(clients, 1);
}
