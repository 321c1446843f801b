//! Policies about what is published: titles, ids, future pupils, grace days, sites, and the brake itself.

use oneroster::publication::State;
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::{FuturePupils, Site};

use super::{PublishedTenant, assert_warned};
use crate::harness::group::{pupil, truncate};
use crate::harness::school::CLASS;

/// R7: titles change at once, of Teams that stay the same; however many they are, that is not held.
#[tokio::test]
async fn r7_another_team_name_format_retitles_every_class_and_is_not_held() {
    let scene = PublishedTenant::large().await;
    let before = scene.read("classes", "title").await;
    let report = scene
        .apply(|configuration| configuration.team_name_format = "{klas} ({startyear})".parse().unwrap())
        .await;
    assert_warned(&report, "6 classes get another title");
    assert_eq!(scene.publish().await, State::Published);
    let after = scene.read("classes", "title").await;
    assert!(before.keys().eq(after.keys()), "the Teams stay");
    for (id, title) in &after {
        assert!(title.ends_with("(2026)"), "{title}");
        assert_ne!(&before[id], title);
    }
    assert_eq!(scene.read("courses", "title").await, after, "courses follow");
}

/// R14, R15, R16: future pupils come and go with the choice; their names and flags stay.
#[tokio::test]
async fn r14_r15_r16_the_choice_of_future_pupils_holds_at_once_both_ways() {
    let scene = PublishedTenant::small().await;
    let future = scene.add_pupil(11, "Maes", 30).await;
    assert_eq!(scene.publish().await, State::Unchanged);
    let choice = |future_pupils| {
        move |configuration: &mut Configuration| {
            configuration.future_pupils = future_pupils;
        }
    };
    let report = scene.apply(choice(FuturePupils::Include)).await;
    assert_warned(&report, "1 user is published anew");
    assert_warned(&report, "1 place in a class filled anew");
    scene.publish().await;
    assert_eq!(scene.usernames().await[&future], "nieuwe.maes");
    let records = scene.records().await;
    let report = scene.apply(choice(FuturePupils::Exclude)).await;
    assert_warned(&report, "1 user is no longer published");
    scene.publish().await;
    assert!(!scene.usernames().await.contains_key(&future));
    assert_eq!(scene.records().await, records, "name and flag wait for him");
}

#[tokio::test]
async fn grace_days_of_staff_hold_at_once_both_ways() {
    let scene = PublishedTenant::small().await;
    let days = |staff_grace_days| {
        move |configuration: &mut Configuration| {
            configuration.staff_grace_days = staff_grace_days;
        }
    };
    let gone = scene.add_teacher(11, "Claes", Some(-3)).await;
    assert_eq!(scene.publish().await, State::Unchanged);
    let report = scene.apply(days(3)).await;
    assert_eq!(report["usernames_created"], 1, "he had none when he was gone");
    assert_warned(&report, "1 user is published anew");
    scene.publish().await;
    assert_eq!(scene.usernames().await[&gone], "nieuwe.claes");
    let report = scene.apply(days(2)).await;
    assert_warned(&report, "1 user is no longer published");
    scene.publish().await;
    assert!(!scene.usernames().await.contains_key(&gone));
    assert_eq!(scene.records().await[&gone], ("nieuwe.claes".to_owned(), true));
}

/// R123: another form of org ids is refused once published; forced, it is held; released, users keep id and name.
#[tokio::test]
async fn r123_another_form_of_org_ids_is_refused_and_held_when_forced() {
    let scene = PublishedTenant::large().await;
    let (users, classes) = (scene.usernames().await, scene.read("classes", "title").await);
    let form = |with| {
        move |configuration: &mut Configuration| {
            configuration.org_id_with_hoofdstructuur = with;
        }
    };
    let reason = scene.refused(form(true)).await;
    assert!(reason.contains("--force"), "{reason}");
    assert!(!scene.configuration().await.org_id_with_hoofdstructuur);
    let report = PublishedTenant::done(scene.try_apply(form(true), &["--force"]).await);
    assert_warned(&report, "every org gets another id");
    assert_warned(&report, "no longer published as orgs: 100001-1, 100002-1");
    assert_warned(&report, "the next publication will be held");
    assert_eq!(scene.publish_unasked().await, State::Held);
    assert!(scene.read("orgs", "name").await.contains_key("100001-1"));
    scene.release().await;
    let orgs = scene.read("orgs", "name").await;
    assert_eq!(orgs.keys().collect::<Vec<_>>(), ["100001-1-311", "100002-1-311"]);
    assert_eq!(scene.usernames().await, users);
    assert_eq!(scene.read("classes", "title").await, classes);
}

/// R3, R20: a site that is unlinked takes its people with it, which is held; linked again, they are who they were.
#[tokio::test]
async fn r3_r20_a_site_unlinked_is_held_and_linked_again_everybody_has_his_name_and_flag() {
    let scene = PublishedTenant::large().await;
    scene.run(&[
        "usernames",
        "sync",
        "--tenant",
        "t",
        "off",
        "--user",
        &pupil(2, 1),
    ]);
    scene.publish().await;
    let (before, records) = (scene.usernames().await, scene.records().await);
    let link = |sync| {
        move |configuration: &mut Configuration| {
            configuration.schools[1].sites[0].sync = sync;
        }
    };
    let report = scene.apply(link(false)).await;
    assert_warned(&report, "32 users are no longer published");
    assert_warned(&report, "3 classes are no longer published");
    assert_warned(&report, "no longer published as orgs: 100002-1");
    assert_warned(&report, "32 of 32 users would go in org 100002-1 (100 %)");
    assert_eq!(scene.publish_unasked().await, State::Held);
    scene.release().await;
    assert_eq!(scene.usernames().await.len(), 33);
    assert_eq!(scene.records().await, records, "names and flags survive");
    // An entry that is taken out counts as unlinked.
    let school = scene.configuration().await.schools.remove(1);
    let report = scene
        .apply(|configuration| drop(configuration.schools.remove(1)))
        .await;
    assert_eq!(report["state"], "changed");
    assert_eq!(scene.publish().await, State::Unchanged);
    let report = scene
        .apply(|configuration| {
            configuration.schools.push(school);
            link(true)(configuration);
        })
        .await;
    assert_eq!(report["usernames_created"], 0);
    assert_warned(&report, "32 users are published anew");
    assert_warned(&report, "new among the published orgs: 100002-1");
    assert_eq!(scene.publish().await, State::Published, "coming back is not held");
    assert_eq!(scene.usernames().await, before);
}

/// R46: a site that is added gives its people names; R21: released only if the site says so, and that is warned about.
#[tokio::test]
async fn r20_r21_r46_a_site_added_names_its_people_and_releases_them_only_if_it_says_so() {
    let scene = PublishedTenant::small().await;
    let begin = scene.day(-10).await;
    scene
        .load(&format!(
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 select $1, '001507', s, '311', 'Site ' || s, true from generate_series(2, 3) s;
             insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 select $1, 10 + s, ('00000000-0000-4000-8000-' || lpad((10 + s)::text, 12, '0'))::uuid, 'Maes' || s, 'Nora'
                 from generate_series(2, 3) s;
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 select $1, 10 + s, 10 + s, '001507', s, '311', '2026-27', '{begin}', 0 from generate_series(2, 3) s"
        ))
        .await;
    assert_eq!(
        scene.records().await.len(),
        3,
        "a site that is not listed has none"
    );
    let site = |vestnr, sync_default| {
        move |configuration: &mut Configuration| {
            configuration.schools[0].sites.push(Site {
                vestnr,
                hoofdstructuur: None,
                sync: true,
                sync_default,
                pupil_domain: None,
            });
        }
    };
    let report = scene.apply(site(2, false)).await;
    assert_eq!(report["usernames_created"], 1);
    assert_warned(&report, "new among the published orgs: 001507-2");
    let report = scene.apply(site(3, true)).await;
    assert_eq!(report["usernames_created"], 1);
    assert_warned(
        &report,
        "1 new username is released by sync_default, and nobody has checked that",
    );
    scene.publish().await;
    let names: Vec<String> = scene.usernames().await.into_values().collect();
    assert_eq!(
        names,
        ["jan.janssens", "lotte.peeters", "bert.ameel", "nora.maes3"]
    );
    assert!(scene.read("classes", "title").await.contains_key(CLASS));
}

/// The limit that holds from now on judges what is held now, too: the operator is warned before it is published.
#[tokio::test]
async fn another_brake_percent_judges_from_the_next_publication_on() {
    let scene = PublishedTenant::large().await;
    let percent = |brake_percent| {
        move |configuration: &mut Configuration| {
            configuration.brake_percent = brake_percent;
        }
    };
    // Eight of thirty pupils of one school: 25 % of its users.
    truncate(&scene.school, 1, 23).await;
    assert_eq!(scene.publish_unasked().await, State::Held);
    let report = scene.apply(percent(24)).await;
    assert_warned(&report, "brake_percent: 24 instead of 20");
    assert_warned(&report, "the next publication will be held");
    assert_eq!(scene.publish_unasked().await, State::Held);
    let dry = PublishedTenant::done(scene.try_apply(percent(40), &["--dry-run"]).await);
    assert_warned(&dry, "what is held now will be held no longer");
    assert_eq!(scene.publish_unasked().await, State::Held, "it was a rehearsal");
    scene.apply(percent(40)).await;
    assert_eq!(scene.publish_unasked().await, State::Published);
    assert_eq!(scene.usernames().await.len(), 58);
    scene.apply(percent(1)).await;
    assert_eq!(scene.publish_unasked().await, State::Unchanged);
    truncate(&scene.school, 1, 22).await;
    assert_eq!(
        scene.publish_unasked().await,
        State::Held,
        "one pupil is more than 1 %"
    );
}
