//! Alarms: each once with its end, none lost while nobody takes them, and sent again at the same id when a server is killed.

#![cfg(test)]

mod ends;
mod refusing;
mod sinks;
mod storm;
mod tls;

use std::process::{Child, Stdio};
use std::time::Duration;

use aws_lc_rs::hmac;
use oneroster::config::{self, Settings};
use oneroster::db::scope;
use oneroster::mirror::memory;
use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::clock::DatabaseClock;
use crate::harness::running::{self, Running};
use crate::harness::school::{School, school};
use crate::harness::{TestDatabase, as_server, base16, command, database};
use sinks::{MailSink, WebhookSink};

const TENANT: &str = "zandpoort";
const SECRET: &str = "a secret of the webhook";

/// Settings under which alarms are looked for and sent every second.
fn settings(database: &TestDatabase) -> Settings {
    Settings {
        alarms: config::Alarms {
            look_s: 1,
            retry_s: 1,
            timeout_s: 1,
            ..config::Alarms::default()
        },
        ..running::settings(&database.url)
    }
}

/// Notes that a bundle of the tenant was refused.
async fn refuse(pool: &PgPool) {
    let mut transaction = scope::begin(&as_server(pool), TENANT).await.unwrap();
    memory::note_refusal(
        &mut transaction,
        TENANT,
        "os:feed",
        3,
        &["names-changed".to_owned()],
    )
    .await
    .unwrap();
    transaction.commit().await.unwrap();
}

/// Notes that one was loaded.
async fn load(pool: &PgPool) {
    run(
        pool,
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen) values ('zandpoort', false, false, '{}')",
    )
    .await;
}

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(AssertSqlSafe(statement)).execute(pool).await.unwrap();
}

async fn count(pool: &PgPool, of: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from alarm.{of}")))
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn published() -> (TestDatabase, School) {
    let database = database().await;
    let school = school(&database.pool, TENANT).await;
    school.publish().await;
    (database, school)
}

#[tokio::test]
async fn an_alarm_is_told_once_with_its_end_and_nothing_is_lost_while_the_sink_refuses() {
    let (database, school) = published().await;
    let sink = WebhookSink::start().await;
    sink.refuse(true);
    let place = tempfile::tempdir().unwrap();
    let secret = place.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let mut settings = settings(&database);
    settings.alarms.webhook_url = Some(sink.url.clone());
    settings.alarms.webhook_secret_file = Some(secret);
    let servers = [Running::start(&settings).await, Running::start(&settings).await];
    refuse(&database.pool).await;
    sink.wait_for(3).await;
    // What is done does not wait for the sink.
    let begun = std::time::Instant::now();
    school
        .change("update informat.persoon set voornaam = 'Jantje' where naam = 'Janssens'")
        .await;
    school.publish().await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    sink.refuse(false);
    let taken = sink.taken(1).await;
    let tries = sink.tries();
    assert!(
        tries.len() > 3 && tries.iter().all(|id| *id == taken[0].id),
        "{tries:?}"
    );
    let told = &taken[0];
    assert_eq!(
        (&told.json["kind"], &told.json["tenant"], &told.json["state"]),
        (&"refused".into(), &TENANT.into(), &"began".into())
    );
    let text = told.json["text"].as_str().unwrap();
    for words in [
        "zandpoort: the last bundle was refused",
        "oneroster tenant status zandpoort",
        "3 faults, names-changed",
        "docs/operations.md#alarm-refused",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("os:feed"), "it may be a person: {text}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = base16(hmac::sign(&key, &told.body).as_ref());
    assert_eq!(told.signature, format!("sha256={tag}"));
    assert_eq!(told.json["id"], told.id);

    // The same again is the same alarm; after a load it is over, and after another refusal a new one.
    refuse(&database.pool).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        (sink.taken(1).await.len(), count(&database.pool, "alarm").await),
        (1, 1)
    );
    load(&database.pool).await;
    let taken = sink.taken(2).await;
    assert_eq!(
        (&taken[1].json["state"], &taken[1].json["alarm"]),
        (&"ended".into(), &told.json["alarm"])
    );
    refuse(&database.pool).await;
    let taken = sink.taken(3).await;
    assert_eq!(taken[2].json["state"], "began");
    assert_ne!(taken[2].json["alarm"], told.json["alarm"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(sink.taken(3).await.len(), 3);
    assert_eq!(
        count(&database.pool, "message where next_try_at is not null").await,
        0
    );
    for server in servers {
        server.stop().await;
    }
}

/// A server as a process of its own, killed when dropped.
struct Process(Child);

impl Process {
    fn start(database: &TestDatabase, sink: &WebhookSink) -> Self {
        let child = command(&database.url, &["serve"])
            .env("ONEROSTER_LISTEN", "127.0.0.1:0")
            .env("ONEROSTER_ALARMS_WEBHOOK_URL", &sink.url)
            .env("ONEROSTER_ALARMS_LOOK_S", "1")
            .env("ONEROSTER_ALARMS_TIMEOUT_S", "5")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_server_killed_between_sending_and_noting_has_it_sent_again_by_another_at_the_same_id() {
    let (database, _school) = published().await;
    let sink = WebhookSink::start().await;
    sink.hold(true);
    let first = Process::start(&database, &sink);
    refuse(&database.pool).await;
    sink.wait_for(1).await;
    // It has it, and does not know yet that it was taken.
    drop(first);
    sink.hold(false);
    let mut settings = settings(&database);
    settings.alarms.webhook_url = Some(sink.url.clone());
    let second = Running::start(&settings).await;
    let taken = sink.taken(2).await;
    assert_eq!(taken[0].id, taken[1].id);
    assert_eq!(taken[0].body, taken[1].body);
    second.stop().await;
    assert_eq!(
        (
            count(&database.pool, "alarm").await,
            count(&database.pool, "message").await
        ),
        (1, 1)
    );
}

/// On a Tuesday in November of a year whose school year nobody activated.
#[tokio::test]
async fn a_school_is_written_to_about_names_and_the_next_year_without_names_of_people() {
    let test = database().await;
    let school = school(&test.pool, TENANT).await;
    school
        .change(
            "update tenant.tenant set configuration = configuration || '{\"contact_mail\": \"beheer@zandpoort.example\"}'
             where tenant_id = 'zandpoort';
             update username.record set needs_review = true where tenant_id = 'zandpoort'",
        )
        .await;
    // Of somebody who is gone nobody need look at the name.
    school.jan_leaves().await;
    school.publish().await;
    let clock = DatabaseClock::install(&test, "2054-11-24 06:30").await;
    let sink = MailSink::start().await;
    let mut settings = settings(&test);
    settings.alarms.smtp_url = Some(sink.url.clone());
    settings.alarms.mail_from = Some("oneroster@operator.example".to_owned());
    let server = Running::start(&settings).await;
    let mails = sink.taken(1).await;
    assert!(
        mails[0].contains("To: beheer@zandpoort.example") && mails[0].contains("schooljaar"),
        "{}",
        mails[0]
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(sink.taken(1).await.len(), 1, "not before seven");
    clock.set("2054-11-24 07:01").await;
    let mails = sink.taken(2).await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.contains("2 gebruikersnamen wachten")),
        "{mails:?}"
    );
    for mail in &mails {
        assert!(!mail.contains("Janssens") && !mail.contains("Lotte"), "{mail}");
    }
    // Once a day, and again the next weekday.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let of_names = |mails: &[String]| {
        mails
            .iter()
            .filter(|mail| mail.contains("gebruikersnamen wachten"))
            .count()
    };
    assert_eq!(of_names(&sink.taken(2).await), 1);
    clock.set("2054-11-25 07:01").await;
    let mut mails = sink.taken(3).await;
    while of_names(&mails) < 2 {
        mails = sink.taken(mails.len() + 1).await;
    }
    server.stop().await;
}
