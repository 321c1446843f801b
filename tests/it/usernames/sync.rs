//! Releasing usernames and holding them back.

use serde_json::json;

use super::{Scene, nothing_to_publish, pupil};
use crate::harness::school::{BERT, JAN, LOTTE};

/// R59, R74, R91, R134: the flag is set for one or many, on and off; who is off is not delivered.
#[tokio::test]
async fn r59_r74_r91_r134_one_or_many_are_released_or_held_back() {
    let scene = Scene::new().await;
    scene.served().await;
    let report = scene.run(&["sync", "off", "--user", JAN, LOTTE]).done();
    assert_eq!(
        report,
        json!({"tenant": "t", "sync": "off", "changed": 2, "unchanged": 0, "sourced_ids": [JAN, LOTTE],
            "passed_over": []})
    );
    assert_eq!(scene.served().await.len(), 1);
    assert_eq!(scene.name(JAN).await, "jan.janssens", "the name stays his");
    let report = scene.run(&["sync", "on", "--user", JAN, "--user", BERT]).done();
    assert_eq!((&report["changed"], &report["unchanged"]), (&json!(1), &json!(1)));
    assert_eq!(scene.served().await.len(), 2);
    let version = scene.version().await;
    assert_eq!(scene.run(&["sync", "on", "--user", JAN]).done()["changed"], 0);
    assert_eq!(scene.version().await, version);
    nothing_to_publish(&scene).await;
}

#[tokio::test]
async fn r74_one_unknown_person_among_many_changes_nothing() {
    let scene = Scene::new().await;
    let (rule, message) = scene.run(&["sync", "off", "--user", JAN, &pupil(77)]).refused();
    assert_eq!(rule, "unknown-person");
    assert!(message.contains(&pupil(77)));
    assert!(scene.record(JAN).await.1);
}

#[tokio::test]
async fn r74_an_org_is_everyone_in_it_now_or_later() {
    let scene = Scene::configured(|configuration| {
        let mut second = configuration.schools[0].sites[0].clone();
        second.vestnr = 2;
        configuration.schools[0].sites.push(second);
    })
    .await;
    let future = scene.add_pupil(12, "Zoë", "Ötker", 30).await;
    scene
        .load(
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true);
             update informat.inschrijving set vestnrdiscimus = 2 where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    let report = scene.run(&["sync", "off", "--org", "001507-1"]).done();
    assert_eq!(report["sourced_ids"], json!([LOTTE, BERT, future]));
    assert!(scene.record(JAN).await.1, "he is at the other site");
    let (rule, message) = scene.run(&["sync", "off", "--org", "009999-1"]).refused();
    assert_eq!(rule, "unknown-org");
    assert!(message.contains("001507-1, 001507-2"), "{message}");
}

/// Who is at one site now and at another later is in both: in the one now, in the other later.
#[tokio::test]
async fn r74_who_moves_later_is_in_the_org_he_moves_to() {
    let scene = Scene::configured(|configuration| {
        let mut second = configuration.schools[0].sites[0].clone();
        second.vestnr = 2;
        configuration.schools[0].sites.push(second);
    })
    .await;
    let today = scene.school.today().await;
    let (last, first) = (
        today + chrono::TimeDelta::days(29),
        today + chrono::TimeDelta::days(30),
    );
    scene
        .load(&format!(
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true);
             update informat.inschrijving set einddatum = '{last}' where tenant_id = $1 and p_inschr = 1;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, 21, 1, '001507', 2, '311', '2026-27', '{first}', 0);
             update informat.opdracht set vestnrdiscimus = 1, einddatum = '{last}' where tenant_id = $1;
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, vestnrdiscimus, begindatum)
                 values ($1, 22, 3, '001507', 2, '{first}')"
        ))
        .await;
    scene.run(&["sync", "off", "--all"]).done();
    let report = scene.run(&["sync", "on", "--org", "001507-2"]).done();
    assert_eq!(report["sourced_ids"], json!([JAN, BERT]));
    let report = scene.run(&["sync", "on", "--org", "001507-1"]).done();
    assert_eq!(
        report["sourced_ids"],
        json!([LOTTE]),
        "the others are here too, and on"
    );
    assert_eq!(report["unchanged"], 2);
}

/// Releasing all releases whom the check file lists; holding all back holds back who left too.
#[tokio::test]
async fn r59_all_on_is_whom_the_check_file_lists_and_all_off_is_everybody() {
    let scene = Scene::new().await;
    scene.school.jan_leaves().await;
    let future = scene.add_pupil(12, "Zoë", "Ötker", 30).await;
    assert_eq!(scene.run(&["sync", "off", "--all"]).done()["changed"], 4);
    assert!(!scene.record(JAN).await.1);
    let report = scene.run(&["sync", "on", "--all"]).done();
    assert_eq!(report["sourced_ids"], json!([LOTTE, BERT, future]));
    assert!(!scene.record(JAN).await.1);
}

/// R135: with the default off, a name is prepared for who is still to come and is sent only once released.
#[tokio::test]
async fn r135_r136_a_future_pupil_is_prepared_and_released_by_command_ahead_of_time() {
    let scene = Scene::configured(|configuration| {
        configuration.schools[0].sites[0].sync_default = false;
        configuration.future_pupils = oneroster_school::tenant::configuration::FuturePupils::Include;
    })
    .await;
    let future = scene.add_pupil(12, "Bart", "Bal", 30).await;
    assert_eq!(scene.record(&future).await, ("bart.bal".to_owned(), false));
    assert_eq!(scene.served_name(&future).await, None);
    scene.set(&future, "b.bal").done();
    scene.run(&["sync", "on", "--user", &future]).done();
    assert_eq!(scene.served_name(&future).await.as_deref(), Some("b.bal"));
}

/// R45b, R46, R47, R52, R53: the import that brings an enrolment makes the name, which is listed at once; the school checks and
/// releases it; then it is served as the login of the person, whose unique id goes with it.
#[tokio::test]
async fn r45b_r47_r52_r53_from_enrolment_to_release() {
    let scene =
        Scene::configured(|configuration| configuration.schools[0].sites[0].sync_default = false).await;
    let new = scene.add_pupil(12, "Mally", "Lassens", -1).await;
    let listed = scene.run(&["list", "--search", "mally"]).done();
    assert_eq!(listed["usernames"][0]["username"], "mally.lassens");
    assert_eq!(scene.served_name(&new).await, None);
    scene.run(&["sync", "on", "--user", &new.to_uppercase()]).done();
    assert_eq!(scene.served_name(&new).await.as_deref(), Some("mally.lassens"));
}

#[tokio::test]
async fn whom_must_be_said_once() {
    let scene = Scene::new().await;
    for arguments in [
        vec!["sync", "on"],
        vec!["sync", "on", "--all", "--org", "001507-1"],
        vec!["sync", "maybe", "--all"],
        vec!["sync", "--all"],
    ] {
        assert_eq!(scene.run(&arguments).code, Some(2), "{arguments:?}");
    }
}
