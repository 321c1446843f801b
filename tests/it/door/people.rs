//! `names-changed` and `other-group`.

use oneroster::mirror::Mode;
use oneroster_school::door::Guard;

use super::LoadedTenant;
use super::group::{Group, Person};

fn rename(person: &mut Person) {
    person.family = format!("Other{}", person.family);
}

#[tokio::test]
async fn names_changed_refuses_more_than_a_fifth_of_the_people_that_stay_in_full_and_delta() {
    for (size, count, expected) in [
        (180, 36, false),
        (180, 37, true),
        (20, 4, false),
        (20, 5, true),
        // Fewer than twenty: too few to say.
        (12, 12, false),
        (10, 10, false),
    ] {
        let group = Group::of(&[size]);
        let scene = LoadedTenant::of(&group).await;
        let refused = scene.refused_by(&group, &group.with_people(count, rename)).await;
        assert_eq!(
            refused.contains(&Guard::NamesChanged),
            expected,
            "{count} of {size}"
        );
        assert!(refused.len() <= 1, "{refused:?}");
    }
}

#[tokio::test]
async fn names_changed_speaks_of_exchanged_columns_and_not_of_names_corrected_from_capitals() {
    let group = Group::of(&[60]);
    let scene = LoadedTenant::of(&group).await;
    let capitals = group.with_people(60, |person| person.family = person.family.to_uppercase());
    assert!(scene.refused_by(&group, &capitals).await.is_empty());
    let exchanged = group.with_people(60, |person| std::mem::swap(&mut person.given, &mut person.family));
    assert!(
        scene
            .refused_by(&group, &exchanged)
            .await
            .contains(&Guard::NamesChanged)
    );
    let lost = group.with_people(60, |person| person.given.clear());
    let refusal = scene
        .try_import(&lost.files(), Mode::Full, &[])
        .await
        .unwrap_err();
    let [report] = refusal.guards.as_slice() else {
        panic!("{refusal:?}")
    };
    assert_eq!(
        (report.guard, report.count, report.of),
        (Guard::NamesChanged, 60, 60)
    );
    for said in ["60 of 60", "p_persoon 1, 2", "--accept names-changed --by NAME"] {
        assert!(report.message.contains(said), "{said}: {}", report.message);
    }
    scene
        .import(&lost.files(), Mode::Full, &[Guard::NamesChanged])
        .await
        .unwrap();
}

/// `stay` people, and strangers under the keys from there on.
fn replaced(group: &Group, stay: usize) -> Group {
    let mut after = group.clone();
    for person in after.people.iter_mut().skip(stay) {
        person.id += 100_000;
        person.given = format!("Other{}", person.given);
        person.family = format!("Other{}", person.family);
        person.birth_date = "2012-12-12".to_owned();
    }
    after
}

#[tokio::test]
async fn other_group_refuses_when_more_than_half_are_strangers_and_more_than_half_are_gone() {
    for size in [180, 12, 10] {
        let group = Group::of(&[size]);
        let scene = LoadedTenant::of(&group).await;
        for (stay, expected) in [(size / 2, false), (size / 2 - 1, true), (0, true)] {
            let refused = scene.refused_by(&group, &replaced(&group, stay)).await;
            assert_eq!(
                refused.contains(&Guard::OtherGroup),
                expected,
                "{size}: {stay} stay"
            );
            assert!(refused.len() <= 1, "{refused:?}");
        }
    }
}

#[tokio::test]
async fn other_group_lets_a_pilot_grow_and_a_group_shrink() {
    let pilot = Group::of(&[10]);
    let school = Group::of(&[180]);
    let scene = LoadedTenant::of(&pilot).await;
    assert!(scene.refused_by(&pilot, &school).await.is_empty());
    scene.import(&school.files(), Mode::Full, &[]).await.unwrap();
    assert!(scene.refused_by(&school, &pilot).await.is_empty());
}

#[tokio::test]
async fn other_group_says_how_many_and_is_accepted_by_name() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let after = replaced(&group, 0).files();
    let refusal = scene.try_import(&after, Mode::Full, &[]).await.unwrap_err();
    let message = &refusal.guards[0].message;
    for said in [
        "180 of 180",
        "another school group",
        "--accept other-group --by NAME",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    scene
        .import(&after, Mode::Full, &[Guard::OtherGroup])
        .await
        .unwrap();
}
