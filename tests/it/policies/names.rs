//! Policies about usernames: existing names never change by themselves.

use oneroster::publication::State;
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::DomainMode;
use serde_json::json;

use super::{PublishedTenant, assert_warned};
use crate::harness::school::{BERT, JAN, LOTTE};

/// We send the domains.
fn informat(configuration: &mut Configuration) {
    configuration.domain_mode.pupils = DomainMode::Informat;
    configuration.domain_mode.staff = DomainMode::Informat;
}

/// The small school's domains.
fn with_domains(configuration: &mut Configuration) {
    informat(configuration);
    let school = &mut configuration.schools[0];
    school.teacher_domain = Some("school.example".parse().unwrap());
    school.sites[0].pupil_domain = Some("leerling.example".parse().unwrap());
}

/// R11, R12: pupils and teachers get the one new format; R32: people who have a name keep it.
#[tokio::test]
async fn r11_r12_another_username_format_is_for_new_names_only() {
    let scene = PublishedTenant::small().await;
    let before = scene.usernames().await;
    let report = scene
        .apply(|configuration| configuration.username_format = "{familienaam}_{voornaam:1}".parse().unwrap())
        .await;
    assert_warned(
        &report,
        "username_format is for new names only: 3 existing names stay",
    );
    assert_eq!(scene.publish().await, State::Unchanged);
    let (new_pupil, new_teacher) = (
        scene.add_pupil(11, "Maes", -1).await,
        scene.add_teacher(12, "Claes", None).await,
    );
    assert_eq!(scene.publish().await, State::Published);
    let mut after = scene.usernames().await;
    assert_eq!(after.remove(&new_pupil).as_deref(), Some("maes_n"));
    assert_eq!(after.remove(&new_teacher).as_deref(), Some("claes_n"));
    assert_eq!(after, before);
}

#[tokio::test]
async fn r13_another_maximum_length_is_for_new_names_only() {
    let scene = PublishedTenant::small().await;
    let before = scene.usernames().await;
    let report = scene
        .apply(|configuration| configuration.username_max_length = 8)
        .await;
    assert_warned(
        &report,
        "username_max_length is for new names only: 3 existing names stay",
    );
    let new = scene.add_pupil(11, "Vandenbroucke", -1).await;
    scene.publish().await;
    let mut after = scene.usernames().await;
    assert_eq!(after.remove(&new).as_deref(), Some("nieuwe.v"));
    assert_eq!(after, before, "jan.janssens has twelve");
}

/// R33, R34: a change of who adds the domain concerns everybody at once: held. R39: staff keep what they got.
#[tokio::test]
async fn r33_r34_r39_another_domain_mode_renames_everybody_and_is_held() {
    let scene = PublishedTenant::large().await;
    let before = scene.usernames().await;
    let report = scene.apply(informat).await;
    assert_warned(&report, "66 users get another username");
    assert_warned(
        &report,
        "6 usernames of staff get the domain school.example for good",
    );
    assert_warned(&report, "the next publication will be held");
    assert_eq!(scene.publish_unasked().await, State::Held);
    assert_eq!(scene.usernames().await, before, "nobody reads it yet");
    assert_eq!(scene.release().await.state, State::Published);
    let sent = scene.usernames().await;
    for (id, name) in &before {
        let domain = match name.as_str() {
            name if name.starts_with("noor.leraar") => "school.example",
            name if name.starts_with("noor.naam1") => "leerling1.example",
            _ => "leerling2.example",
        };
        assert_eq!(sent[id], format!("{name}@{domain}"));
    }
    let back = |configuration: &mut Configuration| {
        configuration.domain_mode.pupils = DomainMode::Microsoft;
        configuration.domain_mode.staff = DomainMode::Microsoft;
    };
    let report = scene.apply(back).await;
    assert_warned(&report, "66 users get another username");
    assert_eq!(scene.publish_unasked().await, State::Held);
    scene.release().await;
    assert_eq!(scene.usernames().await, before);
    let records = scene.records().await;
    let with_domain = records.values().filter(|(name, _)| name.contains('@'));
    assert_eq!(with_domain.count(), 6, "explicit domains stay, unsent");
}

/// A mistaken switch is undone by the file before: the hold lifts itself, and nobody was renamed.
#[tokio::test]
async fn a_domain_mode_that_was_a_mistake_is_taken_back_before_anybody_reads_it() {
    let scene = PublishedTenant::large().await;
    let before = scene.usernames().await;
    let pupils = |mode| {
        move |configuration: &mut Configuration| {
            configuration.domain_mode.pupils = mode;
        }
    };
    scene.apply(pupils(DomainMode::Informat)).await;
    assert_eq!(scene.publish_unasked().await, State::Held);
    let report = scene.apply(pupils(DomainMode::Microsoft)).await;
    assert_warned(&report, "what is held now will be held no longer");
    assert_eq!(scene.publish_unasked().await, State::Unchanged);
    assert_eq!(scene.usernames().await, before);
}

#[tokio::test]
async fn r39_a_domain_mode_without_its_domains_is_refused() {
    let scene = PublishedTenant::small().await;
    let reason = scene.refused(informat).await;
    assert!(
        reason.contains("teacher_domain") && reason.contains("pupil_domain"),
        "{reason}"
    );
    assert_eq!(scene.publish().await, State::Unchanged);
}

/// R39: another domain of a school is for staff who have none yet.
#[tokio::test]
async fn r38_r39_another_teacher_domain_is_for_new_staff_only() {
    let scene = PublishedTenant::small().await;
    scene.apply(with_domains).await;
    scene.publish().await;
    let change = |configuration: &mut Configuration| {
        configuration.schools[0].teacher_domain = Some("nieuw.example".parse().unwrap());
        configuration.extra_domains = vec!["school.example".parse().unwrap()];
    };
    let report = scene.apply(change).await;
    assert_warned(
        &report,
        "teacher_domain is for staff without a domain: 1 username keeps school.example",
    );
    assert_eq!(scene.publish().await, State::Unchanged);
    let new = scene.add_teacher(11, "Claes", None).await;
    scene.publish().await;
    let names = scene.usernames().await;
    assert_eq!(names[BERT], "bert.ameel@school.example");
    assert_eq!(names[&new], "nieuwe.claes@nieuw.example");
}

/// R38: somebody edited by the rule of pupils who is to be staff gets their domain by applying the same file again, as health advises.
#[tokio::test]
async fn r38_r39_applying_the_same_file_again_gives_staff_the_domain_they_lost() {
    let scene = PublishedTenant::small().await;
    scene.apply(with_domains).await;
    let begin = scene.day(30).await;
    scene
        .load(&format!(
            "insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, begindatum)
                 values ($1, 9, 1, '001507', '{begin}')"
        ))
        .await;
    assert_eq!(scene.records().await[JAN].0, "jan.janssens@school.example");
    let set = |name| scene.run(&["usernames", "set", "--tenant", "t", "--user", JAN, name]);
    let (code, _, errors) = set("jan.j");
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(
        scene.records().await[JAN].0,
        "jan.j@school.example",
        "R147: of the system, for the job to come"
    );
    for name in ["jan.j@leerling.example", "jan.j"] {
        let (code, _, errors) = set(name);
        assert_eq!(code, Some(0), "{errors}");
    }
    assert_eq!(
        scene.records().await[JAN].0,
        "jan.j",
        "a pupil yet, whose domain follows his site"
    );
    let report = scene.apply(|_| {}).await;
    assert_eq!(
        (&report["state"], &report["domains_set"], &report["consequences"]),
        (&json!("unchanged"), &json!(1), &json!(null))
    );
    assert_eq!(scene.records().await[JAN].0, "jan.j@school.example");
}

/// R35, R36: pupils follow the domain of their site; R37: those with one of their own do not.
#[tokio::test]
async fn r35_r36_r37_another_pupil_domain_renames_pupils_without_one_of_their_own() {
    let scene = PublishedTenant::small().await;
    scene.apply(with_domains).await;
    let (code, ..) = scene.run(&[
        "usernames",
        "set",
        "--tenant",
        "t",
        "--user",
        LOTTE,
        "lotte.peeters@leerling.example",
    ]);
    assert_eq!(code, Some(0));
    scene.publish().await;
    let report = scene
        .apply(|configuration| {
            configuration.schools[0].sites[0].pupil_domain = Some("nieuw.example".parse().unwrap());
        })
        .await;
    assert_warned(&report, "1 user gets another username");
    assert_warned(
        &report,
        "1 username keeps the domain leerling.example, which is no longer the tenant's",
    );
    assert_eq!(scene.publish().await, State::Published);
    let names = scene.usernames().await;
    assert_eq!(names[JAN], "jan.janssens@nieuw.example");
    assert_eq!(names[LOTTE], "lotte.peeters@leerling.example");
    assert_eq!(names[BERT], "bert.ameel@school.example");
}

/// A typo in the domain of one large site would rename all its pupils: held.
#[tokio::test]
async fn r36_another_pupil_domain_of_a_large_site_is_held() {
    let scene = PublishedTenant::large().await;
    scene.apply(informat).await;
    scene.publish().await;
    scene.release().await;
    let report = scene
        .apply(|configuration| {
            configuration.schools[0].sites[0].pupil_domain = Some("leerlign1.example".parse().unwrap());
        })
        .await;
    assert_warned(&report, "30 users get another username");
    assert_warned(
        &report,
        "30 of 33 users that stay would get another username in org 100001-1",
    );
    assert_eq!(scene.publish_unasked().await, State::Held);
}

/// R73: whether a domain may be typed follows the file as it is now.
#[tokio::test]
async fn r37_a_domain_taken_off_the_list_stays_where_it_is_and_is_given_no_more() {
    let scene = PublishedTenant::small().await;
    scene
        .apply(|configuration| {
            with_domains(configuration);
            configuration.extra_domains = vec!["oud.example".parse().unwrap()];
        })
        .await;
    let set = |user, name| scene.run(&["usernames", "set", "--tenant", "t", "--user", user, name]);
    assert_eq!(set(JAN, "jan.janssens@oud.example").0, Some(0));
    scene.publish().await;
    let report = scene
        .apply(|configuration| configuration.extra_domains.clear())
        .await;
    assert_warned(
        &report,
        "1 username keeps the domain oud.example, which is no longer the tenant's",
    );
    assert_eq!(scene.publish().await, State::Unchanged);
    assert_eq!(scene.usernames().await[JAN], "jan.janssens@oud.example");
    let (code, refusal, _) = set(LOTTE, "lotte.peeters@oud.example");
    assert_eq!(
        (code, &refusal["refused"]["rule"]),
        (Some(1), &serde_json::json!("domain-form"))
    );
}

/// R21, R93, R94: the default is for names to come; whom the school released or held back stays so.
#[tokio::test]
async fn r21_r93_r94_another_default_of_the_sync_flag_is_for_new_names_only() {
    let scene = PublishedTenant::small().await;
    let default = |sync_default| {
        move |configuration: &mut Configuration| {
            configuration.schools[0].sites[0].sync_default = sync_default;
        }
    };
    let report = scene.apply(default(false)).await;
    assert_warned(
        &report,
        "sync_default is for new names only: the Sync flags of the 3 existing ones stay, 0 of them off",
    );
    let held_back = scene.add_pupil(11, "Maes", -1).await;
    scene.publish().await;
    assert_eq!(
        scene.usernames().await.keys().collect::<Vec<_>>(),
        [JAN, LOTTE, BERT],
        "the released ones stay released, the new one waits"
    );
    let report = scene.apply(default(true)).await;
    assert_warned(
        &report,
        "the Sync flags of the 4 existing ones stay, 1 of them off",
    );
    assert_warned(&report, "releases new usernames that nobody has checked");
    assert_eq!(scene.publish().await, State::Unchanged);
    let released = scene.add_pupil(12, "Claes", -1).await;
    scene.publish().await;
    let names = scene.usernames().await;
    assert!(names.contains_key(&released) && !names.contains_key(&held_back));
}
