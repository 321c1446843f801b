//! Which account has a name.

use std::collections::HashMap;

use super::domains::Added;
use crate::account::Account;
use crate::person::Person;

/// The names that accounts have: as username, and as an alias.
pub(super) struct Names {
    usernames: HashMap<String, usize>,
    aliases: HashMap<String, usize>,
}

impl Names {
    pub(super) fn of(accounts: &[Account]) -> Self {
        let mut names = Self {
            usernames: HashMap::new(),
            aliases: HashMap::new(),
        };
        for (place, account) in accounts.iter().enumerate() {
            names.usernames.insert(account.username.to_lowercase(), place);
            for alias in account.aliases.iter().chain([&account.mail]) {
                names.aliases.entry(alias.to_lowercase()).or_insert(place);
            }
        }
        names
    }

    pub(super) fn account_of(&self, person: &Person, added: &Added) -> Option<usize> {
        self.usernames.get(&added.full_username(person)?).copied()
    }

    pub(super) fn alias_of(&self, person: &Person, added: &Added) -> Option<usize> {
        self.aliases.get(&added.full_username(person)?).copied()
    }
}
