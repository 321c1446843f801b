//! People who wait for somebody's answer: by default, in bulk and by name.

use serde_json::{Value, json};

use super::{Scene, pupil, ran};
use crate::harness::school::{BERT, JAN, LOTTE};

/// Somebody new at the school, whose default is to release.
pub(super) async fn add(scene: &Scene, p_persoon: i64, (given, family, born): (&str, &str, &str)) -> String {
    let rowguid = pupil(p_persoon);
    let begin = scene.school.today().await;
    scene
        .load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 values ($1, {p_persoon}, '{rowguid}', '{family}', '{given}', '{born}');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, {p_persoon}, {p_persoon}, '001507', 1, '311', '2026-27', '{begin}', 0)"
        ))
        .await;
    rowguid
}

/// A school with one of each: known keys under another id, a merge, a placeholder, a damaged name. By id, with the reason.
async fn waiting() -> (Scene, Vec<(String, &'static str)>) {
    let scene = Scene::new().await;
    scene.born(1, "2012-03-02").await;
    scene.born(2, "2012-03-03").await;
    let rekeyed = pupil(101);
    scene
        .load(&format!(
            "update informat.persoon set rowguid = '{rekeyed}', naam = 'Peters' where tenant_id = $1 and p_persoon = 1"
        ))
        .await;
    scene.remove(2).await;
    let merged = add(&scene, 12, ("Lotte", "Peeters", "2012-03-03")).await;
    let placeholder = add(&scene, 13, ("N.", "N.", "2012-03-04")).await;
    let damaged = add(&scene, 14, ("JosÃ©", "Maes", "2012-03-05")).await;
    let people = vec![
        (merged, "probably_merged"),
        (placeholder, "placeholder"),
        (damaged, "damaged_text"),
        (rekeyed, "person_id_changed"),
    ];
    (scene, people)
}

fn listed(people: &[(String, &str)]) -> Value {
    let listed = people.iter();
    let listed: Vec<Value> = listed
        .map(|(user, reason)| json!({"user": user, "reason": reason}))
        .collect();
    Value::Array(listed)
}

#[tokio::test]
async fn who_waits_is_held_back_though_the_default_is_to_release() {
    let (scene, people) = waiting().await;
    let served = scene.served().await;
    assert_eq!(served.len(), 1, "{served:?}");
    assert_eq!(served[0].0, BERT);
    for (user, reason) in &people {
        let entry = scene.run(&["list", "--search", user]).done()["usernames"][0].clone();
        assert_eq!(
            (&entry["sync"], &entry["waits_for"][0]),
            (&json!(false), &json!(reason))
        );
        let resembles = match *reason {
            "person_id_changed" => json!(JAN),
            "probably_merged" => json!(LOTTE),
            _ => Value::Null,
        };
        assert_eq!(entry["resembles"], resembles, "{reason}");
    }
}

#[tokio::test]
async fn a_release_in_bulk_passes_over_who_waits_lists_them_and_says_what_to_do() {
    let (scene, people) = waiting().await;
    let ordinary = add(&scene, 15, ("An", "Claes", "2012-03-06")).await;
    scene.run(&["sync", "off", "--user", &ordinary]).done();
    for whom in [&["--all"][..], &["--org", "001507-1"]] {
        let report = scene.run(&[&["sync", "on"], whom].concat()).done();
        assert_eq!(report["passed_over"], listed(&people), "{whom:?}");
        let released: Vec<&Value> = report["sourced_ids"].as_array().unwrap().iter().collect();
        assert!(released.iter().all(|user| **user == ordinary), "{report}");
    }
    assert_eq!(scene.served().await.len(), 2, "the teacher and the ordinary one");
    let text = scene.command(&["usernames", "sync", "on", "--all", "--tenant", "t"]);
    let text = String::from_utf8(text.stdout).unwrap();
    let (merged, rekeyed) = (&people[0].0, &people[3].0);
    for said in [
        format!("usernames transfer --tenant t --from {LOTTE} --to {merged}"),
        format!("usernames transfer --tenant t --from {JAN} --to {rekeyed}"),
        format!("usernames sync --tenant t on --user {rekeyed}"),
        format!("usernames regenerate --tenant t --user {}", people[2].0),
    ] {
        assert!(text.contains(&said), "{said}: {text}");
    }
}

#[tokio::test]
async fn naming_somebody_is_the_answer_and_they_are_not_marked_for_the_same_reason_again() {
    let (scene, people) = waiting().await;
    for (user, reason) in &people {
        let report = scene.run(&["sync", "on", "--user", user, "--by", "ict"]).done();
        assert_eq!(
            (&report["changed"], &report["passed_over"]),
            (&json!(1), &json!([]))
        );
        let history = scene.history(user);
        let answer = history
            .iter()
            .find(|change| change.starts_with("ict: waits_for"))
            .unwrap_or_else(|| panic!("{history:?}"));
        assert!(answer.contains(reason) && answer.ends_with(">-"), "{answer}");
    }
    assert_eq!(scene.served().await.len(), 5);
    // Held back, looked at again, and released with all others.
    scene.run(&["sync", "off", "--all"]).done();
    assert_eq!(scene.load("").await.waiting, 0);
    let report = scene.run(&["sync", "on", "--all"]).done();
    assert_eq!(
        (&report["passed_over"], &report["changed"]),
        (&json!([]), &json!(5))
    );
}

#[tokio::test]
async fn another_name_is_an_answer_too_and_leaves_the_flag() {
    let (scene, people) = waiting().await;
    for (place, (user, _)) in people.iter().enumerate() {
        scene.set(user, &format!("given.by.hand{place}")).done();
        assert!(!scene.record(user).await.1, "the flag stays");
    }
    assert_eq!(scene.load("").await.waiting, 0);
    let report = scene.run(&["sync", "on", "--all"]).done();
    assert_eq!(
        (&report["passed_over"], &report["changed"]),
        (&json!([]), &json!(4))
    );
}

/// Two records of one person at once, one held back: the day on which the other ends, no load need come.
#[tokio::test]
async fn whom_somebody_resembles_may_have_left_since_the_last_load() {
    let scene = Scene::new().await;
    scene.born(1, "2012-03-02").await;
    let twice = add(&scene, 12, ("Jan", "Janssens", "2012-03-02")).await;
    scene.run(&["sync", "off", "--user", &twice]).done();
    scene.school.jan_leaves().await;
    let report = scene.run(&["sync", "on", "--all"]).done();
    assert_eq!(
        report["passed_over"],
        json!([{"user": twice, "reason": "probably_merged"}])
    );
    assert_eq!(scene.served_name(&twice).await, None);
}

/// Somebody whose name was handed on is the person of the receiver: a second account is what comes of releasing both.
#[tokio::test]
async fn who_comes_back_after_their_name_was_handed_on_waits() {
    let (scene, people) = waiting().await;
    let merged = &people[0].0;
    scene.run(&["transfer", "--from", LOTTE, "--to", merged]).done();
    assert_eq!(scene.served_name(merged).await.as_deref(), Some("lotte.peeters"));
    let begin = scene.school.today().await;
    scene
        .load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 values ($1, 2, '{LOTTE}', 'Peeters', 'Lotte', '2012-03-03');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, 2, 2, '001507', 1, '311', '2026-27', '{begin}', 0)"
        ))
        .await;
    let report = scene.run(&["sync", "on", "--all"]).done();
    let passed_over = report["passed_over"].as_array().unwrap();
    assert!(
        passed_over.contains(&json!({"user": LOTTE, "reason": "probably_merged"})),
        "{report}"
    );
    let entry =
        ran(&scene.command(&["usernames", "list", "--tenant", "t", "--json", "--search", LOTTE])).done();
    let entry = entry["usernames"].as_array().unwrap().iter();
    let lotte = entry.clone().find(|entry| entry["sourced_id"] == LOTTE).unwrap();
    assert_eq!(lotte["resembles"], json!(merged));
    assert_eq!(scene.served_name(LOTTE).await, None);
}
