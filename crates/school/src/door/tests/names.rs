use super::super::{Person, changed_names};
use super::{changes, people};

/// Gives the first `count` people another family name.
fn renamed(people: &[Person], count: u64) -> Vec<Person> {
    let mut after = people.to_vec();
    for person in after.iter_mut().take(usize::try_from(count).unwrap()) {
        person.family = Some("Ander".to_owned());
    }
    after
}

fn speaks(before: &[Person], after: &[Person]) -> bool {
    changed_names(&changes(before, after), before.len() as u64).speaks()
}

#[test]
fn names_changed_speaks_for_more_than_a_fifth_of_at_least_twenty_people_that_stay() {
    for (size, count, expected) in [
        (10, 10, false),
        (12, 12, false),
        (19, 19, false),
        (20, 4, false),
        (20, 5, true),
        (180, 36, false),
        (180, 37, true),
        (5_000, 1_000, false),
        (5_000, 1_001, true),
    ] {
        let people = people(size);
        assert_eq!(
            speaks(&people, &renamed(&people, count)),
            expected,
            "{count} of {size}"
        );
    }
}

#[test]
fn names_changed_counts_those_that_stay_only() {
    let before = people(30);
    let mut after = renamed(&before, 5);
    // 25 stay, of whom five changed: exactly a fifth. One less that stays, and it is more.
    after.truncate(25);
    assert!(!speaks(&before, &after));
    after.truncate(24);
    assert!(speaks(&before, &after));
    // Newcomers make no difference.
    let mut more = people(200);
    more.drain(..30);
    after.extend(more);
    assert!(speaks(&before, &after));
}

#[test]
fn names_changed_finds_people_by_id_though_their_keys_change() {
    let before = people(20);
    let mut after = renamed(&before, 5);
    for person in &mut after {
        person.key = 21 - person.key;
    }
    assert!(speaks(&before, &after));
}

#[test]
fn names_changed_looks_past_spelling_and_at_lost_names() {
    let spelt = |given: Option<&str>| {
        let mut people = people(20);
        for person in &mut people {
            person.given = given.map(str::to_owned);
        }
        people
    };
    let before = spelt(Some("Zoë D'Hondt"));
    for spelling in ["ZOE D’HONDT", "Zoe\u{308} d'hondt", " zoë  D'Hondt "] {
        assert!(!speaks(&before, &spelt(Some(spelling))), "{spelling}");
    }
    assert!(speaks(&before, &spelt(None)), "a name that is lost");
    assert!(!speaks(&spelt(None), &before), "a first name for who had none");
}
