//! People who come under another id (R51, R53): whatever a merge, a migration of the data or a careless
//! program does to their row, no second account is made.

use serde_json::Value;

use super::school::{COLLEGE, GROUPS_OF_3A, NONE, START, School, USUAL, VTI, YEAR, one_pupil};
use crate::harness::informat::{Informat, Person};
use crate::m365::Report;

const LOTTE: &str = "lotte.peeters@college.example";

/// Lotte, a pupil in class 3A, and a second row of her that has nothing yet: it has no username. New names are released at once.
fn lotte_twice() -> (Informat, Person, Person) {
    let (mut informat, lotte) = one_pupil("Lotte", "Peeters");
    informat.born(lotte, "2042-03-02");
    let again = informat.person("Lotte", "Peeters");
    informat.born(again, "2042-03-02");
    (informat, lotte, again)
}

/// A school whose accounts and groups are there.
async fn synchronised(informat: Informat) -> School {
    let mut school = School::begin(USUAL, informat).await;
    for _ in 0..2 {
        let report = school.sync().await;
        assert!(report.is_clean(), "{report:?}");
    }
    assert!(school.tenant().has_account(LOTTE));
    school
}

/// Two syncs after which every account is one that was there before; returns what the first of them did.
async fn no_account_is_made(school: &mut School) -> Report {
    let before: Vec<String> = names(school);
    let first = school.sync().await;
    let second = school.sync().await;
    for report in [&first, &second] {
        assert!(report.created.is_empty() && report.is_clean(), "{report:?}");
    }
    assert_eq!(names(school), before);
    first
}

fn names(school: &School) -> Vec<String> {
    school.tenant().names().into_iter().map(str::to_owned).collect()
}

/// The commands: released with all others first, who waits; then handed over, as the release in bulk said.
async fn handed_over(school: &mut School, from: Person, to: Person, reason: &str) {
    no_account_is_made(school).await;
    assert_eq!(school.record(to).await["waits_for"][0], reason);
    assert_eq!(school.record(to).await["resembles"], from.sis_id());
    let id = school.group.id.clone();
    for whom in [&["--all"][..], &["--org", "001507-1"]] {
        let command = [&["usernames", "sync", "--tenant", &id, "on"], whom].concat();
        let report = school.world.oneroster(&command).await.done();
        let passed_over = report["passed_over"].as_array().unwrap();
        let users: Vec<&Value> = passed_over.iter().map(|waiting| &waiting["user"]).collect();
        assert_eq!(users, [&Value::from(to.sis_id())], "{report}");
    }
    school.world.publish(&id).await;
    no_account_is_made(school).await;
    assert_eq!(school.groups_of(to), NONE, "until somebody answers");

    let (from_id, to_id) = (from.sis_id(), to.sis_id());
    let command = [
        "usernames",
        "transfer",
        "--tenant",
        &id,
        "--from",
        &from_id,
        "--to",
        &to_id,
    ];
    school.world.oneroster(&command).await.done();
    school.world.publish(&id).await;
    let report = no_account_is_made(school).await;
    assert_eq!(report.linked, [(LOTTE.to_owned(), Some(from_id))]);
    assert_eq!(school.tenant().account(LOTTE).sis_id, Some(to_id));
    assert_eq!(
        school.groups_of(to),
        GROUPS_OF_3A,
        "her account is in her Team again"
    );
}

#[tokio::test]
async fn a_merge_that_drops_the_losing_row_makes_no_second_account() {
    let (informat, lotte, again) = lotte_twice();
    let mut school = synchronised(informat).await;
    school.informat.merge(lotte, again);
    school.informat.drop_row(lotte);
    school.import().await;
    handed_over(&mut school, lotte, again, "probably_merged").await;
}

#[tokio::test]
async fn a_merge_that_only_moves_registrations_makes_no_second_account() {
    let (informat, lotte, again) = lotte_twice();
    let mut school = synchronised(informat).await;
    school.informat.merge(lotte, again);
    school.import().await;
    handed_over(&mut school, lotte, again, "probably_merged").await;
}

/// The survivor was registered elsewhere already, and held back there: found once the other is gone.
#[tokio::test]
async fn a_merge_into_somebody_who_has_a_username_makes_no_second_account() {
    let (mut informat, lotte, again) = lotte_twice();
    informat.enrol(again, VTI, YEAR, START);
    let mut school = School::begin(USUAL, informat).await;
    school.tick(again, "off").await;
    school.sync().await;
    school.sync().await;
    school.informat.merge(lotte, again);
    let at_vti = school.informat.registrations_of(again);
    school.informat.leave(at_vti[at_vti.len() - 1], "2054-09-30");
    school.informat.drop_row(lotte);
    school.import().await;
    handed_over(&mut school, lotte, again, "probably_merged").await;
}

#[tokio::test]
async fn a_person_under_another_id_gets_no_second_account() {
    let (informat, lotte, _) = lotte_twice();
    let mut school = synchronised(informat).await;
    let rekeyed = school.informat.rekey(lotte);
    school.import().await;
    handed_over(&mut school, lotte, rekeyed, "person_id_changed").await;
}

#[tokio::test]
async fn a_person_under_another_id_and_another_name_gets_no_second_account() {
    for born in ["2042-03-02", ""] {
        let (mut informat, lotte) = one_pupil("Lotte", "Peeters");
        for other in ["An", "Jan"] {
            informat.person(other, "Maes");
        }
        let mut school = synchronised(informat).await;
        school.informat.born(lotte, born);
        school.import().await;
        let rekeyed = school.informat.rekey(lotte);
        school.informat.rename(rekeyed, "Lotte", "Vermeulen");
        school.import().await;
        handed_over(&mut school, lotte, rekeyed, "person_id_changed").await;
    }
}

#[tokio::test]
async fn a_migration_that_renumbers_everybody_changes_nothing() {
    let (mut informat, lotte, _) = lotte_twice();
    let teacher = informat.person("Bert", "Ameel");
    informat.employ(teacher, COLLEGE, START);
    for (given, family) in [("An", "Claes"), ("Jan", "Maes"), ("Lotte", "Peeters")] {
        let pupil = informat.person(given, family);
        informat.enrol(pupil, COLLEGE, YEAR, START);
    }
    let mut school = synchronised(informat).await;
    let before = school.tenant().clone();
    for _ in 0..2 {
        school.informat.renumber();
        school.import().await;
        no_account_is_made(&mut school).await;
        assert_eq!(school.twins.delta_rows, 0);
        assert_eq!(school.tenant(), &before);
    }
    assert_eq!(school.record(lotte).await["waits_for"], Value::Array(Vec::new()));
}
