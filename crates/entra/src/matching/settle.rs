//! Which pairs are beyond doubt: the same name, and nobody and nothing else that it could be.
//!
//! A wrong pair gives somebody the mailbox of somebody else. So one rival is enough to leave it to a person.

use super::mark::Mark;
use super::pair::Pair;
use crate::person::{Choice, Kind, Person};

/// From this score on, somebody with less than the same name is a rival.
const RIVAL_SCORE: u8 = 70;

/// The account of each person, and the person of each account, as far as they are beyond doubt.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) account_of: Vec<Option<usize>>,
    pub(super) person_of: Vec<Option<usize>>,
}

/// The pairs of a run, looked at from both sides.
struct Pairs<'p> {
    of_people: &'p [Vec<Pair>],
    /// For each account, people and places in their lists.
    of_accounts: Vec<Vec<(usize, usize)>>,
    /// For each person, the account that has their username, if any.
    named: &'p [Option<usize>],
    people: &'p [Person],
    settled: Settled,
}

/// Settles what is beyond doubt, again and again: who is settled is nobody's rival any more.
pub(super) fn settle(
    of_people: &[Vec<Pair>],
    accounts: usize,
    named: &[Option<usize>],
    people: &[Person],
) -> Settled {
    let mut of_accounts = vec![Vec::new(); accounts];
    for (person, pairs) in of_people.iter().enumerate() {
        for (place, pair) in pairs.iter().enumerate() {
            if let Some(people) = of_accounts.get_mut(pair.account) {
                people.push((person, place));
            }
        }
    }
    let settled = Settled {
        account_of: vec![None; of_people.len()],
        person_of: vec![None; accounts],
    };
    let mut pairs = Pairs {
        of_people,
        of_accounts,
        named,
        people,
        settled,
    };
    loop {
        let found: Vec<(usize, usize)> = (0..of_people.len())
            .filter_map(|person| Some((person, pairs.account_beyond_doubt(person)?)))
            .collect();
        if found.is_empty() {
            return pairs.settled;
        }
        for (person, account) in found {
            // Somebody found before may have got it.
            if !pairs.is_free(account) {
                continue;
            }
            if let Some(place) = pairs.settled.account_of.get_mut(person) {
                *place = Some(account);
            }
            if let Some(place) = pairs.settled.person_of.get_mut(account) {
                *place = Some(person);
            }
        }
    }
}

impl Pairs<'_> {
    fn is_free(&self, account: usize) -> bool {
        self.settled.person_of.get(account).is_some_and(Option::is_none)
    }

    fn is_unsettled(&self, person: usize) -> bool {
        self.settled.account_of.get(person).is_some_and(Option::is_none)
    }

    /// Returns the pairs of a person that may be: with free accounts, and nothing against them.
    fn open_pairs(&self, person: usize) -> impl Iterator<Item = &Pair> {
        let pairs = self.of_people.get(person).into_iter().flatten();
        pairs.filter(|pair| !pair.is_contradicted() && self.is_free(pair.account))
    }

    /// Returns the people, with their pairs, whose account one may be.
    fn open_people(&self, account: usize) -> impl Iterator<Item = (usize, &Pair)> {
        let people = self.of_accounts.get(account).into_iter().flatten();
        people.filter_map(|(person, place)| {
            let pair = self.of_people.get(*person)?.get(*place)?;
            (!pair.is_contradicted() && self.is_unsettled(*person)).then_some((*person, pair))
        })
    }

    /// Returns free accounts of a person's very name that look like the other kind's.
    fn accounts_of_other_kind(&self, person: usize) -> impl Iterator<Item = usize> {
        let pairs = self.of_people.get(person).into_iter().flatten();
        pairs
            .filter(|pair| {
                pair.is_same && pair.is_of_other_kind_only() && !is_second(pair) && self.is_free(pair.account)
            })
            .map(|pair| pair.account)
    }

    /// Returns unsettled people of an account's very name who are of the other kind.
    fn people_of_other_kind(&self, account: usize) -> impl Iterator<Item = usize> {
        let people = self.of_accounts.get(account).into_iter().flatten();
        people.filter_map(|(person, place)| {
            let pair = self.of_people.get(*person)?.get(*place)?;
            (pair.is_same && pair.is_of_other_kind_only() && self.is_unsettled(*person)).then_some(*person)
        })
    }

    fn choice(&self, person: usize) -> Choice {
        let person = self.people.get(person);
        person.map(|person| person.choice).unwrap_or_default()
    }

    fn pair_with(&self, person: usize, account: usize) -> Option<&Pair> {
        let mut pairs = self.of_people.get(person)?.iter();
        pairs.find(|pair| pair.account == account && self.is_free(account))
    }

    /// Returns `true` if somebody wrote the username of an account for a person, and nothing says that it cannot be theirs. What only
    /// raises doubt counts less than who looked at it: a check file shows it.
    fn is_chosen(&self, person: usize, account: usize) -> bool {
        let Some(pair) = self.pair_with(person, account) else {
            return false;
        };
        let is_enough = match self.choice(person) {
            Choice::None => false,
            Choice::Typed => pair.is_clear(),
            Choice::CheckFile => pair.is_possible(),
        };
        let mut others = self.open_people(account);
        is_enough && (pair.is_same || !others.any(|(other, pair)| other != person && pair.is_same))
    }

    /// Returns `true` if an account has the username and letter by letter the name of a person, nothing speaks against it, and nobody else
    /// here and no other account has that name: who is only alike changes nothing, but for a member of staff who may have married into it.
    fn is_exactly(&self, person: usize, account: usize) -> bool {
        let Some(pair) = self.pair_with(person, account) else {
            return false;
        };
        if !pair.is_exact() || !pair.is_clear() || is_second(pair) {
            return false;
        }
        let mut accounts = self.open_pairs(person);
        let has_another = accounts.any(|pair| pair.account != account && pair.is_same && !is_second(pair));
        let mut others = self.open_people(account);
        let is_anothers = others.any(|(other, pair)| other != person && pair.is_same);
        // A teacher and a pupil of one name: something must say whose kind the account is.
        let has_namesake = self.accounts_of_other_kind(person).next().is_some()
            || self.people_of_other_kind(account).any(|other| other != person);
        let is_by_marriage = !pair.is_corroborated()
            && self.open_people(account).any(|(other, pair)| {
                other != person && pair.has_given_name() && self.may_have_married(other)
            });
        !has_another && !is_anothers && !is_by_marriage && (!has_namesake || pair.is_of_own_kind)
    }

    fn account_beyond_doubt(&self, person: usize) -> Option<usize> {
        if !self.is_unsettled(person) {
            return None;
        }
        let named = self.named.get(person).copied().flatten();
        if let Some(account) = named
            && (self.is_chosen(person, account) || self.is_exactly(person, account))
        {
            return Some(account);
        }
        let mut same = self
            .open_pairs(person)
            .filter(|pair| pair.is_same && !is_second(pair));
        let pair = same.next()?;
        if same.next().is_some() || !pair.is_clear() {
            return None;
        }
        let (account, is_corroborated) = (pair.account, pair.is_corroborated());
        // What somebody wrote is not proposed away.
        if self.choice(person) != Choice::None && named != Some(account) {
            return None;
        }
        // A teacher and a pupil of one name: that one account looks like the right kind's is too little.
        let has_namesake = self.accounts_of_other_kind(person).next().is_some()
            || self.people_of_other_kind(account).any(|other| other != person);
        if has_namesake && !is_corroborated {
            return None;
        }
        let is_wanted_by_another = self.open_people(account).any(|(other, pair)| {
            other != person
                && (pair.is_same
                    || (pair.score >= RIVAL_SCORE && !self.has_same(other))
                    || (self.may_have_married(other) && pair.has_given_name() && !is_corroborated))
        });
        // Who already has the username of an account with their name needs no look at accounts that are less like it.
        let is_named = named == Some(account);
        let has_another = !is_named
            && self.open_pairs(person).any(|other| {
                other.account != account
                    && other.score >= RIVAL_SCORE
                    && !is_second(other)
                    && !self.is_somebodys(other.account)
            });
        (!is_wanted_by_another && !has_another).then_some(account)
    }

    /// Returns `true` for a member of staff of whose name there is nothing like: what they married is not in Informat.
    fn may_have_married(&self, person: usize) -> bool {
        self.people
            .get(person)
            .is_some_and(|person| person.kind == Kind::Staff)
            && self
                .open_pairs(person)
                .all(|pair| pair.score < RIVAL_SCORE || is_second(pair))
    }

    /// Returns `true` if an account has the very name of a person, and of nobody else.
    fn has_same(&self, person: usize) -> bool {
        let mut same = self
            .open_pairs(person)
            .filter(|pair| pair.is_same && !is_second(pair));
        same.any(|pair| {
            let mut people = self.open_people(pair.account);
            people.all(|(other, pair)| other == person || !pair.is_same)
        })
    }

    /// Returns `true` if somebody has the very name of an account.
    fn is_somebodys(&self, account: usize) -> bool {
        self.open_people(account).any(|(_, pair)| pair.is_same)
    }
}

/// Returns `true` for a pair with an account that is nobody's first.
fn is_second(pair: &Pair) -> bool {
    pair.marks.contains(&Mark::Service)
}
