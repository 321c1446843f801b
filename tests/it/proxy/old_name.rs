//! The lines of docs/go-live.md by which an old host name with paths of its own is pointed at us, as they are printed.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::{AROUND, NGINX, Process, free_port};
use crate::harness::api;
use crate::harness::running::{self, Running};
use crate::harness::{self, database};

/// Writes the lines with this test's ports. Whatever is replaced must be there.
fn configure(folder: &TempDir, listen: u16, server: &Running) {
    let manual = include_str!("../../../docs/go-live.md");
    let block = manual.split("```nginx\n").nth(1).unwrap();
    let mut text = block.split("```").next().unwrap().to_owned();
    for (part, with) in [
        ("listen 443 ssl http2;", format!("listen 127.0.0.1:{listen};")),
        ("    ssl_certificate /etc/nginx/tls/old.crt;\n", String::new()),
        ("    ssl_certificate_key /etc/nginx/tls/old.key;\n", String::new()),
    ] {
        assert!(text.contains(part), "{part} is not in the manual");
        text = text.replace(part, &with);
    }
    let upstream = format!("upstream oneroster {{ server {}; }}\n", server.address);
    let conf_d = folder.path().join("conf.d");
    std::fs::create_dir(&conf_d).unwrap();
    std::fs::write(conf_d.join("old-name.conf"), upstream + &text).unwrap();
    let around = AROUND.replace("FOLDER", folder.path().to_str().unwrap());
    std::fs::write(folder.path().join("nginx.conf"), around).unwrap();
}

fn nginx(folder: &TempDir) -> Process {
    let mut nginx = Command::new(NGINX);
    nginx
        .arg("-p")
        .arg(folder.path())
        .arg("-c")
        .arg(folder.path().join("nginx.conf"))
        .arg("-e")
        .arg(folder.path().join("error.log"));
    if nix::unistd::geteuid().is_root() {
        nginx.args(["-g", "user root;"]);
    }
    let started = nginx.spawn();
    Process(started.unwrap_or_else(|error| panic!("{NGINX}: {error}: apt-get install nginx-light")))
}

#[tokio::test]
async fn an_old_host_name_with_paths_of_its_own_is_pointed_at_us() {
    let database = database().await;
    api::tenant(&database.pool, "zand").await;
    api::publish_orgs(&database.pool, "zand", 3).await;
    let server = Running::start(&running::settings(&database.url)).await;
    // As docs/go-live.md has it: the SHA-256 of "secret".
    let id = "5f9c6a58-7d0f-4a27-9d4e-0d8a7c1a0b11";
    let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    let create = [
        "client",
        "create",
        "--tenant",
        "zand",
        "--name",
        "SDS",
        "--client-id",
        id,
        "--secret-sha256",
        hash,
    ];
    let created = harness::oneroster(&database.url, &create).await;
    assert!(created.status.success(), "{created:?}");
    let (folder, port) = (TempDir::new().unwrap(), free_port());
    configure(&folder, port, &server);
    let _nginx = nginx(&folder);
    // Servers know the client within five seconds, and nginx listens by then.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let http = reqwest::Client::builder()
        .resolve("sync.old.example", ([127, 0, 0, 1], port).into())
        .build()
        .unwrap();
    let old = format!("http://sync.old.example:{port}");
    for path in ["/auth/token", "/connect/token"] {
        let answer = http
            .post(format!("{old}{path}"))
            .basic_auth(id, Some("secret"))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let body: Value = answer.json().await.unwrap();
        let token = body["access_token"].as_str().unwrap();
        for base in ["/oneroster/v1", "/ims/oneroster/v1p1"] {
            let answer = http
                .get(format!(
                    "{old}{base}/orgs?limit=2&offset=0&filter=status='active'"
                ))
                .bearer_auth(token)
                .send()
                .await
                .unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["x-total-count"]),
                (200, &"3".parse().unwrap())
            );
        }
    }
    server.stop().await;
}
