use std::collections::HashSet;

use super::super::{Person, Turnover, person_id_changes, turnover};
use super::{SIZES, changes, id, numbered, people};

fn judged(before: &[Person], after: &[Person]) -> Turnover {
    let changes = changes(before, after);
    let found = person_id_changes(&changes, &HashSet::new());
    turnover(&changes, &found, before.len() as u64)
}

/// People of another group, with keys from `first` on: two groups count from 1.
fn strangers(count: u64, first: i64) -> Vec<Person> {
    let mut people = numbered(10_001..=10_000 + count);
    for (person, key) in people.iter_mut().zip(first..) {
        person.key = key;
    }
    people
}

/// `stay` people of `size`, and `come` strangers under the keys of the others.
fn replaced(size: u64, stay: u64, come: u64) -> (Vec<Person>, Vec<Person>) {
    let before = people(size);
    let mut after = before.clone();
    after.truncate(usize::try_from(stay).unwrap());
    after.extend(strangers(come, i64::try_from(stay).unwrap() + 1));
    (before, after)
}

#[test]
fn other_group_speaks_when_more_than_half_are_strangers_and_more_than_half_are_gone() {
    for size in SIZES {
        let half = size / 2;
        for (stay, come, expected) in [
            (half, size - half, false),
            (half - 1, half + 1, true),
            // More than half are gone, and not more than half are strangers.
            (half - 1, half - 1, false),
            // The other way round.
            (half, size * 3, false),
            (0, size, true),
        ] {
            let (before, after) = replaced(size, stay, come);
            let turnover = judged(&before, &after);
            assert_eq!(
                turnover.speaks(),
                expected,
                "{size}: {stay} stay, {come} come: {turnover:?}"
            );
        }
    }
}

#[test]
fn other_group_is_not_a_group_whose_people_only_got_other_ids_or_keys() {
    let before = people(180);
    let mut after = before.clone();
    for person in &mut after {
        person.id = id(1_000_000 + u64::try_from(person.key).unwrap());
    }
    assert!(!judged(&before, &after).speaks());
    let mut after = before.clone();
    for person in &mut after {
        person.key += 1_000;
    }
    assert!(!judged(&before, &after).speaks());
}

#[test]
fn other_group_is_recognised_without_birth_dates_too() {
    let (mut before, mut after) = replaced(12, 0, 12);
    for person in before.iter_mut().chain(&mut after) {
        person.birth_date = None;
    }
    assert!(judged(&before, &after).speaks());
}

#[test]
fn other_group_does_not_speak_of_a_first_load_nor_of_one_that_empties() {
    assert!(!judged(&[], &people(180)).speaks());
    assert!(!judged(&people(180), &[]).speaks());
}
