//! Receivers that do not take what they are sent: when they are asked again, and what is given up and counted.

use super::sinks::{MailSink, WebhookSink};
use super::{count, published, refuse, run, settings};
use crate::harness::running::Running;

/// The value of a figure of a server.
async fn figure(server: &Running, name: &str) -> String {
    let text = reqwest::get(format!("http://{}/metrics", server.metrics))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("{name} is not in {text}"))
        .to_owned()
}

#[tokio::test]
async fn a_webhook_is_left_alone_for_as_long_as_it_asks() {
    let (database, _school) = published().await;
    let sink = WebhookSink::start().await;
    sink.refuse(true);
    sink.retry_after("4");
    let mut settings = settings(&database);
    settings.alarms.webhook_url = Some(sink.url.clone());
    let server = Running::start(&settings).await;
    refuse(&database.pool).await;
    sink.wait_for(1).await;
    let begun = std::time::Instant::now();
    sink.wait_for(2).await;
    let waited = begun.elapsed().as_secs_f64();
    assert!(waited > 3.0, "{waited} s");
    sink.refuse(false);
    sink.taken(1).await;
    assert_eq!(
        (
            figure(&server, "oneroster_alarm_messages_failed_total").await,
            figure(&server, "oneroster_alarm_messages_given_up_total").await
        ),
        ("2".to_owned(), "0".to_owned())
    );
    server.stop().await;
}

#[tokio::test]
async fn e_mail_is_given_up_and_counted_when_it_is_refused_for_good_or_for_a_week() {
    let (database, _school) = published().await;
    let sink = MailSink::start().await;
    let mut settings = settings(&database);
    settings.alarms.smtp_url = Some(sink.url.clone());
    settings.alarms.mail_from = Some("oneroster@operator.example".to_owned());
    settings.alarms.mail_to = vec![
        "later@operator.example".to_owned(),
        "gone@operator.example".to_owned(),
    ];
    let server = Running::start(&settings).await;
    refuse(&database.pool).await;
    let waiting = "message where next_try_at is not null";
    let given_up =
        "message where next_try_at is null and recipient like 'gone@%' and last_error like '%550%'";
    while count(&database.pool, given_up).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    while count(
        &database.pool,
        "message where tries >= 2 and last_error like '%450%'",
    )
    .await
        == 0
    {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(
        count(&database.pool, waiting).await,
        1,
        "the other is tried again"
    );
    assert_eq!(
        figure(&server, "oneroster_alarm_messages_given_up_total").await,
        "1"
    );
    run(
        &database.pool,
        "update alarm.message set written_at = written_at - interval '8 days' where next_try_at is not null",
    )
    .await;
    while figure(&server, "oneroster_alarm_messages_given_up_total").await != "2" {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    server.stop().await;
}
