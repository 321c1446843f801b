//! What all pairs together say of one: whether departments can be believed, and whether anybody else is left.

use std::collections::HashMap;

use super::mark::Mark;
use super::pair::Pair;
use super::settle::Settled;
use crate::person::{Choice, Person};

/// What one equal part of a name is worth more where nobody else is left who has it.
const RARE: u8 = 12;

/// From so many accounts on whose class can be compared, departments can be told to be out of date.
const COMPARED_MIN: usize = 20;

/// So many accounts at least must have given and family name in each other's columns before a file is taken to.
const EXCHANGED_MIN: usize = 3;

/// Whether the classes of accounts are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassUse {
    /// How many accounts have the username and the name of somebody, and a class that can be compared with theirs.
    pub compared: usize,
    /// How many of these classes are years away.
    pub away: usize,
}

impl ClassUse {
    /// Returns `true` if the classes of accounts are used: not where most are years away, so that departments are out of date.
    pub const fn is_used(self) -> bool {
        self.compared < COMPARED_MIN || self.away * 2 <= self.compared
    }
}

/// Lets a class years away speak against a pair, unless departments are out of date here: those of usernames that are accounts show it.
pub(super) fn weigh_classes(pairs: &mut [Vec<Pair>], named: &[Option<usize>]) -> ClassUse {
    let of_named = pairs.iter().zip(named).flat_map(|(pairs, named)| {
        let is_own = |pair: &&Pair| pair.is_same && Some(pair.account) == *named;
        pairs.iter().filter(is_own)
    });
    let mut classes = ClassUse::default();
    for is_away in of_named.filter_map(|pair| pair.is_of_other_class) {
        classes.compared += 1;
        classes.away += usize::from(is_away);
    }
    if classes.is_used() {
        let pairs = pairs.iter_mut().flatten();
        for pair in pairs.filter(|pair| pair.is_of_other_class == Some(true) && !pair.has_sis_id()) {
            pair.doubt_class();
        }
    } else {
        pairs.iter_mut().flatten().for_each(Pair::forget_class);
    }
    classes
}

/// Takes given and family name in each other's columns for the same name only where the whole file has them so: `Lambert Martin` and
/// `Martin Lambert` are two people.
pub(super) fn weigh_order(pairs: &mut [Vec<Pair>]) {
    let same = pairs.iter().flatten().filter(|pair| pair.is_exact());
    let (mut straight, mut exchanged) = (0, 0);
    for pair in same {
        if pair.is_exchanged {
            exchanged += 1;
        } else {
            straight += 1;
        }
    }
    if exchanged >= EXCHANGED_MIN && exchanged > straight * 4 {
        return;
    }
    for pair in pairs
        .iter_mut()
        .flatten()
        .filter(|pair| pair.is_exchanged && !pair.has_sis_id())
    {
        pair.doubt_order();
    }
}

/// Lets a namesake who left speak against a pair, unless the birth date is the person's.
pub(super) fn weigh_namesakes(pairs: &mut [Vec<Pair>], has_namesake: &[bool]) {
    for (pairs, _) in pairs.iter_mut().zip(has_namesake).filter(|(_, has)| **has) {
        for pair in pairs.iter_mut() {
            if pair.is_same && !pair.has_birth_date() && !pair.has_sis_id() {
                pair.doubt_namesake();
            }
        }
    }
}

/// Notes which pairs somebody chose.
pub(super) fn weigh_choices(pairs: &mut [Vec<Pair>], people: &[Person], named: &[Option<usize>]) {
    for ((pairs, person), named) in pairs.iter_mut().zip(people).zip(named) {
        if person.choice == Choice::None {
            continue;
        }
        for pair in pairs.iter_mut().filter(|pair| Some(pair.account) == *named) {
            pair.choose();
        }
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
