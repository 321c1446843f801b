use std::collections::HashSet;

use super::super::{
    Change, Class, FoundIdChange, IdVerdict, OrgShare, Person, Share, class_id_changes, person_id_changes,
    too_many_ids_changed,
};
use super::{SIZES, changes, id, people};

/// What happens to a person, and whether they are the same for certain.
type Case = (fn(&mut Person), bool);

fn found(before: &[Person], after: &[Person]) -> Vec<FoundIdChange> {
    person_id_changes(&changes(before, after), &HashSet::new())
}

/// Gives the first `count` people ids that nobody had.
fn rekeyed(people: &[Person], count: u64) -> Vec<Person> {
    let mut after = people.to_vec();
    for person in after.iter_mut().take(usize::try_from(count).unwrap()) {
        person.id = id(1_000_000 + u64::try_from(person.key).unwrap());
    }
    after
}

#[test]
fn person_ids_changed_speaks_for_more_than_five_or_one_percent_of_the_tenant() {
    for size in SIZES {
        let limit = (size / 100).max(5);
        for (count, expected) in [(limit, false), (limit + 1, true)] {
            let people = people(size);
            let same = found(&people, &rekeyed(&people, count))
                .iter()
                .filter(|found| found.is_same)
                .count() as u64;
            assert_eq!(same, count);
            let share = Share {
                count: same,
                of: size,
            };
            assert_eq!(too_many_ids_changed(share, &[]), expected, "{count} of {size}");
        }
    }
}

#[test]
fn person_ids_changed_speaks_for_more_than_a_fifth_of_an_org_from_three_on() {
    for (count, of, expected) in [
        (2, 2, false),
        (3, 15, false),
        (3, 14, true),
        (4, 20, false),
        (5, 24, true),
    ] {
        let org = OrgShare {
            org: "001507-1".to_owned(),
            share: Share { count, of },
        };
        let of_tenant = Share { count, of: 5_000 };
        assert_eq!(
            too_many_ids_changed(of_tenant, &[org]),
            expected,
            "{count} of {of}"
        );
    }
}

#[test]
fn person_id_changed_is_a_known_key_with_an_id_nobody_had_before() {
    let before = people(3);
    let mut after = before.clone();
    after[0].id = id(100);
    let changed = found(&before, &after);
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (
            changed[0].change.key,
            changed[0].change.before,
            changed[0].change.after
        ),
        (1, id(1), id(100))
    );
    assert_eq!(changed[0].change.verdict, IdVerdict::PersonIdChanged);
    let had_before = HashSet::from([id(100)]);
    assert_eq!(person_id_changes(&changes(&before, &after), &had_before), []);
}

#[test]
fn person_id_changed_is_not_said_of_people_who_are_renumbered_only() {
    let before = people(5_000);
    let mut after = before.clone();
    for person in &mut after {
        person.key = 5_001 - person.key;
    }
    assert_eq!(found(&before, &after), []);
}

#[test]
fn person_key_reused_is_another_name_and_another_birth_date_both_known() {
    let before = people(1);
    let with = |change: fn(&mut Person)| {
        let mut after = before.clone();
        after[0].id = id(100);
        change(&mut after[0]);
        let found = found(&before, &after);
        (found[0].change.verdict, found[0].is_same)
    };
    let somebody_else = |person: &mut Person| {
        person.given = Some("Els".to_owned());
        person.family = Some("Claes".to_owned());
        person.birth_date = "2001-02-03".parse().ok();
    };
    assert_eq!(with(somebody_else), (IdVerdict::PersonKeyReused, false));
    let cases: [Case; 5] = [
        // Married, with the same birth date; the same name, with another or none; given and family name exchanged.
        (|person| person.family = Some("Claes".to_owned()), true),
        (|person| person.birth_date = "2001-02-03".parse().ok(), true),
        (|person| person.birth_date = None, true),
        (
            |person| {
                std::mem::swap(&mut person.given, &mut person.family);
                person.birth_date = None;
            },
            true,
        ),
        // Another name, and nobody knows the birth date: neither the same for sure, nor somebody else.
        (
            |person| {
                person.family = Some("Claes".to_owned());
                person.birth_date = None;
            },
            false,
        ),
    ];
    for (change, is_same) in cases {
        assert_eq!(with(change), (IdVerdict::PersonIdChanged, is_same));
    }
}

#[test]
fn person_id_changed_does_not_take_two_missing_names_for_one() {
    let mut before = people(1);
    before[0].given = None;
    before[0].family = None;
    before[0].birth_date = None;
    let mut after = before.clone();
    after[0].id = id(100);
    assert!(!found(&before, &after)[0].is_same);
}

fn class(key: i64, number: u64, school_year: &str) -> Class {
    Class {
        key,
        id: id(number),
        school_year: school_year.to_owned(),
        code: format!("{key}A"),
        title: None,
    }
}

fn class_change(before: Class, after: Class) -> Change<Class> {
    Change {
        line: None,
        before: Some(before),
        after: Some(after),
    }
}

#[test]
fn class_id_changed_is_a_known_key_of_the_same_school_year_with_an_id_none_had() {
    let year = "2026-27";
    let none = HashSet::new();
    let found = |change| class_id_changes(&[change], &none).len();
    assert_eq!(found(class_change(class(1, 1, year), class(1, 100, year))), 1);
    assert_eq!(
        found(class_change(class(1, 1, year), class(1, 100, "2027-28"))),
        0
    );
    let exchanged = [
        class_change(class(1, 1, year), class(1, 2, year)),
        class_change(class(2, 2, year), class(2, 1, year)),
    ];
    assert_eq!(class_id_changes(&exchanged, &none), []);
    // An id of another year is one that no class of this year had.
    let of_last_year = [
        class_change(class(1, 1, year), class(1, 7, year)),
        class_change(class(2, 7, "2025-26"), class(2, 7, "2024-25")),
    ];
    let found = class_id_changes(&of_last_year, &none);
    assert_eq!(
        found.iter().map(|found| found.change.key).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(found[0].change.verdict, IdVerdict::ClassIdChanged);
}
