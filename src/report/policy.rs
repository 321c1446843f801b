//! What a changed tenant file means, in words for an operator: what changes, and what never does.

use std::collections::{BTreeMap, HashMap};

use oneroster_school::tenant::Domain;
use oneroster_school::tenant::change::PolicyChanges;
use oneroster_school::username::Record;
use uuid::Uuid;

use super::hold;
use super::words::{counted, first_few};
use crate::publication::{Consequences, Movement};

/// How many org ids, or reasons of a hold, are named before the rest is counted.
const NAMED_MAX: usize = 5;

/// What became of the usernames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// How many there were.
    existing: usize,
    /// How many of them are not released.
    not_released: usize,
    /// How many new ones are released though nobody has checked them.
    released_unchecked: usize,
    /// How many of those there were got a domain, by domain.
    given: BTreeMap<Domain, usize>,
    /// How many of those there were have a domain of their own, by domain.
    own: BTreeMap<Domain, usize>,
}

impl Names {
    /// Compares the records before and after.
    pub(super) fn new(before: &HashMap<Uuid, Record>, after: &HashMap<Uuid, Record>) -> Self {
        let mut names = Self {
            existing: before.len(),
            not_released: before.values().filter(|record| !record.sync).count(),
            ..Self::default()
        };
        for record in after.values() {
            let was = before.get(&record.rowguid);
            if was.is_none() && record.sync {
                names.released_unchecked += 1;
            }
            let (Some(was), Some(domain)) = (was, &record.domain) else {
                continue;
            };
            let counts = if was.domain.is_some() {
                &mut names.own
            } else {
                &mut names.given
            };
            *counts.entry(domain.domain.clone()).or_default() += 1;
        }
        names
    }
}

/// Says what other policies mean: first by the policies that differ, then what that does to the roster.
pub(super) fn remarks(changes: &PolicyChanges, names: &Names, consequences: &Consequences) -> Vec<String> {
    let mut remarks = about_usernames(changes, names);
    if changes.is_org_id_form_changed {
        remarks.push(
            "every org gets another id: Microsoft makes new groups, and those it has lose their members"
                .to_owned(),
        );
    }
    if changes.is_entra_tenant_changed {
        remarks.push(
            "entra_tenant_id changes nothing that is published; in another Entra tenant every account is a new one"
                .to_owned(),
        );
    }
    if let Some((before, after)) = changes.brake_percent {
        remarks.push(format!(
            "brake_percent: {after} instead of {before} from the next publication on, this change included"
        ));
    }
    remarks.extend(about_roster(consequences));
    remarks
}

fn about_usernames(changes: &PolicyChanges, names: &Names) -> Vec<String> {
    let existing = names.existing;
    let mut remarks: Vec<String> = changes
        .for_new_names
        .iter()
        .map(|policy| {
            let stay = counted(existing, "existing name stays", "existing names stay");
            format!("{policy} is for new names only: {stay} as they are")
        })
        .collect();
    if changes.is_sync_default_changed {
        remarks.push(format!(
            "sync_default is for new names only: the Sync flags of the {existing} existing ones stay, {} of them off",
            names.not_released
        ));
    }
    if names.released_unchecked > 0 {
        let count = counted(names.released_unchecked, "new username is", "new usernames are");
        remarks.push(format!(
            "{count} released by sync_default, and nobody has checked that"
        ));
    }
    for (domain, count) in &names.given {
        let count = counted(*count, "username of staff gets", "usernames of staff get");
        remarks.push(format!(
            "{count} the domain {domain} for good, whatever teacher_domain says later"
        ));
    }
    let keep = |domain: &Domain| {
        let count = names.own.get(domain)?;
        Some(counted(*count, "username keeps", "usernames keep"))
    };
    for domain in &changes.domains_gone {
        if let Some(keep) = keep(domain) {
            remarks.push(format!(
                "{keep} the domain {domain}, which is no longer the tenant's: nobody can be given it any more"
            ));
        }
    }
    for domain in &changes.teacher_domains_gone {
        if let Some(keep) = keep(domain) {
            remarks.push(format!(
                "teacher_domain is for staff without a domain: {keep} {domain}"
            ));
        }
    }
    remarks
}

fn about_roster(consequences: &Consequences) -> Vec<String> {
    let Consequences {
        orgs,
        held,
        lifts_hold,
        ..
    } = consequences;
    let mut remarks = about_counts(consequences);
    let Movement { come, go } = orgs;
    for (ids, text) in [
        (go, "no longer published as orgs"),
        (come, "new among the published orgs"),
    ] {
        if !ids.is_empty() {
            remarks.push(format!("{text}: {}", first_few(ids, NAMED_MAX)));
        }
    }
    if !held.is_empty() {
        let reasons: Vec<String> = held.iter().map(hold::message).collect();
        remarks.push(format!(
            "the next publication will be held until somebody releases it: {}",
            first_few(&reasons, NAMED_MAX)
        ));
    }
    if *lifts_hold {
        remarks.push("what is held now will be held no longer: the next publication goes through without being released".to_owned());
    }
    remarks
}

/// Says how many users, classes and memberships differ.
fn about_counts(consequences: &Consequences) -> Vec<String> {
    let Consequences {
        orgs: _,
        classes,
        classes_retitled,
        users,
        users_renamed,
        addresses_changed,
        memberships,
        held: _,
        lifts_hold: _,
    } = consequences;
    let mut remarks = Vec::new();
    for (count, one, many, what) in [
        (
            *users_renamed,
            "user gets",
            "users get",
            "another username with the next publication: the accounts are renamed",
        ),
        (
            *addresses_changed,
            "user gets",
            "users get",
            "another address with the next publication, and with it a new date: the next delta of every client has them",
        ),
        (
            *classes_retitled,
            "class gets",
            "classes get",
            "another title with the next publication, and so do the Teams",
        ),
        (
            users.go,
            "user is",
            "users are",
            "no longer published: the accounts stay, and leave their groups",
        ),
        (users.come, "user is", "users are", "published anew"),
        (classes.go, "class is", "classes are", "no longer published"),
        (classes.come, "class is", "classes are", "published anew"),
        (
            memberships.go,
            "place in a class",
            "places in classes",
            "no longer filled",
        ),
        (
            memberships.come,
            "place in a class",
            "places in classes",
            "filled anew",
        ),
    ] {
        if count > 0 {
            remarks.push(format!("{} {what}", counted(count, one, many)));
        }
    }
    remarks
}
