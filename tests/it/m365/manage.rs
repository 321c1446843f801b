//! Manage Data: accounts first, then who is present, then Teams and security groups.

use std::collections::{BTreeMap, BTreeSet};

use super::Microsoft365;
use super::directory::{Account, Team};
use super::records::{Role, Sis, User};
use super::sds::Profile;

/// Two persons, one address: nothing was changed for either (R139).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Who cannot get the address.
    pub(crate) sis_id: String,
    pub(crate) address: String,
}

/// What a run did, and its error report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Names of accounts made.
    pub(crate) created: Vec<String>,
    /// Names of accounts that got a SIS id, with the one they had before.
    pub(crate) linked: Vec<(String, Option<String>)>,
    /// Names before and after.
    pub(crate) renamed: Vec<(String, String)>,
    pub(crate) conflicts: Vec<Conflict>,
    /// Records that could not be used, and accounts that could not be made.
    pub(crate) errors: Vec<String>,
}

impl Report {
    /// Says whether nothing stands in the error report.
    pub(crate) fn is_clean(&self) -> bool {
        self.conflicts.is_empty() && self.errors.is_empty()
    }
}

/// What is to be done about one person: places are those of accounts.
enum Step {
    Nothing,
    Rename(usize, String),
    Link(usize, String),
    Create(String),
    /// The accounts of the parties, and the address.
    Conflict(Vec<usize>, String),
    Error(String),
}

/// Brings the tenant to what was read.
pub(super) fn manage(sis: &Sis, profile: &Profile, tenant: &mut Microsoft365) -> Report {
    let mut report = Report::default();
    let people = people(sis, profile, &mut report);
    for account in &mut tenant.accounts {
        account.is_new &= !account.sis_id.as_ref().is_some_and(|id| people.contains_key(id));
    }
    accounts(&people, profile, tenant, &mut report);
    attributes(&people, profile, tenant);
    teams(sis, &people, profile, tenant, &mut report);
    security_groups(sis, profile, tenant);
    report
}

/// The persons that the profile is about, with the orgs it is about.
fn people(sis: &Sis, profile: &Profile, report: &mut Report) -> BTreeMap<String, User> {
    let mut people = BTreeMap::new();
    for (id, user) in sis.users.iter() {
        let mut user = user.clone();
        for org in &user.orgs {
            if sis.orgs.get(org).is_none() {
                report.errors.push(format!("user {id}: no org {org}"));
            }
        }
        user.orgs.retain(|org| {
            let is_included = profile.only_orgs.as_ref().is_none_or(|only| only.contains(org));
            is_included && sis.orgs.get(org).is_some()
        });
        if !user.orgs.is_empty() {
            people.insert(id.clone(), user);
        }
    }
    people
}

fn accounts(
    people: &BTreeMap<String, User>,
    profile: &Profile,
    tenant: &mut Microsoft365,
    report: &mut Report,
) {
    // Decided on the tenant as it is before the run: a chain of names that free each other is a conflict (R140).
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut parties: BTreeSet<usize> = BTreeSet::new();
    let mut steps: Vec<(&String, Step)> = Vec::new();
    for (sis_id, user) in people {
        let mut step = step(sis_id, user, people, profile, tenant);
        // One address for two persons who both lack it: the second never gets it (R139).
        if let Step::Rename(_, address) | Step::Link(_, address) | Step::Create(address) = &step
            && !taken.insert(address.to_lowercase())
        {
            let places = tenant.place_of(sis_id).into_iter().collect();
            step = Step::Conflict(places, address.clone());
        }
        if let Step::Conflict(places, _) = &step {
            parties.extend(places);
        }
        steps.push((sis_id, step));
    }
    for (sis_id, step) in steps {
        take(sis_id, step, &parties, tenant, report);
    }
}

fn step(
    sis_id: &str,
    user: &User,
    people: &BTreeMap<String, User>,
    profile: &Profile,
    tenant: &Microsoft365,
) -> Step {
    let rule = match user.role {
        Role::Staff => &profile.staff,
        Role::Student => &profile.students,
    };
    let address = match rule.apply(&user.username) {
        Ok(address) => address,
        Err(problem) => return Step::Error(format!("user {sis_id}: {problem}")),
    };
    if !tenant.owns_domain_of(&address) {
        return Step::Error(format!("user {sis_id}: {address}: not a domain of this tenant"));
    }
    let own = tenant.place_of(sis_id);
    let holder = tenant.holder(&address);
    match (own, holder) {
        (Some(own), Some(holder)) if own != holder => Step::Conflict(vec![own, holder], address),
        (Some(own), _) if tenant.accounts[own].name == address => Step::Nothing,
        (Some(own), _) => Step::Rename(own, address),
        (None, Some(holder)) => {
            let account = &tenant.accounts[holder];
            let belongs_to_someone = account.sis_id.as_ref().is_some_and(|other| {
                people.contains_key(other) || tenant.read_by_profile.values().any(|read| read.contains(other))
            });
            // Only a name is matched; an alias belongs to whom it belongs to.
            if belongs_to_someone || !account.name.eq_ignore_ascii_case(&address) {
                Step::Conflict(vec![holder], address)
            } else {
                Step::Link(holder, address)
            }
        }
        (None, None) if profile.creates_unmatched_users => Step::Create(address),
        (None, None) => Step::Error(format!("user {sis_id}: no account {address}")),
    }
}

fn take(sis_id: &str, step: Step, parties: &BTreeSet<usize>, tenant: &mut Microsoft365, report: &mut Report) {
    match step {
        Step::Nothing => {}
        Step::Rename(place, _) if parties.contains(&place) => {}
        Step::Rename(place, address) => {
            let account = &mut tenant.accounts[place];
            report.renamed.push((account.name.clone(), address.clone()));
            account.rename(&address);
        }
        Step::Link(place, _) => {
            let account = &mut tenant.accounts[place];
            let before = account.sis_id.replace(sis_id.to_owned());
            report.linked.push((account.name.clone(), before));
        }
        Step::Create(address) => {
            report.created.push(address.clone());
            tenant.accounts.push(Account {
                name: address,
                aliases: BTreeSet::new(),
                display_name: String::new(),
                sis_id: Some(sis_id.to_owned()),
                is_active: true,
                role: None,
                orgs: BTreeSet::new(),
                is_new: true,
            });
        }
        Step::Conflict(_, address) => report.conflicts.push(Conflict {
            sis_id: sis_id.to_owned(),
            address,
        }),
        Step::Error(problem) => report.errors.push(problem),
    }
}

/// Writes what SDS writes on an account, and who is present: absence makes inactive, in no other way is anyone removed.
fn attributes(people: &BTreeMap<String, User>, profile: &Profile, tenant: &mut Microsoft365) {
    let read = people.keys().cloned().collect();
    tenant.read_by_profile.insert(profile.name.clone(), read);
    let present: BTreeSet<String> = tenant.read_by_profile.values().flatten().cloned().collect();
    for account in &mut tenant.accounts {
        let Some(sis_id) = &account.sis_id else { continue };
        account.is_active = present.contains(sis_id);
        if let Some(user) = people.get(sis_id) {
            account.display_name = format!("{} {}", user.given_name, user.family_name);
            account.role = Some(user.role);
            account.orgs.clone_from(&user.orgs);
        }
    }
}

/// Says whether a person's account takes part in groups: the account of a new one does from the second sync on.
fn takes_part(tenant: &Microsoft365, sis_id: &str) -> bool {
    tenant
        .account_of(sis_id)
        .is_some_and(|account| account.is_active && !account.is_new)
}

fn teams(
    sis: &Sis,
    people: &BTreeMap<String, User>,
    profile: &Profile,
    tenant: &mut Microsoft365,
    report: &mut Report,
) {
    let mut rosters: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (id, enrollment) in sis.enrollments.iter() {
        let is_known =
            sis.users.get(&enrollment.user).is_some() && sis.classes.get(&enrollment.class).is_some();
        if !is_known {
            report
                .errors
                .push(format!("enrollment {id}: no such user or class"));
            continue;
        }
        if !people.contains_key(&enrollment.user) || !takes_part(tenant, &enrollment.user) {
            continue;
        }
        let (owners, members) = rosters.entry(&enrollment.class).or_default();
        let list = match enrollment.role {
            Role::Staff => owners,
            Role::Student => members,
        };
        list.insert(enrollment.user.clone());
    }
    let class_ids: Vec<&String> = sis.classes.ids().collect();
    for class_id in class_ids {
        let (owners, members) = rosters.remove(class_id.as_str()).unwrap_or_default();
        let is_included = |org: &String| profile.only_orgs.as_ref().is_none_or(|only| only.contains(org));
        match (sis.classes.get(class_id), tenant.teams.get_mut(class_id)) {
            (Some(class), _) if !is_included(&class.org) => {}
            (Some(class), None) => {
                if sis.orgs.get(&class.org).is_none()
                    || class.terms.iter().any(|term| sis.sessions.get(term).is_none())
                {
                    report
                        .errors
                        .push(format!("class {class_id}: no such org or term"));
                    continue;
                }
                let title = class.title.clone();
                tenant.teams.insert(
                    class_id.clone(),
                    Team {
                        title,
                        owners,
                        members,
                    },
                );
            }
            (class, Some(team)) => {
                if let (Some(class), false) = (class, profile.writes_titles_once) {
                    team.title.clone_from(&class.title);
                }
                (team.owners, team.members) = (owners, members);
            }
            (None, None) => {}
        }
    }
}

/// One per role, and three per org (manual §4.1.4.1; informat-domain §12.16).
fn security_groups(sis: &Sis, profile: &Profile, tenant: &mut Microsoft365) {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in tenant.security_groups.keys() {
        groups.insert(name.clone(), BTreeSet::new());
    }
    let role_name = |role: Role| match role {
        Role::Student => "Students",
        Role::Staff => "Staff",
    };
    let is_included = |org: &String| profile.only_orgs.as_ref().is_none_or(|only| only.contains(org));
    for org in sis.orgs.iter().map(|(org, _)| org).filter(|org| is_included(org)) {
        for name in [org.clone(), format!("{org} Students"), format!("{org} Staff")] {
            groups.entry(name).or_default();
        }
    }
    for account in &tenant.accounts {
        let (Some(sis_id), Some(role)) = (&account.sis_id, account.role) else {
            continue;
        };
        if !account.is_active || account.is_new {
            continue;
        }
        let mut join = |name: String| groups.entry(name).or_default().insert(sis_id.clone());
        join(role_name(role).to_owned());
        for org in &account.orgs {
            join(org.clone());
            join(format!("{org} {}", role_name(role)));
        }
    }
    tenant.security_groups = groups;
}
