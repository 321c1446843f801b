//! What was accepted at the door is not asked again for that import, and for no other. What stays below the guards of the door
//! is judged by the brake.

use oneroster::publication::{Publication, State};
use oneroster::roster::Test;

use super::tests;
use crate::harness;
use crate::harness::TestDatabase;
use crate::harness::group::{self, Shape, group};
use crate::harness::school::School;

async fn published() -> (School, TestDatabase) {
    let database = harness::database().await;
    let shape = Shape {
        schools: 1,
        pupils: 30,
        ..Shape::TWELVE
    };
    let school = group(&database.pool, "zand", shape).await;
    school.publish().await;
    (school, database)
}

/// Changes the mirror as an import for which somebody accepted a guard.
async fn import_accepting(school: &School, guard: &str, statement: &str) {
    school
        .change(&format!(
            "{statement};
             insert into informat.lading (tenant_id, delta, gewijzigd, rijen, aanvaard, spiegelversie)
                 select $1, false, true, '{{}}', '{{{guard}}}', version + 1
                 from tenant.input_version where tenant_id = $1 and input = 'mirror'"
        ))
        .await;
    let mut connection = school.pool.acquire().await.unwrap();
    let (version, recorded): (i64, i64) = sqlx::query_as(
        "select i.version, max(l.spiegelversie) from tenant.input_version i
         join informat.lading l using (tenant_id)
         where i.tenant_id = $1 and i.input = 'mirror' group by i.version",
    )
    .bind(&school.tenant_id)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(version, recorded, "as a load records it");
}

fn only(publication: &Publication) -> Vec<Test> {
    let mut found: Vec<Test> = tests(publication).into_iter().map(|(test, _)| test).collect();
    found.dedup();
    found
}

const OTHER_NAMES: &str = "update informat.persoon set voornaam = 'Ander' || p_persoon where tenant_id = $1";

#[tokio::test]
async fn names_that_were_accepted_at_the_door_are_published_and_the_next_ones_are_held() {
    let (school, _database) = published().await;
    import_accepting(&school, "names-changed", OTHER_NAMES).await;
    assert_eq!(school.publish().await.state, State::Published);
    school
        .change("update informat.persoon set voornaam = 'Nog ' || p_persoon where tenant_id = $1")
        .await;
    let held = school.publish().await;
    assert_eq!(only(&held), [Test::NamesChanged]);
    // While it is held, what was accepted for another import before stays answered for that one only.
    school
        .change("update informat.persoon set changed = now() where tenant_id = $1")
        .await;
    assert_eq!(only(&school.publish().await), [Test::NamesChanged]);
}

#[tokio::test]
async fn another_guard_does_not_answer_for_names() {
    let (school, _database) = published().await;
    import_accepting(&school, "class-ids-changed", OTHER_NAMES).await;
    assert_eq!(only(&school.publish().await), [Test::NamesChanged]);
}

/// An accepted import stays answered as long as it is held for another reason.
#[tokio::test]
async fn what_was_accepted_stays_answered_while_its_import_is_held_for_something_else() {
    let (school, _database) = published().await;
    import_accepting(&school, "names-changed", OTHER_NAMES).await;
    group::truncate(&school, 1, 11).await;
    let held = school.publish().await;
    assert_eq!(only(&held), [Test::UsersRemoved, Test::FewerMemberships]);
    school
        .change("update informat.persoon set changed = now() where tenant_id = $1")
        .await;
    assert_eq!(only(&school.publish().await), only(&held));
}

/// Nothing of it is published, such as the names of people who are not released: then it answers nothing later on.
#[tokio::test]
async fn an_accepted_import_that_changes_nothing_published_answers_for_no_later_one() {
    let (school, _database) = published().await;
    import_accepting(
        &school,
        "names-changed",
        "update informat.persoon set changed = now() where tenant_id = $1",
    )
    .await;
    assert_eq!(school.publish().await.state, State::Unchanged);
    school.change(OTHER_NAMES).await;
    assert_eq!(only(&school.publish().await), [Test::NamesChanged]);
}

const NEW_CLASS_IDS: &str = "update informat.klassen set scoodle_id = gen_random_uuid() where tenant_id = $1";

#[tokio::test]
async fn new_class_ids_are_held_in_schools_of_twelve_and_three_classes_unless_they_were_accepted() {
    for pupils in [120, 30] {
        let database = harness::database().await;
        let shape = Shape {
            schools: 1,
            pupils,
            ..Shape::TWELVE
        };
        let school = group(&database.pool, "zand", shape).await;
        school.publish().await;
        school.change(NEW_CLASS_IDS).await;
        let held = school.publish().await;
        assert_eq!(only(&held), [Test::ClassesRemoved, Test::PupilsMoved], "{pupils}");
        import_accepting(&school, "class-ids-changed", NEW_CLASS_IDS).await;
        assert_eq!(school.publish().await.state, State::Published);
    }
}
