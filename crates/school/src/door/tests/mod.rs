//! The thresholds, just below and just above, in a pilot of ten, a group of twelve, a small school and a large group.

mod ids;
mod names;
mod properties;
mod texts;
mod turnover;

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Change, Person};

/// Sizes of what is synchronised: a pilot, a small group, a primary school, a group of schools.
const SIZES: [u64; 4] = [10, 12, 180, 5_000];

fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

/// People with names and birth dates of their own.
fn people(count: u64) -> Vec<Person> {
    numbered(1..=count)
}

fn numbered(numbers: std::ops::RangeInclusive<u64>) -> Vec<Person> {
    let first = "1970-01-01".parse::<chrono::NaiveDate>().unwrap();
    numbers
        .map(|number| Person {
            key: i64::try_from(number).unwrap(),
            id: id(number),
            given: Some(letters("Given", number)),
            family: Some(letters("Family", number)),
            birth_date: first.checked_add_days(chrono::Days::new(number)),
        })
        .collect()
}

/// A name that no other number has: digits in letters.
fn letters(start: &str, number: u64) -> String {
    let letters = number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect::<String>();
    format!("{start}{letters}")
}

/// What a load that turns `before` into `after` changes, by key.
fn changes(before: &[Person], after: &[Person]) -> Vec<Change<Person>> {
    let mut rows: BTreeMap<i64, (Option<Person>, Option<Person>)> = BTreeMap::new();
    for person in before {
        rows.entry(person.key).or_default().0 = Some(person.clone());
    }
    for person in after {
        rows.entry(person.key).or_default().1 = Some(person.clone());
    }
    rows.into_values()
        .filter(|(before, after)| before != after)
        .map(|(before, after)| Change {
            line: None,
            before,
            after,
        })
        .collect()
}
