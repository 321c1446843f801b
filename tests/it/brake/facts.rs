//! What the brake asks of a generation beside what was published: recorded with it, hashed by nobody.

use oneroster::publication::State;
use oneroster::roster::Test;
use serde_json::{Value, json};

use super::tests;
use crate::harness;
use crate::harness::TestDatabase;
use crate::harness::group::{self, Shape, group, tenant_file};
use crate::harness::school::School;

/// One school of 24 classes, published.
async fn published() -> (School, TestDatabase) {
    let database = harness::database().await;
    let shape = Shape {
        schools: 1,
        pupils: 240,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "zand", shape).await;
    school.publish().await;
    (school, database)
}

/// The facts about the classes of the newest generation, each once.
async fn facts(school: &School) -> Vec<Value> {
    sqlx::query_scalar(
        "select distinct class_facts from roster.object_version
         where tenant_id = $1 and kind = 'classes' and until_number is null order by class_facts",
    )
    .bind(&school.tenant_id)
    .fetch_all(&school.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn facts_are_recorded_with_a_publication_and_follow_what_no_consumer_sees() {
    let (school, _database) = published().await;
    let known = json!({"group_type": 0, "title_frame": "2026-27 {klas} - Site 1", "is_doubtful": false});
    assert_eq!(facts(&school).await, std::slice::from_ref(&known));
    let classes = school
        .object("classes", "00000000-0000-4000-9000-000000001001")
        .await;
    school
        .change("update informat.klassen set groeptype = 2 where tenant_id = $1")
        .await;
    assert_eq!(school.publish().await.state, State::Unchanged);
    let mut subgroups = known;
    subgroups["group_type"] = json!(2);
    assert_eq!(facts(&school).await, [subgroups]);
    assert_eq!(
        school
            .object("classes", "00000000-0000-4000-9000-000000001001")
            .await,
        classes,
        "nothing of it is published, and nothing is dated anew"
    );
}

/// What was a class when it was published and is a subgroup now is judged as what it was.
#[tokio::test]
async fn pupils_are_judged_by_what_their_classes_were() {
    let (school, _database) = published().await;
    school
        .change(
            "update informat.klassen set groeptype = 1 where tenant_id = $1;
             update informat.inschrklas set p_klas = 1000 + (p_klas - 1000) % 24 + 1 where tenant_id = $1",
        )
        .await;
    assert!(tests(&school.publish().await).contains(&(Test::PupilsMoved, None)));
}

#[tokio::test]
async fn another_format_and_a_renamed_site_are_published_and_other_names_of_classes_are_held() {
    let (school, _database) = published().await;
    let mut other = tenant_file("zand", 1, "");
    other.team_name_format = "{vestiging}: {klas}".parse().unwrap();
    group::apply(&school.pool, &other).await.unwrap();
    assert_eq!(school.publish().await.state, State::Published);
    school
        .change("update informat.schoolvest set vestiging = 'Grote Markt' where tenant_id = $1")
        .await;
    assert_eq!(school.publish().await.state, State::Published);
    school
        .change(
            "update informat.klassen set klas = 'Groep ' || p_klas where tenant_id = $1 and p_klas < 1006",
        )
        .await;
    let held = school.publish().await;
    assert_eq!(
        tests(&held),
        [
            (Test::ClassesRetitled, None),
            (Test::ClassesRetitled, Some(group::org(1)))
        ]
    );
}

/// A generation of before the facts were kept: what titles shared then is not known, so that every other title counts.
#[tokio::test]
async fn where_nothing_is_known_of_before_another_format_is_held_once() {
    let (school, _database) = published().await;
    sqlx::query("update roster.object_version set class_facts = null")
        .execute(&school.pool)
        .await
        .unwrap();
    let mut other = tenant_file("zand", 1, "");
    other.team_name_format = "{klas}".parse().unwrap();
    group::apply(&school.pool, &other).await.unwrap();
    assert!(tests(&school.publish().await).contains(&(Test::ClassesRetitled, None)));
    group::apply(&school.pool, &tenant_file("zand", 1, ""))
        .await
        .unwrap();
    assert_eq!(school.publish().await.state, State::Unchanged);
    group::apply(&school.pool, &other).await.unwrap();
    assert_eq!(
        school.publish().await.state,
        State::Published,
        "known from the first publication on, also one that changes nothing"
    );
}
