//! Gives every person one verdict, and every account one (R142).

mod domains;
mod fit;
mod index;
mod known;
mod left;
mod mark;
mod pair;
mod settle;
mod taken;
mod weigh;

use std::collections::{HashMap, HashSet};

use crate::account::Account;
use crate::called::Called;
use crate::likeness::PersonName;
use crate::person::{Choice, Kind, Left, Person};
use domains::Added;
pub use domains::{AddedDomain, DomainSource, Domains};
use index::Index;
use known::Known;
pub use mark::Mark;
use pair::{Pair, compare, is_id};
use settle::{Settled, settle};
use taken::Names;
pub use weigh::ClassUse;
use weigh::{Best, add_rarity, best_scores, weigh_choices, weigh_classes, weigh_namesakes, weigh_order};

/// Below this a pair is not listed.
const LISTED_SCORE: u8 = 60;

/// How many accounts are listed for a person.
const LISTED_MAX: usize = 5;

/// By so much the first must be ahead of the second to stand alone.
const MARGIN: u8 = 6;

/// So much a pair loses where somebody else has a better one with the account.
const ANOTHERS: u8 = 15;

/// What is said of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Their username is their account: School Data Sync links the two.
    Linked,
    /// Nothing looks like theirs: School Data Sync makes an account.
    New,
    /// They probably have an account under another name.
    OtherName,
    /// Their username is the account, or an alias, of somebody else.
    Taken,
    /// One of several accounts may be theirs, or an account may be theirs or not.
    Ambiguous,
}

/// An account that may be somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place in the list of accounts.
    pub account: usize,
    /// How likely, 0 to 100.
    pub score: u8,
    /// Why.
    pub marks: Vec<Mark>,
}

impl Candidate {
    /// Returns why, in words.
    pub fn because(&self) -> String {
        let because: Vec<String> = self.marks.iter().map(ToString::to_string).collect();
        because.join("; ")
    }
}

/// A person's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonMatch {
    /// What is said of them.
    pub verdict: Verdict,
    /// Accounts, the most likely first; of a taken name the one that has it.
    pub candidates: Vec<Candidate>,
    /// The username that is beyond doubt theirs and is not the one they have.
    pub proposal: Option<String>,
    /// The account that has their username and is not theirs.
    pub taken_by: Option<usize>,
    /// The account that has their username, whosever it is.
    pub named: Option<usize>,
}

/// What is said of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMatch {
    /// It is linked with a person.
    Linked,
    /// It is proposed for somebody.
    Proposed,
    /// It is nobody's of the list; whose it looks like.
    Unmatched(Option<Kind>),
}

/// All verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// In the order of the people.
    pub people: Vec<PersonMatch>,
    /// In the order of the accounts.
    pub accounts: Vec<AccountMatch>,
    /// The domains that were added to usernames.
    pub domains: Vec<AddedDomain>,
    /// Of whom no domain is known: Microsoft adds one to their usernames, and the accounts do not show which.
    pub without_domain: Vec<Kind>,
    /// Whether the classes of accounts are used.
    pub classes: ClassUse,
}

/// Matches people with accounts. `left` are those whom Informat knows besides. `given` are the domains that Microsoft adds to usernames without one, before what the school says
/// of a person; those missing are found.
pub fn match_people(people: &[Person], left: &[Left], accounts: &[Account], given: Domains) -> Match {
    let mut known: Vec<Known<'_>> = accounts.iter().map(Known::of).collect();
    let added = Added::find(given, people, &known);
    tell_kinds_by_domain(&mut known, &added.kinds(people));
    let taken = Names::of(accounts);
    let named: Vec<Option<usize>> = people
        .iter()
        .map(|person| taken.account_of(person, &added))
        .collect();
    let mut pairs = pairs(people, &known);
    weigh_order(&mut pairs);
    let classes = weigh_classes(&mut pairs, &named);
    weigh_namesakes(&mut pairs, &left::namesakes(people, left));
    weigh_choices(&mut pairs, people, &named);
    let settled = settle(&pairs, known.len(), &named, people);
    add_rarity(&mut pairs, &settled);
    let best = best_scores(&pairs, &settled, known.len());
    let round = Round {
        people,
        known: &known,
        added: &added,
        taken: &taken,
        named: &named,
        settled: &settled,
        best: &best,
    };
    let people: Vec<PersonMatch> = pairs
        .into_iter()
        .enumerate()
        .map(|(place, pairs)| round.verdict(place, pairs))
        .collect();
    let accounts = round.accounts(&people);
    Match {
        accounts,
        domains: added.used(round.people, &known),
        without_domain: added.missing(round.people),
        classes,
        people,
    }
}

/// Where pupils and staff have domains of their own, the domain says whose kind an account is.
fn tell_kinds_by_domain(known: &mut [Known<'_>], kinds: &HashMap<String, Kind>) {
    for known in known.iter_mut().filter(|known| known.kind.is_none()) {
        known.kind = kinds.get(&known.account.domain()).copied();
    }
}

fn pairs(people: &[Person], known: &[Known<'_>]) -> Vec<Vec<Pair>> {
    let called = Called::new();
    let mut index = Index::default();
    let mut by_sis_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, account) in known.iter().enumerate() {
        index.add(place, &account.names);
        if !account.account.sis_id.is_empty() {
            let with_id = by_sis_id.entry(account.account.sis_id.to_lowercase());
            with_id.or_default().push(place);
        }
    }
    let of_person = |person: &Person| {
        let name = PersonName::of(&person.given, &person.family);
        let mut found = index.find(&name);
        let with_id = by_sis_id.get(&person.sourced_id.to_lowercase());
        found.extend(with_id.into_iter().flatten());
        let mut pairs: Vec<Pair> = found
            .into_iter()
            .filter_map(|place| compare((person, &name), (place, known.get(place)?), &called))
            .collect();
        pairs.sort_by_key(|pair| (u8::MAX - pair.score, pair.account));
        pairs
    };
    people.iter().map(of_person).collect()
}

/// What verdicts are made from.
struct Round<'r> {
    people: &'r [Person],
    known: &'r [Known<'r>],
    added: &'r Added,
    taken: &'r Names,
    named: &'r [Option<usize>],
    settled: &'r Settled,
    best: &'r [Best],
}

impl Round<'_> {
    fn verdict(&self, place: usize, pairs: Vec<Pair>) -> PersonMatch {
        let named = self.named.get(place).copied().flatten();
        let own = self.settled.account_of.get(place).copied().flatten();
        if let Some(own) = own {
            return self.settled_verdict(place, own, &pairs);
        }
        let mut open = self.open(named, pairs);
        let choice = self.people.get(place).map(|person| person.choice);
        if named.is_none() && choice.is_some_and(|choice| choice != Choice::None) {
            // Another name was given because these accounts are not theirs.
            open.retain(Pair::is_clear);
        }
        let holder = named.or_else(|| {
            let person = self.people.get(place)?;
            self.taken.alias_of(person, self.added)
        });
        let taken_by = holder.filter(|account| open.iter().all(|pair| pair.account != *account));
        let (verdict, candidates) = match (open.first(), taken_by) {
            (None, None) => (Verdict::New, Vec::new()),
            (None, Some(account)) => {
                let candidate = Candidate {
                    account,
                    score: 0,
                    marks: vec![self.why_taken(account)],
                };
                (Verdict::Taken, vec![candidate])
            }
            (Some(first), _) => {
                let is_alone = open
                    .get(1)
                    .is_none_or(|second| self.rank(named, second) + MARGIN <= self.rank(named, first));
                let best = self.best.get(first.account).copied().unwrap_or_default();
                let is_nobody_elses = best.score == first.score && best.people == 1;
                let is_probable =
                    is_alone && is_nobody_elses && first.is_clear() && Some(first.account) != named;
                let verdict = if is_probable {
                    Verdict::OtherName
                } else {
                    Verdict::Ambiguous
                };
                (verdict, open.iter().map(candidate).collect())
            }
        };
        PersonMatch {
            verdict,
            candidates,
            proposal: None,
            taken_by,
            named,
        }
    }

    /// Returns why an account that has somebody's username is not theirs.
    fn why_taken(&self, account: usize) -> Mark {
        let has_id = |known: &Known<'_>| is_id(&known.account.sis_id);
        if self.known.get(account).is_some_and(has_id) {
            Mark::NameOfOtherId
        } else {
            Mark::NameOfAnother
        }
    }

    /// Returns the verdict on a person whose account is beyond doubt.
    fn settled_verdict(&self, place: usize, own: usize, pairs: &[Pair]) -> PersonMatch {
        let named = self.named.get(place).copied().flatten();
        let candidates = pairs.iter().filter(|pair| pair.account == own);
        let is_linked = named == Some(own);
        PersonMatch {
            verdict: if is_linked {
                Verdict::Linked
            } else {
                Verdict::OtherName
            },
            candidates: candidates.map(candidate).collect(),
            proposal: if is_linked {
                None
            } else {
                self.proposal(place, own)
            },
            taken_by: named.filter(|account| *account != own),
            named,
        }
    }

    /// Returns the pairs of a person that are listed, the most likely first.
    fn open(&self, named: Option<usize>, pairs: Vec<Pair>) -> Vec<Pair> {
        let is_free = |pair: &Pair| {
            let person = self.settled.person_of.get(pair.account);
            person.is_some_and(Option::is_none)
        };
        let mut open: Vec<Pair> = pairs
            .into_iter()
            .filter(is_free)
            .filter(|pair| pair.score >= LISTED_SCORE || (pair.is_same && Some(pair.account) == named))
            .collect();
        open.sort_by_key(|pair| (u8::MAX - self.rank(named, pair), pair.account));
        open.truncate(LISTED_MAX);
        open
    }

    /// Returns where a pair stands among those of a person: an account that fits somebody else better goes behind one that does not,
    /// and of equals the one with the username goes first.
    fn rank(&self, named: Option<usize>, pair: &Pair) -> u8 {
        let best = self.best.get(pair.account).copied().unwrap_or_default();
        let less = if best.score > pair.score { ANOTHERS } else { 0 };
        pair.score.saturating_sub(less) + u8::from(Some(pair.account) == named)
    }

    /// Returns the username that a person would have to get for their account; `None` where another domain is added to it.
    fn proposal(&self, place: usize, account: usize) -> Option<String> {
        let person = self.people.get(place)?;
        let known = self.known.get(account)?;
        let username = &known.account.username;
        if person.username.contains('@') {
            return Some(username.clone());
        }
        let (local, domain) = username.rsplit_once('@')?;
        let added = self.added.to(person);
        let is_added = added.is_some_and(|(added, _)| added.eq_ignore_ascii_case(domain));
        is_added.then(|| local.to_owned())
    }

    fn accounts(&self, people: &[PersonMatch]) -> Vec<AccountMatch> {
        let mut proposed = HashSet::new();
        let mut linked = HashSet::new();
        for person in people {
            match person.verdict {
                Verdict::Linked => linked.extend(person.candidates.iter().map(|candidate| candidate.account)),
                Verdict::OtherName | Verdict::Ambiguous => {
                    proposed.extend(person.candidates.iter().map(|candidate| candidate.account));
                }
                Verdict::New | Verdict::Taken => {}
            }
        }
        let of = |(place, known): (usize, &Known<'_>)| {
            if linked.contains(&place) {
                AccountMatch::Linked
            } else if proposed.contains(&place) {
                AccountMatch::Proposed
            } else {
                let is_own = !known.evidence.is_service;
                AccountMatch::Unmatched(known.kind.filter(|_| is_own))
            }
        };
        self.known.iter().enumerate().map(of).collect()
    }
}

fn candidate(pair: &Pair) -> Candidate {
    Candidate {
        account: pair.account,
        score: pair.score,
        marks: pair.marks.clone(),
    }
}
