//! Where the simulation stands for SQL, both do the same.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster::auth::{TOKEN_LIFETIME_MAX_S, client};
use oneroster::clock::Clock;
use oneroster::db::scope;
use oneroster::publication::date::{Before, CLOCK_MARGIN, REDATE_AHEAD, date};
use oneroster::publication::{self, Options};
use oneroster::roster::Version;
use oneroster::roster::head::{self, LostPromises};
use oneroster::serving::{Generation, Snapshot, SnapshotCache};
use oneroster_standard::query::{ListQuery, Policy};
use oneroster_standard::{Kind, StatusType};
use sqlx::PgPool;
use uuid::Uuid;

use super::clock::{DAY, HOUR, SECOND};
use super::database::Head;
use super::dice::Dice;
use super::effects::follow_lost;
use super::server::{is_read, place, signed_until};
use crate::harness::school::school;
use crate::harness::{self, requests};

async fn now(pool: &PgPool) -> DateTime<Utc> {
    sqlx::query_scalar("select clock_timestamp()")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Draws an instant about now, or none.
fn about(dice: &mut Dice, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let reach = dice.pick(&[SECOND, HOUR, 2 * DAY]);
    let distance = dice.between(-reach, reach);
    dice.chance(900).then(|| now + TimeDelta::microseconds(distance))
}

async fn tickets_until(pool: &PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select tickets_until from roster.head")
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn tickets_signed(pool: &PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select tickets_signed from roster.head")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_ticket_ends_and_is_counted_in_sql_as_in_the_simulation() {
    let database = harness::database().await;
    let pool = &database.pool;
    school(pool, "place").await.publish().await;
    let auth = harness::auth(pool, Clock::System, "http://place.example", 3600).await;
    let created = client::create(pool, "place", "place").await.unwrap();
    let mut dice = Dice::new(1);
    for case in 0..200 {
        let lifetime_s = u32::try_from(dice.spread(60, i64::from(TOKEN_LIFETIME_MAX_S))).unwrap();
        sqlx::query("update auth.client set settings = jsonb_build_object('token_lifetime_s', $1)")
            .bind(i64::from(lifetime_s))
            .execute(pool)
            .await
            .unwrap();
        let held = about(&mut dice, now(pool).await);
        let signed = about(&mut dice, now(pool).await);
        sqlx::query("update roster.head set tickets_until = $1, tickets_signed = $2")
            .bind(held)
            .bind(signed)
            .execute(pool)
            .await
            .unwrap();
        let before = now(pool).await;
        let issued = auth
            .issue(&created.client_id, &created.client_secret, None, None)
            .await
            .unwrap();
        let after = now(pool).await;
        let ends_at = auth.verify(&issued.access_token).await.unwrap().expires_at;
        let until = tickets_until(pool).await.unwrap();
        let (first_end, first_until) = place(before, lifetime_s, held);
        let (last_end, last_until) = place(after, lifetime_s, held);
        assert!(
            first_end <= ends_at && ends_at <= last_end,
            "case {case}: {ends_at}"
        );
        assert!(
            first_until <= until && until <= last_until,
            "case {case}: {until}"
        );
        let row = Head {
            tickets_until: held,
            tickets_signed: signed,
            ..Head::default()
        };
        let (first, last) = (
            signed_until(before, lifetime_s, &row),
            signed_until(after, lifetime_s, &row),
        );
        let signed = tickets_signed(pool).await.unwrap();
        // At the very moment at which what is signed for no longer suffices either may be so.
        assert!(
            signed == first || first.min(last) <= signed && signed <= first.max(last),
            "case {case}: {signed}"
        );
    }
}

#[tokio::test]
async fn a_generation_is_dated_by_the_head_whatever_that_holds() {
    let database = harness::database().await;
    let school = school(&database.pool, "dated").await;
    school.publish().await;
    let mut dice = Dice::new(2);
    for case in 0..40 {
        let clock = now(&school.pool).await;
        let held = about(&mut dice, clock);
        let signed = about(&mut dice, clock);
        let previous = about(&mut dice, clock).unwrap_or(clock);
        sqlx::query("update roster.head set tickets_until = $1, published_at = $2, tickets_signed = $3")
            .bind(held)
            .bind(previous)
            .bind(signed)
            .execute(&school.pool)
            .await
            .unwrap();
        sqlx::query("update username.record set sync = not sync where local_part = 'jan.janssens'")
            .execute(&school.pool)
            .await
            .unwrap();
        school.change("").await;
        let redate = dice.chance(300);
        let options = Options {
            redate,
            ..Options::default()
        };
        let dated = |now| {
            let before = Before {
                now,
                tickets_until: held,
                tickets_signed: signed,
                previous: Some(previous),
            };
            date(&before, redate)
        };
        let before = now(&school.pool).await;
        let published = publication::publish(&school.pool, &school.tenant_id, options)
            .await
            .unwrap()
            .unwrap();
        let after = now(&school.pool).await;
        let at = published.published_at.unwrap();
        assert!(dated(before) <= at && at <= dated(after), "case {case}: {at}");
    }
}

#[tokio::test]
async fn a_recover_raises_what_the_head_promises_as_in_the_simulation() {
    let database = harness::database().await;
    let pool = &database.server;
    school(&database.pool, "lost").await.publish().await;
    let mut dice = Dice::new(3);
    for case in 0..40 {
        let clock = now(&database.pool).await;
        let mut model = Head {
            tickets_until: about(&mut dice, clock),
            tickets_signed: about(&mut dice, clock),
            redates: dice.chance(300),
            ..Head::default()
        };
        sqlx::query("update roster.head set tickets_until = $1, tickets_signed = $2, redates = $3")
            .bind(model.tickets_until)
            .bind(model.tickets_signed)
            .bind(model.redates)
            .execute(&database.pool)
            .await
            .unwrap();
        let lost = LostPromises {
            until: about(&mut dice, clock),
            generations: dice.chance(500),
        };
        let mut transaction = scope::begin(pool, "lost").await.unwrap();
        head::follow_lost(&mut transaction, "lost", lost).await.unwrap();
        let stored = head::get(&mut transaction, "lost").await.unwrap();
        transaction.commit().await.unwrap();
        follow_lost(&mut model, lost);
        assert_eq!(
            (stored.tickets_until, stored.tickets_signed, stored.redates),
            (model.tickets_until, model.tickets_signed, model.redates),
            "case {case}"
        );
    }
}

#[test]
fn a_redate_passes_every_ticket_that_may_be_lost_with_time_for_clocks_that_differ() {
    let longest = TimeDelta::seconds(i64::from(TOKEN_LIFETIME_MAX_S));
    assert!(longest + CLOCK_MARGIN + TimeDelta::minutes(2 * 5) < REDATE_AHEAD);
}

fn bodies(snapshot: &Snapshot) -> Vec<Vec<u8>> {
    let limit = [("limit".to_owned(), "10000".to_owned())];
    let of = |kind| {
        let query = ListQuery::parse(kind, &limit, &Policy::default()).unwrap();
        snapshot.list(kind, &query, "-").body.concat()
    };
    Kind::ALL.map(of).into()
}

async fn stored(pool: &PgPool) -> Vec<Version> {
    let rows: Vec<(String, String, i64, Option<i64>, String, String)> = sqlx::query_as(
        "select kind, sourced_id, from_number, until_number, status, content
           from roster.object_version order by kind, sourced_id, from_number",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(
            |(kind, sourced_id, from_number, until_number, status, content)| Version {
                kind: Kind::from_collection(&kind).unwrap(),
                sourced_id,
                from_number,
                until_number,
                status: StatusType::from_word(&status).unwrap(),
                content,
                causes: Vec::new(),
                email_domain: None,
                ended_on: None,
            },
        )
        .collect()
}

#[tokio::test]
async fn a_generation_is_loaded_from_sql_as_in_the_simulation() {
    let database = harness::database().await;
    let school = school(&database.pool, "loaded").await;
    school.publish().await;
    school.jan_leaves().await;
    school.publish().await;
    school.jan_returns().await;
    school.publish().await;
    let redate = Options {
        redate: true,
        ..Options::default()
    };
    publication::publish(&school.pool, &school.tenant_id, redate)
        .await
        .unwrap();
    school.jan_leaves().await;
    school.publish().await;

    let generations: Vec<(i64, Uuid, DateTime<Utc>)> =
        sqlx::query_as("select number, generation_id, published_at from roster.generation order by number")
            .fetch_all(&school.pool)
            .await
            .unwrap();
    let dates: HashMap<i64, DateTime<Utc>> = generations
        .iter()
        .map(|(number, _, date)| (*number, *date))
        .collect();
    let rows = stored(&school.pool).await;
    let snapshots = || SnapshotCache::new(requests(&school.pool), "https://r.example".to_owned(), 64 << 20);
    let warm = snapshots();
    let mut ancestor: Option<Snapshot> = None;
    for (number, generation_id, _) in generations {
        let assemble = |ancestor: Option<&Snapshot>| {
            let after = ancestor.map(Snapshot::number);
            let versions = rows
                .iter()
                .filter(|row| is_read(row.from_number, row.until_number, after, number));
            let generation = Generation {
                tenant_id: school.tenant_id.clone(),
                generation_id,
                number,
                dates: dates.clone(),
            };
            let root = "https://r.example/ims/oneroster/v1p1";
            Snapshot::assemble(&generation, versions.cloned().collect(), ancestor, root).unwrap()
        };
        let whole = snapshots().get(&school.tenant_id, generation_id).await.unwrap();
        let built_upon = warm.get(&school.tenant_id, generation_id).await.unwrap();
        let expected = bodies(&whole);
        assert_eq!(bodies(&built_upon), expected, "{number}, built upon another");
        assert_eq!(bodies(&assemble(None)), expected, "{number}, in the simulation");
        let upon = assemble(ancestor.as_ref());
        assert_eq!(
            bodies(&upon),
            expected,
            "{number}, in the simulation, built upon another"
        );
        ancestor = Some(upon);
    }
}
