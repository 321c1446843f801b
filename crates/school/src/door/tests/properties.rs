//! What holds for any load, over whole groups before and after.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::super::{Person, changed_names, person_id_changes, turned_names, turnover};
use super::{changes, id};

/// A small world of keys, ids and names, so that everything meets.
fn group() -> impl Strategy<Value = Vec<Person>> {
    let names = prop::option::of(prop::sample::select(vec!["Ann", "ANN", "Bo", "JosÃ©", "José"]));
    let person = (
        1..15_i64,
        1..15_u64,
        names.clone(),
        names,
        prop::option::of(1..4_u32),
    );
    prop::collection::vec(person, 0..12).prop_map(|rows| {
        let (mut keys, mut ids) = (HashSet::new(), HashSet::new());
        let rows = rows
            .into_iter()
            .filter(|row| keys.insert(row.0) && ids.insert(row.1));
        rows.map(|(key, number, given, family, day)| Person {
            key,
            id: id(number),
            given: given.map(str::to_owned),
            family: family.map(str::to_owned),
            birth_date: day.and_then(|day| chrono::NaiveDate::from_ymd_opt(2010, 1, day)),
        })
        .collect()
    })
}

fn ids(group: &[Person]) -> HashSet<uuid::Uuid> {
    group.iter().map(|person| person.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_load_that_changes_nothing_makes_no_guard_speak(group in group()) {
        let changes = changes(&group, &group);
        prop_assert!(changes.is_empty());
        prop_assert_eq!(turnover(&changes, &[], group.len() as u64).strangers.count, 0);
        prop_assert_eq!(changed_names(&changes, group.len() as u64).share.of, group.len() as u64);
    }

    #[test]
    fn shares_are_those_of_the_whole_groups(before in group(), after in group()) {
        let changes = changes(&before, &after);
        let known = before.len() as u64;
        let stays = ids(&before).intersection(&ids(&after)).count() as u64;
        prop_assert_eq!(changed_names(&changes, known).share.of, stays);
        let turnover = turnover(&changes, &[], known);
        prop_assert_eq!(turnover.strangers.of, after.len() as u64);
        prop_assert_eq!(turnover.strangers.count, after.len() as u64 - stays);
        prop_assert_eq!((turnover.gone.count, turnover.gone.of), (known - stays, known));
    }

    #[test]
    fn id_changes_are_known_keys_with_ids_that_were_nowhere(before in group(), after in group()) {
        let by_key: HashMap<i64, &Person> = before.iter().map(|person| (person.key, person)).collect();
        let expected: Vec<(i64, uuid::Uuid)> = after
            .iter()
            .filter(|person| by_key.contains_key(&person.key) && !ids(&before).contains(&person.id))
            .map(|person| (person.key, person.id))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut found: Vec<(i64, uuid::Uuid)> = person_id_changes(&changes(&before, &after), &HashSet::new())
            .iter()
            .map(|found| (found.change.key, found.change.after))
            .collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    /// A delta that says the same as a whole state is judged the same.
    #[test]
    fn the_order_of_changes_does_not_matter(before in group(), after in group()) {
        let forth = changes(&before, &after);
        let mut back = forth.clone();
        back.reverse();
        let known = before.len() as u64;
        prop_assert_eq!(changed_names(&forth, known).share, changed_names(&back, known).share);
        prop_assert_eq!(turned_names(&forth).len(), turned_names(&back).len());
        let found = person_id_changes(&forth, &HashSet::new());
        prop_assert_eq!(turnover(&forth, &found, known), turnover(&back, &found, known));
    }
}
