//! What is compared with besides the last generation: the newest one that a complete pull has read, or that was released.

use oneroster::publication::{Publication, State};
use oneroster::roster::{Compared, Test};

use super::{release, tests};
use crate::harness;
use crate::harness::TestDatabase;
use crate::harness::group::{self, Shape, group, org, truncate};
use crate::harness::school::{COLLECTIONS, School};

/// Three schools of thirty pupils, published once.
async fn published() -> (School, TestDatabase) {
    let database = harness::database().await;
    let shape = Shape {
        schools: 3,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "zand", shape).await;
    school.publish().await;
    (school, database)
}

/// Two loads that each lose 15 to 18 % of the first school.
async fn two_loads(school: &School) -> [Publication; 2] {
    truncate(school, 1, 26).await;
    let first = school.publish().await;
    truncate(school, 1, 21).await;
    [first, school.publish().await]
}

fn states(publications: &[Publication; 2]) -> [State; 2] {
    [publications[0].state, publications[1].state]
}

#[tokio::test]
async fn the_second_of_two_loads_of_15_percent_is_held_since_the_generation_that_was_read() {
    let (school, _database) = published().await;
    let served = school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let loads = two_loads(&school).await;
    assert_eq!(states(&loads), [State::Published, State::Held]);
    assert_eq!(
        tests(&loads[1]),
        [
            (Test::UsersRemoved, Some(org(1))),
            (Test::FewerMemberships, Some(org(1)))
        ]
    );
    for reason in &loads[1].held.as_ref().unwrap().reasons {
        assert_eq!((reason.before, reason.after), (33, 23));
        let since = reason.since.unwrap();
        assert_eq!(
            (since.compared, Some(since.generation), Some(since.published_at)),
            (Compared::LastRead, served.generation, served.published_at)
        );
    }
    // What loses nothing more goes on.
    group::restore(&school, Shape::TWELVE, 1).await;
    truncate(&school, 1, 26).await;
    truncate(&school, 2, 30).await;
    assert_eq!(school.publish().await.state, State::Published);
}

#[tokio::test]
async fn once_the_first_load_has_been_read_the_second_is_judged_by_itself() {
    let (school, _database) = published().await;
    school.note_pull(COLLECTIONS, 0).await;
    truncate(&school, 1, 26).await;
    assert_eq!(school.publish().await.state, State::Published);
    school.note_pull(COLLECTIONS, 0).await;
    truncate(&school, 1, 21).await;
    assert_eq!(school.publish().await.state, State::Published);
}

/// Nobody read, not everything, or too long ago: then the last generation alone is compared with.
#[tokio::test]
async fn a_pull_that_is_not_complete_or_long_past_does_not_count() {
    for (collections, days_ago) in [
        (&[][..], 0),
        (&["/orgs", "/classes"], 0),
        (&["/orgs", "/users", "/classes"], 0),
        (COLLECTIONS, 31),
    ] {
        let (school, _database) = published().await;
        if !collections.is_empty() {
            school.note_pull(collections, days_ago).await;
        }
        let loads = two_loads(&school).await;
        assert_eq!(
            states(&loads),
            [State::Published, State::Published],
            "{collections:?}"
        );
    }
    let (school, _database) = published().await;
    school.note_pull(COLLECTIONS, 29).await;
    assert_eq!(states(&two_loads(&school).await), [State::Published, State::Held]);
}

/// Members read class by class, as some consumers do, are all memberships.
#[tokio::test]
async fn a_pull_by_schools_and_classes_is_complete_too() {
    let (school, _database) = published().await;
    let paths = [
        "/schools",
        "/schools/{school_id}/students",
        "/schools/{school_id}/classes",
        "/schools/{school_id}/classes/{class_id}/students",
    ];
    school.note_pull(&paths, 0).await;
    assert_eq!(states(&two_loads(&school).await), [State::Published, State::Held]);
}

#[tokio::test]
async fn a_released_generation_counts_as_read() {
    let (school, _database) = published().await;
    school.note_pull(COLLECTIONS, 0).await;
    let loads = two_loads(&school).await;
    assert_eq!(states(&loads), [State::Published, State::Held]);
    let released = release(&school, None).await;
    assert_eq!(released.state, State::Published);
    // 23 are left: four fewer are 17 %, and 42 % of what was read.
    truncate(&school, 1, 17).await;
    assert_eq!(school.publish().await.state, State::Published);
    truncate(&school, 1, 13).await;
    let held = school.publish().await;
    assert_eq!(held.state, State::Held);
    let since = held.held.unwrap().reasons[0].since.unwrap();
    assert_eq!(
        (since.compared, Some(since.generation)),
        (Compared::LastReleased, released.generation)
    );
}

/// The roster before it is another one: what was read of the old year says nothing about the new one.
#[tokio::test]
async fn nothing_is_compared_across_the_activation_of_a_school_year() {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", Shape::AUGUST).await;
    group::next_year(&school, Shape::AUGUST).await;
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let activate = oneroster::publication::activation::Activate {
        year: "2027-28",
        dry_run: false,
        accept: &[],
        force: false,
        lists_teams: false,
        by: "els",
    };
    let activated = oneroster::publication::activation::activate(&school.server, "zand", activate)
        .await
        .unwrap();
    assert!(activated.published.is_some(), "{:?}", activated.objections);
    // Of 40 pupils seven are 17.5 %, and six more 18.2 % of the rest.
    truncate(&school, 1, 34).await;
    assert_eq!(school.publish().await.state, State::Published);
    truncate(&school, 1, 28).await;
    assert_eq!(
        school.publish().await.state,
        State::Published,
        "the activation itself was read by nobody"
    );
}
