//! Names that were never served: made anew, or forgotten.

use std::time::Duration;

use oneroster::db::locks;
use serde_json::{Value, json};
use sqlx::Connection;

use super::waiting::add;
use super::{Scene, pupil, ran};
use crate::harness;
use crate::harness::school::{BERT, JAN, LOTTE};

/// Returns `user from>to reason` of each change, and `user reason` of whoever was skipped.
fn outcome(report: &Value) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let changes = report["changes"].as_array().unwrap().iter().map(|change| {
        let [user, from, to, reason] = ["user", "from", "to", "reason"].map(|key| text(&change[key]));
        format!("{user} {from}>{to} {reason}")
    });
    let skipped = report["skipped"].as_array().unwrap().iter();
    let skipped = skipped.map(|skipped| format!("{} {}", text(&skipped["user"]), text(&skipped["reason"])));
    (changes.collect(), skipped.collect())
}

/// What was decided, by whom and about whom.
fn decisions(scene: &Scene) -> Vec<(Value, Value, Value)> {
    let listed = ran(&scene.command(&["tenant", "decisions", "t", "--json"])).done();
    let decided = harness::decided(&listed);
    decided
        .iter()
        .map(|decision| {
            let of = |key: &str| decision[key].clone();
            (of("decision"), of("decided_by"), of("detail"))
        })
        .collect()
}

/// Jan and Bert were served; Lotte never was; Zoë is still to come; the name of Wout was typed.
async fn partly_served() -> (Scene, String, String) {
    let scene = Scene::new().await;
    scene.run(&["sync", "off", "--user", LOTTE]).done();
    let (zoe, wout) = (
        scene.add_pupil(12, "Zoë", "Ötker", 30).await,
        scene.add_pupil(13, "Wout", "Maes", 30).await,
    );
    scene.set(&wout, "wout").done();
    assert_eq!(scene.served().await.len(), 2);
    (scene, zoe, wout)
}

#[tokio::test]
async fn another_format_makes_unserved_names_anew_and_no_other() {
    let (scene, zoe, wout) = partly_served().await;
    scene
        .configure(|configuration| configuration.username_format = "{familienaam.voornaam}".parse().unwrap())
        .await;
    let expected = (
        vec![
            format!("{LOTTE} lotte.peeters>peeters.lotte not_of_this_name"),
            format!("{zoe} zoe.otker>otker.zoe not_of_this_name"),
        ],
        vec![
            format!("{JAN} served"),
            format!("{BERT} served"),
            format!("{wout} by_hand"),
        ],
    );
    let planned = scene.run(&["regenerate", "--all", "--dry-run"]).done();
    assert_eq!(outcome(&planned), expected);
    assert_eq!(scene.name(LOTTE).await, "lotte.peeters", "said, not done");
    assert!(decisions(&scene).is_empty());

    let done = scene.run(&["regenerate", "--all", "--by", "ict"]).done();
    assert_eq!(outcome(&done), expected);
    assert_eq!(scene.name(LOTTE).await, "peeters.lotte");
    assert_eq!(
        scene.history(LOTTE).last().unwrap(),
        "ict: local_part lotte.peeters>peeters.lotte"
    );
    let decided = (
        json!("usernames_regenerated"),
        json!("ict"),
        json!({"users": [LOTTE, zoe]}),
    );
    assert_eq!(decisions(&scene), [decided]);
    // The name given up is nobody's, and is not kept from anybody.
    let listed = scene.run(&["list", "--search", LOTTE]).done();
    assert_eq!(listed["usernames"][0]["retired_names"], json!([]));
    scene.set(JAN, "lotte.peeters").done();
    let again = scene.run(&["regenerate", "--user", LOTTE, &zoe]).done();
    let kept = [LOTTE, &zoe].map(|user| format!("{user} unchanged"));
    assert_eq!(outcome(&again), (Vec::new(), kept.to_vec()));
}

/// A bundle that was damaged on its way is mended: so are the names that came of it, and nobody waits for them any more.
#[tokio::test]
async fn names_made_of_damaged_texts_are_made_anew_once_these_are_mended() {
    let scene = Scene::new().await;
    let jose = scene.add_pupil(12, "JosÃ©", "Maes", -5).await;
    let placeholder = scene.add_pupil(13, "N.", "N.", -5).await;
    assert_eq!(scene.name(&jose).await, "josa.maes");
    scene
        .load(
            "update informat.persoon set voornaam = 'José' where tenant_id = $1 and p_persoon = 12;
             update informat.persoon set voornaam = 'An', naam = 'Claes' where tenant_id = $1 and p_persoon = 13",
        )
        .await;
    let done = scene.run(&["regenerate", "--org", "001507-1"]).done();
    let (changes, _) = outcome(&done);
    assert_eq!(
        changes,
        [
            format!("{jose} josa.maes>jose.maes not_of_this_name"),
            format!("{placeholder} n.n>an.claes not_of_this_name"),
        ]
    );
    let history = scene.history(&jose);
    assert!(
        history
            .iter()
            .any(|change| change.ends_with("waits_for damaged_text>-")),
        "{history:?}"
    );
    assert_eq!(
        scene.record(&jose).await,
        ("jose.maes".to_owned(), false),
        "the flag stays"
    );
    let released = scene.run(&["sync", "on", "--all"]).done();
    assert_eq!(released["passed_over"], json!([]));
    assert_eq!(scene.served_name(&jose).await.as_deref(), Some("jose.maes"));
}

/// Two rows whose names were exchanged: each gets the other's username, at once.
#[tokio::test]
async fn unserved_names_change_hands_when_they_are_made_anew() {
    let scene = Scene::new().await;
    scene
        .load(
            "update informat.persoon set voornaam = case p_persoon when 1 then 'Lotte' else 'Jan' end,
                 naam = case p_persoon when 1 then 'Peeters' else 'Janssens' end
             where tenant_id = $1 and p_persoon < 3",
        )
        .await;
    let done = scene.run(&["regenerate", "--all"]).done();
    assert_eq!(
        outcome(&done),
        (
            vec![
                format!("{JAN} jan.janssens>lotte.peeters not_of_this_name"),
                format!("{LOTTE} lotte.peeters>jan.janssens not_of_this_name"),
            ],
            vec![format!("{BERT} unchanged")]
        )
    );
    assert_eq!(scene.name(JAN).await, "lotte.peeters");
}

#[tokio::test]
async fn who_was_never_served_is_forgotten_and_their_name_is_free() {
    let (scene, zoe, wout) = partly_served().await;
    scene.remove(12).await;
    let planned = scene.run(&["forget", "--all", "--dry-run"]).done();
    let expected = (
        vec![
            format!("{LOTTE} lotte.peeters>- never_served"),
            format!("{zoe} zoe.otker>- never_served"),
        ],
        vec![
            format!("{JAN} served"),
            format!("{BERT} served"),
            format!("{wout} by_hand"),
        ],
    );
    assert_eq!(outcome(&planned), expected);
    assert_eq!(scene.name(&zoe).await, "zoe.otker");
    let done = scene.run(&["forget", "--user", &zoe, JAN, "--by", "ict"]).done();
    assert_eq!(
        outcome(&done),
        (vec![expected.0[1].clone()], vec![expected.1[0].clone()])
    );
    let decided = (
        json!("usernames_forgotten"),
        json!("ict"),
        json!({"users": [zoe]}),
    );
    assert_eq!(decisions(&scene), [decided]);
    let listed = scene.run(&["list", "--search", &zoe]).done();
    assert_eq!(listed["usernames"], json!([]));
    let namesake = scene.add_pupil(14, "Zoë", "Ötker", 30).await;
    assert_eq!(scene.name(&namesake).await, "zoe.otker");
    // Somebody who is still there gets a record again.
    scene.run(&["forget", "--user", LOTTE]).done();
    assert_eq!(scene.load("").await.created, 1);
}

/// What somebody decided about a person is not lost with the record.
#[tokio::test]
async fn who_was_answered_about_or_is_waited_for_is_not_forgotten() {
    let scene = Scene::new().await;
    scene.run(&["sync", "off", "--all"]).done();
    scene.born(2, "2012-03-03").await;
    scene.remove(2).await;
    let again = add(&scene, 12, ("Lotte", "Peeters", "2012-03-03")).await;
    let forget = ["forget", "--user", LOTTE, &again, "--dry-run"];
    let (changes, kept) = outcome(&scene.run(&forget).done());
    assert_eq!(kept, [format!("{LOTTE} resembled"), format!("{again} waits")]);
    assert!(changes.is_empty());
    scene.run(&["sync", "on", "--user", &again]).done();
    let (_, kept) = outcome(&scene.run(&forget).done());
    assert_eq!(kept, [format!("{again} answered")]);
}

/// What the history no longer holds cannot be shown: a name from before counts as served.
#[tokio::test]
async fn what_cannot_be_shown_counts_as_served() {
    let (scene, zoe, _) = partly_served().await;
    scene.run(&["sync", "off", "--user", BERT]).done();
    scene.served().await;
    let later = scene.add_pupil(14, "An", "Claes", 30).await;
    let purged = "insert into roster.history (tenant_id, whole_from) values ('t', 2)";
    sqlx::query(purged).execute(&scene.database.pool).await.unwrap();
    let planned = scene.run(&["forget", "--user", &zoe, &later, "--dry-run"]).done();
    assert_eq!(
        outcome(&planned),
        (
            vec![format!("{later} an.claes>- never_served")],
            vec![format!("{zoe} served")]
        )
    );
}

/// A generation under way may make a name visible: whoever edits unserved names waits for it.
#[tokio::test]
async fn unserved_names_are_edited_after_a_publication_under_way() {
    let scene = Scene::new().await;
    let mut publication = scene.database.pool.acquire().await.unwrap().detach();
    locks::publication(&mut publication, "t").await.unwrap();
    let mut command = harness::command(
        &scene.database.url,
        &["usernames", "forget", "--tenant", "t", "--user", LOTTE, "--json"],
    );
    let forgetting = tokio::task::spawn_blocking(move || command.output().unwrap());
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                   and database = (select oid from pg_database where datname = current_database())";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&scene.database.pool)
        .await
        .unwrap()
        == 0
    {
        assert!(!forgetting.is_finished(), "it did not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    publication.close().await.unwrap();
    let report = ran(&forgetting.await.unwrap()).done();
    assert_eq!(report["changes"][0]["user"], LOTTE);
}

#[tokio::test]
async fn whom_it_is_about_must_be_said() {
    let scene = Scene::new().await;
    for command in ["regenerate", "forget"] {
        assert_eq!(scene.run(&[command]).code, Some(2), "{command}");
        assert_eq!(
            scene.run(&[command, "--user", &pupil(77)]).refused().0,
            "unknown-person"
        );
        assert_eq!(
            scene.run(&[command, "--org", "009999-1"]).refused().0,
            "unknown-org"
        );
    }
}
