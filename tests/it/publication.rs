//! Publication: generations, dates, tombstones, returns, and what must never happen to them.

use std::time::Duration;

use oneroster::publication::{self, Error, FailingTenants, Options, State, background};
use oneroster_standard::Kind;

use crate::harness;
use crate::harness::school::{BERT, CLASS, JAN, LOTTE, School, school};

async fn published(tenant_id: &str) -> School {
    let database = harness::database().await;
    let school = school(&database.pool, tenant_id).await;
    assert_eq!(school.publish().await.state, State::Published);
    school
}

#[tokio::test]
async fn the_first_publication_holds_everything() {
    let database = harness::database().await;
    let school = school(&database.pool, "first").await;
    let publication = school.publish().await;
    assert_eq!(publication.state, State::Published);
    let added = publication.summary.added;
    let expected = [
        (Kind::AcademicSessions, 1),
        (Kind::Orgs, 1),
        (Kind::Courses, 1),
        (Kind::Classes, 1),
        (Kind::Users, 3),
        (Kind::Enrollments, 3),
    ];
    assert_eq!(added.into_iter().collect::<Vec<_>>(), expected);
    let (status, content, _) = school.object("users", JAN).await.unwrap();
    assert_eq!(status, "active");
    assert!(content.contains("\"username\":\"jan.janssens\""), "{content}");
    let (_, content, _) = school.object("classes", CLASS).await.unwrap();
    assert!(content.contains("\"title\":\"2026-27 3A - Markt\""), "{content}");
    assert!(school.object("enrollments", &format!("{BERT}-1")).await.is_some());
}

#[tokio::test]
async fn publishing_twice_makes_no_second_generation() {
    let school = published("twice").await;
    let again = school.publish().await;
    assert_eq!(again.state, State::Unchanged);
    // An import that changes nothing of what is emitted makes none either.
    school
        .change("update informat.persoon set changed = now() where tenant_id = $1")
        .await;
    assert_eq!(school.publish().await.state, State::Unchanged);
    assert_eq!(school.generations().await, 1);
}

#[tokio::test]
async fn a_dry_run_shows_the_changes_and_stores_nothing() {
    let school = published("dry").await;
    school.jan_leaves().await;
    let options = Options {
        dry_run: true,
        ..Options::default()
    };
    let dry = publication::publish(&school.server, &school.tenant_id, options)
        .await
        .unwrap()
        .unwrap();
    let ids: Vec<&str> = dry
        .changes
        .iter()
        .map(|change| change.sourced_id.as_str())
        .collect();
    assert_eq!(ids, [JAN, &format!("{JAN}-1")]);
    assert_eq!(school.generations().await, 1);
    assert_eq!(
        school.publish().await.state,
        State::Published,
        "the dry run did not use the change up"
    );
}

#[tokio::test]
async fn a_removed_pupil_becomes_a_tombstone_and_a_returning_one_is_active_again() {
    let school = published("leaver").await;
    let (_, before, first_date) = school.object("users", JAN).await.unwrap();
    school.jan_leaves().await;
    let removal = school.publish().await;
    assert_eq!(removal.summary.removed.get(&Kind::Users), Some(&1));
    let (status, content, date) = school.object("users", JAN).await.unwrap();
    assert_eq!(
        (status.as_str(), content),
        ("tobedeleted", before.clone()),
        "with his last content"
    );
    assert_eq!(Some(date), removal.published_at);
    assert!(date > first_date);
    let (status, ..) = school.object("enrollments", &format!("{JAN}-1")).await.unwrap();
    assert_eq!(status, "tobedeleted");
    let (status, _, date) = school.object("users", LOTTE).await.unwrap();
    assert_eq!(
        (status.as_str(), date),
        ("active", first_date),
        "who does not change keeps her date (I2)"
    );
    school.jan_returns().await;
    let back = school.publish().await;
    let (status, content, date) = school.object("users", JAN).await.unwrap();
    assert_eq!(
        (status.as_str(), content, Some(date)),
        ("active", before, back.published_at)
    );
}

#[tokio::test]
async fn r91_sync_off_takes_a_person_out() {
    let school = published("off").await;
    sqlx::query("update username.record set sync = false where tenant_id = $1 and rowguid = $2::uuid")
        .bind(&school.tenant_id)
        .bind(LOTTE)
        .execute(&school.pool)
        .await
        .unwrap();
    school.change("").await;
    school.publish().await;
    let (status, ..) = school.object("users", LOTTE).await.unwrap();
    assert_eq!(status, "tobedeleted");
}

#[tokio::test]
async fn dates_rise_and_redate_gives_everything_a_new_one_past_every_lost_ticket() {
    let school = published("redate").await;
    let options = Options {
        redate: true,
        ..Options::default()
    };
    let redated = publication::publish(&school.server, &school.tenant_id, options)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(redated.state, State::Published);
    let oldest: Option<chrono::DateTime<chrono::Utc>> = sqlx::query_scalar(
        "select min(g.published_at) from roster.object_version v
         join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
         where v.tenant_id = $1 and v.until_number is null",
    )
    .bind(&school.tenant_id)
    .fetch_one(&school.pool)
    .await
    .unwrap();
    assert_eq!(oldest, redated.published_at);
    let ahead: bool = sqlx::query_scalar("select $1 > clock_timestamp() + interval '12 hours 59 minutes'")
        .bind(redated.published_at)
        .fetch_one(&school.pool)
        .await
        .unwrap();
    assert!(
        ahead,
        "past every ticket that a restored database may have forgotten"
    );
}

#[tokio::test]
async fn a_tombstone_leaves_by_a_publication_after_400_days() {
    let school = published("purge").await;
    school.jan_leaves().await;
    school.publish().await;
    sqlx::query(
        "update roster.generation set published_at = published_at - interval '401 days' where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .execute(&school.pool)
    .await
    .unwrap();
    school.change("").await;
    let purge = school.publish().await;
    assert_eq!(purge.state, State::Published);
    assert_eq!(purge.summary.purged.get(&Kind::Users), Some(&1));
    assert!(school.object("users", JAN).await.is_none());
    assert!(school.object("users", LOTTE).await.is_some());
}

#[tokio::test]
async fn inputs_that_go_back_are_refused() {
    let school = published("back").await;
    for column in [
        "mirror_version",
        "configuration_version",
        "usernames_version",
        "projection_version",
    ] {
        let raise = |by: i32| {
            sqlx::AssertSqlSafe(format!(
                "update roster.evaluation set {column} = {column} + {by} where tenant_id = $1"
            ))
        };
        sqlx::query(raise(5))
            .bind(&school.tenant_id)
            .execute(&school.pool)
            .await
            .unwrap();
        let refused = publication::publish(&school.server, &school.tenant_id, Options::default()).await;
        assert!(matches!(refused, Err(Error::GoesBack { .. })), "{column}");
        sqlx::query(raise(-5))
            .bind(&school.tenant_id)
            .execute(&school.pool)
            .await
            .unwrap();
    }
    assert_eq!(school.publish().await.state, State::Unchanged);
}

#[tokio::test]
async fn a_clock_set_back_over_midnight_does_not_take_the_roster_back() {
    let school = published("clock").await;
    sqlx::query("update roster.evaluation set today = today + 1 where tenant_id = $1")
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
    let today = school.today().await;
    // A registration that ends today is over on the day that was reached already.
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{today}' where tenant_id = $1 and p_inschr = 1"
        ))
        .await;
    school.publish().await;
    assert_eq!(school.object("users", JAN).await.unwrap().0, "tobedeleted");
}

/// Midnight: who has nothing that begins or is over that day is left alone.
#[tokio::test]
async fn a_new_day_is_due_once_the_roster_can_differ() {
    let school = published("midnight").await;
    let today = school.today().await;
    let begins = today + chrono::Days::new(3);
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{begins}' where tenant_id = $1 and p_inschr = 1"
        ))
        .await;
    school.publish().await;
    let next: chrono::NaiveDate = sqlx::query_scalar("select next_change from roster.evaluation")
        .fetch_one(&school.pool)
        .await
        .unwrap();
    assert_eq!(next, begins + chrono::Days::new(1));
    // As if the last publication was yesterday's.
    for (next_change, is_due) in [
        (Some(format!("'{next}'")), false),
        (Some("'infinity'".to_owned()), false),
        (Some(format!("'{today}'")), true),
        (Some(format!("'{today}'::date - 1")), true),
        (None, true),
    ] {
        let next_change = next_change.unwrap_or_else(|| "null".to_owned());
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "update roster.evaluation set today = '{today}'::date - 1, next_change = {next_change}"
        )))
        .execute(&school.pool)
        .await
        .unwrap();
        let version = i32::try_from(oneroster_school::projection::PROJECTION_VERSION).unwrap();
        let due = oneroster::roster::evaluations::due(&school.server, version)
            .await
            .unwrap();
        assert_eq!(!due.is_empty(), is_due, "{next_change}");
    }
}

#[tokio::test]
async fn two_tenants_with_the_same_people_never_touch_each_other() {
    let database = harness::database().await;
    let one = school(&database.pool, "one").await;
    let other = school(&database.pool, "other").await;
    one.publish().await;
    other.publish().await;
    let (_, before, date) = other.object("users", JAN).await.unwrap();
    one.jan_leaves().await;
    one.publish().await;
    assert_eq!(one.object("users", JAN).await.unwrap().0, "tobedeleted");
    assert_eq!(
        other.object("users", JAN).await.unwrap(),
        ("active".to_owned(), before, date)
    );
    assert_eq!(other.publish().await.state, State::Unchanged);
}

#[tokio::test]
async fn publications_at_once_follow_each_other() {
    let school = published("crowd").await;
    school.jan_leaves().await;
    let publications = futures_util::future::join_all((0..8).map(|_| school.publish())).await;
    let made = publications
        .iter()
        .filter(|publication| publication.state == State::Published)
        .count();
    assert_eq!(made, 1);
    assert_eq!(school.generations().await, 2);
}

#[tokio::test]
async fn the_background_publisher_publishes_what_changed() {
    let school = published("background").await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let publisher = tokio::spawn(background::run(
        school.server.clone(),
        (FailingTenants::default(), oneroster::audit::Gate::default()),
        Duration::from_millis(50),
        stopping,
    ));
    school.jan_leaves().await;
    // The product's promise is 15 seconds; the test only asks that it is published at all.
    tokio::time::timeout(Duration::from_mins(1), async {
        while school.generations().await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(school.object("users", JAN).await.unwrap().0, "tobedeleted");
    stop.send(true).unwrap();
    publisher.await.unwrap();
}

/// The publisher looks by itself once in an hour here, so all it does, it was told of.
#[tokio::test]
async fn a_change_of_a_tenant_that_is_being_published_is_published_next() {
    let school = published("twice").await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let publisher = tokio::spawn(background::run(
        school.server.clone(),
        (FailingTenants::default(), oneroster::audit::Gate::default()),
        Duration::from_hours(1),
        stopping,
    ));
    let mut holder = school.pool.begin().await.unwrap();
    sqlx::query("select from roster.head where tenant_id = 'twice' for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    school.jan_leaves().await;
    harness::wait_for_locks(&school.pool, 1).await;
    school.jan_returns().await;
    // Long enough for the publisher to be told while the first publication waits.
    tokio::time::sleep(Duration::from_secs(1)).await;
    holder.rollback().await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), async {
        while school.generations().await < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(school.object("users", JAN).await.unwrap().0, "active");
    stop.send(true).unwrap();
    publisher.await.unwrap();
}

#[tokio::test]
async fn a_tenant_without_its_school_year_is_not_published() {
    let database = harness::database().await;
    let school = school(&database.pool, "yearless").await;
    sqlx::query(
        "update tenant.tenant set configuration = jsonb_set(configuration, '{active_school_year}', '\"2031-32\"')
         where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .execute(&school.pool)
    .await
    .unwrap();
    let refused = publication::publish(&school.server, &school.tenant_id, Options::default()).await;
    assert!(matches!(refused, Err(Error::Projection(_))));
    assert_eq!(school.generations().await, 0, "never an empty roster");
}

/// One publication while the clock was far ahead: the day stays there, so that nothing goes back by itself, until somebody
/// asks for new dates, which everybody reads.
#[tokio::test]
async fn redate_takes_the_clocks_own_day_after_the_clock_was_far_ahead() {
    let school = published("ahead").await;
    sqlx::query("update roster.evaluation set today = today + 40")
        .execute(&school.pool)
        .await
        .unwrap();
    school.jan_leaves().await;
    school.publish().await;
    let served = async || -> chrono::NaiveDate {
        sqlx::query_scalar("select reference_date from roster.generation order by number desc limit 1")
            .fetch_one(&school.pool)
            .await
            .unwrap()
    };
    let today = school.today().await;
    assert_eq!(
        served().await,
        today + chrono::Days::new(40),
        "it never goes back by itself"
    );
    let redate = Options {
        redate: true,
        ..Options::default()
    };
    publication::publish(&school.server, &school.tenant_id, redate)
        .await
        .unwrap();
    assert_eq!(served().await, today);
    assert_eq!(school.publish().await.state, State::Unchanged);
    school.jan_returns().await;
    school.publish().await;
    assert_eq!(served().await, today);
}
