//! What all pairs together say of one: whether departments can be believed, and whether anybody else is left.

use std::collections::HashMap;

use super::mark::Mark;
use super::pair::Pair;
use super::settle::Settled;

/// What one equal part of a name is worth more where nobody else is left who has it.
const RARE: u8 = 12;

/// One class in so many may be years away before departments count as out of date.
const OUT_OF_DATE: usize = 20;

/// Lets a class years away speak against a pair, unless departments are out of date here: those of usernames that are accounts show it.
pub(super) fn weigh_classes(pairs: &mut [Vec<Pair>], named: &[Option<usize>]) {
    let of_named = pairs.iter().zip(named).flat_map(|(pairs, named)| {
        let is_own = |pair: &&Pair| pair.is_same && Some(pair.account) == *named;
        pairs.iter().filter(is_own)
    });
    let (mut away, mut all) = (0, 0);
    for pair in of_named {
        all += 1;
        away += usize::from(pair.is_of_other_class);
    }
    if away * OUT_OF_DATE > all {
        return;
    }
    for pair in pairs.iter_mut().flatten().filter(|pair| pair.is_of_other_class) {
        pair.doubt_class();
    }
}

/// Raises pairs of which one part of the name is equal and nobody else who is left has that part.
pub(super) fn add_rarity(pairs: &mut [Vec<Pair>], settled: &Settled) {
    let is_open = |person: usize, pair: &Pair| {
        settled.account_of.get(person).is_some_and(Option::is_none)
            && settled.person_of.get(pair.account).is_some_and(Option::is_none)
            && pair.is_clear()
            && !pair.marks.contains(&Mark::UsernameOnly)
    };
    let mut of_accounts: HashMap<usize, usize> = HashMap::new();
    let mut of_people = vec![0; pairs.len()];
    for (person, pairs) in pairs.iter().enumerate() {
        for pair in pairs.iter().filter(|pair| is_open(person, pair)) {
            *of_accounts.entry(pair.account).or_default() += 1;
            if let Some(count) = of_people.get_mut(person) {
                *count += 1;
            }
        }
    }
    for (person, pairs) in pairs.iter_mut().enumerate() {
        let is_only_one = of_people.get(person).is_some_and(|count| *count <= 1);
        for pair in pairs.iter_mut() {
            if is_open(person, pair)
                && is_only_one
                && of_accounts.get(&pair.account).is_some_and(|count| *count <= 1)
            {
                pair.marks.push(Mark::Rare);
                pair.score = (pair.score + RARE).min(100);
            }
        }
        pairs.sort_by_key(|pair| (u8::MAX - pair.score, pair.account));
    }
}

/// The best score that somebody unsettled has with an account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Best {
    pub(super) score: u8,
    /// How many people have it.
    pub(super) people: usize,
}

/// Returns it for each account.
pub(super) fn best_scores(pairs: &[Vec<Pair>], settled: &Settled, accounts: usize) -> Vec<Best> {
    let mut best = vec![Best::default(); accounts];
    for (person, pairs) in pairs.iter().enumerate() {
        if settled.account_of.get(person).is_some_and(Option::is_some) {
            continue;
        }
        for pair in pairs {
            let Some(best) = best.get_mut(pair.account) else {
                continue;
            };
            if pair.score > best.score {
                best.score = pair.score;
                best.people = 0;
            }
            best.people += usize::from(pair.score == best.score);
        }
    }
    best
}
