//! Held publications: what is held and what is not, and what people and time do to a hold.

#![cfg(test)]

mod calendar;
mod columns;
mod command;
mod door;
mod facts;
mod healthy;
mod instalments;
mod morning;
mod pure;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use oneroster::publication::{
    self, FailingTenants, HeldTenants, Options, Publication, Release, State, background,
};
use oneroster::roster::{Reason, Role, Test};
use serde_json::json;

use crate::harness::api::Api;
use crate::harness::group::{self, Shape, day, group, instelnr, org, pupil, restore, tenant_file, truncate};
use crate::harness::school::School;
use crate::harness::{self, TestDatabase, wait_for_locks};

/// Twelve schools of thirty pupils, published.
async fn published() -> (School, TestDatabase) {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", Shape::TWELVE).await;
    let first = school.publish().await;
    assert_eq!(
        first.state,
        State::Published,
        "the first publication is never held"
    );
    (school, database)
}

/// As [`published`], and then the export of the seventh school is cut off.
async fn truncated() -> (School, TestDatabase, Publication) {
    let (school, database) = published().await;
    truncate(&school, 7, 1).await;
    let held = school.publish().await;
    assert_eq!(held.state, State::Held);
    (school, database, held)
}

fn tests(publication: &Publication) -> Vec<(Test, Option<String>)> {
    let reasons = publication.held.iter().flat_map(|hold| &hold.reasons);
    reasons.map(|reason| (reason.test, reason.org.clone())).collect()
}

/// The last generation, as what a publication was compared with.
fn since(held: &Publication) -> serde_json::Value {
    json!({
        "generation": held.generation,
        "published_at": oneroster_standard::Moment::from(held.published_at.unwrap()),
        "compared": "last_published",
    })
}

async fn release(school: &School, hold: Option<&str>) -> Publication {
    let by = Release { by: "els", hold };
    publication::release(&school.server, &school.tenant_id, Options::default(), by)
        .await
        .unwrap()
}

async fn discard(school: &School) -> Publication {
    publication::discard(&school.server, &school.tenant_id, "els", None)
        .await
        .unwrap()
}

/// As the background publishes: without waiting, and without being asked by anybody.
async fn publish_unasked(school: &School) -> Publication {
    let options = Options {
        is_background: true,
        ..Options::default()
    };
    publication::publish(&school.server, &school.tenant_id, options)
        .await
        .unwrap()
        .unwrap()
}

async fn status(school: &School, kind: &str, sourced_id: &str) -> String {
    school.object(kind, sourced_id).await.unwrap().0
}

/// Who decided what, in order.
async fn decisions(school: &School) -> Vec<(String, String, serde_json::Value)> {
    let mut connection = school.pool.acquire().await.unwrap();
    let decisions = oneroster::tenants::decisions(&mut connection, &school.tenant_id)
        .await
        .unwrap();
    decisions
        .into_iter()
        .map(|decided| (decided.decided_by, decided.decision, decided.detail))
        .collect()
}

async fn evaluated_at(school: &School) -> DateTime<Utc> {
    sqlx::query_scalar("select evaluated_at from roster.evaluation where tenant_id = $1")
        .bind(&school.tenant_id)
        .fetch_one(&school.pool)
        .await
        .unwrap()
}

async fn holds(school: &School) -> i64 {
    sqlx::query_scalar("select count(*) from roster.hold where tenant_id = $1")
        .bind(&school.tenant_id)
        .fetch_one(&school.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_truncated_export_of_one_school_out_of_twelve_is_held_and_the_last_generation_stays() {
    let (school, _database, publication) = truncated().await;
    assert_eq!(
        tests(&publication),
        [
            (Test::UsersRemoved, Some(org(7))),
            (Test::FewerMemberships, Some(org(7)))
        ],
        "a twelfth of the tenant is not much; all of a school is"
    );
    let hold = publication.held.as_ref().unwrap();
    // Three teachers stay.
    let Reason { before, after, .. } = hold.reasons[0];
    assert_eq!((before, after), (33, 3));
    assert_eq!(status(&school, "users", &pupil(7, 1)).await, "active");
    assert_eq!(school.generations().await, 1);
    assert!(publication.generation.is_some(), "it says what is served");
    assert_eq!(
        publication.summary.removed.get(&oneroster_standard::Kind::Users),
        Some(&30)
    );
    // Asked again, it says the same.
    let again = school.publish().await;
    assert_eq!(
        (again.state, again.held.as_ref()),
        (State::Held, publication.held.as_ref())
    );
    let dry_run = Options {
        dry_run: true,
        ..Options::default()
    };
    let dry = publication::publish(&school.server, &school.tenant_id, dry_run)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((dry.state, dry.changes.len()), (State::Held, 60));
}

#[tokio::test]
async fn the_full_export_of_the_next_morning_lifts_the_hold_by_itself() {
    let (school, _database, _) = truncated().await;
    restore(&school, Shape::TWELVE, 7).await;
    assert_eq!(
        publish_unasked(&school).await.state,
        State::Unchanged,
        "as if nothing had been"
    );
    assert_eq!(holds(&school).await, 0);
    truncate(&school, 7, 1).await;
    assert_eq!(publish_unasked(&school).await.state, State::Held);
    restore(&school, Shape::TWELVE, 7).await;
    truncate(&school, 7, 30).await;
    assert_eq!(
        publish_unasked(&school).await.state,
        State::Published,
        "with the one pupil who really left"
    );
    assert_eq!(holds(&school).await, 0);
    assert_eq!(status(&school, "users", &pupil(7, 30)).await, "tobedeleted");
}

/// R107: on 1 February half of all memberships end and as many begin. If those that begin are missing, that is held.
#[tokio::test]
async fn r107_semester_subgroups_are_not_held_unless_the_new_ones_are_missing() {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", Shape::TWELVE).await;
    let [begin, yesterday, today, tomorrow] = [-60, -1, 0, 1].map(|days| day(&school, days));
    let (begin, yesterday, today, tomorrow) = (begin.await, yesterday.await, today.await, tomorrow.await);
    // A subgroup per school and semester, with all pupils of the school; the first semester ends today.
    for (half, from, until) in [(1, begin, format!("'{today}'")), (2, tomorrow, "null".to_owned())] {
        let offset = half * 100_000;
        school
            .change(&format!(
                "insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                     hfdstructuur, schooljaar, klascode, klas, groeptype)
                     select $1, {offset} + s, ('00000000-0000-4000-a000-' || lpad(({offset} + s)::text, 12, '0'))::uuid,
                            (100000 + s)::text, 1, '311', '2026-27', 'SEM{half}', 'Semester {half}', 1
                     from generate_series(1, 12) s;
                 insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum, totdatum)
                     select $1, {offset} + p_inschr, p_inschr, {offset} + p_inschr / 1000, '{from}', {until}
                     from informat.inschrijving where tenant_id = $1"
            ))
            .await;
    }
    school.publish().await;
    // The night passes: everything is a day earlier.
    school
        .change(&format!(
            "update informat.inschrklas set totdatum = '{yesterday}' where tenant_id = $1 and p_klas between 100000 and 199999"
        ))
        .await;
    let held = school.publish().await;
    assert_eq!(
        tests(&held).len(),
        13,
        "every school and the tenant have a half fewer memberships"
    );
    assert!(
        tests(&held)
            .iter()
            .all(|(test, _)| *test == Test::FewerMemberships)
    );
    school
        .change(&format!(
            "update informat.inschrklas set vandatum = '{today}' where tenant_id = $1 and p_klas between 200000 and 299999"
        ))
        .await;
    let changed = school.publish().await;
    assert_eq!(changed.state, State::Published);
    let enrollments = oneroster_standard::Kind::Enrollments;
    assert_eq!(changed.summary.removed.get(&enrollments), Some(&360));
    assert_eq!(changed.summary.added.get(&enrollments), Some(&360));
}

/// R36, test (d): everybody of a site would get another address.
#[tokio::test]
async fn r36_a_typo_in_a_pupil_domain_is_held() {
    let (school, _database) = published().await;
    let mode = "domain_mode = \"informat\"";
    group::apply(&school.pool, &tenant_file("zand", 12, mode))
        .await
        .unwrap();
    let switched = school.publish().await;
    assert_eq!(
        switched.state,
        State::Held,
        "so is the switch of the mode, which renames everybody"
    );
    assert!(tests(&switched).contains(&(Test::UsernamesChanged, None)));
    assert_eq!(release(&school, None).await.state, State::Published);

    let mut typo = tenant_file("zand", 12, mode);
    typo.schools[4].sites[0].pupil_domain = Some("leering5.example".parse().unwrap());
    group::apply(&school.pool, &typo).await.unwrap();
    let held = school.publish().await;
    assert_eq!(tests(&held), [(Test::UsernamesChanged, Some(org(5)))]);
    // Three teachers keep theirs.
    let reason = &held.held.unwrap().reasons[0];
    assert_eq!((reason.before, reason.after), (33, 3));
    let (_, content, _) = school.object("users", &pupil(5, 1)).await.unwrap();
    assert!(content.contains("@leerling5.example"), "{content}");
    group::apply(&school.pool, &tenant_file("zand", 12, mode))
        .await
        .unwrap();
    assert_eq!(school.publish().await.state, State::Unchanged);
}

/// Of a few people one or two may go; all of them are a cut-off export in a pilot, too.
#[tokio::test]
async fn a_pilot_of_ten_that_would_be_emptied_is_held() {
    let database = harness::database().await;
    let pilot = Shape {
        schools: 1,
        pupils: 9,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "pilot", pilot).await;
    school.publish().await;
    truncate(&school, 1, 4).await;
    let most = school.publish().await;
    assert_eq!(most.state, State::Published, "six of ten");
    restore(&school, pilot, 1).await;
    school.publish().await;
    truncate(&school, 1, 1).await;
    let held = school.publish().await;
    let reasons = &held.held.as_ref().unwrap().reasons;
    let told: Vec<_> = reasons
        .iter()
        .map(|reason| (reason.test, reason.org.clone(), reason.role))
        .collect();
    let pupils = Some(Role::Pupils);
    assert_eq!(
        told,
        [
            (Test::UsersRemoved, None, pupils),
            (Test::UsersRemoved, Some(org(1)), pupils),
            (Test::FewerMemberships, None, pupils),
            (Test::FewerMemberships, Some(org(1)), pupils),
        ]
    );
    assert_eq!(status(&school, "users", &pupil(1, 1)).await, "active");
}

/// The next year's classes under this year's, class by class.
#[tokio::test]
async fn every_pupil_one_class_further_is_held() {
    let (school, _database) = published().await;
    school
        .change(
            "update informat.inschrklas set p_klas = p_klas - (p_klas % 1000) + (p_klas % 1000) % 3 + 1
             where tenant_id = $1",
        )
        .await;
    let held = school.publish().await;
    let found = tests(&held);
    assert_eq!(found.len(), 13, "the tenant and each of its orgs: {found:?}");
    assert!(found.iter().all(|(test, _)| *test == Test::PupilsMoved));
}

/// At the limit and one above it, with the tenant's own percentage.
#[tokio::test]
async fn the_percentage_of_the_tenant_is_the_limit() {
    let (school, _database) = published().await;
    // Of 33 users of a school 6 are 18 %, 7 are 21 %.
    truncate(&school, 1, 25).await;
    assert_eq!(school.publish().await.state, State::Published);
    truncate(&school, 2, 24).await;
    assert_eq!(
        tests(&school.publish().await)[0],
        (Test::UsersRemoved, Some(org(2)))
    );
    let looser = tenant_file("zand", 12, "brake_percent = 25");
    group::apply(&school.pool, &looser).await.unwrap();
    assert_eq!(
        publish_unasked(&school).await.state,
        State::Published,
        "another limit is judged anew"
    );
    truncate(&school, 3, 24).await;
    let stricter = tenant_file("zand", 12, "brake_percent = 1");
    group::apply(&school.pool, &stricter).await.unwrap();
    assert_eq!(school.publish().await.state, State::Held);
    let off = tenant_file("zand", 12, "brake_percent = 100");
    group::apply(&school.pool, &off).await.unwrap();
    truncate(&school, 3, 1).await;
    assert_eq!(school.publish().await.state, State::Published);
}

/// Test (b): the classes of a school go, its people stay.
#[tokio::test]
async fn lost_classes_are_held() {
    let database = harness::database().await;
    let shape = Shape {
        schools: 2,
        pupils: 200,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "zand", shape).await;
    school.publish().await;
    school
        .change(&format!(
            "delete from informat.inschrklas where tenant_id = $1 and p_klas between 2017 and 2020;
             delete from informat.klasfunctiepersoon where tenant_id = $1 and p_klas between 2017 and 2020;
             delete from informat.klassen where tenant_id = $1 and p_klas between 2017 and 2020 and instelnr = '{}'",
            instelnr(2)
        ))
        .await;
    assert_eq!(school.publish().await.state, State::Published, "4 of 20 are 20 %");
    school
        .change(
            "delete from informat.inschrklas where tenant_id = $1 and p_klas between 1016 and 1020;
             delete from informat.klasfunctiepersoon where tenant_id = $1 and p_klas between 1016 and 1020;
             delete from informat.klassen where tenant_id = $1 and p_klas between 1016 and 1020",
        )
        .await;
    let held = school.publish().await;
    assert!(
        tests(&held).contains(&(Test::ClassesRemoved, Some(org(1)))),
        "{held:?}"
    );
}

#[tokio::test]
async fn a_release_publishes_what_was_held_and_records_who_released_it() {
    let (school, _database, publication) = truncated().await;
    let hold = publication.held.unwrap();
    let released = release(&school, Some(&hold.fingerprint[..12])).await;
    assert_eq!(released.state, State::Published);
    assert_eq!(status(&school, "users", &pupil(7, 1)).await, "tobedeleted");
    assert_eq!((holds(&school).await, school.generations().await), (0, 2));
    let decisions = decisions(&school).await;
    let (by, decision, detail) = &decisions[0];
    assert_eq!((by.as_str(), decision.as_str()), ("els", "release"));
    assert_eq!(detail["hold"], json!(hold.fingerprint));
    assert_eq!(detail["reasons"][0]["org"], json!(org(7)));
    assert_eq!(decisions.len(), 1);
    let again = release(&school, None).await;
    assert_eq!(again.state, State::Unchanged, "there is nothing left to release");
    assert_eq!(self::decisions(&school).await.len(), 1);
}

#[tokio::test]
async fn a_release_after_a_changed_input_says_what_differs_and_holds_anew() {
    let (school, _database, held) = truncated().await;
    let before = held.held.unwrap();
    // A second school is cut off before anybody looked.
    truncate(&school, 8, 1).await;
    let refused = release(&school, None).await;
    assert_eq!(refused.state, State::Held);
    assert_eq!(refused.held_before.as_ref(), Some(&before), "what he had seen");
    let after = refused.held.clone().unwrap();
    assert_eq!(tests(&refused).len(), 4);
    assert_eq!(after.held_at, before.held_at, "held without a break");
    assert_ne!(after.fingerprint, before.fingerprint);
    assert_eq!(
        (school.generations().await, decisions(&school).await.len()),
        (1, 0)
    );
    // Whoever names what he saw never releases anything else, also when the background judged it meanwhile.
    let other = release(&school, Some(&before.fingerprint[..8])).await;
    assert_eq!((other.state, school.generations().await), (State::Held, 1));
    assert_eq!(
        release(&school, Some(&after.fingerprint)).await.state,
        State::Published
    );
}

#[tokio::test]
async fn a_release_of_what_has_become_harmless_publishes_it() {
    let (school, _database, _) = truncated().await;
    restore(&school, Shape::TWELVE, 7).await;
    truncate(&school, 7, 30).await;
    let published = release(&school, None).await;
    assert_eq!((published.state, published.held_before), (State::Published, None));
    assert_eq!(decisions(&school).await.len(), 0, "nothing had to be decided");
}

#[tokio::test]
async fn what_was_discarded_is_quiet_until_something_else_would_be_published() {
    let (school, _database, held) = truncated().await;
    let memory = HeldTenants::default();
    memory.refresh(&school.server).await.unwrap();
    assert_eq!(memory.list().len(), 1);
    let discarded = discard(&school).await;
    assert_eq!(discarded.state, State::Unchanged);
    assert!(discarded.held_before.is_some_and(|hold| Some(hold) == held.held));
    memory.refresh(&school.server).await.unwrap();
    assert_eq!(memory.list().len(), 0);
    // An import that changes nothing of what is emitted: the same change is judged again, and stays quiet.
    school
        .change("update informat.persoon set changed = now() where tenant_id = $1")
        .await;
    assert_eq!(publish_unasked(&school).await.state, State::Unchanged);
    memory.refresh(&school.server).await.unwrap();
    assert_eq!((memory.list().len(), school.generations().await), (0, 1));
    // Anything else is a new hold.
    truncate(&school, 8, 1).await;
    let anew = publish_unasked(&school).await;
    assert_eq!(anew.state, State::Held);
    assert!(anew.held.unwrap().held_at > held.held.unwrap().held_at);
    memory.refresh(&school.server).await.unwrap();
    assert_eq!(memory.list().len(), 1);
    let (by, decision, _) = &decisions(&school).await[0];
    assert_eq!((by.as_str(), decision.as_str()), ("els", "discard"));
}

#[tokio::test]
async fn whoever_names_what_he_sets_aside_never_sets_anything_else_aside() {
    let (school, _database, held) = truncated().await;
    let seen = held.held.unwrap().fingerprint;
    truncate(&school, 8, 1).await;
    let other = publish_unasked(&school).await.held.unwrap();
    let (pool, tenant_id) = (&school.server, school.tenant_id.as_str());
    let refused = publication::discard(pool, tenant_id, "els", Some(&seen[..8]))
        .await
        .unwrap();
    assert_eq!(
        (refused.state, refused.held.as_ref(), refused.held_before),
        (State::Held, Some(&other), None)
    );
    assert_eq!(decisions(&school).await.len(), 0);
    let discarded = publication::discard(pool, tenant_id, "els", Some(&other.fingerprint[..8]))
        .await
        .unwrap();
    assert_eq!(
        (discarded.state, discarded.held_before),
        (State::Unchanged, Some(other))
    );
}

#[tokio::test]
async fn a_database_clock_that_is_set_back_does_not_keep_a_hold_from_being_judged_anew() {
    let (school, _database, _) = truncated().await;
    // The clock was an hour ahead when the hold began.
    sqlx::query(
        "update roster.hold set held_at = held_at + interval '1 hour', seen_at = seen_at + interval '1 hour'",
    )
    .execute(&school.pool)
    .await
    .unwrap();
    truncate(&school, 8, 1).await;
    let held = publish_unasked(&school).await.held.unwrap();
    assert_eq!(held.reasons.len(), 4);
    assert!(held.seen_at >= held.held_at);
}

/// The mended export is judged, and the server is gone before the hold is: the next one lifts it.
#[tokio::test]
async fn a_stop_in_the_middle_of_lifting_a_hold_leaves_it_to_the_next_publication() {
    let (school, _database, _) = truncated().await;
    restore(&school, Shape::TWELVE, 7).await;
    let mut holder = school.pool.begin().await.unwrap();
    sqlx::query("select 1 from roster.hold for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let publishing = tokio::spawn({
        let pool = school.server.clone();
        async move { publication::publish(&pool, "zand", Options::default()).await }
    });
    wait_for_locks(&school.pool, 1).await;
    let stop = "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'";
    sqlx::query(stop).execute(&school.pool).await.unwrap();
    assert!(publishing.await.unwrap().is_err());
    holder.rollback().await.unwrap();
    assert_eq!(publish_unasked(&school).await.state, State::Unchanged);
    assert_eq!(holds(&school).await, 0);
}

#[tokio::test]
async fn whoever_asks_for_a_publication_is_told_of_what_was_discarded() {
    let (school, _database, held) = truncated().await;
    discard(&school).await;
    assert_eq!(discard(&school).await.held_before, None, "once is enough");
    assert_eq!(decisions(&school).await.len(), 1);
    let refused = release(&school, None).await;
    assert_eq!(
        refused.state,
        State::Held,
        "what was set aside is not released by the way"
    );
    assert_eq!(school.generations().await, 1);
    discard(&school).await;
    let asked = school.publish().await;
    assert_eq!(asked.state, State::Held);
    assert!(asked.held.as_ref().unwrap().held_at > held.held.unwrap().held_at);
    assert_eq!(release(&school, None).await.state, State::Published);
}

/// The servers are new, the hold is the old one.
#[tokio::test]
async fn the_background_publishes_nothing_past_a_hold_also_after_a_restart_and_does_not_judge_it_over_and_over()
 {
    let (school, _database) = published().await;
    truncate(&school, 7, 1).await;
    let mut judged = None;
    for _ in 0..2 {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let interval = Duration::from_millis(10);
        let memory = HeldTenants::default();
        let publisher = tokio::spawn(background::run(
            school.server.clone(),
            (FailingTenants::default(), oneroster::audit::Gate::default()),
            interval,
            stopping.clone(),
        ));
        let watcher = tokio::spawn(
            memory
                .clone()
                .refresh_until(school.server.clone(), interval, stopping),
        );
        tokio::time::timeout(Duration::from_mins(1), async {
            while memory.list().is_empty() {
                tokio::time::sleep(interval).await;
            }
        })
        .await
        .unwrap();
        let held = memory.list();
        assert_eq!((held.len(), held[0].tenant_id.as_str()), (1, "zand"));
        let first = *judged.get_or_insert(evaluated_at(&school).await);
        // Many rounds long.
        tokio::time::sleep(interval * 20).await;
        assert_eq!(
            evaluated_at(&school).await,
            first,
            "judged once while no input changes"
        );
        assert_eq!(memory.list()[0].since, held[0].since);
        stop.send(true).unwrap();
        publisher.await.unwrap();
        watcher.await.unwrap();
    }
    assert_eq!((school.generations().await, holds(&school).await), (1, 1));
    assert_eq!(school.publish().await.state, State::Held);
}

#[tokio::test]
async fn the_background_lifts_a_hold_when_the_full_export_is_there() {
    let (school, _database, _) = truncated().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let interval = Duration::from_millis(20);
    let publisher = tokio::spawn(background::run(
        school.server.clone(),
        (FailingTenants::default(), oneroster::audit::Gate::default()),
        interval,
        stopping,
    ));
    restore(&school, Shape::TWELVE, 7).await;
    tokio::time::timeout(Duration::from_mins(1), async {
        while holds(&school).await > 0 {
            tokio::time::sleep(interval).await;
        }
    })
    .await
    .unwrap();
    stop.send(true).unwrap();
    publisher.await.unwrap();
    assert_eq!(school.generations().await, 1);
}

#[tokio::test]
async fn readyz_tells_what_is_held_and_stays_ready() {
    let (school, _database, held) = truncated().await;
    let api = Api::start(&school.pool).await;
    let ready = api.ask(Method::GET, "", "/readyz").await;
    assert_eq!(
        (ready.status, &ready.json()["held_tenants"]),
        (StatusCode::OK, &json!(0))
    );
    assert_eq!(
        (&ready.json()["status"], &ready.json()["detail"]),
        (&json!("ok"), &json!(null))
    );
    api.held.refresh(&school.server).await.unwrap();
    let ready = api.ask(Method::GET, "", "/readyz").await;
    let body = ready.json();
    assert_eq!((ready.status, &body["status"]), (StatusCode::OK, &json!("ok")));
    assert_eq!(
        (&body["held_tenants"], &body["held"][0]["tenant"]),
        (&json!(1), &json!("zand"))
    );
    assert_eq!(
        body["held"][0]["reasons"],
        json!([
            {"test": "users_removed", "org": org(7), "since": since(&held)},
            {"test": "fewer_memberships", "org": org(7), "since": since(&held)},
        ])
    );
    assert!(body["detail"].as_str().unwrap().contains("held"));
}

#[tokio::test]
async fn a_hold_of_one_tenant_does_not_touch_another() {
    let (school, database, _) = truncated().await;
    let other = group(
        &database.pool,
        "duin",
        Shape {
            schools: 2,
            ..Shape::TWELVE
        },
    )
    .await;
    other.publish().await;
    truncate(&other, 1, 30).await;
    assert_eq!(other.publish().await.state, State::Published);
    assert_eq!((holds(&other).await, holds(&school).await), (0, 1));
    discard(&other).await;
    assert_eq!(school.publish().await.state, State::Held);
}

/// Dates alone take nothing away, and what is held does not slip through with them.
#[tokio::test]
async fn new_dates_do_not_publish_what_is_held() {
    let (school, _database, _) = truncated().await;
    let redate = Options {
        redate: true,
        ..Options::default()
    };
    let held = publication::publish(&school.server, &school.tenant_id, redate)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((held.state, school.generations().await), (State::Held, 1));
    restore(&school, Shape::TWELVE, 7).await;
    let redated = publication::publish(&school.server, &school.tenant_id, redate)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(redated.state, State::Published);
}
