//! People are named by username as well as by id, wherever a command takes a person.

use serde_json::json;

use super::{Scene, sends_domains};
use crate::harness::school::{BERT, JAN, LOTTE};

#[tokio::test]
async fn a_username_names_its_holder_in_every_command_that_takes_a_person() {
    let scene = Scene::new().await;
    assert_eq!(scene.set("Jan.Janssens", "jantje").done()["sourced_id"], JAN);
    assert_eq!(scene.history("JANTJE").len(), 2);
    let synced = scene.run(&["sync", "off", "--user", "jantje", LOTTE]).done();
    assert_eq!(synced["sourced_ids"], json!([JAN, LOTTE]));
    scene.run(&["sync", "on", "--user", "jantje"]).done();
    let survivor = scene.add_pupil(11, "Jan", "Janssens", -5).await;
    scene.remove(1).await;
    let report = scene
        .run(&["transfer", "--from", "jantje", "--to", "jan.janssens2"])
        .done();
    assert_eq!((&report["from"], &report["to"]), (&json!(JAN), &json!(survivor)));
}

#[tokio::test]
async fn history_takes_a_user_by_username() {
    let scene = Scene::new().await;
    scene.served().await;
    let history = |object: &str| {
        let arguments = ["history", "--tenant", "t", "--json", "--object", object];
        super::ran(&scene.command(&arguments))
    };
    let by_name = history("users/bert.ameel").done();
    assert_eq!(by_name, history(&format!("users/{BERT}")).done());
    assert_eq!(by_name["sourced_id"], BERT);
    let unknown = history("users/niemand");
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.errors.contains("nobody has the username \"niemand\""),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_name_that_nobody_has_is_refused_with_who_had_it_last() {
    let scene = Scene::new().await;
    let (rule, message) = scene.set("niemand", "x").refused();
    assert_eq!(rule, "unknown-person");
    assert!(
        message.contains("\"niemand\"") && message.contains("usernames list") && !message.contains("once"),
        "{message}"
    );
    scene.set(JAN, "jantje").done();
    let (rule, message) = scene.set("jan.janssens", "x").refused();
    assert_eq!(rule, "unknown-person");
    assert!(
        message.contains("Jan Janssens") && message.contains(JAN),
        "{message}"
    );
    assert_eq!(scene.name(JAN).await, "jantje");
    for odd in ["@", "", "jan janssens", "@school.example"] {
        assert_eq!(scene.set(odd, "x").refused().0, "unknown-person", "{odd:?}");
    }
}

#[tokio::test]
async fn a_domain_must_be_the_holders() {
    let scene = Scene::configured(sends_domains).await;
    for good in [
        "bert.ameel",
        "bert.ameel@school.example",
        "Bert.Ameel@SCHOOL.example",
    ] {
        assert_eq!(scene.run(&["history", "--user", good]).done()["sourced_id"], BERT);
    }
    // A pupil's domain is the site's, and stands in no record.
    assert!(scene.name(JAN).await.find('@').is_none());
    let sent = "jan.janssens@leerling.school.example";
    assert_eq!(scene.run(&["history", "--user", sent]).done()["sourced_id"], JAN);
    let (rule, message) = scene
        .run(&["history", "--user", "bert.ameel@oud.example"])
        .refused();
    assert_eq!(rule, "unknown-person");
    assert!(
        message.contains("bert.ameel@school.example") && message.contains(BERT),
        "{message}"
    );
    // Where Microsoft adds the domain, nothing here knows it.
    let plain = Scene::new().await;
    let typed = plain.run(&["history", "--user", "jan.janssens@any.example"]);
    assert_eq!(typed.done()["sourced_id"], JAN);
}

#[tokio::test]
async fn a_text_that_is_one_persons_id_and_anothers_username_is_refused() {
    let scene = Scene::new().await;
    scene.set(LOTTE, BERT).done();
    let (rule, message) = scene.run(&["history", "--user", BERT]).refused();
    assert_eq!(rule, "ambiguous-person");
    assert!(
        message.contains("Lotte Peeters") && message.contains(LOTTE),
        "{message}"
    );
    assert_eq!(scene.history(LOTTE).len(), 2, "by her own id she is meant");
    // An id that is nobody's is a username like any other.
    let nobody = "00000000-0000-4000-8000-00000000ffff";
    scene.set(LOTTE, nobody).done();
    assert_eq!(
        scene.run(&["history", "--user", nobody]).done()["sourced_id"],
        LOTTE
    );
}
