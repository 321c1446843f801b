//! The switch to the next school year: who may not, what it publishes, and that nothing slips in between.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use oneroster::history::{self, Range};
use oneroster::publication::activation::guard::Refusal;
use oneroster::publication::activation::{Activate, Activation, activate};
use oneroster::publication::background;
use oneroster::publication::{self, FailingTenants, State};
use oneroster::roster::Hold;
use oneroster::tenants;
use oneroster_standard::Kind;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use crate::harness::group::{self, NEXT_YEAR_IN_DAYS, Shape, day, group, next_year, org, pupil, tenant_file};
use crate::harness::school::School;
use crate::harness::{self, TestDatabase, oneroster, wait_for_locks};

const NEXT: &str = "2027-28";

/// Mid August: the old year is over and published, the next one is complete.
async fn august() -> (School, TestDatabase) {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", Shape::AUGUST).await;
    next_year(&school, Shape::AUGUST).await;
    assert_eq!(school.publish().await.state, State::Published);
    (school, database)
}

async fn attempt(school: &School, year: &str, dry_run: bool, force: bool) -> Activation {
    let request = Activate {
        year,
        dry_run,
        accept: &[],
        force,
        lists_teams: false,
        by: "els",
    };
    activate(&school.server, &school.tenant_id, request)
        .await
        .unwrap()
}

fn rules(activation: &Activation) -> Vec<(&'static str, Option<&str>)> {
    let refusals = activation.objections.iter().map(|objection| &objection.refusal);
    refusals.map(|refusal| (refusal.rule(), refusal.org())).collect()
}

async fn active_year(school: &School) -> String {
    let mut connection = school.pool.acquire().await.unwrap();
    let configuration = tenants::get(&mut connection, &school.tenant_id).await.unwrap();
    configuration.active_school_year.into()
}

async fn decisions(school: &School) -> Vec<tenants::RecordedDecision> {
    let mut connection = school.pool.acquire().await.unwrap();
    tenants::decisions(&mut connection, &school.tenant_id)
        .await
        .unwrap()
}

/// Every row of every table but the mirror's, as text.
async fn everything(pool: &PgPool) -> BTreeMap<&'static str, Vec<String>> {
    let mut rows = BTreeMap::new();
    for table in [
        "tenant.tenant",
        "tenant.input_version",
        "tenant.decision",
        "username.record",
        "username.change",
        "roster.head",
        "roster.generation",
        "roster.object_version",
        "roster.evaluation",
        "roster.hold",
    ] {
        let select = sqlx::AssertSqlSafe(format!("select t::text from {table} t order by 1"));
        rows.insert(table, sqlx::query_scalar(select).fetch_all(pool).await.unwrap());
    }
    rows
}

/// Ids of the active objects of a kind.
async fn active(school: &School, kind: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select sourced_id from roster.object_version
         where tenant_id = $1 and kind = $2 and until_number is null and status = 'active' order by 1",
    )
    .bind(&school.tenant_id)
    .bind(kind)
    .fetch_all(&school.pool)
    .await
    .unwrap()
}

/// The day whose state is served.
async fn served(school: &School) -> chrono::NaiveDate {
    sqlx::query_scalar(
        "select reference_date from roster.generation where tenant_id = $1 order by number desc limit 1",
    )
    .bind(&school.tenant_id)
    .fetch_one(&school.pool)
    .await
    .unwrap()
}

/// R120: in July, before the switch, the last day of the old year is served. R115, R119: after it, the first day of the
/// new one, with its pupils and classes and no others.
#[tokio::test]
async fn r115_r119_r120_in_august_the_new_year_takes_the_place_of_the_old_one() {
    let (school, _database) = august().await;
    let old_end = day(&school, Shape::AUGUST.year.1).await;
    assert_eq!(served(&school).await, old_end);
    // A pupil leaves with the old year, another is entered for the new one only.
    school
        .change(
            "delete from informat.inschrklas where tenant_id = $1 and p_inschr = 501001;
             delete from informat.inschrijving where tenant_id = $1 and p_inschr = 501001;
             delete from informat.inschrklas where tenant_id = $1 and p_inschr = 1002;
             delete from informat.inschrijving where tenant_id = $1 and p_inschr = 1002",
        )
        .await;
    school.publish().await;
    assert_eq!(
        school.object("users", &pupil(1, 2)).await.unwrap().0,
        "tobedeleted"
    );

    let activation = attempt(&school, NEXT, false, false).await;
    assert_eq!((rules(&activation), activation.is_allowed), (vec![], true));
    assert!(activation.published.is_some());
    let outcome = activation.outcome.unwrap();
    let begin = day(&school, NEXT_YEAR_IN_DAYS).await;
    assert_eq!((outcome.reference_date, served(&school).await), (begin, begin));
    assert_eq!(active_year(&school).await, NEXT);
    assert_eq!(active(&school, "academicSessions").await, [NEXT]);
    let classes = active(&school, "classes").await;
    assert_eq!(classes.len(), 12);
    assert!(
        classes
            .iter()
            .all(|id| id.starts_with("00000000-0000-4000-9000-00000050")),
        "{classes:?}"
    );
    assert_eq!(
        school.object("users", &pupil(1, 1)).await.unwrap().0,
        "tobedeleted"
    );
    assert_eq!(school.object("users", &pupil(1, 2)).await.unwrap().0, "active");
    let of_first = &outcome.orgs[0];
    assert_eq!((of_first.users.come.len(), of_first.users.go.len()), (1, 1));
    assert_eq!((of_first.classes.come.len(), of_first.classes.go.len()), (4, 4));
    let members: usize = of_first.classes.come.iter().map(|class| class.members_come).sum();
    assert_eq!(members, of_first.memberships.after);
    let year = history::of_object(
        &school.server,
        "zand",
        Kind::AcademicSessions,
        NEXT,
        Range::default(),
    )
    .await
    .unwrap();
    let why = &year.entries[0].reasons[0].text;
    assert!(
        why.starts_with("school year 2027-28 was activated by els on 20"),
        "{why}"
    );
    // Nothing is left to do.
    assert_eq!(school.publish().await.state, State::Unchanged);
    let decided = &decisions(&school).await[0];
    assert_eq!(
        (decided.decided_by.as_str(), decided.decision.as_str()),
        ("els", "activate_year")
    );
    assert_eq!(
        (&decided.detail["from"], &decided.detail["to"]),
        (&json!("2026-27"), &json!(NEXT))
    );
    assert_eq!(decided.detail["overridden"], json!([]));
}

/// R117: the Teams of the new year are new ones.
#[tokio::test]
async fn r117_every_class_of_the_old_year_is_deleted_and_every_one_of_the_new_year_is_new() {
    let (school, _database) = august().await;
    let before = active(&school, "classes").await;
    attempt(&school, NEXT, false, false).await;
    let after = active(&school, "classes").await;
    assert!(before.iter().all(|id| !after.contains(id)) && after.len() == before.len());
    for id in before {
        assert_eq!(school.object("classes", &id).await.unwrap().0, "tobedeleted");
    }
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_shows_what_the_switch_does() {
    let (school, _database) = august().await;
    let before = everything(&school.pool).await;
    let rehearsed = attempt(&school, NEXT, true, false).await;
    assert_eq!((rehearsed.is_allowed, rehearsed.published), (true, None));
    assert_eq!(everything(&school.pool).await, before);
    assert_eq!(school.publish().await.state, State::Unchanged);
    let done = attempt(&school, NEXT, false, false).await;
    assert_eq!(done.outcome, rehearsed.outcome);
}

#[tokio::test]
async fn r114_an_unknown_year_and_the_active_one_are_refused_also_by_force() {
    let (school, _database) = august().await;
    for (year, rule) in [
        ("2031-32", "unknown_year"),
        ("2027", "unknown_year"),
        ("2026-27", "already_active"),
    ] {
        for force in [false, true] {
            let refused = attempt(&school, year, false, force).await;
            assert_eq!(
                (rules(&refused), refused.is_allowed),
                (vec![(rule, None)], false),
                "{year}"
            );
            assert_eq!((refused.published, refused.outcome), (None, None));
        }
    }
    let refused = attempt(&school, "2031-32", false, false).await;
    assert_eq!(
        refused.objections[0].refusal.to_string(),
        "the school year 2031-32 is not in the mirror, which knows 2026-27, 2027-28: import it with schooljaar.csv"
    );
    assert_eq!(
        (active_year(&school).await.as_str(), school.generations().await),
        ("2026-27", 1)
    );
}

#[tokio::test]
async fn a_year_that_is_not_the_next_or_starts_more_than_92_days_ahead_is_refused() {
    let (school, _database) = august().await;
    let set_begin = |days: i64| {
        let school = &school;
        async move {
            let begin = day(school, days).await;
            school
                .change(&format!(
                    "update informat.schooljaar set begindatum = '{begin}' where tenant_id = $1 and schooljaar = '2027-28';
                     update informat.inschrijving set begindatum = '{begin}' where tenant_id = $1 and schooljaar = '2027-28';
                     update informat.inschrklas set vandatum = '{begin}' where tenant_id = $1 and p_inschr > 500000"
                ))
                .await;
        }
    };
    set_begin(93).await;
    let refused = attempt(&school, NEXT, false, false).await;
    assert_eq!(
        (rules(&refused), refused.is_allowed),
        (vec![("too_early", None)], false)
    );
    set_begin(92).await;
    assert!(attempt(&school, NEXT, true, false).await.is_allowed);
    school
        .change(
            "update informat.inschrklas set p_klas = p_klas where tenant_id = $1;
             insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 select $1, '2028-29', begindatum, einddatum from informat.schooljaar
                 where tenant_id = $1 and schooljaar = '2027-28'",
        )
        .await;
    let skipped = attempt(&school, "2028-29", false, false).await;
    assert_eq!(rules(&skipped)[0], ("not_the_next_year", None));
    assert_eq!(active_year(&school).await, "2026-27");
}

/// R118: classes and registrations must be ready before the switch.
#[tokio::test]
async fn r118_an_org_that_would_have_no_class_or_not_half_its_pupils_is_refused_by_name_and_force_is_on_record()
 {
    let (school, _database) = august().await;
    // School 1 has no class next year; of school 2 more than half are not entered; school 3 is ready.
    school
        .change(
            "delete from informat.inschrklas where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.klasfunctiepersoon where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.klassen where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.inschrklas where tenant_id = $1 and p_inschr between 502018 and 502900;
             delete from informat.inschrijving where tenant_id = $1 and p_inschr between 502018 and 502900",
        )
        .await;
    let before = everything(&school.pool).await;
    let refused = attempt(&school, NEXT, false, false).await;
    let (first, second) = (org(1), org(2));
    let expected = vec![
        ("org_without_class", Some(first.as_str())),
        ("org_below_half", Some(second.as_str())),
    ];
    assert_eq!((rules(&refused), refused.is_allowed), (expected.clone(), false));
    let Refusal::OrgBelowHalf {
        before: users, after, ..
    } = &refused.objections[1].refusal
    else {
        panic!("{refused:?}")
    };
    assert_eq!((*users, *after), (40, 17), "its four teachers stay");
    assert!(refused.outcome.is_some(), "it shows what it refuses");
    assert_eq!(
        everything(&school.pool).await,
        before,
        "a refusal changes nothing"
    );
    assert!(
        !attempt(&school, NEXT, true, false).await.is_allowed,
        "also rehearsed"
    );

    let forced = attempt(&school, NEXT, false, true).await;
    assert_eq!((rules(&forced), forced.is_allowed), (expected, true));
    assert!(forced.published.is_some());
    assert_eq!(active_year(&school).await, NEXT);
    let decided = &decisions(&school).await[0];
    assert_eq!(
        decided.detail["overridden"],
        json!([
            {"rule": "org_without_class", "org": first, "role": null},
            {"rule": "org_below_half", "org": second, "role": "pupils"},
        ])
    );
    assert_eq!(
        school.publish().await.state,
        State::Unchanged,
        "the brake has no say in it"
    );
    // The way back is forced too, and on record.
    let back = attempt(&school, "2026-27", false, true).await;
    assert_eq!(
        (rules(&back)[0], back.is_allowed),
        (("not_the_next_year", None), true)
    );
    assert_eq!(
        (
            active_year(&school).await.as_str(),
            decisions(&school).await.len()
        ),
        ("2026-27", 2)
    );
}

#[tokio::test]
async fn half_of_the_pupils_is_enough() {
    let (school, _database) = august().await;
    truncate_next_year(&school, 2, 21).await;
    assert_eq!(rules(&attempt(&school, NEXT, true, false).await), []);
}

/// Takes registrations of the next year out of the mirror.
async fn truncate_next_year(school: &School, of_school: u32, first: u32) {
    let (from, until) = (
        500_000 + of_school * 1000 + first,
        500_000 + of_school * 1000 + 900,
    );
    school
        .change(&format!(
            "delete from informat.inschrklas where tenant_id = $1 and p_inschr between {from} and {until};
             delete from informat.inschrijving where tenant_id = $1 and p_inschr between {from} and {until}"
        ))
        .await;
}

#[tokio::test]
async fn a_truncated_import_after_the_switch_is_held() {
    let (school, _database) = august().await;
    attempt(&school, NEXT, true, false).await;
    attempt(&school, NEXT, false, false).await;
    truncate_next_year(&school, 2, 20).await;
    let held = school.publish().await;
    assert_eq!(held.state, State::Held);
    assert_eq!(held.held.unwrap().reasons[0].org, Some(org(2)));
    assert_eq!(school.generations().await, 2);
}

/// The import is under way when the switch begins: the switch waits for it, and its guard sees what it brought.
#[tokio::test]
async fn a_truncated_import_during_the_switch_is_judged_with_it_or_held_after_it() {
    let (school, _database) = august().await;
    let mut import = school.pool.begin().await.unwrap();
    for statement in [
        "delete from informat.inschrklas where tenant_id = 'zand' and p_inschr between 502001 and 502900",
        "delete from informat.inschrijving where tenant_id = 'zand' and p_inschr between 502001 and 502900",
    ] {
        sqlx::query(statement).execute(&mut *import).await.unwrap();
    }
    tenants::raise_input_version(&mut import, "zand", tenants::Input::Mirror)
        .await
        .unwrap();
    let switching = switch_meanwhile(&school);
    wait_for_locks(&school.pool, 1).await;
    import.commit().await.unwrap();
    let activation = switching.await.unwrap();
    let refused = org(2);
    assert_eq!(rules(&activation), [("org_below_half", Some(refused.as_str()))]);
    assert_eq!(
        (active_year(&school).await.as_str(), school.generations().await),
        ("2026-27", 1)
    );
}

/// Activates the next year beside what the test goes on with.
fn switch_meanwhile(school: &School) -> JoinHandle<Activation> {
    let pool = school.server.clone();
    tokio::spawn(async move {
        let request = Activate {
            year: NEXT,
            dry_run: false,
            accept: &[],
            force: false,
            lists_teams: false,
            by: "els",
        };
        activate(&pool, "zand", request).await.unwrap()
    })
}

/// The other order: the import comes while the switch holds its locks, and is a publication of its own.
#[tokio::test]
async fn an_import_that_comes_during_the_switch_waits_for_it_and_is_braked() {
    let (school, _database) = august().await;
    // The switch is held up at its last step, by somebody who is getting a ticket.
    let mut ticket = school.pool.begin().await.unwrap();
    sqlx::query("select 1 from roster.head where tenant_id = 'zand' for update")
        .execute(&mut *ticket)
        .await
        .unwrap();
    let importing = School {
        pool: school.pool.clone(),
        server: school.server.clone(),
        tenant_id: "zand".to_owned(),
    };
    let switching = switch_meanwhile(&school);
    wait_for_locks(&school.pool, 1).await;
    let import = tokio::spawn(async move { truncate_next_year(&importing, 2, 20).await });
    // A background publisher meanwhile leaves the tenant alone: the lock is taken.
    let unasked = publication::Options {
        is_background: true,
        ..publication::Options::default()
    };
    assert_eq!(
        publication::publish(&school.server, "zand", unasked)
            .await
            .unwrap(),
        None
    );
    // Both stand still: the switch at the ticket, the import at the switch.
    wait_for_locks(&school.pool, 2).await;
    assert!(!import.is_finished());
    ticket.rollback().await.unwrap();
    assert!(switching.await.unwrap().published.is_some());
    import.await.unwrap();
    let held = school.publish().await;
    assert_eq!((held.state, school.generations().await), (State::Held, 2));
    assert_eq!(school.object("users", &pupil(2, 30)).await.unwrap().0, "active");
}

/// A publisher that looks without pause never sees the new year without the permission to publish it.
#[tokio::test]
async fn the_background_never_comes_between_the_switch_and_its_publication() {
    let (school, _database) = august().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let publisher = tokio::spawn(background::run(
        school.server.clone(),
        (FailingTenants::default(), oneroster::audit::Gate::default()),
        Duration::from_millis(1),
        stopping,
    ));
    let activation = attempt(&school, NEXT, false, false).await;
    assert!(activation.published.is_some());
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(true).unwrap();
    publisher.await.unwrap();
    let holds: i64 = sqlx::query_scalar("select count(*) from roster.hold")
        .fetch_one(&school.pool)
        .await
        .unwrap();
    assert_eq!((school.generations().await, holds), (2, 0));
}

/// Informat drops the old year before the switch, or an export was cut off: that is held. The switch would publish what is
/// held, so somebody looks at it first.
#[tokio::test]
async fn the_switch_is_refused_while_a_publication_is_held_and_force_replaces_it_and_says_so() {
    let (school, database) = august().await;
    let held = drop_the_old_year(&school).await;
    let before = everything(&school.pool).await;
    for dry_run in [true, false] {
        let refused = attempt(&school, NEXT, dry_run, false).await;
        assert_eq!(
            (rules(&refused), refused.is_allowed, refused.published),
            (vec![("publication_held", None)], false, None)
        );
        let message = refused.objections[0].refusal.to_string();
        for said in [&held.fingerprint[..12], "--release", "--discard"] {
            assert!(message.contains(said), "{said}: {message}");
        }
        assert_eq!(refused.outcome.unwrap().held.as_ref(), Some(&held));
    }
    assert_eq!(everything(&school.pool).await, before);
    let switch = ["tenant", "activate-year", "zand", NEXT, "--dry-run"];
    let (code, rehearsed) = report(&database.url, &switch).await;
    assert_eq!(
        (
            code,
            &rehearsed["refusals"][0]["rule"],
            &rehearsed["refusals"][0]["can_be_forced"]
        ),
        (Some(1), &json!("publication_held"), &json!(true))
    );

    let forced = attempt(&school, NEXT, false, true).await;
    assert!(forced.published.is_some());
    assert_eq!(school.publish().await.state, State::Unchanged);
    let detail = &decisions(&school).await[0].detail;
    assert_eq!(detail["replaced_hold"]["hold"], json!(held.fingerprint));
    assert_eq!(
        detail["overridden"],
        json!([{ "rule": "publication_held", "org": null, "role": null }])
    );
}

#[tokio::test]
async fn the_switch_goes_on_once_what_is_held_was_looked_at_and_set_aside() {
    let (school, _database) = august().await;
    let held = drop_the_old_year(&school).await;
    publication::discard(&school.server, "zand", "els", None)
        .await
        .unwrap();
    let activation = attempt(&school, NEXT, false, false).await;
    assert_eq!(
        (rules(&activation), activation.published.is_some()),
        (vec![], true)
    );
    assert_eq!(
        activation.outcome.unwrap().held.unwrap().fingerprint,
        held.fingerprint
    );
    assert_eq!(school.publish().await.state, State::Unchanged);
}

/// Takes every pupil's registration for the old year out of the mirror, and publishes: that is held.
async fn drop_the_old_year(school: &School) -> Hold {
    for number in 1..=3 {
        let (from, until) = (number * 1000, number * 1000 + 900);
        school
            .change(&format!(
                "delete from informat.inschrklas where tenant_id = $1 and p_inschr between {from} and {until};
                 delete from informat.inschrijving where tenant_id = $1 and p_inschr between {from} and {until}"
            ))
            .await;
    }
    school.publish().await.held.unwrap()
}

/// Who is entered for the new year only gets a name with the switch, at the latest, and is published with it.
#[tokio::test]
async fn newcomers_without_a_username_get_one_with_the_switch() {
    let (school, _database) = august().await;
    sqlx::query("delete from username.record where tenant_id = $1 and rowguid = $2::uuid")
        .bind(&school.tenant_id)
        .bind(pupil(1, 1))
        .execute(&school.pool)
        .await
        .unwrap();
    let activation = attempt(&school, NEXT, false, false).await;
    assert_eq!(activation.outcome.unwrap().usernames_created, 1);
    assert_eq!(school.object("users", &pupil(1, 1)).await.unwrap().0, "active");
}

#[tokio::test]
async fn r114_a_tenant_file_still_cannot_move_the_year() {
    let (school, _database) = august().await;
    attempt(&school, NEXT, false, false).await;
    let old = tenant_file("zand", Shape::AUGUST.schools, "");
    let refused = group::apply(&school.pool, &old).await.unwrap_err();
    assert!(refused.to_string().contains("activate-year"), "{refused}");
    let mut edited = old.clone();
    edited.active_school_year = NEXT.parse().unwrap();
    group::apply(&school.pool, &edited).await.unwrap();
    assert_eq!(active_year(&school).await, NEXT);
}

#[tokio::test]
async fn the_first_publication_can_be_that_of_an_activation() {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", Shape::AUGUST).await;
    next_year(&school, Shape::AUGUST).await;
    let activation = attempt(&school, NEXT, false, false).await;
    assert!(activation.published.is_some(), "{activation:?}");
    assert_eq!(school.generations().await, 1);
    assert_eq!(active(&school, "academicSessions").await, [NEXT]);
}

async fn report(url: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = oneroster(url, &[arguments, &["--json"]].concat()).await;
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

/// R119: the roster of the first day of the new year, in the shape that other programs read.
#[tokio::test]
async fn r119_a_preview_of_mid_august_with_the_next_year_is_its_first_day() {
    let (school, database) = august().await;
    let begin = day(&school, NEXT_YEAR_IN_DAYS).await.to_string();
    let today = school.today().await.to_string();
    let arguments = ["preview", "--tenant", "zand", "--as-of", &today, "--year", NEXT];
    let (code, preview) = report(&database.url, &arguments).await;
    assert_eq!((code, &preview["reference_date"]), (Some(0), &json!(begin)));
    let keys: BTreeSet<&str> = preview.as_object().unwrap().keys().map(String::as_str).collect();
    let kinds = Kind::ALL.map(Kind::collection);
    assert_eq!(keys, kinds.into_iter().chain(["reference_date"]).collect());
    let count = |kind: &str| preview[kind].as_array().unwrap().len();
    assert_eq!((count("classes"), count("users")), (12, 132));
}

/// R115: as an operator does it, with the rehearsal.
#[tokio::test]
async fn r115_the_commands_of_august() {
    let (_school, database) = august().await;
    let url = database.url.as_str();
    let switch = ["tenant", "activate-year", "zand", NEXT, "--by", "Els"];
    let (code, rehearsed) = report(url, &[switch.as_slice(), &["--dry-run"]].concat()).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        (&rehearsed["accepted"], &rehearsed["dry_run"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (&rehearsed["generation"], &rehearsed["refusals"]),
        (&json!(null), &json!([]))
    );
    let first = &rehearsed["orgs"][0];
    assert_eq!(
        (&first["org"], &first["users"]["before"]),
        (&json!(org(1)), &json!(44))
    );
    assert_eq!(first["classes"]["come"][0]["title"], "2027-28 Klas 1 - Site 1");
    assert_eq!(
        (
            &first["classes"]["go"][0]["members_go"],
            &rehearsed["removed"]["classes"]
        ),
        (&json!(11), &json!(12))
    );
    let output = oneroster(url, &[switch.as_slice(), &["--dry-run"]].concat()).await;
    let text = String::from_utf8(output.stdout).unwrap();
    for said in [
        "added: 2027-28 Klas 1 - Site 1 (11 members added, 0 removed)",
        "removed: 2026-27",
        "nothing was changed",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }

    let (code, refused) = report(url, &["tenant", "activate-year", "zand", "2031-32"]).await;
    assert_eq!((code, &refused["accepted"]), (Some(1), &json!(false)));
    assert_eq!(
        (&refused["refusals"][0]["rule"], &refused["orgs"]),
        (&json!("unknown_year"), &json!(null))
    );
    let (code, done) = report(url, &switch).await;
    assert_eq!((code, &done["accepted"]), (Some(0), &json!(true)));
    assert!(done["generation"].is_string() && done["published_at"].is_string());
    assert_eq!(done["orgs"], rehearsed["orgs"]);
    let (_, decided) = report(url, &["tenant", "decisions", "zand"]).await;
    assert_eq!(harness::decided(&decided)[0]["decided_by"], "Els");
    let (code, _) = report(url, &["tenant", "activate-year", "zand", NEXT]).await;
    assert_eq!(code, Some(1), "it is active already");
}
