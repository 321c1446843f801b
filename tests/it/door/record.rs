//! What is kept of an acceptance: who and how many, for people; which guards, for the brake; which ids, for usernames.

use std::collections::BTreeSet;

use oneroster::db::scope;
use oneroster::mirror::{Mode, memory};
use oneroster::tenants;
use oneroster_school::door::{Guard, IdVerdict};
use serde_json::json;

use super::LoadedTenant;
use super::group::{Group, id};
use crate::harness::as_server;

#[tokio::test]
async fn import_accepted_is_recorded_with_who_and_counts_once_per_guard_that_spoke() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let renamed = group.with_people(60, |person| person.family = format!("Other{}", person.family));
    let accept = [Guard::NamesChanged, Guard::DamagedText];
    scene
        .try_import(&renamed.files(), Mode::Full, &accept)
        .await
        .unwrap();
    scene.import(&renamed.files(), Mode::Full, &accept).await.unwrap();
    let mut transaction = scope::begin(&as_server(&scene.database.pool), "t").await.unwrap();
    let decisions = tenants::decisions(&mut transaction, "t").await.unwrap();
    let [decision] = decisions.as_slice() else {
        panic!("{decisions:?}")
    };
    assert_eq!(
        (decision.decided_by.as_str(), decision.decision.as_str()),
        ("Els", "import_accepted")
    );
    assert_eq!(
        decision.detail,
        json!({"guard": "names-changed", "count": 60, "of": 180})
    );
}

#[tokio::test]
async fn accepted_guards_are_known_for_what_came_since_a_version_of_the_mirror() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let renamed = group.with_people(60, |person| person.family = format!("Other{}", person.family));
    scene
        .import(&renamed.files(), Mode::Full, &[Guard::NamesChanged])
        .await
        .unwrap();
    // The same again changes nothing, and another load follows.
    scene.import(&renamed.files(), Mode::Full, &[]).await.unwrap();
    let more = renamed.with_people(1, |person| person.given = "An".to_owned());
    scene.import(&more.files(), Mode::Full, &[]).await.unwrap();
    let mut transaction = scope::begin(&as_server(&scene.database.pool), "t").await.unwrap();
    let names = BTreeSet::from([Guard::NamesChanged]);
    for (version, expected) in [
        (0, &names),
        (1, &names),
        (2, &BTreeSet::new()),
        (3, &BTreeSet::new()),
    ] {
        let accepted = memory::accepted_since(&mut transaction, "t", version)
            .await
            .unwrap();
        assert_eq!(&accepted, expected, "since version {version}");
    }
}

#[tokio::test]
async fn keys_with_another_id_are_kept_with_what_it_means_and_a_refusal_keeps_nothing() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let mut after = group.with_classes(1, |class| class.id += 100_000);
    for person in after.people.iter_mut().take(3) {
        person.id += 100_000;
    }
    after.people[1].birth_date.clear();
    after.people[2].given = "Els".to_owned();
    after.people[2].family = "Claes".to_owned();
    after.people[2].birth_date = "2012-12-12".to_owned();
    let refused = group.with_people(50, |person| person.id += 200_000);
    scene.import(&refused.files(), Mode::Full, &[]).await.unwrap_err();
    scene.import(&after.files(), Mode::Full, &[]).await.unwrap();
    let mut transaction = scope::begin(&as_server(&scene.database.pool), "t").await.unwrap();
    let changes = memory::id_changes(&mut transaction, "t").await.unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.key,
                change.before.to_string(),
                change.after.to_string(),
                change.verdict,
            )
        })
        .collect();
    let change = |key, verdict| (i64::try_from(key).unwrap(), id(key), id(key + 100_000), verdict);
    assert_eq!(
        told,
        [
            change(1, IdVerdict::ClassIdChanged),
            change(1, IdVerdict::PersonIdChanged),
            change(2, IdVerdict::PersonIdChanged),
            change(3, IdVerdict::PersonKeyReused),
        ]
    );
}
