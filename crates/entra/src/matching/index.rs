//! Finds the accounts whose names share something with a person's, without comparing everybody with everything.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::likeness::PersonName;
use crate::name::sound;

/// Shortest word of which a letter may be missing.
const TYPO_LENGTH_MIN: usize = 4;

/// Longest word that is looked for with a letter missing.
const TYPO_LENGTH_MAX: usize = 40;

/// Accounts by what their names have in common with others.
#[derive(Debug, Default)]
pub(super) struct Index {
    accounts: HashMap<u64, Vec<usize>>,
}

impl Index {
    /// Adds an account with the words of its names, some of them with the other.
    pub(super) fn add(&mut self, account: usize, names: &[Vec<String>]) {
        let mut keys = HashSet::new();
        for words in names {
            for word in words.iter().filter(|word| word.len() >= 2) {
                add_keys(&mut keys, word);
            }
            for place in 1..=words.len() {
                let (first, last) = words.split_at_checked(place).unwrap_or((words, &[]));
                for part in [first, last] {
                    if part.len() > 1 {
                        add_keys(&mut keys, &part.concat());
                    }
                }
            }
        }
        for key in keys {
            self.accounts.entry(key).or_default().push(account);
        }
    }

    /// Returns the accounts worth comparing with a person.
    pub(super) fn find(&self, name: &PersonName) -> HashSet<usize> {
        let mut keys = HashSet::new();
        let family = &name.family;
        for word in [&family.whole]
            .into_iter()
            .chain(&family.shorter)
            .chain(&family.spellings)
        {
            add_keys(&mut keys, word);
        }
        let given = &name.given;
        for word in [&given.whole].into_iter().chain(&given.spellings) {
            keys.insert(key("=", [word, ""]));
        }
        // Glued: `janpeeters`, `jpeeters`, `peetersj`.
        let initial = given.whole.get(..1).unwrap_or_default();
        for first in given
            .words
            .iter()
            .map(String::as_str)
            .chain([given.whole.as_str(), initial])
        {
            for family in [&family.whole].into_iter().chain(&family.shorter) {
                keys.insert(key("=", [first, family]));
                keys.insert(key("=", [family, first]));
            }
        }
        add_keys(&mut keys, &format!("{}{}", given.whole, family.whole));
        let found = keys.iter().filter_map(|key| self.accounts.get(key));
        found.flatten().copied().collect()
    }
}

fn add_keys(keys: &mut HashSet<u64>, word: &str) {
    if word.is_empty() {
        return;
    }
    keys.insert(key("=", [word, ""]));
    if (TYPO_LENGTH_MIN..=TYPO_LENGTH_MAX).contains(&word.len()) {
        // Two words that differ in one letter are the same without it.
        keys.insert(key("-", [word, ""]));
        for place in 0..word.len() {
            let (before, after) = (word.get(..place), word.get(place + 1..));
            if let (Some(before), Some(after)) = (before, after) {
                keys.insert(key("-", [before, after]));
            }
        }
        let sound = sound(word);
        if sound.len() >= 3 {
            keys.insert(key("~", [&sound, ""]));
        }
    }
}

/// Returns a hash of two texts one after the other: two of the same hash are compared in vain, nothing else.
fn key(kind: &str, texts: [&str; 2]) -> u64 {
    let mut hasher = DefaultHasher::new();
    kind.hash(&mut hasher);
    for text in texts {
        hasher.write(text.as_bytes());
    }
    hasher.finish()
}
