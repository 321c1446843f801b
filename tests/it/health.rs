//! `oneroster health`: a small healthy school, and a generated group with every special case.

mod rules;

use std::collections::BTreeSet;
use std::process::Output;

use oneroster_generate::{CaseName, Options, SchoolGroup, SchoolYear, school_group, write};
use oneroster_school::data_quality::{Rule, Severity};
use oneroster_standard::Kind;
use serde_json::Value;

use crate::harness::school::{JAN, School, school};
use crate::harness::{self, TestDatabase, database};

fn oneroster(url: &str, arguments: &[&str]) -> Output {
    harness::command(url, arguments).output().unwrap()
}

/// Runs `health --json` and returns the findings; it must end with code 0.
fn findings(url: &str, tenant_id: &str, more: &[&str]) -> Vec<Value> {
    let output = oneroster(
        url,
        &[&["health", "--tenant", tenant_id, "--json"], more].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document.as_object().unwrap().len(), 1, "{document}");
    document["findings"].as_array().unwrap().clone()
}

/// The ids of the objects a rule found.
fn found(findings: &[Value], rule: Rule) -> BTreeSet<&str> {
    let of_rule = findings.iter().filter(|finding| finding["rule"] == rule.id());
    of_rule
        .map(|finding| finding["sourced_id"].as_str().unwrap())
        .collect()
}

/// The small school, its people released, and nobody by default from now on.
async fn small_school() -> (TestDatabase, School) {
    let database = database().await;
    let school = school(&database.pool, "small").await;
    sync_default(&school, false).await;
    (database, school)
}

/// Sets what new usernames of the small school begin with.
async fn sync_default(school: &School, value: bool) {
    sqlx::query(
        "update tenant.tenant set configuration = jsonb_set(configuration, '{schools,0,sites,0,sync_default}', to_jsonb($2))
         where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .bind(value)
    .execute(&school.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_healthy_school_has_no_findings_before_and_after_its_first_publication() {
    let (database, school) = small_school().await;
    assert_eq!(findings(&database.url, "small", &[]), [] as [Value; 0]);
    school.publish().await;
    assert_eq!(findings(&database.url, "small", &[]), [] as [Value; 0]);
    let output = oneroster(&database.url, &["health", "--tenant", "small"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "findings: 0 errors, 0 warnings, 0 info\n"
    );
    assert_eq!(school.generations().await, 1, "it stores nothing");
}

#[tokio::test]
async fn a_generation_dated_far_ahead_is_told() {
    let (database, school) = small_school().await;
    school.publish().await;
    sqlx::query("update roster.head set published_at = clock_timestamp() + interval '30 hours'")
        .execute(&database.pool)
        .await
        .unwrap();
    let findings = findings(&database.url, "small", &[]);
    assert_eq!(
        found(&findings, Rule::GenerationAhead),
        BTreeSet::from(["2026-27"])
    );
    let message = findings[0]["message"].as_str().unwrap();
    assert!(message.contains("29 hours ahead"), "{message}");
}

#[tokio::test]
async fn people_read_findings_by_rule_and_may_ask_for_some() {
    let (database, school) = small_school().await;
    sqlx::query(
        "update username.record set local_part = 'jan jánssens', origin = 'manual', sync = false where rowguid = $1::uuid",
    )
    .bind(JAN)
    .execute(&database.pool)
    .await
    .unwrap();
    school
        .change("update informat.klassen set groeptype = 1 where tenant_id = $1")
        .await;
    let stdout = |more: &[&str]| {
        let output = oneroster(&database.url, &[&["health", "--tenant", "small"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = stdout(&[]);
    let said = format!(
        "error username-characters: 1\n  users/{JAN}: Microsoft Entra would refuse the username \"jan jánssens\": ' ' at character 4"
    );
    assert!(all.starts_with(&said), "{all}");
    assert!(all.contains("\nwarning pupil-without-class: 2\n"), "{all}");
    assert!(
        all.contains("\ninfo unreleased-people: 1\n  orgs/001507-1: 1 of 3 people"),
        "{all}"
    );
    assert!(all.ends_with("findings: 1 error, 2 warnings, 1 info\n"), "{all}");
    let some = stdout(&["--rule", "pupil-without-class", "--rule", "username-characters"]);
    assert!(
        some.ends_with("findings: 1 error, 2 warnings, 0 info\n"),
        "{some}"
    );
    let info = stdout(&["--severity", "info"]);
    assert!(
        info.ends_with("findings: 0 errors, 0 warnings, 1 info\n"),
        "{info}"
    );
    assert_eq!(
        findings(
            &database.url,
            "small",
            &["--severity", "error", "--severity", "info"]
        )
        .len(),
        2
    );
}

#[tokio::test]
async fn what_cannot_be_examined_is_refused_and_wrong_usage_is_told() {
    let (database, school) = small_school().await;
    let ends = |arguments: &[&str], code: i32, said: &str| {
        let output = oneroster(&database.url, &[&["health"], arguments].concat());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
        assert!(output.stdout.is_empty());
    };
    ends(&["--tenant", "nobody"], 1, "no tenant has the id \"nobody\"");
    ends(&[], 2, "--tenant <ID>");
    ends(
        &["--tenant", "small", "--rule", "gap"],
        2,
        "the rules are username-too-long, username-characters",
    );
    ends(
        &["--tenant", "small", "--severity", "fatal"],
        2,
        "use error, warning or info",
    );
    let tables = "inschrklas klasfunctiepersoon klassen inschrijving schooljaar";
    let empty: Vec<String> = tables
        .split(' ')
        .map(|table| format!("delete from informat.{table} where tenant_id = $1"))
        .collect();
    school.change(&empty.join(";")).await;
    ends(
        &["--tenant", "small", "--json"],
        1,
        "the school year 2026-27 is not in the mirror: import it with schooljaar.csv",
    );
}

/// Makes a group of this many pupils, of the school year that is under way today, and loads it by command.
async fn generated(database: &TestDatabase, pupils: u32) -> SchoolGroup {
    let today = sqlx::query_scalar("select (clock_timestamp() at time zone 'Europe/Brussels')::date")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let group = school_group(&Options {
        complete_next_year: false,
        pupils,
        seed: 8,
        school_year: SchoolYear::of(today),
        tenant: "demo".to_owned(),
    });
    let folder = tempfile::tempdir().unwrap();
    write(&group, folder.path()).unwrap();
    let bundle = folder.path().to_str().unwrap();
    let tenant_file = format!("{bundle}/tenant.toml");
    for arguments in [
        vec!["tenant", "apply", &tenant_file],
        vec!["import", "--tenant", "demo", bundle],
    ] {
        let output = oneroster(&database.url, &arguments);
        assert!(output.status.success(), "{output:?}");
    }
    group
}

/// R45, R109: the special cases of a generated group are told, and it has no errors.
#[tokio::test]
async fn the_special_cases_of_a_generated_group_are_found_and_it_has_no_errors() {
    let database = database().await;
    let group = generated(&database, 500).await;
    let findings = findings(&database.url, "demo", &[]);
    let key = |finding: &Value| {
        let severity = Severity::ALL
            .iter()
            .position(|severity| finding["severity"] == severity.as_str());
        let text = |member: &str| finding[member].as_str().unwrap().to_owned();
        (
            severity.unwrap(),
            text("rule"),
            text("sourced_id"),
            text("message"),
        )
    };
    assert!(
        findings.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])),
        "in order, each once"
    );
    for finding in &findings {
        assert_eq!(finding.as_object().unwrap().len(), 5, "{finding}");
        let rule = Rule::ALL
            .iter()
            .find(|rule| finding["rule"] == rule.id())
            .unwrap();
        assert_eq!(finding["severity"], rule.severity().as_str());
        assert!(Kind::from_collection(finding["kind"].as_str().unwrap()).is_some());
        assert_ne!(finding["severity"], "error", "{finding}");
    }
    let case = |name: CaseName| -> BTreeSet<&str> {
        let ids: BTreeSet<&str> = group.case(name).iter().map(String::as_str).collect();
        assert!(!ids.is_empty(), "{name:?}");
        ids
    };
    let exactly = [
        (Rule::SiteNotListed, CaseName::UnnamedSite),
        (Rule::NameOnePart, CaseName::OneName),
        (Rule::ClassWithoutPupils, CaseName::EmptyClass),
        (Rule::ClassWithoutTeacher, CaseName::EmptyClass),
    ];
    for (rule, name) in exactly {
        assert_eq!(found(&findings, rule), case(name), "{rule:?}");
    }
    let among_others = [
        (Rule::PupilWithoutClass, CaseName::NoClass),
        (Rule::TwoRegistrations, CaseName::TwoRegistrations),
        (Rule::UnreleasedPeople, CaseName::UnreleasedSite),
    ];
    for (rule, name) in among_others {
        let found = found(&findings, rule);
        assert!(case(name).is_subset(&found), "{rule:?}: {found:?}");
    }
}
