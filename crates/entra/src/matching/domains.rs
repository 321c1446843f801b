//! Which domain Microsoft adds to the usernames of each kind, where it is not said.

use std::collections::HashMap;

use super::pair::Known;
use crate::person::{Kind, Person};

/// The domains that Microsoft adds to usernames sent without one, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains {
    /// Of pupils.
    pub pupils: Option<String>,
    /// Of staff.
    pub staff: Option<String>,
}

impl Domains {
    /// Returns the domain of a kind.
    pub fn of(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Pupil => self.pupils.as_deref(),
            Kind::Staff => self.staff.as_deref(),
        }
    }

    /// Fills in what is missing: the domain in which most usernames of that kind are an account, else in which most accounts are.
    pub(super) fn completed(mut self, people: &[Person], accounts: &[Known<'_>]) -> Self {
        let mut by_local: HashMap<String, Vec<String>> = HashMap::new();
        let mut all: HashMap<String, usize> = HashMap::new();
        for known in accounts.iter().filter(|known| !known.evidence.is_service) {
            let domain = known.account.domain();
            *all.entry(domain.clone()).or_default() += 1;
            by_local
                .entry(known.account.local_part())
                .or_default()
                .push(domain);
        }
        let commonest = |kind: Kind| {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for person in people.iter().filter(|person| person.kind == kind) {
                let domains = by_local.get(&person.username.to_lowercase());
                for domain in domains.into_iter().flatten() {
                    *counts.entry(domain).or_default() += 1;
                }
            }
            most(
                counts
                    .into_iter()
                    .map(|(domain, count)| (domain.to_owned(), count)),
            )
        };
        let commonest_of_all = most(all.into_iter());
        for (kind, domain) in [(Kind::Pupil, &mut self.pupils), (Kind::Staff, &mut self.staff)] {
            if domain.is_none() {
                *domain = commonest(kind).or_else(|| commonest_of_all.clone());
            }
        }
        self
    }
}

fn most(counts: impl Iterator<Item = (String, usize)>) -> Option<String> {
    let most = counts.max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0)));
    most.map(|(domain, _)| domain)
}
