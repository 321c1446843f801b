//! Texts that come damaged.

use std::collections::HashMap;

use uuid::Uuid;

use super::change::{Change, Class, Person, Share};
use crate::text::{TextUse, judge};

/// Most texts that may turn doubtful in one load.
const TURNED_LIMIT: u64 = 5;
/// Fewest telling texts of a first load.
const FIRST_LEAST: u64 = 5;
/// How many of them may be doubtful, in percent.
const FIRST_PERCENT: u64 = 50;

/// Texts of tables that held nothing before: nobody can tell what they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstTexts {
    /// How many are doubtful.
    pub doubtful: u64,
    /// How many are healthy and have letters outside ASCII, which damage would have hit.
    pub healthy_beyond_ascii: u64,
}

impl std::ops::AddAssign for FirstTexts {
    fn add_assign(&mut self, other: Self) {
        self.doubtful += other.doubtful;
        self.healthy_beyond_ascii += other.healthy_beyond_ascii;
    }
}

/// Judges texts that turned doubtful of the texts there were, and those of a first load. Returns how many of how many are
/// damaged if the load is refused: more than 5 that were healthy, or in a first load more than half of at least 5 that are
/// doubtful or have letters outside ASCII.
pub fn damaged_texts(turned: Share, first: FirstTexts) -> Option<Share> {
    if turned.count > TURNED_LIMIT {
        return Some(turned);
    }
    let telling = Share {
        count: first.doubtful,
        of: first.doubtful + first.healthy_beyond_ascii,
    };
    (telling.of >= FIRST_LEAST && telling.is_above(FIRST_PERCENT)).then_some(telling)
}

/// Returns `true` if a text was healthy and comes doubtful.
pub fn turns_doubtful(before: Option<&str>, after: Option<&str>, text_use: TextUse) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    before != after && judge(before, text_use).is_none() && judge(after, text_use).is_some()
}

/// Counts the names that turn doubtful, with the keys of their people, once per name. A person is found again by id; if
/// that changed too, by key.
pub fn turned_names(changes: &[Change<Person>]) -> Vec<i64> {
    let known: HashMap<Uuid, &Person> = changes
        .iter()
        .filter_map(|change| change.before.as_ref())
        .map(|person| (person.id, person))
        .collect();
    let mut keys = Vec::new();
    for change in changes {
        let Some(after) = &change.after else { continue };
        let Some(before) = known.get(&after.id).copied().or(change.before.as_ref()) else {
            continue;
        };
        let names = [(&before.given, &after.given), (&before.family, &after.family)];
        let turned = names.into_iter().filter(|(before, after)| {
            turns_doubtful(before.as_deref(), after.as_deref(), TextUse::PersonName)
        });
        keys.extend(turned.map(|_| after.key));
    }
    keys
}

/// Counts the codes and names of classes that turn doubtful, with the keys of the classes, once per text.
pub fn turned_titles(changes: &[Change<Class>]) -> Vec<i64> {
    let mut keys = Vec::new();
    for change in changes {
        let (Some(before), Some(after)) = (&change.before, &change.after) else {
            continue;
        };
        let codes = (Some(before.code.as_str()), Some(after.code.as_str()));
        let titles = (before.title.as_deref(), after.title.as_deref());
        let turned = [codes, titles]
            .into_iter()
            .filter(|(before, after)| turns_doubtful(*before, *after, TextUse::Title));
        keys.extend(turned.map(|_| after.key));
    }
    keys
}
