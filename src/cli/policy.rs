//! What a changed tenant file means, in the words of an operator: what changes, and what never does. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::hold;
use crate::publication::{Consequences, Movement};
use crate::tenant::Configuration;
use crate::username::Record;

/// How many org ids are named before the rest is counted.
const ORGS_NAMED_MAX: usize = 5;

/// What became of the usernames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// How many there were.
    existing: usize,
    /// How many of them are not released.
    not_released: usize,
    /// How many new ones are released though nobody has checked them.
    released_unchecked: usize,
    /// How many of those there were got a domain, by domain.
    given: BTreeMap<String, usize>,
    /// How many of those there were have a domain of their own, by domain.
    own: BTreeMap<String, usize>,
}

impl Names {
    /// Compares the records before and after.
    pub(crate) fn new(before: &HashMap<Uuid, Record>, after: &HashMap<Uuid, Record>) -> Self {
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
            *counts.entry(domain.clone()).or_default() += 1;
        }
        names
    }
}

/// Says what goes from one configuration to another: first by the policies that changed, then what it does to the roster.
pub(crate) fn remarks(
    before: &Configuration,
    after: &Configuration,
    names: &Names,
    consequences: &Consequences,
) -> Vec<String> {
    let mut remarks = about_usernames(before, after, names);
    if before.org_id_with_hoofdstructuur != after.org_id_with_hoofdstructuur {
        remarks.push(
            "org_id_with_hoofdstructuur: every org gets another id; Microsoft makes new groups, and those it has lose their members"
                .to_owned(),
        );
    }
    if before.entra_tenant_id != after.entra_tenant_id {
        remarks.push(
            "entra_tenant_id changes nothing that is published; in another Entra tenant every account is a new one".to_owned(),
        );
    }
    if before.brake_percent != after.brake_percent {
        remarks.push(format!(
            "brake_percent: {} instead of {} from the next publication on, this change included",
            after.brake_percent, before.brake_percent
        ));
    }
    remarks.extend(about_roster(consequences));
    remarks
}

fn about_usernames(before: &Configuration, after: &Configuration, names: &Names) -> Vec<String> {
    let mut remarks = Vec::new();
    let existing = names.existing;
    for (policy, is_changed) in [
        ("username_format", before.username_format != after.username_format),
        (
            "username_max_length",
            before.username_max_length != after.username_max_length,
        ),
    ] {
        if is_changed {
            remarks.push(format!(
                "{policy} is for new names only: {} as they are",
                counted(existing, "existing name stays", "existing names stay")
            ));
        }
    }
    if sync_defaults(before) != sync_defaults(after) {
        remarks.push(format!(
            "sync_default is for new names only: the Sync flags of the {existing} existing ones stay, {} of them off",
            names.not_released
        ));
    }
    if names.released_unchecked > 0 {
        remarks.push(format!(
            "{} released by sync_default, and nobody has checked that",
            counted(names.released_unchecked, "new username is", "new usernames are")
        ));
    }
    for (domain, count) in &names.given {
        remarks.push(format!(
            "{} the domain {domain} for good, whatever teacher_domain says later",
            counted(*count, "username of staff gets", "usernames of staff get")
        ));
    }
    let (own_before, own_after) = (before.own_domains(), after.own_domains());
    let teachers_after = teacher_domains(after);
    for domain in own_before {
        let Some(count) = names.own.get(domain) else {
            continue;
        };
        if !own_after.contains(&domain) {
            remarks.push(format!(
                "{} the domain {domain}, which is no longer the tenant's: nobody can be given it any more",
                counted(*count, "username keeps", "usernames keep")
            ));
        } else if teacher_domains(before).contains(domain) && !teachers_after.contains(domain) {
            remarks.push(format!(
                "teacher_domain is for staff without a domain: {} {domain}",
                counted(*count, "username keeps", "usernames keep")
            ));
        }
    }
    remarks
}

/// The sites where new names are released.
fn sync_defaults(configuration: &Configuration) -> BTreeSet<(&str, i32, Option<&str>)> {
    let sites = configuration
        .schools
        .iter()
        .flat_map(|school| school.sites.iter().map(move |site| (school, site)));
    sites
        .filter(|(_, site)| site.sync && site.sync_default)
        .map(|(school, site)| {
            (
                school.instelnr.as_str(),
                site.vestnr,
                site.hoofdstructuur.as_deref(),
            )
        })
        .collect()
}

fn teacher_domains(configuration: &Configuration) -> BTreeSet<&str> {
    let schools = configuration.schools.iter();
    schools
        .filter_map(|school| school.teacher_domain.as_deref())
        .collect()
}

fn about_roster(consequences: &Consequences) -> Vec<String> {
    let Consequences {
        orgs,
        classes,
        classes_retitled,
        users,
        users_renamed,
        memberships,
        held,
        lifts_hold,
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
    let Movement { come, go } = orgs;
    for (ids, text) in [
        (go, "no longer published as orgs"),
        (come, "new among the published orgs"),
    ] {
        if !ids.is_empty() {
            remarks.push(format!("{text}: {}", listed(ids)));
        }
    }
    if !held.is_empty() {
        let reasons: Vec<String> = held.iter().map(hold::message).collect();
        remarks.push(format!(
            "the next publication will be held until somebody releases it: {}",
            listed(&reasons)
        ));
    }
    if *lifts_hold {
        remarks.push("what is held now will be held no longer: the next publication goes through without being released".to_owned());
    }
    remarks
}

/// A count with what is counted, in the right number.
fn counted(count: usize, one: &str, many: &str) -> String {
    let what = if count == 1 { one } else { many };
    format!("{count} {what}")
}

/// The first few, and how many more there are.
fn listed(texts: &[String]) -> String {
    let named: Vec<&str> = texts.iter().take(ORGS_NAMED_MAX).map(String::as_str).collect();
    let more = texts.len().saturating_sub(ORGS_NAMED_MAX);
    let named = named.join(", ");
    if more == 0 {
        named
    } else {
        format!("{named} and {more} more")
    }
}
