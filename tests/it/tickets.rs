//! Tickets against publications: no generation is ever dated within reach of a ticket that cannot see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Duration, Utc};
use oneroster::auth::client;
use oneroster::clock::Clock;

use crate::harness;
use crate::harness::api::Api;
use crate::harness::school::{BERT, JAN, LOTTE, School, school};

const REQUESTS: usize = 10_000;
const AT_ONCE: usize = 16;

async fn switch_sync(school: &School) {
    sqlx::query(
        "update username.record set sync = not sync where tenant_id = $1 and local_part = 'jan.janssens'",
    )
    .bind(&school.tenant_id)
    .execute(&school.pool)
    .await
    .unwrap();
    school.change("").await;
}

/// Every generation with its date, by number.
async fn dates(school: &School) -> Vec<(i64, DateTime<Utc>)> {
    sqlx::query_as("select number, published_at from roster.generation where tenant_id = $1 order by number")
        .bind(&school.tenant_id)
        .fetch_all(&school.pool)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_ten_thousand_tickets_racing_publications_break_no_date() {
    let database = harness::database().await;
    let school = Arc::new(school(&database.pool, "race").await);
    school.publish().await;
    let auth = harness::auth(&database.server, Clock::System, "http://race.example", 60).await;
    let created = client::create(&database.server, "race", "race").await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let publisher = {
        let (school, done) = (Arc::clone(&school), Arc::clone(&done));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                switch_sync(&school).await;
                school.publish().await;
            }
        })
    };
    let requests = (0..AT_ONCE).map(|_| {
        let (auth, id, secret) = (
            Arc::clone(&auth),
            created.client_id.clone(),
            created.client_secret.clone(),
        );
        tokio::spawn(async move {
            let mut tickets = Vec::new();
            for _ in 0..REQUESTS / AT_ONCE {
                let issued = auth.issue(&id, &secret, None, None).await.unwrap();
                let ticket = auth.verify(&issued.access_token).await.unwrap();
                tickets.push((ticket.number.unwrap(), ticket.expires_at));
            }
            tickets
        })
    });
    let tickets: Vec<(i64, i64)> = futures_util::future::join_all(requests)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    done.store(true, Ordering::Relaxed);
    publisher.await.unwrap();

    let dates = dates(&school).await;
    assert_eq!(tickets.len(), REQUESTS);
    assert!(dates.len() > 10, "only {} generations: no race", dates.len());
    let held: std::collections::BTreeSet<i64> = tickets.iter().map(|(number, _)| *number).collect();
    assert!(
        held.len() > 5,
        "tickets to {} generations only: no race",
        held.len()
    );
    // The earliest date after each generation is the next one's, since dates rise.
    assert!(dates.windows(2).all(|pair| pair[0].1 < pair[1].1), "dates rise");
    for (number, expires_at) in tickets {
        let Some((next, date)) = dates.iter().find(|(other, _)| *other > number) else {
            continue;
        };
        let expiry = DateTime::from_timestamp(expires_at, 0).unwrap();
        assert!(
            expiry + Duration::minutes(5) <= *date,
            "a ticket to generation {number} expires at {expiry}, generation {next} is dated {date}"
        );
    }
}

#[tokio::test]
async fn without_tickets_a_generation_is_dated_now() {
    let database = harness::database().await;
    let school = school(&database.pool, "calm").await;
    let before: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(&school.pool)
        .await
        .unwrap();
    school.publish().await;
    switch_sync(&school).await;
    school.publish().await;
    let after: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(&school.pool)
        .await
        .unwrap();
    for (_, date) in dates(&school).await {
        assert!(
            before <= date && date <= after + Duration::milliseconds(2),
            "{date}"
        );
        assert_eq!(date.timestamp_subsec_micros() % 1000, 0, "whole milliseconds");
    }
}

#[tokio::test]
async fn i3_i5_an_old_token_reads_the_old_state_on_every_page_and_a_delta_with_a_new_one_tells_the_rest() {
    let database = harness::database().await;
    let school = school(&database.pool, "pages").await;
    school.publish().await;
    let created = client::create(&database.server, "pages", "sds").await.unwrap();
    let api = Api::start(&database.pool).await;
    let old = api.issue(&created).await;
    let old_expiry = api.auth.verify(&old.access_token).await.unwrap().expires_at;
    let page = |offset: usize| format!("/users?filter=status='active'&limit=1&offset={offset}");
    let first = api.get(&old.access_token, &page(0)).await;

    school.jan_leaves().await;
    let publication = school.publish().await;

    // In the middle of its pull the consumer continues as if nothing had happened.
    let second = api.get(&old.access_token, &page(1)).await;
    let third = api.get(&old.access_token, &page(2)).await;
    let mut seen: Vec<String> = [&first, &second, &third]
        .iter()
        .flat_map(|answer| answer.ids("users"))
        .collect();
    seen.sort();
    assert_eq!(seen, [JAN, LOTTE, BERT]);
    assert_eq!(
        third.header("x-roster-generation"),
        first.header("x-roster-generation")
    );
    let enrollment = api.get(&old.access_token, &format!("/enrollments/{JAN}-1")).await;
    assert_eq!(enrollment.json()["enrollment"]["status"], "active");

    let expiry = DateTime::from_timestamp(old_expiry, 0).unwrap();
    let date = publication.published_at.unwrap();
    assert!(date >= expiry + Duration::minutes(5), "{date} against {expiry}");
    // The next run asks for what changed since the last moment it held the old token, its clock five minutes fast.
    let since = (expiry + Duration::minutes(5) - Duration::seconds(1)).format("%Y-%m-%dT%H:%M:%S.000Z");
    let new = api.token(&created).await;
    let delta = format!("/users?filter=dateLastModified>'{since}'").replace('>', "%3E");
    let delta = api.get(&new, &delta).await.json();
    let changed: Vec<_> = delta["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (&user["sourcedId"], &user["status"]))
        .collect();
    assert_eq!(
        changed,
        [(&serde_json::json!(JAN), &serde_json::json!("tobedeleted"))]
    );
    let active = api.get(&new, &page(0).replace("limit=1", "limit=9")).await;
    assert_eq!(active.ids("users"), [LOTTE, BERT]);
}
