//! History: every version of an object with the reason it began, and generations compared.

mod reasons;

use std::process::Output;

use chrono::Days;
use oneroster::db::scope;
use oneroster::history::{self, Entry, Error, Happening, ObjectHistory, Range};
use oneroster::publication::{self, Options};
use oneroster::tenants;
use oneroster::tenants::{Input, raise_input_version};
use oneroster_school::tenant::file;
use oneroster_standard::Kind;
use serde_json::Value;

use crate::harness;
use crate::harness::school::{BERT, CLASS, JAN, LOTTE, School, school, tenant_file};

/// A class at the same site.
const CLASS_3B: &str = "00000000-0000-4000-8000-00000000003b";

async fn published(tenant_id: &str) -> School {
    let database = harness::database().await;
    let school = school(&database.pool, tenant_id).await;
    school.publish().await;
    school
}

async fn of(school: &School, kind: Kind, sourced_id: &str) -> ObjectHistory {
    history::of_object(
        &school.server,
        &school.tenant_id,
        kind,
        sourced_id,
        Range::default(),
    )
    .await
    .unwrap()
}

/// What a history says of one generation: kind, what happened, and the reasons in words.
fn told(history: &ObjectHistory, generation: i64) -> Vec<(Kind, Happening, String)> {
    let entries = history
        .entries
        .iter()
        .filter(|entry| entry.generation == generation);
    entries
        .map(|entry| (entry.kind, entry.happening, words(entry)))
        .collect()
}

fn words(entry: &Entry) -> String {
    let texts: Vec<&str> = entry.reasons.iter().map(|told| told.text.as_str()).collect();
    texts.join("; ")
}

/// Applies a tenant file as `tenant apply` does.
async fn configure(school: &School, text: &str) {
    let configuration = file::parse(text).unwrap();
    let mut transaction = scope::begin(&school.server, &school.tenant_id).await.unwrap();
    tenants::apply(&mut transaction, &configuration, false)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// Changes a username record as an edit does, with its audit.
async fn edit(school: &School, rowguid: &str, field: &str, value: &str) {
    let mut transaction = school.pool.begin().await.unwrap();
    for statement in [
        format!(
            "update username.record set {field} = '{value}' where tenant_id = $1 and rowguid = '{rowguid}'"
        ),
        format!(
            "insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
             values ($1, '{rowguid}', 'an.peeters', '{field}', '{value}')"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(&school.tenant_id)
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    raise_input_version(&mut transaction, &school.tenant_id, Input::Usernames)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_leaver_is_told_with_his_last_day_though_the_mirror_has_moved_on() {
    let school = published("leaver").await;
    let yesterday = school.today().await - Days::new(1);
    school.jan_leaves().await;
    school.publish().await;
    // The next full load no longer knows him.
    school
        .change(
            "delete from informat.inschrklas where tenant_id = $1 and p_inschr = 1;
             delete from informat.inschrijving where tenant_id = $1 and p_inschr = 1;
             delete from informat.persoon where tenant_id = $1 and p_persoon = 1",
        )
        .await;
    school.publish().await;
    let history = of(&school, Kind::Users, JAN).await;
    assert_eq!(history.label, "Jan Janssens (jan.janssens)");
    let ended = format!("the registration at site 001507 - Zandpoort - Markt ended: last day {yesterday}");
    assert_eq!(
        told(&history, 2),
        [
            (Kind::Users, Happening::Removed, ended.clone()),
            (
                Kind::Enrollments,
                Happening::Removed,
                format!("the person is no longer published; {ended}")
            ),
        ]
    );
    assert_eq!(
        told(&history, 1)[0],
        (
            Kind::Users,
            Happening::Added,
            "it is in the first generation".to_owned()
        )
    );
    // The enrollment's own history says as much.
    let enrollment = of(&school, Kind::Enrollments, &format!("{JAN}-1")).await;
    assert_eq!(enrollment.entries.len(), 2);
    assert_eq!(told(&enrollment, 2), told(&history, 2)[1..]);
    assert_eq!(
        enrollment.label,
        "Jan Janssens (jan.janssens) in 2026-27 3A - Markt"
    );
}

#[tokio::test]
async fn r91_sync_off_and_on_is_told_with_who_did_it() {
    let school = published("sync").await;
    edit(&school, LOTTE, "sync", "false").await;
    school.publish().await;
    edit(&school, LOTTE, "sync", "true").await;
    school.publish().await;
    let history = of(&school, Kind::Users, LOTTE).await;
    let off = &told(&history, 2)[0];
    assert_eq!((off.0, off.1), (Kind::Users, Happening::Removed));
    assert!(
        off.2.starts_with("Sync was switched off by an.peeters on 20"),
        "{}",
        off.2
    );
    let on = &told(&history, 3)[0];
    assert_eq!(on.1, Happening::Returned);
    assert!(
        on.2.starts_with("Sync was switched on by an.peeters on 20"),
        "{}",
        on.2
    );
    assert!(
        on.2.contains("registered at site 001507 - Zandpoort - Markt since"),
        "{}",
        on.2
    );
    let enrollment = &told(&history, 3)[1];
    assert!(
        enrollment
            .2
            .starts_with("the person is published now; in class 2026-27 3A - Markt")
    );
}

#[tokio::test]
async fn r131_a_rename_is_told_with_from_to_and_who() {
    let school = published("rename").await;
    edit(&school, JAN, "local_part", "johan").await;
    school.publish().await;
    let history = of(&school, Kind::Users, JAN).await;
    let [(kind, happening, text)] = told(&history, 2).try_into().unwrap();
    assert_eq!((kind, happening), (Kind::Users, Happening::Changed));
    assert!(
        text.starts_with("username changed from jan.janssens to johan, by an.peeters on "),
        "{text}"
    );
}

#[tokio::test]
async fn a_class_change_is_one_move() {
    let school = published("classes").await;
    let today = school.today().await;
    let yesterday = today - Days::new(1);
    school
        .change(&format!(
            "insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, klascode, klas, groeptype)
                 values ($1, 2, '{CLASS_3B}', '001507', 1, '311', '2026-27', '3B', '3B', 0);
             update informat.inschrklas set totdatum = '{yesterday}' where tenant_id = $1 and p_inschrklas = 1;
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 values ($1, 3, 1, 2, '{today}')"
        ))
        .await;
    school.publish().await;
    let history = of(&school, Kind::Users, JAN).await;
    assert_eq!(
        told(&history, 2),
        [
            (
                Kind::Enrollments,
                Happening::Removed,
                format!("left the class: last day {yesterday}; moved to class 2026-27 3B - Markt")
            ),
            (
                Kind::Enrollments,
                Happening::Added,
                format!("in class 2026-27 3B - Markt, first day {today}")
            ),
        ]
    );
    let labels: Vec<&str> = history.entries.iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels[2..], ["2026-27 3A - Markt", "2026-27 3B - Markt"]);
    let alone = of(&school, Kind::Enrollments, &format!("{JAN}-1")).await;
    assert_eq!(
        told(&alone, 2)[0].2,
        told(&history, 2)[0].2,
        "also when asked for alone"
    );
}

#[tokio::test]
async fn a_move_to_another_site_is_told_from_where_to_where() {
    let school = published("moved").await;
    let today = school.today().await;
    let yesterday = today - Days::new(1);
    let two_sites = format!("{}[[schools.sites]]\nvestnr = 2\n", tenant_file("moved"));
    school
        .change(
            "insert into informat.schoolvest
                 (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true)",
        )
        .await;
    configure(&school, &two_sites).await;
    school.publish().await;
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{yesterday}' where tenant_id = $1 and p_inschr = 1;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status) values
                 ($1, 3, 1, '001507', 2, '311', '2026-27', '{today}', 0)"
        ))
        .await;
    school.publish().await;
    let history = of(&school, Kind::Users, JAN).await;
    let (markt, kade) = ("001507 - Zandpoort - Markt", "001507 - Zandpoort - Kade");
    assert_eq!(
        told(&history, 3),
        [
            (
                Kind::Users,
                Happening::Changed,
                format!("moved from site {markt} to site {kade}, there since {today}")
            ),
            (
                Kind::Enrollments,
                Happening::Removed,
                format!("the registration at site {markt} ended: last day {yesterday}")
            ),
        ]
    );
    let org = of(&school, Kind::Orgs, "001507-2").await;
    assert_eq!(
        told(&org, 2),
        [(
            Kind::Orgs,
            Happening::Added,
            "it was not published before".to_owned()
        )]
    );
    // The link of the old site is switched off: what hangs on it says so.
    configure(
        &school,
        &two_sites.replacen("sync_default = true", "sync_default = true\nsync = false", 1),
    )
    .await;
    school.publish().await;
    let off = format!("site {markt} has its link switched off in the tenant file");
    for (kind, id) in [
        (Kind::Users, LOTTE),
        (Kind::Orgs, "001507-1"),
        (Kind::Classes, CLASS),
    ] {
        assert_eq!(told(&of(&school, kind, id).await, 4)[0].2, off, "{kind:?}");
    }
}

#[tokio::test]
async fn r114_an_activated_year_is_the_reason_of_what_comes_and_goes_with_it() {
    let school = published("year").await;
    let today = school.today().await;
    let (begin, end) = (today + Days::new(1), today + Days::new(300));
    school
        .change(&format!(
            "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum)
                 values ($1, '2027-28', '{begin}', '{end}');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status) values
                 ($1, 4, 2, '001507', 1, '311', '2027-28', '{begin}', 0);
             update tenant.tenant set configuration = jsonb_set(configuration, '{{active_school_year}}', '\"2027-28\"')
                 where tenant_id = $1"
        ))
        .await;
    school.publish().await;
    let activated = "school year 2027-28 was activated";
    let gone = &told(&of(&school, Kind::Users, JAN).await, 2)[0];
    assert_eq!(
        gone.2,
        format!("{activated}; no registration in school year 2027-28")
    );
    let class = &told(&of(&school, Kind::Classes, CLASS).await, 2)[0];
    assert_eq!(
        class.2,
        format!("{activated}; it belongs to another school year than 2027-28, the active one")
    );
    let year = &told(&of(&school, Kind::AcademicSessions, "2027-28").await, 2)[0];
    assert_eq!((year.1, year.2.as_str()), (Happening::Added, activated));
    let stays = of(&school, Kind::Users, LOTTE).await;
    assert!(
        told(&stays, 2)
            .iter()
            .all(|(kind, ..)| *kind == Kind::Enrollments),
        "she stays"
    );
}

#[tokio::test]
async fn a_new_team_name_format_is_told_as_a_change_of_the_tenant_file() {
    let school = published("format").await;
    configure(
        &school,
        &tenant_file("format").replace("{schoolyear} {klas}", "{klas}"),
    )
    .await;
    school.publish().await;
    assert_eq!(
        told(&of(&school, Kind::Classes, CLASS).await, 2),
        [(
            Kind::Classes,
            Happening::Changed,
            "renamed from 2026-27 3A - Markt to 3A - Markt, by a change of the tenant file".to_owned()
        )]
    );
}

#[tokio::test]
async fn returns_and_redates_are_told_apart_from_changes() {
    let school = published("back").await;
    school.jan_leaves().await;
    school.publish().await;
    school.jan_returns().await;
    school.publish().await;
    let options = Options {
        redate: true,
        ..Options::default()
    };
    publication::publish(&school.server, "back", options)
        .await
        .unwrap();
    let happened: Vec<Happening> = of(&school, Kind::Users, JAN)
        .await
        .entries
        .iter()
        .filter(|entry| entry.kind == Kind::Users)
        .map(|entry| entry.happening)
        .collect();
    assert_eq!(
        happened,
        [
            Happening::Added,
            Happening::Removed,
            Happening::Returned,
            Happening::Redated
        ]
    );
    let range = Range {
        from: Some(1),
        to: Some(2),
    };
    let part = history::of_object(&school.server, "back", Kind::Users, JAN, range)
        .await
        .unwrap();
    assert!(part.entries.iter().all(|entry| entry.generation == 2) && part.entries.len() == 2);
}

#[tokio::test]
async fn generations_are_listed_with_counts_and_what_was_different() {
    let school = published("list").await;
    school.jan_leaves().await;
    school.publish().await;
    edit(&school, LOTTE, "local_part", "lot").await;
    school.publish().await;
    let found = history::generations(&school.server, "list").await.unwrap();
    assert_eq!(found.whole_from, 1);
    let listed = serde_json::to_value(&found.generations).unwrap();
    assert_eq!(listed[0]["added"]["users"], 3);
    assert_eq!(listed[0].get("since_previous"), None, "there was none before");
    assert_eq!(
        listed[1]["removed"],
        serde_json::json!({ "users": 1, "enrollments": 1 })
    );
    assert_eq!(listed[1]["since_previous"], serde_json::json!(["data"]));
    assert_eq!(listed[2]["since_previous"], serde_json::json!(["usernames"]));
    assert_eq!(listed[2]["changed"]["users"], 1);
}

#[tokio::test]
async fn a_comparison_shows_what_is_different_from_end_to_end_with_each_step() {
    let school = published("compare").await;
    school.jan_leaves().await;
    school.publish().await;
    edit(&school, LOTTE, "local_part", "lot").await;
    school.publish().await;
    school.jan_returns().await;
    edit(&school, LOTTE, "local_part", "lotje").await;
    school.publish().await;
    let compare = async |from, to| {
        let range = Range { from, to };
        history::between(&school.server, "compare", range).await
    };
    let whole = compare(Some(1), None).await.unwrap();
    assert_eq!(whole.to.number, 4);
    let ids: Vec<(&str, usize)> = whole
        .objects
        .iter()
        .map(|object| (object.sourced_id.as_str(), object.steps.len()))
        .collect();
    assert_eq!(ids, [(LOTTE, 2)], "Jan is as he was");
    assert_eq!(whole.changed.get(&Kind::Users), Some(&1));
    assert!(whole.added.is_empty() && whole.removed.is_empty());
    assert_eq!(whole.objects[0].label, "Lotte Peeters (lotje)");
    let leaving = compare(None, Some(2)).await.unwrap();
    assert_eq!(leaving.from.number, 1, "the one before, unless named");
    assert_eq!(leaving.removed.get(&Kind::Enrollments), Some(&1));
    assert!(words(&leaving.objects[0].steps[0]).contains("ended: last day"));
    let same = Some(2);
    assert!(matches!(
        compare(same, same).await,
        Err(Error::WrongOrder { from: 2, to: 2 })
    ));
    let unknown = compare(Some(1), Some(9)).await;
    assert!(matches!(
        unknown,
        Err(Error::UnknownGeneration {
            number: 9,
            oldest: 1,
            newest: 4
        })
    ));
}

#[tokio::test]
async fn a_comparison_tells_why_an_enrollment_went_though_its_user_is_back() {
    let school = published("companions").await;
    edit(&school, LOTTE, "sync", "false").await;
    school.publish().await;
    edit(&school, LOTTE, "sync", "true").await;
    school
        .change("delete from informat.inschrklas where tenant_id = $1 and p_inschrklas = 2")
        .await;
    school.publish().await;
    let range = Range {
        from: Some(1),
        to: None,
    };
    let found = history::between(&school.server, "companions", range)
        .await
        .unwrap();
    let [enrollment] = &found.objects[..] else {
        panic!("she herself is as she was: {:?}", found.objects);
    };
    let why = words(&enrollment.steps[0]);
    assert!(
        why.starts_with("the person is no longer published; Sync was switched off by an.peeters on 20"),
        "{why}"
    );
}

#[tokio::test]
async fn nobody_reads_another_tenants_history() {
    let database = harness::database().await;
    let one = school(&database.pool, "one").await;
    let other = school(&database.pool, "other").await;
    for school in [&one, &other] {
        school.publish().await;
    }
    one.jan_leaves().await;
    one.publish().await;
    assert_eq!(of(&other, Kind::Users, JAN).await.entries.len(), 2);
    let unknown = history::generations(&one.server, "nobody").await;
    assert!(matches!(unknown, Err(Error::UnknownTenant(_))));
    let missing = history::of_object(&one.server, "one", Kind::Users, "x", Range::default()).await;
    assert!(matches!(missing, Err(Error::UnknownObject { .. })));
}

fn oneroster(url: &str, arguments: &[&str]) -> Output {
    harness::command(url, arguments).output().unwrap()
}

#[tokio::test]
async fn the_command_tells_all_three_as_text_and_as_json() {
    let database = harness::database().await;
    let school = school(&database.pool, "command").await;
    let early = oneroster(&database.url, &["history", "--tenant", "command"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&early.stderr).contains("nothing has been published yet"));
    school.publish().await;
    school.jan_leaves().await;
    school.publish().await;
    let json = |arguments: &[&str]| -> Value {
        let arguments = [&["history", "--tenant", "command", "--json"], arguments].concat();
        let output = oneroster(&database.url, &arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(json(&[])["generations"][1]["removed"]["users"], 1);
    let object = format!("users/{JAN}");
    let reason = &json(&["--object", &object])["entries"][2]["reasons"][0];
    assert_eq!(reason["code"], "registration_ended");
    assert_eq!(reason["org"], "001507-1");
    let capitals = format!("classes/{}", CLASS.to_uppercase());
    assert_eq!(
        json(&["--object", &capitals]),
        json(&["--object", &format!("classes/{CLASS}")]),
        "an id in capitals, as Informat's lists have some"
    );
    assert_eq!(json(&["--from", "1"])["objects"][0]["happening"], "removed");
    let text = oneroster(
        &database.url,
        &["history", "--tenant", "command", "--object", &object],
    );
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(
            "enrollment 2026-27 3A - Markt removed: the person is no longer published; the registration at"
        ),
        "{text}"
    );
    let text = oneroster(
        &database.url,
        &["history", "--tenant", "command", "--from", "1", "--to", "2"],
    );
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("-1 user, -1 enrollment"), "{text}");
    for wrong in [["--object", "pupils/1"], ["--object", "users"], ["--from", "0"]] {
        let output = oneroster(
            &database.url,
            &[["history", "--tenant", "command"].as_slice(), &wrong].concat(),
        );
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    let missing = format!("users/{BERT}0");
    let output = oneroster(
        &database.url,
        &["history", "--tenant", "command", "--object", &missing],
    );
    assert_eq!(output.status.code(), Some(1));
}
