//! Who of the list has the name of somebody who left.

use std::collections::HashMap;

use crate::name::words;
use crate::person::{Left, Person};

/// Returns for each person whether somebody else of the very name left or is not published: an account of that name may be theirs.
pub(super) fn namesakes(people: &[Person], left: &[Left]) -> Vec<bool> {
    let mut by_name: HashMap<[String; 2], Vec<Option<&str>>> = HashMap::new();
    for left in left {
        let born = by_name.entry(key(&left.given, &left.family)).or_default();
        born.push(left.birth_date.as_deref());
    }
    let has_namesake = |person: &Person| {
        let born = by_name.get(&key(&person.given, &person.family));
        // Of one birth date it is the same person, whom Informat has twice.
        born.into_iter()
            .flatten()
            .any(|born| born.is_none() || *born != person.birth_date.as_deref())
    };
    people.iter().map(has_namesake).collect()
}

/// Returns both names in letters, in either order.
fn key(given: &str, family: &str) -> [String; 2] {
    let mut names = [words(given).concat(), words(family).concat()];
    names.sort();
    names
}
