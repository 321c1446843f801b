//! The tenant: accounts, class Teams, security groups, and what a school does in it by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::records::Role;

/// An account in Entra ID. It is never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// `UserPrincipalName`, which is the primary mail address too (R52).
    pub(crate) name: String,
    pub(crate) aliases: BTreeSet<String>,
    pub(crate) display_name: String,
    /// "SIS id": the source's id of the person (R53).
    pub(crate) sis_id: Option<String>,
    /// Whether SDS still reads the person.
    pub(crate) is_active: bool,
    /// Organisation role and organisations, the attributes that SDS writes (R100).
    pub(crate) role: Option<Role>,
    pub(crate) orgs: BTreeSet<String>,
    /// Made by the last sync: it joins groups from the second one on (R128).
    pub(crate) is_new: bool,
}

/// The Microsoft 365 group of a class, with its Team (R99, R103).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Team {
    pub(crate) title: String,
    /// SIS ids.
    pub(crate) owners: BTreeSet<String>,
    pub(crate) members: BTreeSet<String>,
}

/// A Microsoft 365 tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Microsoft365 {
    domains: BTreeSet<String>,
    pub(crate) accounts: Vec<Account>,
    /// By the id of the class (R108).
    pub(crate) teams: BTreeMap<String, Team>,
    /// Members (SIS ids) by name of the group (R104).
    pub(crate) security_groups: BTreeMap<String, BTreeSet<String>>,
    /// Groups the school made itself: members by account name.
    pub(crate) own_groups: BTreeMap<String, BTreeSet<String>>,
    /// Whom each running profile reads now.
    pub(crate) read_by_profile: BTreeMap<String, BTreeSet<String>>,
}

impl Microsoft365 {
    /// An empty tenant that owns these domains (R6).
    pub(crate) fn new(domains: &[&str]) -> Self {
        Self {
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            accounts: Vec::new(),
            teams: BTreeMap::new(),
            security_groups: BTreeMap::new(),
            own_groups: BTreeMap::new(),
            read_by_profile: BTreeMap::new(),
        }
    }

    pub(crate) fn owns_domain_of(&self, name: &str) -> bool {
        name.split_once('@')
            .is_some_and(|(_, domain)| self.domains.contains(&domain.to_lowercase()))
    }

    /// Place of the account that has an address, as its name or as an alias.
    pub(crate) fn holder(&self, address: &str) -> Option<usize> {
        let is_it = |other: &String| other.eq_ignore_ascii_case(address);
        self.accounts
            .iter()
            .position(|account| is_it(&account.name) || account.aliases.iter().any(is_it))
    }

    /// Place of the account with a SIS id.
    pub(crate) fn place_of(&self, sis_id: &str) -> Option<usize> {
        self.accounts
            .iter()
            .position(|account| account.sis_id.as_deref() == Some(sis_id))
    }
}

/// What a school does by hand.
impl Microsoft365 {
    /// Makes an account, as schools did before there was a sync.
    pub(crate) fn admin_makes_account(&mut self, name: &str, sis_id: Option<&str>) {
        assert!(self.owns_domain_of(name) && self.holder(name).is_none(), "{name}");
        self.accounts.push(Account {
            name: name.to_owned(),
            aliases: BTreeSet::new(),
            display_name: name.to_owned(),
            sis_id: sis_id.map(str::to_owned),
            is_active: false,
            role: None,
            orgs: BTreeSet::new(),
            is_new: false,
        });
    }

    /// Renames an account in the admin center; the name before becomes an alias.
    pub(crate) fn admin_renames(&mut self, name: &str, to: &str) {
        assert!(self.owns_domain_of(to) && self.holder(to).is_none(), "{to}");
        let place = self.named(name);
        self.accounts[place].rename(to);
    }

    /// Takes an alias away, step 2 of a swap (R140).
    pub(crate) fn admin_removes_alias(&mut self, name: &str, alias: &str) {
        let place = self.named(name);
        assert!(
            self.accounts[place].aliases.remove(alias),
            "{name} has no alias {alias}"
        );
    }

    /// Makes a group of the school's own (R108).
    pub(crate) fn admin_makes_group(&mut self, title: &str, members: &[&str]) {
        let members = members.iter().map(|name| (*name).to_owned()).collect();
        self.own_groups.insert(title.to_owned(), members);
    }

    fn named(&self, name: &str) -> usize {
        let place = self.accounts.iter().position(|account| account.name == name);
        place.unwrap_or_else(|| panic!("no account {name} among {:?}", self.names()))
    }
}

impl Account {
    /// Changes the name. The address before stays as an alias; an alias of its own may become the name.
    pub(crate) fn rename(&mut self, to: &str) {
        let before = std::mem::replace(&mut self.name, to.to_owned());
        self.aliases.retain(|alias| !alias.eq_ignore_ascii_case(to));
        if !before.eq_ignore_ascii_case(to) {
            self.aliases.insert(before);
        }
    }

    pub(crate) fn has_alias(&self, address: &str) -> bool {
        self.aliases.contains(address)
    }
}

/// What tests look at.
impl Microsoft365 {
    /// The names of all accounts, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .accounts
            .iter()
            .map(|account| account.name.as_str())
            .collect();
        names.sort_unstable();
        names
    }

    /// The account of this name; an alias is no name.
    pub(crate) fn account(&self, name: &str) -> &Account {
        &self.accounts[self.named(name)]
    }

    /// The account of a person.
    pub(crate) fn account_of(&self, sis_id: &str) -> Option<&Account> {
        self.place_of(sis_id).map(|place| &self.accounts[place])
    }

    /// Says whether an account of this name exists.
    pub(crate) fn has_account(&self, name: &str) -> bool {
        self.accounts.iter().any(|account| account.name == name)
    }

    /// The Teams a person is in: titles, sorted.
    pub(crate) fn teams_of(&self, sis_id: &str) -> Vec<&str> {
        let is_in = |team: &&Team| team.owners.contains(sis_id) || team.members.contains(sis_id);
        let mut titles: Vec<&str> = self
            .teams
            .values()
            .filter(is_in)
            .map(|team| team.title.as_str())
            .collect();
        titles.sort_unstable();
        titles
    }

    /// The security groups a person is in, sorted.
    pub(crate) fn security_groups_of(&self, sis_id: &str) -> Vec<&str> {
        let groups = self.security_groups.iter();
        groups
            .filter(|(_, members)| members.contains(sis_id))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Everything of the sync's that a person is in: security groups, then Teams.
    pub(crate) fn groups_of(&self, sis_id: &str) -> Vec<&str> {
        let mut groups = self.security_groups_of(sis_id);
        groups.extend(self.teams_of(sis_id));
        groups
    }

    /// Owners and members of the one Team with a title, as account names, sorted.
    pub(crate) fn team(&self, title: &str) -> (Vec<&str>, Vec<&str>) {
        let teams: Vec<&Team> = self.teams.values().filter(|team| team.title == title).collect();
        let titles: Vec<&str> = self.teams.values().map(|team| team.title.as_str()).collect();
        assert_eq!(teams.len(), 1, "Team {title} among {titles:?}");
        (self.names_of(&teams[0].owners), self.names_of(&teams[0].members))
    }

    fn names_of(&self, sis_ids: &BTreeSet<String>) -> Vec<&str> {
        let accounts = sis_ids.iter().filter_map(|sis_id| self.account_of(sis_id));
        let mut names: Vec<&str> = accounts.map(|account| account.name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
