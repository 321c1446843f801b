//! Editing a username.

use std::time::Duration;

use oneroster::publication::{FailingTenants, background};
use serde_json::json;

use super::{Scene, nothing_to_publish, pupil, ran, sends_domains};
use crate::harness::school::{BERT, JAN, LOTTE, school, tenant_file};

/// R32, R43, R56, R75, R84, R131: the specific name overrides the computed one and is sent with the next publication.
#[tokio::test]
async fn r32_r75_an_edited_name_is_served_instead_of_the_computed_one() {
    let scene = Scene::new().await;
    assert_eq!(scene.served_name(JAN).await.as_deref(), Some("jan.janssens"));
    let version = scene.version().await;
    let report = scene.set(JAN, " Jantje.J ").done();
    let expected = json!({"tenant": "t", "sourced_id": JAN, "changed": true, "from": "jan.janssens", "to": "Jantje.J",
        "reviewed": false, "warnings": []});
    assert_eq!(report, expected);
    assert_eq!(
        scene.version().await,
        version + 1,
        "the background publisher sees it"
    );
    assert_eq!(scene.served_name(JAN).await.as_deref(), Some("Jantje.J"));
    // A later import renames nobody.
    scene
        .load("update informat.persoon set voornaam = 'Johan' where tenant_id = $1 and p_persoon = 1")
        .await;
    assert_eq!(scene.served_name(JAN).await.as_deref(), Some("Jantje.J"));
}

/// R138: an edit to an existing name is an error, and nothing changes.
#[tokio::test]
async fn r71_r138_a_name_that_anybody_holds_is_refused_whatever_case_role_and_domain() {
    let scene = Scene::configured(sends_domains).await;
    scene.served().await;
    let version = scene.version().await;
    for name in [
        "bert.ameel",
        "Bert.Ameel",
        "BERT.AMEEL@oud.example",
        "bert.ameel@school.example",
    ] {
        let (rule, message) = scene.set(JAN, name).refused();
        assert_eq!(rule, "name-held");
        assert!(
            message.contains("Bert Ameel") && message.contains(BERT),
            "{message}"
        );
    }
    // Somebody who left holds his name still.
    scene.school.jan_leaves().await;
    assert_eq!(scene.set(LOTTE, "jan.janssens").refused().0, "name-held");
    scene.school.jan_returns().await;

    assert_eq!(scene.name(JAN).await, "jan.janssens");
    assert_eq!(scene.history(JAN), ["system: created ->jan.janssens"]);
    assert_eq!(scene.version().await, version);
    nothing_to_publish(&scene).await;
}

#[tokio::test]
async fn r72_a_username_cannot_be_emptied() {
    let scene = Scene::configured(sends_domains).await;
    for name in ["", "   ", "@school.example"] {
        assert_eq!(scene.set(JAN, name).refused().0, "name-form", "{name:?}");
    }
    assert_eq!(scene.name(JAN).await, "jan.janssens");
}

/// R73: for pupils and staff, and whoever adds the domain, other things may be typed. One who is both counts as staff.
#[tokio::test]
async fn r73_validation_differs_by_kind_and_domain_mode() {
    let scene = Scene::new().await;
    for user in [JAN, BERT] {
        assert_eq!(scene.set(user, "x@school.example").refused().0, "domain-form");
    }
    scene.configure(sends_domains).await;
    assert_eq!(scene.name(BERT).await, "bert.ameel@school.example");
    scene.set(JAN, "jan.j").done();
    assert_eq!(scene.set(BERT, "bert.a").refused().0, "domain-form");
    scene.set(BERT, "bert.a@OUD.example").done();
    assert_eq!(scene.name(BERT).await, "bert.a@oud.example");
    for user in [JAN, BERT] {
        let (rule, message) = scene.set(user, "x@elders.example").refused();
        assert_eq!(rule, "domain-form");
        assert!(
            message.contains("leerling.school.example, oud.example, school.example"),
            "{message}"
        );
    }
    scene
        .load("insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr) values ($1, 9, 1, '001507')")
        .await;
    assert_eq!(scene.name(JAN).await, "jan.j@school.example");
    assert_eq!(scene.set(JAN, "jan.jj").refused().0, "domain-form");
    scene.set(JAN, "jan.jj@school.example").done();
    // Of somebody who is neither at present, the record keeps its domain.
    scene
        .load(
            "delete from informat.opdracht where tenant_id = $1;
             delete from informat.klasfunctiepersoon where tenant_id = $1",
        )
        .await;
    scene.set(BERT, "bert.b").done();
    assert_eq!(scene.name(BERT).await, "bert.b@oud.example");
}

#[tokio::test]
async fn names_that_entra_refuses_are_refused() {
    let scene = Scene::new().await;
    let long = "a".repeat(65);
    for (name, rule) in [
        ("zoë", "name-form"),
        ("jan janssens", "name-form"),
        ("jan.", "name-form"),
        (long.as_str(), "name-length"),
    ] {
        assert_eq!(scene.set(JAN, name).refused().0, rule, "{name}");
    }
    let longest = "a".repeat(64);
    scene
        .configure(|configuration| configuration.username_max_length = 20)
        .await;
    scene.set(JAN, &longest).done();
    assert_eq!(
        scene.served_name(JAN).await,
        Some(longest),
        "the cap is for generated names"
    );
}

/// R33–R37: a pupil's domain follows his site until he is given one, and does so again once it is taken away.
#[tokio::test]
async fn r35_r36_r37_an_explicit_domain_stays_through_a_move_and_can_be_taken_away() {
    let scene = Scene::configured(|configuration| {
        sends_domains(configuration);
        let mut second = configuration.schools[0].sites[0].clone();
        second.vestnr = 2;
        second.pupil_domain = Some("kade.example".parse().unwrap());
        configuration.schools[0].sites.push(second);
    })
    .await;
    assert_eq!(
        scene.served_name(JAN).await.as_deref(),
        Some("jan.janssens@leerling.school.example")
    );
    scene.set(JAN, "jan.janssens@oud.example").done();
    assert_eq!(
        scene.served_name(JAN).await.as_deref(),
        Some("jan.janssens@oud.example")
    );
    scene
        .load(
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true);
             update informat.inschrijving set vestnrdiscimus = 2 where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    assert_eq!(
        scene.served_name(JAN).await.as_deref(),
        Some("jan.janssens@oud.example")
    );
    scene.set(JAN, "jan.janssens").done();
    assert_eq!(
        scene.served_name(JAN).await.as_deref(),
        Some("jan.janssens@kade.example")
    );
    let history = scene.history(JAN);
    let [_, given, taken] = history.as_slice() else {
        panic!("{history:?}")
    };
    assert!(given.ends_with(": domain ->oud.example"), "{given}");
    assert!(taken.ends_with(": domain oud.example>-"), "{taken}");
}

/// R36: typed as it is shown, a name pins the domain of the site; that is warned of, once, and only of that.
#[tokio::test]
async fn r36_r37_typing_the_domain_of_the_site_is_warned_of() {
    let scene = Scene::configured(sends_domains).await;
    let warnings = |user: &str, name: &str| scene.set(user, name).done()["warnings"].clone();
    let warned = warnings(JAN, "jan.j@Leerling.School.example");
    let warning = warned[0].as_str().unwrap();
    assert!(
        warning.contains("leerling.school.example stays from now on, also after a move"),
        "{warning}"
    );
    assert_eq!(
        scene.name(JAN).await,
        "jan.j@leerling.school.example",
        "it is done all the same"
    );
    for (user, name) in [
        (JAN, "jan.jj@leerling.school.example"),
        (LOTTE, "lotte.p@oud.example"),
        (JAN, "jan.j2"),
        (BERT, "bert.a@leerling.school.example"),
    ] {
        assert_eq!(warnings(user, name), json!([]), "{name}");
    }
}

/// R38, R39: staff have the domain of their first school in the record; only an edit changes it.
#[tokio::test]
async fn r38_r39_the_domain_of_staff_changes_by_hand_only() {
    let scene = Scene::configured(sends_domains).await;
    assert_eq!(
        scene.served_name(BERT).await.as_deref(),
        Some("bert.ameel@school.example")
    );
    scene.set(BERT, "bert.ameel@oud.example").done();
    scene
        .configure(|configuration| {
            configuration.schools[0].teacher_domain = Some("nieuw.example".parse().unwrap());
        })
        .await;
    assert_eq!(
        scene.served_name(BERT).await.as_deref(),
        Some("bert.ameel@oud.example")
    );
}

/// A name that was given up is nobody's: not given out, not refused, taken with a warning.
#[tokio::test]
async fn r48_r71_a_retired_name_is_taken_with_a_warning_but_never_given_out() {
    let scene = Scene::new().await;
    scene.set(JAN, "jantje").done();
    let namesake = scene.add_pupil(11, "Jan", "Janssens", -5).await;
    assert_eq!(scene.name(&namesake).await, "jan.janssens2");
    let report = scene.set(LOTTE, "Jan.Janssens").done();
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(warning.contains(JAN) && warning.contains("alias"), "{warning}");
    // Held again, it is refused to others, its last holder among them.
    assert_eq!(scene.set(JAN, "jan.janssens").refused().0, "name-held");
    // Who had it before is found by it, though it is another's now.
    let found = scene.run(&["list", "--search", "jan.janssens"]).done();
    let found: Vec<&str> = found["usernames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["sourced_id"].as_str().unwrap())
        .collect();
    assert_eq!(found, [JAN, namesake.as_str(), LOTTE]);
    // Whoever takes his own former name back is not warned.
    let report = scene.set(LOTTE, "lotte.peeters").done();
    assert_eq!(report["warnings"], json!([]));
    let found = scene.run(&["list", "--search", "jan.janssens", "lotte"]).done();
    assert_eq!(found["usernames"][0]["retired_names"], json!(["jan.janssens"]));
}

/// R140: two names are swapped by temporary names, a sync, and the final names. R132 renames by the same way.
#[tokio::test]
async fn r140_a_swap_goes_by_temporary_names() {
    let scene = Scene::new().await;
    assert_eq!(scene.set(JAN, "lotte.peeters").refused().0, "name-held");
    scene.set(JAN, "lotte.peeters_EX").done();
    scene.set(LOTTE, "jan.janssens_EX").done();
    scene.served().await;
    for (user, name, before) in [(JAN, "lotte.peeters", LOTTE), (LOTTE, "jan.janssens", JAN)] {
        let report = scene.set(user, name).done();
        assert!(report["warnings"][0].as_str().unwrap().contains(before));
    }
    assert_eq!(scene.served_name(JAN).await.as_deref(), Some("lotte.peeters"));
    assert_eq!(scene.served_name(LOTTE).await.as_deref(), Some("jan.janssens"));
}

#[tokio::test]
async fn an_edit_that_changes_nothing_leaves_no_trace() {
    let scene = Scene::new().await;
    let version = scene.version().await;
    assert_eq!(scene.set(JAN, "jan.janssens").done()["changed"], false);
    assert_eq!((scene.version().await, scene.history(JAN).len()), (version, 1));
    // Another case is a change of what is sent, and retires nothing.
    assert_eq!(scene.set(JAN, "Jan.Janssens").done()["changed"], true);
    let entry = scene.run(&["list", "--search", JAN]).done();
    assert_eq!(entry["usernames"][0]["retired_names"], json!([]));
    assert_eq!(entry["usernames"][0]["origin"], "manual");
}

/// A name that asks for review may be good: typing it as it stands says so, and another name says so too.
#[tokio::test]
async fn the_same_name_typed_again_answers_the_review() {
    let scene = Scene::new().await;
    let asks = scene.add_pupil(11, "محمد", "Al Masri", -5).await;
    let other = scene.add_pupil(12, "محمد", "Al Hadid", -5).await;
    let needs_review =
        |user: &str| scene.run(&["list", "--search", user]).done()["usernames"][0]["needs_review"].clone();
    assert_eq!(
        (needs_review(&asks), needs_review(&other)),
        (json!(true), json!(true))
    );
    let version = scene.version().await;
    let report = scene.set(&asks, "almasri").done();
    assert_eq!(
        (&report["changed"], &report["reviewed"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(needs_review(&asks), false);
    let history = scene.history(&asks);
    let by_system = ["system: created ->almasri", "system: waits_for ->review"];
    assert_eq!(history[..2], by_system);
    assert!(history[2].starts_with("os:"), "who answered: {history:?}");
    assert!(
        history[2].ends_with(": waits_for review>-") && history.len() == 3,
        "{history:?}"
    );
    assert_eq!(scene.version().await, version, "nothing is published otherwise");
    let listed = scene.run(&["list", "--search", &asks]).done();
    assert_eq!(listed["usernames"][0]["origin"], "generated");
    assert_eq!(scene.set(&asks, "almasri").done()["reviewed"], false);
    assert_eq!(scene.set(&other, "m.alhadid").done()["reviewed"], true);
    assert_eq!(needs_review(&other), false);
}

#[tokio::test]
async fn the_history_says_who_when_from_and_to() {
    let scene = Scene::new().await;
    scene
        .run(&["set", "--user", JAN, "jantje", "--by", "ict.zandpoort"])
        .done();
    scene.run(&["sync", "off", "--user", JAN]).done();
    let history = scene.history(JAN);
    assert_eq!(history[1], "ict.zandpoort: local_part jan.janssens>jantje");
    assert!(history[2].starts_with("os:"), "{history:?}");
    assert!(history[2].ends_with(": sync true>false"), "{history:?}");
    let output = scene.command(&["usernames", "history", "--tenant", "t", "--user", JAN]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("ict.zandpoort\tlocal_part\tjan.janssens → jantje"),
        "{text}"
    );
    let wrong = scene.run(&["set", "--user", JAN, "x", "--by", "system"]);
    assert_eq!(wrong.code, Some(2), "nobody passes for the system");
}

/// The tenant is part of who is asked for: nobody edits across tenants, and nothing is unique across them.
#[tokio::test]
async fn another_tenant_is_another_world() {
    let scene = Scene::new().await;
    school(&scene.database.pool, "u").await;
    scene.set(JAN, "jantje").done();
    let other = |arguments: &[&str]| ran(&scene.command(arguments));
    other(&["usernames", "set", "--tenant", "u", "--user", BERT, "jantje"]);
    let listed = other(&["usernames", "list", "--tenant", "u", "--json"]).done();
    let names: Vec<&str> = listed["usernames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["username"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["jantje", "jan.janssens", "lotte.peeters"]);
    let unknown = other(&["usernames", "list", "--tenant", "v", "--json"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.errors.contains("no tenant has the id \"v\""),
        "{}",
        unknown.errors
    );
}

/// R139: one name for two people is impossible within a tenant; two tenants of one Entra tenant are warned of.
#[tokio::test]
async fn r139_two_tenants_of_one_entra_tenant_are_warned_of() {
    let scene =
        Scene::configured(|configuration| configuration.entra_tenant_id = Some("6f0c".to_owned())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("u.toml");
    let text = tenant_file("u").replacen("[[schools]]", "entra_tenant_id = \"6F0C\"\n[[schools]]", 1);
    std::fs::write(&file, text).unwrap();
    let report = ran(&scene.command(&["tenant", "apply", file.to_str().unwrap(), "--json"])).done();
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(warning.contains("equal usernames would clash"), "{warning}");
    let twice = "update username.record set local_part = 'BERT.ameel' where local_part = 'jan.janssens'";
    assert!(sqlx::query(twice).execute(&scene.database.pool).await.is_err());
}

/// R84: a running server publishes an edit by itself.
#[tokio::test]
async fn r84_an_edit_is_published_by_the_background_publisher() {
    let scene = Scene::new().await;
    scene.served().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let tick = Duration::from_millis(50);
    let publisher = tokio::spawn(background::run(
        scene.database.pool.clone(),
        (FailingTenants::default(), oneroster::audit::Gate::default()),
        tick,
        stopping,
    ));
    scene.set(JAN, "jantje").done();
    // Seconds are promised; the test only asks that it comes at all.
    tokio::time::timeout(Duration::from_mins(1), async {
        while scene.school.generations().await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let (_, content, _) = scene.school.object("users", JAN).await.unwrap();
    assert!(content.contains("\"jantje\""), "{content}");
    stop.send(true).unwrap();
    publisher.await.unwrap();
}

#[tokio::test]
async fn who_has_no_username_is_refused_and_a_missing_name_is_wrong_usage() {
    let scene = Scene::new().await;
    assert_eq!(scene.set(&pupil(77), "x").refused().0, "unknown-person");
    assert_eq!(scene.run(&["set", "--user", JAN]).code, Some(2));
}

/// The list finds people by name, id and former name, and says where they are.
#[tokio::test]
async fn r59_the_list_says_who_has_which_name_and_where_he_is() {
    let scene = Scene::new().await;
    let future = scene.add_pupil(12, "Zoë", "Ötker", 30).await;
    scene.add_pupil(13, "Weg", "Gegaan", -5).await;
    scene.remove(13).await;
    scene.school.jan_leaves().await;
    let listed = scene.run(&["list"]).done();
    let rows: Vec<String> = listed["usernames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {} {}", entry["username"], entry["state"], entry["role"]).replace('"', ""))
        .collect();
    let expected = [
        "weg.gegaan gone null",
        "bert.ameel current teacher",
        "jan.janssens absent null",
        "zoe.otker future student",
        "lotte.peeters current student",
    ];
    assert_eq!(rows, expected, "by family name; who is gone has none");
    let found = scene.run(&["list", "--search", "OTKER", "zoe"]).done();
    let entry = &found["usernames"][0];
    assert_eq!(entry["sourced_id"], future);
    assert_eq!(entry["orgs"], json!(["001507-1"]));
    let first_day = scene.school.today().await + chrono::TimeDelta::days(30);
    assert_eq!(entry["first_day"], first_day.to_string());
    let output = scene.command(&["usernames", "list", "--tenant", "t", "--search", "otker"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(&format!(
            "zoe.otker\tSync on\tfrom {first_day}\tZoë Ötker\t001507-1"
        )),
        "{text}"
    );
}
