//! What a load does to the people of a group as a whole.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::change::{Change, Person, Share};
use super::id_change::FoundIdChange;
use super::likeness::comparable_names;

/// Fewest people that stay of whom names are counted.
const STAYING_LEAST: u64 = 20;
/// How many of them may get another name, in percent.
const NAMES_PERCENT: u64 = 20;
/// Half, in percent.
const HALF_PERCENT: u64 = 50;

/// People whose name a load changes, of those that stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedNames {
    /// How many of how many.
    pub share: Share,
    /// Their keys after the load, in the order of the changes.
    pub keys: Vec<i64>,
}

impl ChangedNames {
    /// Returns `true` if the load is refused: more than 20 % of at least 20 people that stay.
    pub const fn speaks(&self) -> bool {
        self.share.of >= STAYING_LEAST && self.share.is_above(NAMES_PERCENT)
    }
}

/// Finds the people who stay, by their id, and lose a given or family name or get another.
///
/// Spelling does not count, and who had no name gets a first one. `known` is how many people there were before.
pub fn changed_names(changes: &[Change<Person>], known: u64) -> ChangedNames {
    let before: HashMap<Uuid, &Person> = rows(changes, |change| change.before.as_ref())
        .map(|person| (person.id, person))
        .collect();
    let mut still_there = 0_u64;
    let mut keys = Vec::new();
    for after in rows(changes, |change| change.after.as_ref()) {
        let Some(before) = before.get(&after.id) else {
            continue;
        };
        still_there += 1;
        let (given_before, family_before) = comparable_names(before);
        let (given, family) = comparable_names(after);
        let is_another = |before: &str, after: &str| !before.is_empty() && before != after;
        if is_another(&given_before, &given) || is_another(&family_before, &family) {
            keys.push(after.key);
        }
    }
    let gone = before.len() as u64 - still_there;
    ChangedNames {
        share: Share {
            count: keys.len() as u64,
            of: known.saturating_sub(gone),
        },
        keys,
    }
}

/// How many strangers come, and how many of those known go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turnover {
    /// People nobody knew, of all after the load.
    pub strangers: Share,
    /// People who are gone, of all before.
    pub gone: Share,
}

impl Turnover {
    /// Returns `true` if the load is refused: more than half are strangers, while more than half of those known are gone.
    pub const fn speaks(&self) -> bool {
        self.strangers.is_above(HALF_PERCENT) && self.gone.is_above(HALF_PERCENT)
    }
}

/// Counts strangers and people who are gone. Somebody known who only got another id is neither.
pub fn turnover(changes: &[Change<Person>], id_changes: &[FoundIdChange], known: u64) -> Turnover {
    let ids = |side: fn(&Change<Person>) -> Option<&Person>| -> HashSet<Uuid> {
        rows(changes, side).map(|person| person.id).collect()
    };
    let before = ids(|change| change.before.as_ref());
    let after = ids(|change| change.after.as_ref());
    let same = id_changes.iter().filter(|found| found.is_same).count() as u64;
    let count = |one: &HashSet<Uuid>, other: &HashSet<Uuid>| one.difference(other).count() as u64;
    Turnover {
        strangers: Share {
            count: count(&after, &before).saturating_sub(same),
            of: (known + after.len() as u64).saturating_sub(before.len() as u64),
        },
        gone: Share {
            count: count(&before, &after).saturating_sub(same),
            of: known,
        },
    }
}

fn rows(
    changes: &[Change<Person>],
    side: fn(&Change<Person>) -> Option<&Person>,
) -> impl Iterator<Item = &Person> {
    changes.iter().filter_map(side)
}
