//! The same of many school groups at once is told once, and what follows one by one again.

use std::time::Duration;

use oneroster::db::scope;
use oneroster::mirror::memory;
use sqlx::PgPool;

use super::sinks::{MailSink, WebhookSink};
use super::{TENANT, count, run, settings};
use crate::harness::as_server;
use crate::harness::database;
use crate::harness::running::Running;
use crate::harness::school::school;

async fn refuse(pool: &PgPool, tenants: impl IntoIterator<Item = u32>) {
    // All at once, as an extractor that breaks in the night.
    for number in tenants {
        let tenant = format!("g{number:02}");
        let mut transaction = scope::begin(&as_server(pool), &tenant).await.unwrap();
        memory::note_refusal(&mut transaction, &tenant, "os:feed", 1, &[])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}

async fn load_all(pool: &PgPool) {
    run(
        pool,
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen)
         select tenant_id, false, false, '{}' from tenant.tenant",
    )
    .await;
}

/// With their ends.
async fn few_are_told_one_by_one(pool: &PgPool, hook: &WebhookSink) {
    refuse(pool, 1..=3).await;
    let posted = hook.taken(5).await;
    assert!(
        posted[2..]
            .iter()
            .all(|posted| posted.json["tenant"] != "" && posted.json["state"] == "began"),
        "{posted:?}"
    );
    load_all(pool).await;
    let posted = hook.taken(8).await;
    assert!(
        posted[5..].iter().all(|posted| posted.json["state"] == "ended"),
        "{posted:?}"
    );
}

#[tokio::test]
async fn many_alarms_of_a_kind_at_once_are_told_as_one_and_few_one_by_one() {
    let test = database().await;
    let _school = school(&test.pool, TENANT).await;
    for statement in [
        "insert into tenant.tenant (tenant_id, configuration)
         select id, configuration || jsonb_build_object('id', id, 'contact_mail', 'beheer@' || id || '.example')
         from tenant.tenant, generate_series(1, 30) n, lateral (select 'g' || lpad(n::text, 2, '0') as id) named
         where tenant_id = 'zandpoort'",
        "insert into roster.head (tenant_id) select tenant_id from tenant.tenant on conflict do nothing",
    ] {
        run(&test.pool, statement).await;
    }
    refuse(&test.pool, 1..=25).await;
    let (hook, mail) = (WebhookSink::start().await, MailSink::start().await);
    let mut settings = settings(&test);
    settings.alarms.webhook_url = Some(hook.url.clone());
    settings.alarms.smtp_url = Some(mail.url.clone());
    settings.alarms.mail_from = Some("oneroster@operator.example".to_owned());
    settings.alarms.mail_to = vec!["op@operator.example".to_owned()];
    let servers = [Running::start(&settings).await, Running::start(&settings).await];
    let posted = hook.taken(1).await;
    let told = &posted[0].json;
    assert_eq!(
        (&told["tenant"], &told["kind"], &told["state"]),
        (&"".into(), &"refused".into(), &"began".into())
    );
    let said = told["text"].as_str().unwrap();
    assert!(
        said.contains("25 at once, in 25 school groups: g01, g02") && said.contains("g10 and 15 more"),
        "{said}"
    );
    assert!(said.contains("docs/operations.md#alarm-refused"), "{said}");
    // What follows within the hour has been told with it.
    refuse(&test.pool, 26..=27).await;
    while count(&test.pool, "alarm where is_grouped").await < 27 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!((hook.taken(1).await.len(), mail.taken(1).await.len()), (1, 1));

    // It is over when it is over everywhere.
    run(
        &test.pool,
        "insert into informat.lading (tenant_id, delta, gewijzigd, rijen)
         select tenant_id, false, false, '{}' from tenant.tenant where tenant_id <> 'g27'",
    )
    .await;
    while count(
        &test.pool,
        "alarm where kind = 'refused' and ended_at is null and tenant_id <> ''",
    )
    .await
        > 1
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(hook.taken(1).await.len(), 1);
    load_all(&test.pool).await;
    let posted = hook.taken(2).await;
    assert_eq!(
        (&posted[1].json["state"], &posted[1].json["alarm"]),
        (&"ended".into(), &told["alarm"])
    );
    few_are_told_one_by_one(&test.pool, &hook).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((hook.taken(8).await.len(), mail.taken(8).await.len()), (8, 8));
    for server in servers {
        server.stop().await;
    }
}
