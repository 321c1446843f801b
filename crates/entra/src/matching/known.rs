//! What is known of an account before anybody is compared with it.

use crate::account::Account;
use crate::evidence::{Evidence, local_words};
use crate::likeness::OtherName;
use crate::name::{Part, words};
use crate::person::Kind;

/// An account, ready to be compared.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) account: &'a Account,
    pub(super) evidence: Evidence,
    /// Given and family name, where both are there.
    pub(super) parts: Option<(Part, Part)>,
    /// The name that is shown, if it is: without marks and class, and as it stands.
    pub(super) shown: Vec<OtherName>,
    /// The name in the username, and those in further addresses.
    pub(super) addresses: Vec<OtherName>,
    /// Every name it has, as words.
    pub(super) names: Vec<Vec<String>>,
    /// Whose kind it is, the domain included.
    pub(super) kind: Option<Kind>,
}

impl<'a> Known<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        let (given, family) = (words(&account.given), words(&account.family));
        let evidence = Evidence::of(account);
        let mut addresses = vec![evidence.local.clone()];
        for address in account.aliases.iter().chain([&account.mail]) {
            let words = local_words(address);
            if !words.is_empty() && !addresses.contains(&words) {
                addresses.push(words);
            }
        }
        let is_split = !given.is_empty() && !family.is_empty();
        Self {
            account,
            kind: evidence.kind,
            parts: is_split.then(|| (Part::of_words(&given), Part::of_words(&family))),
            shown: [Some(&evidence.shown), evidence.shown_whole.as_ref()]
                .into_iter()
                .flatten()
                .filter(|words| !words.is_empty())
                .map(|words| OtherName::of(words))
                .collect(),
            addresses: addresses.iter().map(|words| OtherName::of(words)).collect(),
            names: [
                vec![
                    evidence.shown.clone(),
                    evidence.shown_whole.clone().unwrap_or_default(),
                    given,
                    family,
                ],
                addresses,
            ]
            .concat(),
            evidence,
        }
    }
}
