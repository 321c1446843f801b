//! What is told when something ends, and when a place to tell it comes later.

use std::time::Duration;

use super::sinks::{MailSink, WebhookSink};
use super::{TENANT, count, load, published, refuse, run, settings};
use crate::harness::clock::DatabaseClock;
use crate::harness::database;
use crate::harness::running::Running;
use crate::harness::school::school;

/// Nobody mended anything: a day passed, and a feeding that was stopped is no longer told of.
#[tokio::test]
async fn what_only_passed_is_not_told_as_solved() {
    let test = database().await;
    let _school = school(&test.pool, TENANT).await;
    run(
        &test.pool,
        "update tenant.tenant set configuration =
             configuration || '{\"contact_mail\": \"beheer@zandpoort.example\", \"active_school_year\": \"2054-55\"}'
         where tenant_id = 'zandpoort'",
    )
    .await;
    for statement in [
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen, geladen_op)
         values ('zandpoort', false, false, '{}', '2055-06-15 02:00+02')",
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen, geladen_op)
         values ('zandpoort', false, false, '{}', '2055-06-16 02:00+02')",
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen, geladen_op)
         values ('zandpoort', false, false, '{}', '2055-06-17 02:00+02')",
    ] {
        run(&test.pool, statement).await;
    }
    let clock = DatabaseClock::install(&test, "2055-06-20 12:00").await;
    let (hook, mail) = (WebhookSink::start().await, MailSink::start().await);
    let mut settings = settings(&test);
    settings.alarms.webhook_url = Some(hook.url.clone());
    settings.alarms.smtp_url = Some(mail.url.clone());
    settings.alarms.mail_from = Some("oneroster@operator.example".to_owned());
    let server = Running::start(&settings).await;
    let mails = mail.taken(1).await;
    assert!(mails[0].contains("synchronisatie"), "{mails:?}");
    let posted = hook.taken(1).await;
    assert_eq!(posted[0].json["kind"], "silent-feed", "{posted:?}");
    clock.set("2055-08-25 12:00").await;
    let mails = mail.taken(2).await;
    assert!(mails[1].contains("schooljaar"), "{mails:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    for kind in ["silent-feed", "flow-ends"] {
        let ended = format!("alarm where kind = '{kind}' and ended_at is not null");
        assert_eq!(count(&test.pool, &ended).await, 1, "{kind}");
    }
    let mails = mail.taken(2).await;
    assert!(!mails.iter().any(|mail| mail.contains("Opgelost")), "{mails:?}");
    let posted = hook.taken(1).await;
    assert!(
        posted.iter().all(|posted| posted.json["state"] != "ended"),
        "{posted:?}"
    );
    server.stop().await;
}

async fn until_noted(pool: &sqlx::PgPool) {
    while count(pool, "message where next_try_at is not null").await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_stands_is_told_where_a_place_comes_and_its_end_to_those_who_were_told() {
    let (database, _school) = published().await;
    let (hook, mail) = (WebhookSink::start().await, MailSink::start().await);
    let mut with_hook = settings(&database);
    with_hook.alarms.webhook_url = Some(hook.url.clone());
    let server = Running::start(&with_hook).await;
    refuse(&database.pool).await;
    hook.taken(1).await;
    // A server that stops before it has noted that has it sent again.
    until_noted(&database.pool).await;
    server.stop().await;

    let mut with_both = with_hook.clone();
    with_both.alarms.smtp_url = Some(mail.url.clone());
    with_both.alarms.mail_from = Some("oneroster@operator.example".to_owned());
    with_both.alarms.mail_to = vec![
        "een@operator.example".to_owned(),
        "twee@operator.example".to_owned(),
    ];
    let server = Running::start(&with_both).await;
    let mails = mail.taken(2).await;
    for address in ["een", "twee"] {
        let to = format!("To: {address}@operator.example");
        assert_eq!(
            mails.iter().filter(|mail| mail.contains(&to)).count(),
            1,
            "one each: {mails:?}"
        );
    }
    until_noted(&database.pool).await;
    server.stop().await;

    // One of them goes, another comes when it is over, and hears nothing of it.
    with_both.alarms.mail_to = vec![
        "een@operator.example".to_owned(),
        "drie@operator.example".to_owned(),
    ];
    load(&database.pool).await;
    let server = Running::start(&with_both).await;
    let posted = hook.taken(2).await;
    assert_eq!(posted[1].json["state"], "ended");
    let mails = mail.taken(3).await;
    assert!(mails[2].contains("To: een@operator.example"), "{mails:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((mail.taken(3).await.len(), hook.taken(2).await.len()), (3, 2));
    server.stop().await;
}

/// One key signs for less than a day and the next is made ten minutes ahead: that is how rotation is.
#[tokio::test]
async fn a_signing_key_that_will_be_followed_in_time_rings_no_alarm() {
    let test = database().await;
    let _school = school(&test.pool, TENANT).await;
    let clock = DatabaseClock::install(&test, "2054-11-24 12:00").await;
    let hook = WebhookSink::start().await;
    let mut settings = settings(&test);
    settings.alarms.webhook_url = Some(hook.url.clone());
    settings.keys.rotate_days = 1;
    let server = Running::start(&settings).await;
    clock.set("2054-11-24 20:00").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    clock.set("2054-11-25 11:52").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(count(&test.pool, "alarm where kind = 'key-ends'").await, 0);
    server.stop().await;
}
