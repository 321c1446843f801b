//! What speaks against a school year, what is accepted of it, what is said of the new year, and the Teams of the old one.

#![cfg(test)]

use oneroster::publication::State;
use oneroster::publication::activation::{Activate, Activation, activate};
use oneroster::roster::Role;
use serde_json::{Value, json};

use crate::harness::group::{NEXT_YEAR_IN_DAYS, Shape, day, group, next_year, org};
use crate::harness::school::School;
use crate::harness::{self, TestDatabase, oneroster};

const NEXT: &str = "2027-28";

/// One school of 200 pupils in twenty classes, with twenty class teachers, in the middle of August.
const LARGE: Shape = Shape {
    schools: 1,
    pupils: 200,
    year: Shape::AUGUST.year,
};

/// A group in the middle of August: the old year is over and published, the next one is complete.
async fn august(shape: Shape) -> (School, TestDatabase) {
    let database = harness::database().await;
    let school = group(&database.pool, "zand", shape).await;
    next_year(&school, shape).await;
    school.publish().await;
    (school, database)
}

async fn attempt(school: &School, accept: &[&str]) -> Activation {
    let accept: Vec<String> = accept.iter().map(|value| (*value).to_owned()).collect();
    let request = Activate {
        year: NEXT,
        dry_run: true,
        accept: &accept,
        force: false,
        lists_teams: false,
        by: "els",
    };
    activate(&school.server, &school.tenant_id, request)
        .await
        .unwrap()
}

/// What speaks against it: rule, org, role, and whether it was accepted.
fn said(activation: &Activation) -> Vec<(&'static str, Option<&str>, Option<Role>, bool)> {
    let objections = activation.objections.iter();
    objections
        .map(|objection| {
            let refusal = &objection.refusal;
            (
                refusal.rule(),
                refusal.org(),
                refusal.role(),
                objection.is_accepted,
            )
        })
        .collect()
}

async fn report(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = oneroster(&database.url, &[arguments, &["--json"]].concat()).await;
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

async fn text(database: &TestDatabase, arguments: &[&str]) -> String {
    let output = oneroster(&database.url, arguments).await;
    String::from_utf8(output.stdout).unwrap()
}

/// R118: every pupil stays, so the users together are well above half; the school would have no teacher.
#[tokio::test]
async fn r118_two_hundred_pupils_with_twenty_temporary_teachers_whose_assignments_end_in_june_are_refused_naming_the_staff()
 {
    let (school, database) = august(LARGE).await;
    let june = day(&school, LARGE.year.1).await;
    school
        .change(&format!(
            "update informat.opdracht set einddatum = '{june}' where tenant_id = $1"
        ))
        .await;
    let first = org(1);
    let refused = attempt(&school, &[]).await;
    assert_eq!(
        said(&refused),
        [("org_below_half", Some(first.as_str()), Some(Role::Staff), false)]
    );
    assert!(!refused.is_allowed);
    let switch = ["tenant", "activate-year", "zand", NEXT];
    let (code, reported) = report(&database, &switch).await;
    let refusal = &reported["refusals"][0];
    assert_eq!((code, &reported["accepted"]), (Some(1), &json!(false)));
    assert_eq!(
        (&refusal["org"], &refusal["role"]),
        (&json!(first), &json!("staff"))
    );
    assert_eq!(
        refusal["message"],
        format!(
            "org {first} (100001 - School 1 - Site 1) would have 0 staff; now it has 20, and half of them is the least"
        )
    );
    let leaving = reported["orgs"][0]["users"]["go"].as_array().unwrap();
    assert_eq!(leaving.len(), 20);
    assert!(leaving.iter().all(|user| user["role"] == "staff"));
    let shown = text(&database, &switch).await;
    for said in [
        "pupils 200 -> 200, staff 20 -> 0",
        "staff removed: noor.leraar1901, noor.leraar1902",
        "refused (org_below_half): org 100001-1",
        "--accept ORG accepts all that is said of an org",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let (code, accepted) = report(&database, &[&switch[..], &["--accept", &first]].concat()).await;
    assert_eq!((code, &accepted["accepted"]), (Some(0), &json!(true)));
}

/// School 1 has no class next year; of schools 2 and 3 more than half of the pupils are not entered.
async fn three_that_are_not_ready(school: &School) {
    school
        .change(
            "delete from informat.inschrklas where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.klasfunctiepersoon where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.klassen where tenant_id = $1 and p_klas between 501000 and 501900;
             delete from informat.inschrklas where tenant_id = $1 and p_inschr between 502018 and 503900 and p_inschr % 1000 > 17;
             delete from informat.inschrijving where tenant_id = $1 and p_inschr between 502018 and 503900 and p_inschr % 1000 > 17",
        )
        .await;
}

#[tokio::test]
async fn an_org_or_a_rule_is_accepted_by_name_and_that_is_on_record() {
    let (school, database) = august(Shape::AUGUST).await;
    three_that_are_not_ready(&school).await;
    let [first, second, third] = [1, 2, 3].map(org);
    let all = |accepted: [bool; 3]| {
        let pupils = Some(Role::Pupils);
        [
            ("org_without_class", Some(first.as_str()), None, accepted[0]),
            ("org_below_half", Some(second.as_str()), pupils, accepted[1]),
            ("org_below_half", Some(third.as_str()), pupils, accepted[2]),
        ]
    };
    for (accept, accepted) in [
        (vec![], [false; 3]),
        (vec![second.as_str()], [false, true, false]),
        (vec!["org_below_half"], [false, true, true]),
        (vec!["org_without_class", third.as_str()], [true, false, true]),
        (vec![first.as_str(), "org_below_half"], [true; 3]),
    ] {
        let activation = attempt(&school, &accept).await;
        assert_eq!(said(&activation), all(accepted), "{accept:?}");
        assert_eq!(activation.is_allowed, accepted == [true; 3], "{accept:?}");
    }
    let switch = ["tenant", "activate-year", "zand", NEXT, "--by", "Els"];
    let accept = ["--accept", &first, "--accept", "org_below_half"];
    let (code, done) = report(&database, &[&switch[..], &accept].concat()).await;
    assert_eq!((code, &done["accepted"]), (Some(0), &json!(true)));
    assert_eq!(done["refusals"][2]["accepted"], true);
    let (_, decided) = report(&database, &["tenant", "decisions", "zand"]).await;
    let decided = harness::decided(&decided);
    let detail = &decided[0]["detail"];
    assert_eq!(detail["accepted"], json!([first, "org_below_half"]));
    assert_eq!(detail["forced"], false);
    assert_eq!(
        detail["overridden"][2],
        json!({"rule": "org_below_half", "org": third, "role": "pupils"})
    );
}

#[tokio::test]
async fn what_is_neither_an_org_nor_a_rule_is_not_accepted_and_it_says_what_is() {
    let (_school, database) = august(Shape::AUGUST).await;
    for value in ["100009-1", "org_below_halve", "unknown_year", "already_active"] {
        let switch = ["tenant", "activate-year", "zand", NEXT, "--accept", value];
        let output = oneroster(&database.url, &switch).await;
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let said = format!("{value:?} cannot be accepted: give a rule (not_the_next_year, ");
        assert!(
            stderr.contains(&said) && stderr.contains("or an org (100001-1, 100002-1, 100003-1)"),
            "{stderr}"
        );
    }
}

/// A class of the old year goes up in another, and is removed.
async fn remove_a_class(school: &School) {
    school
        .change(
            "update informat.inschrklas set p_klas = 2002 where tenant_id = $1 and p_klas = 2001;
             update informat.klasfunctiepersoon set p_klas = 2002 where tenant_id = $1 and p_klas = 2001;
             delete from informat.klassen where tenant_id = $1 and p_klas = 2001",
        )
        .await;
    assert_eq!(school.publish().await.state, State::Published);
}

/// R117: a class of the new year with the id of one that was served goes on with its Team; also one that was removed meanwhile.
#[tokio::test]
async fn r117_class_ids_of_the_old_year_that_come_back_are_refused() {
    let (school, database) = august(Shape::AUGUST).await;
    remove_a_class(&school).await;
    school
        .change(
            "update informat.klassen set scoodle_id = ('00000000-0000-4000-9000-' || lpad((p_klas - 500000)::text, 12, '0'))::uuid
             where tenant_id = $1 and p_klas in (501001, 501002, 502001)",
        )
        .await;
    let (first, second) = (org(1), org(2));
    let refused = attempt(&school, &[]).await;
    assert_eq!(
        said(&refused),
        [
            ("class_id_reused", Some(first.as_str()), None, false),
            ("class_id_reused", Some(second.as_str()), None, false),
        ]
    );
    let shown = text(&database, &["tenant", "activate-year", "zand", NEXT, "--dry-run"]).await;
    assert!(
        shown.contains(
            "would have 2 classes with the id of a class of the old year (\"2027-28 Klas 1 - Site 1\", \"2027-28 Klas 2 - Site 1\")"
        ),
        "{shown}"
    );
    assert!(attempt(&school, &["class_id_reused"]).await.is_allowed);
}

/// Classes without a teacher, gaps and waiting people of the new year, which nobody sees in the old one.
#[tokio::test]
async fn the_findings_of_the_new_year_are_listed_with_counts() {
    let (school, database) = august(Shape::AUGUST).await;
    let begin = day(&school, NEXT_YEAR_IN_DAYS).await;
    let [last, later] = [begin + chrono::Days::new(20), begin + chrono::Days::new(26)];
    school
        .change(&format!(
            "delete from informat.klasfunctiepersoon where tenant_id = $1 and p_klas in (501001, 502001);
             update informat.inschrijving set einddatum = '{last}' where tenant_id = $1 and p_inschr = 501001;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, 900001, 1001, '100001', 1, '311', '2027-28', '{later}', 0)"
        ))
        .await;
    sqlx::query("update username.record set sync = false where tenant_id = $1 and rowguid = $2::uuid")
        .bind(&school.tenant_id)
        .bind(harness::group::pupil(3, 7))
        .execute(&school.pool)
        .await
        .unwrap();
    let switch = ["tenant", "activate-year", "zand", NEXT, "--dry-run"];
    let (_, reported) = report(&database, &switch).await;
    let found = |rule: &str| {
        let findings = reported["findings"].as_array().unwrap();
        findings.iter().find(|found| found["rule"] == rule).cloned()
    };
    for (rule, count) in [
        ("class-without-teacher", 2),
        ("registration-gap", 1),
        ("unreleased-people", 1),
    ] {
        assert_eq!(found(rule).unwrap()["count"], count, "{rule}: {reported}");
    }
    assert_eq!(found("class-without-pupils"), None);
    let shown = text(&database, &switch).await;
    for said in [
        "warning class-without-teacher: 2\n  classes/00000000-0000-4000-9000-000000501001: class \"2027-28 Klas 1 - Site 1\"",
        "info unreleased-people: 1\n  orgs/100003-1: 1 of 44 people are not released",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
}

/// R146: also in a dry run, and also the classes that were removed in the course of the year; those of other years are not.
#[tokio::test]
async fn r146_the_teams_of_the_old_year_are_listed_as_they_were_served() {
    let (school, database) = august(Shape::AUGUST).await;
    remove_a_class(&school).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("teams.csv");
    let path = file.to_str().unwrap();
    let switch = ["tenant", "activate-year", "zand", NEXT, "--teams", path];
    let (code, rehearsed) = report(&database, &[&switch[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        (code, &rehearsed["teams"]),
        (Some(0), &json!({"file": path, "count": 12}))
    );
    let listed = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = listed.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(
        lines[0],
        "Team;SIS ID;Class Code;School SIS ID;School Name;School Year;Members;Owners;Status"
    );
    assert_eq!(
        lines[1],
        "2026-27 Klas 1 - Site 1;00000000-0000-4000-9000-000000001001;K1;100001-1;100001 - School 1 - Site 1;2026-27;10;1;active"
    );
    assert_eq!(
        lines[5],
        "2026-27 Klas 1 - Site 2;00000000-0000-4000-9000-000000002001;K1;100002-1;100002 - School 2 - Site 2;2026-27;0;0;removed"
    );
    assert_eq!((lines.len(), lines[13]), (14, ""));
    std::fs::remove_file(&file).unwrap();
    let (code, done) = report(&database, &switch).await;
    assert_eq!((code, &done["teams"]["count"]), (Some(0), &json!(12)));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        listed,
        "the old year, though the new one is served"
    );
}

/// After the switch there would be nothing left to list, so nothing is switched.
#[tokio::test]
async fn a_list_that_cannot_be_written_is_refused_before_the_switch() {
    let (school, database) = august(Shape::AUGUST).await;
    let switch = [
        "tenant",
        "activate-year",
        "zand",
        NEXT,
        "--teams",
        "/nowhere/teams.csv",
    ];
    let output = oneroster(&database.url, &switch).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("cannot write /nowhere/teams.csv"), "{stderr}");
    assert_eq!(school.generations().await, 1);
}
