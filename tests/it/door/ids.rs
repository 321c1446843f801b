//! `person-ids-changed`, `class-ids-changed` and the remarks below their thresholds.

use std::fmt::Write;

use oneroster::mirror::{Mode, Subject};
use oneroster_school::door::Guard;

use super::group::{Class, Group, Person, id};
use super::{LoadedTenant, remark, remarked};

fn rekey(person: &mut Person) {
    person.id += 100_000;
}

fn rekey_class(class: &mut Class) {
    class.id += 100_000;
}

#[tokio::test]
async fn person_ids_changed_refuses_more_than_five_of_a_small_school_in_full_and_delta() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    for (count, guards) in [(5, &[][..]), (6, &[Guard::PersonIdsChanged])] {
        let refused = scene.refused_by(&group, &group.with_people(count, rekey)).await;
        assert!(refused.iter().eq(guards), "{count}: {refused:?}");
    }
}

#[tokio::test]
async fn person_ids_changed_refuses_more_than_a_fifth_of_an_org_in_a_group_of_twelve_and_a_pilot_of_ten() {
    for (sizes, count, expected) in [
        (&[12_usize][..], 2, false),
        (&[12], 3, true),
        (&[10], 2, false),
        (&[10], 3, true),
        (&[15], 3, false),
        (&[14, 500], 3, true),
        (&[15, 500], 3, false),
    ] {
        let group = Group::of(sizes);
        let scene = LoadedTenant::of(&group).await;
        let refused = scene.refused_by(&group, &group.with_people(count, rekey)).await;
        assert_eq!(
            refused.contains(&Guard::PersonIdsChanged),
            expected,
            "{count} of {sizes:?}"
        );
    }
}

/// Staff belong to every site that their assignment covers.
#[tokio::test]
async fn person_ids_changed_counts_staff_in_the_orgs_they_serve() {
    let mut group = Group::of(&[12]);
    group.people.iter_mut().for_each(|person| person.site = 0);
    let mut files = group.files();
    let mut assignments =
        "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed\n".to_owned();
    for person in &group.people {
        writeln!(assignments, "{0},{0},001507,,,,,", person.key).unwrap();
    }
    files.insert("opdracht.csv", assignments);
    let scene = LoadedTenant::empty().await;
    scene.import(&files, Mode::Full, &[]).await.unwrap();
    let tried = scene
        .try_import(&group.with_people(3, rekey).files(), Mode::Full, &[])
        .await;
    let message = &tried.unwrap_err().guards[0].message;
    assert!(message.contains("3 of 12 in org 001507-1"), "{message}");
}

#[tokio::test]
async fn person_ids_changed_says_how_many_of_how_many_which_and_what_to_type() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let after = group.with_people(7, rekey).files();
    let refusal = scene.try_import(&after, Mode::Full, &[]).await.unwrap_err();
    let [report] = refusal.guards.as_slice() else {
        panic!("{refusal:?}")
    };
    assert_eq!((report.count, report.of, report.accepted), (7, 180, false));
    for said in [
        "7 of 180",
        "p_persoon 1, 2, 3, 4, 5, …",
        "export again",
        "usernames transfer",
        "--accept person-ids-changed --by NAME",
    ] {
        assert!(report.message.contains(said), "{said}: {}", report.message);
    }
    assert!(!report.message.contains("Given"), "no names: {}", report.message);
    // Another guard's acceptance opens nothing.
    let tried = scene.try_import(&after, Mode::Full, &[Guard::NamesChanged]).await;
    assert_eq!(tried.unwrap_err().guards.len(), 1);
    let loaded = scene
        .import(&after, Mode::Full, &[Guard::PersonIdsChanged])
        .await
        .unwrap();
    assert!(loaded.guards[0].accepted);
    // What was accepted is there; the next load has nothing to say.
    let again = scene.import(&after, Mode::Full, &[]).await.unwrap();
    assert!(again.guards.is_empty() && again.remarks.is_empty() && !again.changed());
}

#[tokio::test]
async fn person_ids_changed_is_not_said_of_a_migration_that_renumbers_every_key() {
    let group = Group::of(&[60]);
    let scene = LoadedTenant::of(&group).await;
    let mut after = group.clone();
    for person in &mut after.people {
        person.key += 1_000;
    }
    let loaded = scene.import(&after.files(), Mode::Full, &[]).await.unwrap();
    assert!(
        loaded.guards.is_empty() && loaded.remarks.is_empty(),
        "{loaded:?}"
    );
}

#[tokio::test]
async fn person_id_changed_is_a_remark_with_the_command_that_mends_it() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let loaded = scene
        .import(&group.with_people(2, rekey).files(), Mode::Full, &[])
        .await
        .unwrap();
    let remark = remark(&loaded.remarks, Subject::PersonIdChanged).unwrap();
    assert_eq!(remark.count, 2);
    let example = &remark.examples[0];
    assert_eq!(
        (example.file, example.line, example.column, example.value.as_str()),
        ("persoon.csv", Some(2), "rowguid", id(100_001).as_str())
    );
    let command = format!(
        "oneroster usernames transfer --tenant t --from {} --to {}",
        id(1),
        id(100_001)
    );
    assert_eq!(example.command.as_deref(), Some(command.as_str()));
    assert!(
        remark.to_string().contains(&command),
        "on the screen, too: {remark}"
    );
}

/// A return to an earlier id is no change to a new id.
#[tokio::test]
async fn person_id_changed_is_not_said_when_the_old_id_comes_back() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    scene
        .import(&group.with_people(2, rekey).files(), Mode::Full, &[])
        .await
        .unwrap();
    let back = scene.import(&group.files(), Mode::Full, &[]).await.unwrap();
    assert_eq!((back.updated, back.remarks.len()), (2, 0), "{back:?}");
}

#[tokio::test]
async fn person_key_reused_is_a_remark_without_a_hand_over_however_many() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let after = group.with_people(30, |person| {
        rekey(person);
        person.given = format!("Other{}", person.given);
        person.family = format!("Other{}", person.family);
        person.birth_date = "2012-12-12".to_owned();
    });
    let loaded = scene.import(&after.files(), Mode::Full, &[]).await.unwrap();
    assert!(loaded.guards.is_empty(), "{loaded:?}");
    let remark = remark(&loaded.remarks, Subject::PersonKeyReused).unwrap();
    assert_eq!(remark.count, 30);
    assert!(remark.examples.iter().all(|example| example.command.is_none()));
    assert!(!remark.message.contains("usernames transfer"));
    assert_eq!(remarked(&loaded.remarks, Subject::PersonIdChanged), 0);
}

#[tokio::test]
async fn class_ids_changed_refuses_more_than_a_fifth_of_the_classes_of_a_school_of_twelve_classes() {
    let mut group = Group::of(&[10, 400]);
    group.classes.retain(|class| class.site == 2);
    group.add_classes(1, 12);
    group.classes.reverse();
    let scene = LoadedTenant::of(&group).await;
    for (count, guards) in [(2, &[][..]), (3, &[Guard::ClassIdsChanged])] {
        let refused = scene
            .refused_by(&group, &group.with_classes(count, rekey_class))
            .await;
        assert!(refused.iter().eq(guards), "{count}: {refused:?}");
    }
}

#[tokio::test]
async fn class_ids_changed_refuses_more_than_five_of_a_large_group() {
    let mut group = Group::of(&[10]);
    group.add_classes(1, 400);
    let scene = LoadedTenant::of(&group).await;
    for (count, guards) in [(5, &[][..]), (6, &[Guard::ClassIdsChanged])] {
        let refused = scene
            .refused_by(&group, &group.with_classes(count, rekey_class))
            .await;
        assert!(refused.iter().eq(guards), "{count}: {refused:?}");
    }
    let after = group.with_classes(6, rekey_class).files();
    let refusal = scene.try_import(&after, Mode::Full, &[]).await.unwrap_err();
    let message = &refusal.guards[0].message;
    for said in ["6 of 401", "p_klas 1, 2", "--accept class-ids-changed --by NAME"] {
        assert!(message.contains(said), "{said}: {message}");
    }
    scene
        .import(&after, Mode::Full, &[Guard::ClassIdsChanged])
        .await
        .unwrap();
}

#[tokio::test]
async fn class_ids_changed_is_not_said_of_keys_that_a_new_school_year_uses_again() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let after = group.with_classes(usize::MAX, |class| {
        rekey_class(class);
        class.year = "2027-28";
    });
    let refused = scene.refused_by(&group, &after).await;
    assert!(refused.is_empty(), "{refused:?}");
}

#[tokio::test]
async fn class_id_changed_is_a_remark_below_the_threshold() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let after = group.with_classes(2, rekey_class);
    let loaded = scene.import(&after.files(), Mode::Full, &[]).await.unwrap();
    let remark = remark(&loaded.remarks, Subject::ClassIdChanged).unwrap();
    assert_eq!((remark.count, remark.examples[0].file), (2, "klassen.csv"));
}
