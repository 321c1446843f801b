//! Which domain Microsoft adds to the username of each person: given for the kind, what the school says, else the commonest.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::known::Known;
use crate::person::{Kind, Person};

/// So many usernames of a kind must be accounts in a domain before it is taken for theirs: one may be a namesake's.
const PEOPLE_MIN: usize = 3;

/// Domains that Microsoft adds to usernames sent without one, in lower case: one for each kind, before all else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains {
    /// Of pupils.
    pub pupils: Option<String>,
    /// Of staff.
    pub staff: Option<String>,
}

impl Domains {
    fn of(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Pupil => self.pupils.as_deref(),
            Kind::Staff => self.staff.as_deref(),
        }
    }
}

/// Where a domain is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DomainSource {
    /// It was given for the kind.
    Given,
    /// The school says so of the person.
    School,
    /// Most usernames of that kind are an account in it, or all accounts have it.
    Commonest,
}

/// A domain that was added to usernames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedDomain {
    /// Whose.
    pub kind: Kind,
    /// The domain, in lower case.
    pub domain: String,
    /// Where it is known from.
    pub source: DomainSource,
    /// How many people it was added for.
    pub people: usize,
    /// How many accounts have it.
    pub accounts: usize,
}

/// The domain of each person.
pub(super) struct Added {
    given: Domains,
    commonest: Domains,
}

impl Added {
    /// Finds what is not given: the domain in which most usernames of that kind are an account, if these are enough to tell, else the one
    /// that all accounts have.
    pub(super) fn find(given: Domains, people: &[Person], accounts: &[Known<'_>]) -> Self {
        let mut by_local: HashMap<String, Vec<String>> = HashMap::new();
        let mut all: HashSet<String> = HashSet::new();
        for known in accounts.iter().filter(|known| !known.evidence.is_service) {
            let domain = known.account.domain();
            // Microsoft's own is added to nobody's.
            if !domain.ends_with(".onmicrosoft.com") {
                all.insert(domain.clone());
            }
            by_local
                .entry(known.account.local_part())
                .or_default()
                .push(domain);
        }
        let only = all.iter().next().filter(|_| all.len() == 1);
        let of_kind = |kind: Kind| {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for person in people.iter().filter(|person| person.kind == kind) {
                let domains = by_local.get(&person.username.to_lowercase());
                for domain in domains.into_iter().flatten() {
                    *counts.entry(domain).or_default() += 1;
                }
            }
            let found: usize = counts.values().sum();
            let (domain, count) = most(counts.into_iter())?;
            (count >= PEOPLE_MIN && count * 2 > found).then(|| domain.to_owned())
        };
        let commonest = Domains {
            pupils: of_kind(Kind::Pupil).or_else(|| only.cloned()),
            staff: of_kind(Kind::Staff).or_else(|| only.cloned()),
        };
        Self { given, commonest }
    }

    /// Returns the domain that is added to a person's username; `None` where it has one, and where there are no accounts.
    pub(super) fn to<'d>(&'d self, person: &'d Person) -> Option<(&'d str, DomainSource)> {
        if person.username.contains('@') {
            return None;
        }
        let given = self
            .given
            .of(person.kind)
            .map(|domain| (domain, DomainSource::Given));
        let own = person.added_domain.as_deref();
        given
            .or_else(|| own.map(|domain| (domain, DomainSource::School)))
            .or_else(|| {
                let commonest = self.commonest.of(person.kind)?;
                Some((commonest, DomainSource::Commonest))
            })
    }

    /// Returns the username of a person with its domain, in lower case.
    pub(super) fn full_username(&self, person: &Person) -> Option<String> {
        if person.username.contains('@') {
            return Some(person.username.to_lowercase());
        }
        let (domain, _) = self.to(person)?;
        Some(format!("{}@{domain}", person.username).to_lowercase())
    }

    /// Returns whose kind has a domain, for those that one kind alone has.
    pub(super) fn kinds(&self, people: &[Person]) -> HashMap<String, Kind> {
        let of_kind = |kind: Kind| {
            let of_people = people.iter().filter(move |person| person.kind == kind);
            let mut domains: HashSet<String> = of_people
                .filter_map(|person| self.full_username(person))
                .filter_map(|username| Some(username.rsplit_once('@')?.1.to_owned()))
                .collect();
            if domains.is_empty() {
                let expected = self.given.of(kind).or_else(|| self.commonest.of(kind));
                domains.extend(expected.map(str::to_lowercase));
            }
            domains
        };
        let (pupils, staff) = (of_kind(Kind::Pupil), of_kind(Kind::Staff));
        let only = |these: &HashSet<String>, those: &HashSet<String>, kind: Kind| -> Vec<(String, Kind)> {
            these
                .difference(those)
                .map(|domain| (domain.clone(), kind))
                .collect()
        };
        let of_pupils = only(&pupils, &staff, Kind::Pupil);
        of_pupils
            .into_iter()
            .chain(only(&staff, &pupils, Kind::Staff))
            .collect()
    }

    /// Returns the kinds of whom somebody has a username without a domain, and none is known.
    pub(super) fn missing(&self, people: &[Person]) -> Vec<Kind> {
        let is_missing = |person: &Person| !person.username.contains('@') && self.to(person).is_none();
        let kinds = [Kind::Pupil, Kind::Staff].into_iter();
        kinds
            .filter(|kind| {
                people
                    .iter()
                    .any(|person| person.kind == *kind && is_missing(person))
            })
            .collect()
    }

    /// Returns the domains that were added, and to how many usernames.
    pub(super) fn used(&self, people: &[Person], accounts: &[Known<'_>]) -> Vec<AddedDomain> {
        let mut counts: BTreeMap<(bool, DomainSource, &str), usize> = BTreeMap::new();
        for person in people {
            if let Some((domain, source)) = self.to(person) {
                *counts
                    .entry((person.kind == Kind::Staff, source, domain))
                    .or_default() += 1;
            }
        }
        let mut of_accounts: HashMap<String, usize> = HashMap::new();
        for known in accounts {
            *of_accounts.entry(known.account.domain()).or_default() += 1;
        }
        let used = counts
            .into_iter()
            .map(|((is_staff, source, domain), people)| AddedDomain {
                kind: if is_staff { Kind::Staff } else { Kind::Pupil },
                domain: domain.to_lowercase(),
                source,
                people,
                accounts: of_accounts
                    .get(&domain.to_lowercase())
                    .copied()
                    .unwrap_or_default(),
            });
        used.collect()
    }
}

fn most<'d>(counts: impl Iterator<Item = (&'d str, usize)>) -> Option<(&'d str, usize)> {
    counts.max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(one.0)))
}
