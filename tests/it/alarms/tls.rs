//! E-mail over TLS, to a mail server that shares nothing with us: with a certificate of an authority of our own, and to no other.

use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;
use sqlx::PgPool;

use super::{Process, published, refuse};
use crate::harness::certificate::certificate;
use crate::harness::node::Node;
use crate::harness::{TestDatabase, command};

/// A mail server.
struct Sink {
    node: Node,
    port: u64,
}

impl Sink {
    async fn start(mode: &str, folder: &Path, refusals: &str) -> Self {
        let mut node = Node::start("mail", "sink.mjs", &[mode, folder.to_str().unwrap(), refusals]).await;
        let said: Value = serde_json::from_str(&node.line().await).unwrap();
        Self {
            node,
            port: said["port"].as_u64().unwrap(),
        }
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.node.line().await).unwrap()
    }
}

/// Starts a server that trusts an authority and no other.
fn serve(database: &TestDatabase, smtp_url: &str, authority: &Path, place: &Path) -> Child {
    let password = place.join("password");
    std::fs::write(&password, "a password of the tests\n").unwrap();
    command(&database.url, &["serve"])
        .env("SSL_CERT_FILE", authority)
        .env("ONEROSTER_LISTEN", "127.0.0.1:0")
        .env("ONEROSTER_ALARMS_SMTP_URL", smtp_url)
        .env("ONEROSTER_ALARMS_SMTP_USER", "oneroster")
        .env("ONEROSTER_ALARMS_SMTP_PASSWORD_FILE", password)
        .env("ONEROSTER_ALARMS_MAIL_FROM", "oneroster@operator.example")
        .env("ONEROSTER_ALARMS_MAIL_TO", "op@operator.example")
        .env("ONEROSTER_ALARMS_LOOK_S", "1")
        .env("ONEROSTER_ALARMS_RETRY_S", "1")
        .env("ONEROSTER_ALARMS_TIMEOUT_S", "5")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until sending has failed, and returns why.
async fn failed(pool: &PgPool) -> String {
    for _ in 0..400 {
        let error: Option<String> =
            sqlx::query_scalar("select last_error from alarm.message where last_error <> ''")
                .fetch_optional(pool)
                .await
                .unwrap();
        if let Some(error) = error {
            return error;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing failed");
}

#[tokio::test]
async fn e_mail_is_handed_over_by_tls_and_starttls_after_signing_in_and_again_after_come_back_later() {
    let place = tempfile::tempdir().unwrap();
    certificate(place.path());
    let authority = place.path().join("authority.crt");
    for mode in ["implicit", "starttls"] {
        let (database, _school) = published().await;
        let mut sink = Sink::start(mode, place.path(), "2").await;
        let url = match mode {
            "implicit" => format!("smtps://localhost:{}", sink.port),
            _ => format!("smtp://localhost:{}?tls=required", sink.port),
        };
        let server = Process(serve(&database, &url, &authority, place.path()));
        refuse(&database.pool).await;
        for _ in 0..2 {
            assert_eq!(sink.next().await["refused"], "op@operator.example", "{mode}");
        }
        let taken = sink.next().await;
        assert_eq!(
            (&taken["secure"], &taken["user"], &taken["to"][0]),
            (&true.into(), &"oneroster".into(), &"op@operator.example".into()),
            "{mode}"
        );
        let mail = taken["taken"].as_str().unwrap();
        assert!(
            mail.contains("Subject: [oneroster] zandpoort: the last bundle was refused"),
            "{mail}"
        );
        drop(server);
        let (id, tries): (uuid::Uuid, i32) = sqlx::query_as("select message_id, tries from alarm.message")
            .fetch_one(&database.pool)
            .await
            .unwrap();
        assert!(
            mail.contains(&format!("Message-ID: <{id}@operator.example>")),
            "{mail}"
        );
        assert_eq!(tries, 3, "{mode}");
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_else_another_name_and_no_encryption_get_neither_e_mail_nor_password() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificate(ours.path());
    certificate(theirs.path());
    let authority = ours.path().join("authority.crt");
    for (mode, folder, url, reason) in [
        ("implicit", &theirs, "smtps://localhost:PORT", "certificate"),
        (
            "starttls",
            &theirs,
            "smtp://localhost:PORT?tls=required",
            "certificate",
        ),
        ("implicit", &ours, "smtps://127.0.0.1:PORT", "certificate"),
        ("plain", &ours, "smtp://localhost:PORT?tls=required", "STARTTLS"),
    ] {
        let (database, _school) = published().await;
        let sink = Sink::start(mode, folder.path(), "0").await;
        let url = url.replace("PORT", &sink.port.to_string());
        let server = Process(serve(&database, &url, &authority, ours.path()));
        refuse(&database.pool).await;
        let error = failed(&database.pool).await;
        assert!(error.contains(reason), "{mode} {url}: {error}");
        drop(server);
        let is_waiting: bool =
            sqlx::query_scalar("select next_try_at is not null and last_error <> '' from alarm.message")
                .fetch_one(&database.pool)
                .await
                .unwrap();
        assert!(is_waiting, "it is tried again once the settings are right");
    }
}
