//! Handing a name to the surviving record of somebody who was merged in Informat.

use serde_json::json;

use super::{Ran, Scene, nothing_to_publish, pupil, ran};
use crate::harness::school::{BERT, JAN, LOTTE};

/// Jan is merged into a new record: his old one is gone, the new one got a name of its own.
async fn merged() -> (Scene, String) {
    let scene = Scene::new().await;
    scene.set(JAN, "jantje").done();
    let survivor = scene.add_pupil(11, "Jan", "Janssens", -5).await;
    scene.remove(1).await;
    assert_eq!(scene.name(&survivor).await, "jan.janssens2");
    (scene, survivor)
}

fn transfer(scene: &Scene, from: &str, to: &str) -> Ran {
    scene.run(&["transfer", "--from", from, "--to", to, "--by", "ict"])
}

#[tokio::test]
async fn r51_the_survivor_gets_name_and_flag_and_both_histories_say_so() {
    let (scene, survivor) = merged().await;
    scene
        .run(&["sync", "off", "--user", &survivor, "--by", "ict"])
        .done();
    assert_eq!(scene.served_name(&survivor).await, None);
    let report = transfer(&scene, JAN, &survivor).done();
    assert_eq!(
        report,
        json!({"tenant": "t", "from": JAN, "to": survivor, "changed": true, "name": "jantje", "sync": true,
            "left_with": "jan.janssens2", "warnings": []})
    );
    assert_eq!(scene.record(&survivor).await, ("jantje".to_owned(), true));
    assert_eq!(scene.record(JAN).await, ("jan.janssens2".to_owned(), false));
    assert_eq!(scene.served_name(&survivor).await.as_deref(), Some("jantje"));
    let ours = |user: &str| {
        let mut history = scene.history(user);
        history.retain(|change| change.starts_with("ict: "));
        history
    };
    assert_eq!(
        ours(JAN),
        [
            format!("ict: handed_to ->{survivor}"),
            "ict: local_part jantje>jan.janssens2".to_owned(),
            "ict: sync true>false".to_owned()
        ]
    );
    assert_eq!(
        ours(&survivor),
        [
            "ict: sync true>false".to_owned(),
            format!("ict: handed_from ->{JAN}"),
            "ict: local_part jan.janssens2>jantje".to_owned(),
            "ict: sync false>true".to_owned()
        ]
    );
    // His aliases are the survivor's now: he takes a former name of his back without a warning.
    let report = scene.set(&survivor, "jan.janssens").done();
    assert_eq!(report["warnings"], json!([]));
    let listed = scene.run(&["list", "--search", JAN]).done();
    assert_eq!(listed["usernames"][0]["handed_to"], survivor);
}

/// A survivor who was released already may have an account of his own, which would be in the way.
#[tokio::test]
async fn a_survivor_who_was_released_is_warned_of() {
    let (scene, survivor) = merged().await;
    let report = transfer(&scene, JAN, &survivor).done();
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(warning.contains("jan.janssens2"), "{warning}");
}

/// The account that was made for a survivor is theirs: its name passes to nobody, least of all to whom they got a name from.
#[tokio::test]
async fn a_name_that_the_survivor_was_served_under_goes_to_nobody() {
    let (scene, survivor) = merged().await;
    assert_eq!(
        scene.served_name(&survivor).await.as_deref(),
        Some("jan.janssens2")
    );
    let report = transfer(&scene, JAN, &survivor).done();
    assert_eq!(report["left_with"], "jantje2");
    assert_eq!(scene.name(JAN).await, "jantje2");
    let listed = scene.run(&["list", "--search", &survivor]).done();
    assert_eq!(
        listed["usernames"][0]["retired_names"],
        json!(["jan.janssens", "jan.janssens2"])
    );
    let namesake = scene.add_pupil(12, "Jan", "Janssens", -5).await;
    assert_eq!(scene.name(&namesake).await, "jan.janssens3");
}

#[tokio::test]
async fn doing_it_twice_does_not_take_it_back() {
    let (scene, survivor) = merged().await;
    transfer(&scene, JAN, &survivor).done();
    scene.served().await;
    let (rule, message) = transfer(&scene, JAN, &survivor).refused();
    assert_eq!(rule, "already-handed-over");
    assert!(message.contains(&survivor));
    assert_eq!(scene.name(&survivor).await, "jantje");
    nothing_to_publish(&scene).await;
}

#[tokio::test]
async fn it_is_refused_while_the_other_is_still_in_the_mirror() {
    let (scene, survivor) = merged().await;
    let (rule, message) = transfer(&scene, LOTTE, &survivor).refused();
    assert_eq!(rule, "still-in-informat");
    assert!(message.contains("Lotte Peeters"), "{message}");
    // To somebody who is gone, from somebody who never was, to oneself.
    assert_eq!(transfer(&scene, JAN, &pupil(99)).refused().0, "not-in-informat");
    assert_eq!(
        transfer(&scene, &pupil(99), &survivor).refused().0,
        "unknown-person"
    );
    assert_eq!(transfer(&scene, JAN, JAN).refused().0, "same-person");
    assert_eq!(scene.name(JAN).await, "jantje");
}

/// A merge may leave the row of the person in the mirror, without anything that counts.
#[tokio::test]
async fn a_row_that_a_merge_left_behind_does_not_stand_in_the_way() {
    let scene = Scene::new().await;
    let survivor = jan_once_more(&scene).await;
    assert_eq!(transfer(&scene, JAN, &survivor).refused().0, "still-in-informat");
    scene
        .load("update informat.inschrijving set p_persoon = 11 where tenant_id = $1 and p_persoon = 1")
        .await;
    transfer(&scene, JAN, &survivor).done();
    assert_eq!(scene.record(&survivor).await, ("jan.janssens".to_owned(), true));
}

/// What the operator decided, as `tenant decisions` lists it.
fn decisions(scene: &Scene) -> serde_json::Value {
    let listed = ran(&scene.command(&["tenant", "decisions", "t", "--json"])).done();
    crate::harness::decided(&listed).into()
}

#[tokio::test]
async fn somebody_with_another_name_and_another_birth_date_is_refused_until_somebody_insists() {
    let scene = Scene::new().await;
    scene.born(1, "2012-03-02").await;
    scene.born(2, "2012-03-03").await;
    scene.remove(1).await;
    let (rule, message) = transfer(&scene, JAN, LOTTE).refused();
    assert_eq!(rule, "somebody-else");
    for said in [
        "jan janssens",
        "2012-03-02",
        "lotte peeters",
        "2012-03-03",
        &format!("oneroster usernames transfer --tenant t --from {JAN} --to {LOTTE} --force"),
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(scene.name(LOTTE).await, "lotte.peeters");
    assert_eq!(decisions(&scene), json!([]));

    let forced = ["transfer", "--from", JAN, "--to", LOTTE, "--force", "--by", "ict"];
    scene.run(&forced).done();
    assert_eq!(scene.name(LOTTE).await, "jan.janssens");
    let decided = &decisions(&scene)[0];
    assert_eq!(
        (&decided["decided_by"], &decided["decision"], &decided["detail"]),
        (
            &json!("ict"),
            &json!("transfer_forced"),
            &json!({"from": JAN, "to": LOTTE})
        )
    );
}

#[tokio::test]
async fn a_name_or_a_birth_date_that_is_the_same_or_unknown_is_no_ground_to_refuse() {
    for (given, family, born) in [
        ("An", "Claes", "2012-03-02"),
        ("Jan", "Janssens", "2012-03-03"),
        ("janssens", "JAN", "2012-03-03"),
        ("", "-", "2012-03-03"),
    ] {
        let scene = Scene::new().await;
        scene.born(1, "2012-03-02").await;
        let taker = scene.add_pupil(11, given, family, -5).await;
        scene.born(11, born).await;
        scene.remove(1).await;
        transfer(&scene, JAN, &taker).done();
        assert_eq!(
            scene.name(&taker).await,
            "jan.janssens",
            "{given} {family} {born}"
        );
        assert_eq!(decisions(&scene), json!([]), "nobody had to insist");
    }
    let unknown = Scene::new().await;
    unknown.born(1, "2012-03-02").await;
    unknown.remove(1).await;
    transfer(&unknown, JAN, LOTTE).done();
}

/// Whoever gets a name without a record of their own is known at once, should they come under another id with the next load.
#[tokio::test]
async fn the_receiver_is_known_by_key_from_the_transfer_on() {
    let scene = Scene::new().await;
    scene.remove(1).await;
    let survivor = jan_once_more(&scene).await;
    transfer(&scene, JAN, &survivor).done();
    scene
        .school
        .change("delete from informat.persoon where tenant_id = $1 and p_persoon = 11")
        .await;
    let new = pupil(12);
    scene
        .load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, 11, '{new}', 'Janssens', 'Jan');
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr) values ($1, 9, 11, '001507')"
        ))
        .await;
    let listed = scene.run(&["list", "--search", &new]).done();
    assert_eq!(listed["usernames"][0]["waits_for"], json!(["person_id_changed"]));
    assert_eq!(listed["usernames"][0]["resembles"], survivor);
}

/// A record of the same person that has nothing of ours yet.
async fn jan_once_more(scene: &Scene) -> String {
    let survivor = pupil(11);
    scene
        .load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
             values ($1, 11, '{survivor}', 'Janssens', 'Jan')"
        ))
        .await;
    survivor
}

/// The survivor may have no username yet: he gets the record, and the other keeps a free name.
#[tokio::test]
async fn a_survivor_without_a_username_gets_one() {
    let scene = Scene::configured(super::sends_domains).await;
    scene.set(JAN, "Jantje@oud.example").done();
    scene.remove(1).await;
    let survivor = jan_once_more(&scene).await;
    let report = transfer(&scene, JAN, &survivor).done();
    assert_eq!(report["name"], "Jantje@oud.example");
    assert_eq!(scene.name(JAN).await, "jantje2@oud.example");
    assert_eq!(scene.history(&survivor)[1], "ict: created ->Jantje@oud.example");
    // Should the other come back after all, he has a name, and nobody is served with it unasked.
    scene
        .load(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, 1, '{JAN}', 'Janssens', 'Jan');
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr) values ($1, 9, 1, '001507')"
        ))
        .await;
    assert_eq!(scene.served_name(JAN).await, None);
    assert!(scene.served_name(BERT).await.is_some());
}

/// R39: staff whose school gave them a domain do not lose it to somebody who had none.
#[tokio::test]
async fn r39_a_survivor_keeps_his_domain_when_the_other_had_none() {
    let scene = Scene::configured(super::sends_domains).await;
    scene.remove(1).await;
    transfer(&scene, JAN, BERT).done();
    assert_eq!(scene.name(BERT).await, "jan.janssens@school.example");
    assert_eq!(
        scene.served_name(BERT).await.as_deref(),
        Some("jan.janssens@school.example")
    );
}

/// A name of separators only leaves nothing to begin a free name with.
#[tokio::test]
async fn r51_a_name_of_separators_only_is_handed_over_too() {
    let scene = Scene::new().await;
    scene.set(JAN, "_").done();
    scene.remove(1).await;
    let survivor = jan_once_more(&scene).await;
    let report = transfer(&scene, JAN, &survivor).done();
    assert_eq!(
        (&report["name"], &report["left_with"]),
        (&json!("_"), &json!("u"))
    );
}
