//! Usernames that another server served: taken over from its export, and final from then on.

use serde_json::{Value, json};

use super::{Ran, Scene, pupil, ran, sends_domains};
use crate::harness::backup::{back_up, restore};
use crate::harness::school::{BERT, JAN, LOTTE};

const HEADER: &str = "Aangemaakt op;Sync?;Gebruikersnaam;Domeinnaam;ID;Klas";

/// Somebody who is not in Informat's data.
const GONE: &str = "00000000-0000-4000-8000-0000000000aa";

fn row(id: &str, username: &str, domain: &str, flag: &str) -> String {
    format!("01/09/2025 08:30;{flag};{username};{domain};{id};3A")
}

/// Runs the import on a file of these rows.
fn import(scene: &Scene, rows: &[String], more: &[&str]) -> Ran {
    let text = format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"));
    import_bytes(scene, "export.csv", text.as_bytes(), more)
}

fn import_bytes(scene: &Scene, name: &str, bytes: &[u8], more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    scene.run(&[&["import", path.to_str().unwrap()], more].concat())
}

/// Returns the faults as `line column value rule`, and their messages.
fn faults(ran: &Ran) -> (Vec<String>, String) {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.report["accepted"], false);
    let list = ran.report["faults"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let lines = list.iter().map(|fault| {
        let [column, value, rule] = ["column", "value", "rule"].map(|key| text(&fault[key]));
        format!("{} {column} {value} {rule}", fault["line"])
    });
    let messages: Vec<String> = list.iter().map(|fault| text(&fault["message"])).collect();
    (lines.collect(), messages.join("\n"))
}

/// A school whose flags are off, as before it is taken over.
fn held_back(scene: &Scene) {
    scene.run(&["sync", "off", "--all"]).done();
}

#[tokio::test]
async fn r43_names_flags_and_moments_are_as_they_were_and_only_a_dry_run_changes_nothing() {
    let scene = Scene::new().await;
    held_back(&scene);
    // Two names change hands, one is as it was made, and one keeps its capitals.
    let rows = [
        row(JAN, "Lotte.Peeters", "", "aan"),
        row(LOTTE, "jan.janssens", "", "Nee"),
        row(BERT, "bert.ameel", "", "WAAR"),
        row(GONE, "jan.oud", "", "aan"),
    ];
    let rehearsed = import(&scene, &rows, &["--dry-run"]).done();
    assert_eq!(scene.name(JAN).await, "jan.janssens", "said, not done");
    let report = import(&scene, &rows, &["--by", "overname"]).done();
    assert_eq!(report["changes"], rehearsed["changes"]);
    for (key, expected) in [
        ("rows", 4),
        ("taken_over", 4),
        ("changed", 3),
        ("flags_changed", 3),
    ] {
        assert_eq!(report[key], expected, "{key}: {report}");
    }
    assert_eq!(
        report["unknown"],
        json!([{ "line": 5, "sourced_id": GONE, "from": null, "to": "jan.oud", "sync": true }])
    );
    assert_eq!(scene.record(JAN).await, ("Lotte.Peeters".to_owned(), true));
    assert_eq!(scene.record(LOTTE).await, ("jan.janssens".to_owned(), false));
    assert_eq!(scene.record(BERT).await, ("bert.ameel".to_owned(), true));
    let listed = scene.run(&["list", "--search", JAN]).done();
    let listed = &listed["usernames"][0];
    assert_eq!(listed["created_at"], "2025-09-01T06:30:00.000Z");
    assert!(listed["taken_over_at"].is_string(), "{listed}");
    let history = scene.history(JAN);
    assert_eq!(
        history[history.len() - 2..],
        [
            "overname: local_part jan.janssens>Lotte.Peeters",
            "overname: sync false>true"
        ]
    );
    // The same file again says what is here.
    let again = import(&scene, &rows, &[]).done();
    assert_eq!((&again["rows"], &again["taken_over"]), (&json!(4), &json!(0)));
}

/// Nothing was published, and yet no name is made anew, forgotten, or changed unasked.
#[tokio::test]
async fn r43_a_name_that_was_taken_over_is_final_before_anything_is_published_here() {
    let scene = Scene::new().await;
    held_back(&scene);
    import(&scene, &[row(JAN, "janssens.jan", "", "aan")], &[]).done();
    for action in ["regenerate", "forget"] {
        let said = scene.run(&[action, "--user", JAN]).done();
        assert_eq!(
            said["skipped"],
            json!([{ "user": JAN, "reason": "served" }]),
            "{action}"
        );
    }
    // A check file swaps no name that is final.
    let check = format!(
        "ID;Verbeter hier de username indien nodig\r\n{JAN};lotte.peeters\r\n{LOTTE};janssens.jan\r\n"
    );
    let ran = import_bytes(&scene, "controle.csv", check.as_bytes(), &[]);
    assert_eq!(
        faults(&ran).0,
        ["3 Verbeter hier de username indien nodig janssens.jan name-swap"]
    );
    // Another name than was served is a rename, which only `set` makes.
    let (lines, said) = faults(&import(&scene, &[row(JAN, "jan", "", "aan")], &[]));
    assert_eq!(lines, ["2 username jan name-served"]);
    assert!(
        said.contains(&format!("oneroster usernames set --tenant t --user {JAN} jan")),
        "{said}"
    );
    scene.set(JAN, "jan").done();
    // Who was never served gives their name back without a trace.
    let newcomer = scene.add_pupil(12, "Jan", "Janssens", 0).await;
    assert_eq!(scene.name(&newcomer).await, "jan.janssens");
}

/// Whoever is not known keeps their name from everybody else, and has it when they come.
#[tokio::test]
async fn r48_the_name_of_somebody_unknown_is_nobody_elses() {
    let scene = Scene::new().await;
    held_back(&scene);
    let zoe = pupil(12);
    import(&scene, &[row(&zoe, "els.maes", "", "aan")], &[]).done();
    let els = scene.add_pupil(13, "Els", "Maes", 0).await;
    assert_eq!(scene.name(&els).await, "els.maes2");
    let (rule, _) = scene.set(&els, "Els.Maes").refused();
    assert_eq!(rule, "name-held");
    let came = scene.add_pupil(12, "Zoë", "Claes", 0).await;
    assert_eq!(came, zoe);
    assert_eq!(scene.record(&zoe).await, ("els.maes".to_owned(), true));
    assert!(scene.served().await.contains(&(zoe, "els.maes".to_owned())));
}

#[tokio::test]
async fn every_fault_is_told_with_what_to_do_and_nothing_is_changed() {
    let scene = Scene::new().await;
    held_back(&scene);
    let other = scene.add_pupil(12, "Els", "Maes", 0).await;
    scene.set(&other, "els.bezet").done();
    let made = scene.add_pupil(13, "Wout", "Maes", 0).await;
    let rows = [
        row(JAN, "jan janssens", "", "aan"),
        row("jan", "x", "", "aan"),
        row(LOTTE, "els.bezet", "", "aan"),
        row(LOTTE, "lotte", "", "misschien"),
        row(BERT, "Dubbel", "", "uit"),
        row(GONE, "dubbel", "", "uit"),
        row(&pupil(20), "a", "other.example", "uit"),
        row(&pupil(20), "b", "", "uit"),
        format!("morgen;aan;c;;{};", pupil(21)),
        format!("01/01/2999;aan;d;;{};", pupil(22)),
        format!(";aan;e@x.example;y.example;{};", pupil(23)),
        format!(";aan;f;;{};3A;te veel", pupil(24)),
        row(&pupil(25), &"x".repeat(65), "", "aan"),
        row(&pupil(26), "Wout.Maes", "", "aan"),
    ];
    let (lines, said) = faults(&import(&scene, &rows, &[]));
    let long = "x".repeat(65);
    assert_eq!(
        lines,
        [
            "2 username jan janssens name-form".to_owned(),
            "3 id jan id-form".to_owned(),
            "4 username els.bezet name-held".to_owned(),
            "5 flag misschien flag-form".to_owned(),
            "7 username dubbel name-twice".to_owned(),
            "8 domain other.example domain-form".to_owned(),
            format!("9 id {} duplicate-person", pupil(20)),
            "10 created morgen created-form".to_owned(),
            "11 created 2998-12-31T23:00:00.000Z created-form".to_owned(),
            "12 domain y.example domain-form".to_owned(),
            "13 - - cell-count".to_owned(),
            format!("14 username {long} name-length"),
            "15 username Wout.Maes name-held".to_owned(),
        ]
    );
    for told in [
        format!("oneroster usernames set --tenant t --user {other} NAME"),
        format!("oneroster usernames forget --tenant t --user {made}"),
        "line 6 has this name too".to_owned(),
    ] {
        assert!(said.contains(&told), "{told}: {said}");
    }
    assert_eq!(scene.name(JAN).await, "jan.janssens");
    let (lines, _) = faults(&import_bytes(&scene, "x.csv", b"id,username,sync,vlag\n", &[]));
    assert_eq!(lines, ["1 flag  duplicate-column"]);
    let (lines, _) = faults(&import_bytes(&scene, "x.csv", b"id,username,sync\n\n", &[]));
    assert_eq!(lines, ["null - - empty-file"]);
    let ran = import(&scene, &[row(JAN, "jan", "", "aan")], &["--org", "001507-1"]);
    assert!(
        ran.code == Some(1) && ran.errors.contains("leave --org out"),
        "{ran:?}"
    );
    // Without anybody in the mirror it is the wrong tenant, or too early.
    scene
        .school
        .change(
            "delete from informat.inschrklas where tenant_id = $1; delete from informat.inschrijving where tenant_id = $1;
             delete from informat.klasfunctiepersoon where tenant_id = $1; delete from informat.opdracht where tenant_id = $1;
             delete from informat.persoon where tenant_id = $1",
        )
        .await;
    let (lines, said) = faults(&import(&scene, &[row(JAN, "jan", "", "aan")], &[]));
    assert_eq!(lines, ["null - - nothing-loaded"]);
    assert!(said.contains("oneroster import"), "{said}");
}

#[tokio::test]
async fn a_name_that_was_served_here_is_not_taken_from_anybody() {
    let scene = Scene::new().await;
    scene.served().await;
    let (lines, said) = faults(&import(&scene, &[row(LOTTE, "jan.janssens", "", "aan")], &[]));
    assert_eq!(lines, ["2 username jan.janssens name-served"]);
    let (lines, held) = faults(&import(&scene, &[row(GONE, "jan.janssens", "", "aan")], &[]));
    assert_eq!(lines, ["2 username jan.janssens name-held"]);
    for said in [said, held] {
        assert!(
            said.contains("oneroster usernames set --tenant t --user"),
            "{said}"
        );
    }
    // What is the same passes.
    import(&scene, &[row(JAN, "jan.janssens", "", "aan")], &[]).done();
}

/// R35, R37, R38: what is sent is what was sent.
#[tokio::test]
async fn r35_r37_r38_domains_are_sent_as_they_were() {
    let scene = Scene::configured(sends_domains).await;
    held_back(&scene);
    let rows = [
        row(JAN, "janssens.jan", "leerling.school.example", "aan"),
        row(LOTTE, "peeters.lotte@oud.example", "", "aan"),
        row(BERT, "ameel.bert", "SCHOOL.example", "aan"),
    ];
    import(&scene, &rows, &[]).done();
    let expected = [
        (JAN, "janssens.jan@leerling.school.example", "janssens.jan"),
        (LOTTE, "peeters.lotte@oud.example", "peeters.lotte@oud.example"),
        (BERT, "ameel.bert@school.example", "ameel.bert@school.example"),
    ];
    let served = scene.served().await;
    for (id, sent, kept) in expected {
        assert!(
            served.contains(&(id.to_owned(), sent.to_owned())),
            "{sent}: {served:?}"
        );
        assert_eq!(scene.name(id).await, kept);
    }
    let (lines, said) = faults(&import(&scene, &[row(BERT, "ameel.bert", "", "aan")], &[]));
    assert_eq!(lines, ["2 domain  domain-form"]);
    assert!(said.contains("school.example"), "{said}");
}

#[tokio::test]
async fn r43_a_person_who_waits_is_answered_by_the_file() {
    let scene = Scene::new().await;
    let waits = scene.add_pupil(12, "محمد", "العلي", 0).await;
    assert!(!scene.record(&waits).await.1);
    let text = format!("id,username,sync\n{waits},m.alali,true\n");
    import_bytes(&scene, "export.csv", text.as_bytes(), &[]).done();
    assert_eq!(scene.record(&waits).await, ("m.alali".to_owned(), true));
    assert!(scene.served().await.contains(&(waits, "m.alali".to_owned())));
}

/// The audit trail has it, and `recover` brings it back.
#[tokio::test]
async fn what_was_taken_over_comes_back_with_recover() {
    let scene = Scene::new().await;
    held_back(&scene);
    let Scene { database, school } = scene;
    let (backup, database) = back_up(&database).await;
    let scene = Scene { database, school };
    let rows = [row(JAN, "janssens.jan", "", "aan"), row(GONE, "weg", "", "uit")];
    import(&scene, &rows, &[]).done();
    let records = "select jsonb_agg(to_jsonb(r) order by rowguid) from username.record r";
    let before: Value = sqlx::query_scalar(records)
        .fetch_one(&scene.database.pool)
        .await
        .unwrap();
    let Scene { database, school } = scene;
    let database = restore(&database, &backup).await;
    let scene = Scene { database, school };
    ran(&scene.command(&["recover", "--json"])).done();
    let after: Value = sqlx::query_scalar(records)
        .fetch_one(&scene.database.pool)
        .await
        .unwrap();
    assert_eq!(after, before);
    let said = scene.run(&["regenerate", "--user", JAN]).done();
    assert_eq!(said["skipped"][0]["reason"], "served");
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from audit.entry where kind = 'usernames_taken_over'")
            .fetch_all(&scene.database.pool)
            .await
            .unwrap();
    assert_eq!(kinds.len(), 1);
}
