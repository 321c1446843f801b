//! Groups of rules through the whole program: a load or a setting in, a finding out, and the command that the finding names.

use std::path::Path;

use oneroster::auth::client;
use oneroster::synclog;
use oneroster_school::data_quality::Rule;
use serde_json::Value;

use super::{findings, found, oneroster, small_school, sync_default};
use crate::harness::TestDatabase;
use crate::harness::api::Api;
use crate::harness::school::{BERT, CLASS, JAN, LOTTE, school};

/// Who Jan is from now on.
const NEW: &str = "00000000-0000-4000-8000-0000000000a1";

/// Loads rows of tables as a delta.
fn load(database: &TestDatabase, files: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    done(
        database,
        &["import", "--tenant", "small", path(folder.path()), "--delta"],
    );
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn done(database: &TestDatabase, arguments: &[&str]) {
    let output = oneroster(&database.url, arguments);
    assert!(output.status.success(), "{output:?}");
}

/// The one finding of a rule.
fn one(findings: &[Value], rule: Rule) -> &Value {
    let of_rule: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["rule"] == rule.id())
        .collect();
    assert_eq!(of_rule.len(), 1, "{rule:?}: {findings:?}");
    of_rule[0]
}

/// Runs the command that stands between backquotes after a text of a message.
fn run_named(database: &TestDatabase, finding: &Value, after: &str) {
    let message = finding["message"].as_str().unwrap();
    let (_, rest) = message.split_once(after).unwrap_or_else(|| panic!("{message}"));
    let command = rest.split('`').nth(1).unwrap();
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    done(database, &arguments);
}

const PEOPLE: &str = "p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n";

#[tokio::test]
async fn damaged_texts_and_placeholders_that_are_in_already_are_found_until_they_are_mended() {
    let (database, _school) = small_school().await;
    let people =
        |lotte: &str, bert: &str| format!("{PEOPLE}2,{LOTTE},Peeters,{lotte},,\n3,{BERT},{bert},,\n");
    load(&database, &[("persoon.csv", &people("LÃ©a", "N.N.,Onbekend"))]);
    let found_now = findings(&database.url, "small", &[]);
    assert_eq!(found(&found_now, Rule::DamagedText), [LOTTE].into());
    assert_eq!(found(&found_now, Rule::PlaceholderPerson), [BERT].into());
    let placeholder = one(&found_now, Rule::PlaceholderPerson);
    load(&database, &[("persoon.csv", &people("Léa", "Ameel,Bert"))]);
    // Only the username is still of the former name, and nobody has it yet.
    let after = findings(&database.url, "small", &[]);
    let of_former_name = one(&after, Rule::UsernameNotOfThisName);
    assert_eq!((after.len(), &of_former_name["sourced_id"]), (1, &LOTTE.into()));
    run_named(&database, of_former_name, "no account hangs on it yet: ");
    assert_eq!(findings(&database.url, "small", &[]), [] as [Value; 0]);
    // The command that it names is one that there is.
    run_named(&database, placeholder, "if it is somebody's name: ");
}

#[tokio::test]
async fn people_and_classes_under_another_id_are_told_with_the_command_that_mends_it_until_it_is_done() {
    let (database, school) = small_school().await;
    school.publish().await;
    let classes =
        "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed\n";
    let class = |id: &str| format!("{classes}1,{id},001507,1,311,2026-27,3A,3A,0,\n");
    let people = format!("{PEOPLE}1,{NEW},Janssens,Jan,,\n");
    load(
        &database,
        &[
            ("persoon.csv", &people),
            ("klassen.csv", &class("00000000-0000-4000-8000-0000000000c1")),
        ],
    );
    let found_now = findings(&database.url, "small", &[]);
    assert_eq!(found(&found_now, Rule::PersonIdChanged), [NEW].into());
    let class_changed = one(&found_now, Rule::ClassIdChanged);
    assert!(
        class_changed["message"].as_str().unwrap().contains(CLASS),
        "{class_changed}"
    );
    run_named(
        &database,
        one(&found_now, Rule::PersonIdChanged),
        "the same person: ",
    );
    load(&database, &[("klassen.csv", &class(CLASS))]);
    let after = findings(&database.url, "small", &[]);
    for rule in [Rule::PersonIdChanged, Rule::ClassIdChanged, Rule::ProbablyMerged] {
        assert_eq!(found(&after, rule), [].into(), "{rule:?}");
    }
}

/// Somebody who left comes back as somebody else, with the same names and birth date; they are two people after all.
#[tokio::test]
async fn somebody_who_was_probably_merged_is_told_until_somebody_answers() {
    let (database, school) = small_school().await;
    load(
        &database,
        &[(
            "persoon.csv",
            &format!("{PEOPLE}1,{JAN},Janssens,Jan,2012-03-04,\n"),
        )],
    );
    school
        .change(
            "update informat.inschrijving set einddatum = begindatum where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    let registrations = "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed\n";
    let today = school.today().await;
    load(
        &database,
        &[
            (
                "persoon.csv",
                &format!("{PEOPLE}9,{NEW},JANSSENS,Jan,2012-03-04,\n"),
            ),
            (
                "inschrijving.csv",
                &format!("{registrations}9,9,001507,1,311,2026-27,{today},,0,\n"),
            ),
        ],
    );
    let found_now = findings(&database.url, "small", &[]);
    let merged = one(&found_now, Rule::ProbablyMerged);
    assert_eq!(merged["sourced_id"], NEW);
    assert!(
        merged["message"]
            .as_str()
            .unwrap()
            .contains("whose row Informat still has"),
        "{merged}"
    );
    run_named(&database, merged, "somebody else: ");
    let after = findings(&database.url, "small", &[]);
    assert_eq!(found(&after, Rule::ProbablyMerged), [].into());
}

#[tokio::test]
async fn gaps_of_a_few_days_are_found_in_what_was_loaded() {
    let (database, school) = small_school().await;
    let today = school.today().await;
    let [last, later] = [2, 19].map(|days| today + chrono::Days::new(days));
    load(
        &database,
        &[
            (
                "opdracht.csv",
                &format!(
                    "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed\n\
                     1,3,001507,,,,{last},\n2,3,001507,,,{later},,\n"
                ),
            ),
            (
                "inschrklas.csv",
                &format!(
                    "p_inschrklas,p_inschr,p_klas,vandatum,totdatum,changed\n1,1,1,{today},{last},\n9,1,1,{later},,\n"
                ),
            ),
        ],
    );
    let found_now = findings(&database.url, "small", &[]);
    assert_eq!(found(&found_now, Rule::ClassRowGap), [JAN].into());
    assert_eq!(found(&found_now, Rule::AssignmentGap), [BERT].into());
    let message = one(&found_now, Rule::AssignmentGap)["message"].as_str().unwrap();
    assert!(message.contains("(16 days)"), "{message}");
}

/// R139: each tenant sees that the other sends the same, and of the other's people an id.
#[tokio::test]
async fn r139_two_tenants_of_one_entra_tenant_are_compared_by_ids_only() {
    let (database, small) = small_school().await;
    let other = school(&database.pool, "other").await;
    sync_default(&other, false).await;
    for (tenant, local_part, rowguid) in [
        (&other, "iemand.anders", JAN),
        (&other, "jan.janssens", LOTTE),
        (&small, "nog.iemand", LOTTE),
    ] {
        sqlx::query("update username.record set local_part = $3, origin = 'manual' where tenant_id = $1 and rowguid = $2::uuid")
            .bind(&tenant.tenant_id)
            .bind(rowguid)
            .bind(local_part)
            .execute(&database.pool)
            .await
            .unwrap();
    }
    other
        .change("update informat.persoon set naam = 'Geheim' where tenant_id = $1")
        .await;
    assert_eq!(findings(&database.url, "small", &[]), [] as [Value; 0]);
    sqlx::query(
        "update tenant.tenant set configuration = configuration || '{\"entra_tenant_id\": \"6f0c\"}'",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let found_now = findings(&database.url, "small", &[]);
    let institution = one(&found_now, Rule::InstitutionAlsoInTenant);
    assert_eq!(institution["sourced_id"], "001507-1");
    let username = one(&found_now, Rule::UsernameAlsoInTenant);
    assert_eq!(username["sourced_id"], JAN);
    let message = username["message"].as_str().unwrap();
    assert!(
        message.contains(LOTTE) && message.contains("\"other\""),
        "{message}"
    );
    let all = format!("{found_now:?}");
    assert!(!all.contains("Geheim") && !all.contains("iemand.anders"), "{all}");
    let seen_from_there = findings(&database.url, "other", &[]);
    assert_eq!(
        found(&seen_from_there, Rule::UsernameAlsoInTenant),
        [LOTTE].into()
    );
}

/// R145: the wizard's look at the orgs is no synchronisation; reading every user is.
#[tokio::test]
async fn r145_a_default_sync_is_too_early_until_somebody_has_read_everyone() {
    let (database, school) = small_school().await;
    sync_default(&school, true).await;
    school.publish().await;
    let client = client::create(&database.server, "small", "sds").await.unwrap();
    let api = Api::start(&database.pool).await;
    let token = api.token(&client).await;
    let mut told = Vec::new();
    for path in ["/orgs?limit=100", "/users?limit=2", "/users?limit=2&offset=2"] {
        let found_now = findings(&database.url, "small", &[]);
        assert_eq!(found(&found_now, Rule::DefaultSyncWithoutFuture).len(), 1);
        told.push(!found(&found_now, Rule::DefaultSyncTooEarly).is_empty());
        assert_eq!(api.get(&token, path).await.status, 200);
        synclog::flush(&api.sync_log, &api.pool).await;
    }
    assert_eq!(told, [true; 3]);
    let found_now = findings(&database.url, "small", &[]);
    assert_eq!(found(&found_now, Rule::DefaultSyncTooEarly), [].into());
}
