//! A school year day by day, from the August before it to the September after it: what SDS sees on each day that matters, from
//! the API, and what the tenant looks like after it. Two syncs a day; [`Year`] asserts what must hold after every one, and
//! that what is read by deltas equals what is read whole.
//!
//! Walked twice: with pupils still to come left out, and included (R14). The days of the week are those of 2026-27.

mod autumn;
mod people;
mod summer;
mod winter;
mod year;

use std::time::Duration;

use people::{MARKT, People, VELD};
use year::Year;

use crate::harness::informat::Informat;
use crate::harness::world::World;

const DOMAINS: [&str; 3] = ["zandpoort.example", "markt.example", "veld.example"];

fn file(future_pupils: &str) -> String {
    format!(
        r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{{schoolyear}} {{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
domain_mode = "informat"
future_pupils = "{future_pupils}"
[[schools]]
instelnr = "001507"
teacher_domain = "zandpoort.example"
[[schools.sites]]
vestnr = 1
sync_default = true
pupil_domain = "markt.example"
[[schools.sites]]
vestnr = 2
sync_default = false
pupil_domain = "veld.example"
"#
    )
}

/// The year with pupils still to come left out (R14, R16, R94). On the way: R36, R106, R107, R113, R114, R115,
/// R116, R117, R119, R120, R121, R127, R132, R135.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_r119_r120_r121_a_year_without_future_pupils() {
    walk(false).await;
}

/// The year with pupils still to come included (R14, R15, R93); otherwise the same, and R136.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r15_r119_r120_r121_a_year_with_future_pupils() {
    walk(true).await;
}

async fn walk(includes_future: bool) {
    let mut informat = Informat::of(&[MARKT, VELD]);
    let people = People::enter(&mut informat);
    let future_pupils = if includes_future { "include" } else { "exclude" };
    let mut year = Year::begin("2054-08-24", &file(future_pupils), informat, &DOMAINS).await;
    autumn::start(&mut year, &people).await;
    autumn::class_change(&mut year, &people).await;
    autumn::site_move(&mut year, &people).await;
    autumn::leaver(&mut year, &people).await;
    winter::start_after_christmas(&mut year, &people, includes_future).await;
    winter::class_teacher(&mut year, &people).await;
    winter::returner(&mut year, &people, includes_future).await;
    winter::programme_change(&mut year, &people).await;
    summer::next_year_is_entered(&mut year, &people).await;
    summer::summer(&mut year, &people).await;
    summer::activation(&mut year, &people, includes_future).await;
    summer::new_year(&mut year, &people, includes_future).await;

    let mut midnights = vec!["2054-10-05", "2054-11-09", "2054-11-28", "2054-12-19"];
    if !includes_future {
        midnights.push("2055-01-04");
    }
    midnights.push("2055-02-01");
    if !includes_future {
        midnights.push("2055-02-22");
    }
    midnights.push("2055-03-08");
    if !includes_future {
        midnights.push("2055-09-06");
    }
    assert_eq!(
        year.changes_at_midnight, midnights,
        "no other day changes anything by passing"
    );
    let served = year.served().await.present();
    assert_eq!(
        year.forgotten().await,
        served,
        "deltas once a week, through the switch, tell all"
    );
}

/// What is seen of somebody who is not served.
const NOBODY: [&str; 0] = [];

/// R16: the server publishes a new day by itself, at midnight in Brussels, which is two hours before midnight in UTC.
#[tokio::test]
async fn r16_midnight_in_brussels_is_published_without_anybody_asking() {
    let mut informat = Informat::of(&[MARKT, VELD]);
    let people = People::enter(&mut informat);
    let registration = People::registration(&informat, people.noor);
    informat.change_class(registration, people.class("3B"), "2054-10-05");
    let world = World::at("2054-10-04 22:00").await;
    let group = world.group(&file("exclude"), &informat).await;
    let noor = people.noor.sis_id();
    let before = world.served(&group).await;
    assert_eq!(
        before.classes_of(&noor),
        ["2054-55 3A - Markt", "2054-55 3WIS4 - Markt"]
    );
    world.clock.set("2054-10-05 00:00:01").await;
    let after = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let served = world.served(&group).await;
            if served != before {
                return served;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let after = after.await.unwrap();
    assert_eq!(
        after.classes_of(&noor),
        ["2054-55 3B - Markt", "2054-55 3WIS4 - Markt"]
    );
}
