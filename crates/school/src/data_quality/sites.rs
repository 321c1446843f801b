//! Sites: those the tenant file forgets, names in vain or leaves out, and those without classes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use oneroster_standard::Kind;

use super::facts::{Facts, counted};
use super::{Finding, Rule};
use crate::informat::Schoolvest;
use crate::informat::published_rows::{agrees, entry_for, org_id};
use crate::informat::unlisted_sites::unlisted_sites;

/// Key of a row of sites: institution, site, structure.
type Key<'a> = (&'a str, i32, &'a str);

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let pupils = pupils(facts);
    let pupils_at = |row: &Schoolvest| pupils.get(&key(row)).map_or(0, BTreeSet::len);
    let configuration = facts.subject.configuration;
    let sites = &facts.subject.source.schoolvest;
    for row in unlisted_sites(sites, configuration) {
        let message = format!(
            "{} in use, with {}, but no entry of the tenant file names it, so it is not published: \
             add an entry, with sync = false if that is meant",
            described(row),
            counted(pupils_at(row), "pupil", "pupils")
        );
        findings.push(at(facts, Rule::SiteNotListed, row, message));
    }
    for row in sites {
        let Some((_, entry)) = entry_for(row, configuration) else {
            continue;
        };
        if !row.actief && entry.sync && pupils_at(row) > 0 {
            let message = format!(
                "{} no longer in use, but {} registered there and not published: move the registrations in Informat, \
                 or open the site again",
                described(row),
                counted(pupils_at(row), "pupil is", "pupils are")
            );
            findings.push(at(facts, Rule::RegistrationAtInactiveSite, row, message));
        }
        if row.actief && !entry.sync {
            let released = released_at(facts, row, pupils.get(&key(row)));
            if released > 0 {
                let message = format!(
                    "{} listed with sync = false, but {} there whose username is released: set sync = true, \
                     or move them in Informat",
                    described(row),
                    counted(released, "person is", "people are")
                );
                findings.push(at(facts, Rule::LinkInactive, row, message));
            }
        }
    }
    unknown_entries(facts, findings);
    without_classes(facts, findings);
}

fn key(row: &Schoolvest) -> Key<'_> {
    (&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur)
}

/// Begins a message about a row, up to its verb.
fn described(row: &Schoolvest) -> String {
    let Schoolvest {
        instelnr,
        vestnrdiscimus,
        hfdstructuur,
        vestiging,
        ..
    } = row;
    format!("site {vestnrdiscimus} of school {instelnr}, structure {hfdstructuur} ({vestiging:?}), is")
}

fn at(facts: &Facts<'_>, rule: Rule, row: &Schoolvest, message: String) -> Finding {
    Finding::new(
        rule,
        Kind::Orgs,
        org_id(row, facts.subject.configuration),
        message,
    )
}

/// Returns who is registered at each row, now or later in the active year.
fn pupils<'a>(facts: &Facts<'a>) -> BTreeMap<Key<'a>, BTreeSet<i64>> {
    let mut pupils: BTreeMap<Key<'a>, BTreeSet<i64>> = BTreeMap::new();
    for registration in &facts.subject.source.inschrijving {
        if facts.is_current(registration) {
            let key = (
                registration.instelnr.as_str(),
                registration.vestnrdiscimus,
                registration.hfdstructuur.as_str(),
            );
            pupils.entry(key).or_default().insert(registration.p_persoon);
        }
    }
    pupils
}

/// Counts the released pupils at a row, and the released staff whose assignment names its site.
fn released_at(facts: &Facts<'_>, row: &Schoolvest, pupils: Option<&BTreeSet<i64>>) -> usize {
    let grace_days = facts.subject.configuration.staff_grace_days;
    let staff = facts.subject.source.opdracht.iter().filter(|assignment| {
        assignment.vestnrdiscimus.is_some()
            && agrees(row, assignment)
            && assignment.contains(facts.candidates.reference_date, grace_days)
    });
    let people: BTreeSet<i64> = pupils
        .into_iter()
        .flatten()
        .copied()
        .chain(staff.map(|assignment| assignment.p_persoon))
        .collect();
    people
        .into_iter()
        .filter(|person| facts.is_released(*person))
        .count()
}

/// Finds entries with an active link that agree with no row in use: a typing error leaves a site out.
fn unknown_entries(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let sites = &facts.subject.source.schoolvest;
    for school in &facts.subject.configuration.schools {
        for entry in school.sites.iter().filter(|entry| entry.sync) {
            let agrees = |row: &&Schoolvest| {
                row.instelnr == school.instelnr
                    && row.vestnrdiscimus == entry.vestnr
                    && entry
                        .hoofdstructuur
                        .as_ref()
                        .is_none_or(|code| *code == row.hfdstructuur)
            };
            if sites.iter().filter(agrees).any(|row| row.actief) {
                continue;
            }
            let (number, structure) = (entry.vestnr, entry.hoofdstructuur.as_deref());
            let known = if sites.iter().any(|row| agrees(&row)) {
                "is no longer in use"
            } else {
                "is not in Informat's data"
            };
            let id = structure.map_or_else(
                || format!("{}-{number}", school.instelnr),
                |structure| format!("{}-{number}-{structure}", school.instelnr),
            );
            let of_structure =
                structure.map_or_else(String::new, |structure| format!(", structure {structure},"));
            let message = format!(
                "the tenant file publishes site {number} of school {}{of_structure} which {known}: correct the entry or remove it",
                school.instelnr
            );
            findings.push(Finding::new(Rule::SiteUnknown, Kind::Orgs, id, message));
        }
    }
}

fn without_classes(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let classes = facts.candidates.classes.values();
    let with_classes: HashSet<&str> = classes.map(|group| group.row.org_id.as_str()).collect();
    for org in &facts.roster.orgs {
        if !with_classes.contains(org.sourced_id.as_str()) {
            let message = format!(
                "{:?} is published but has no classes in {}: enter them in Informat, or see that the right school year is active",
                org.content.name, facts.candidates.year.schooljaar
            );
            findings.push(Finding::new(
                Rule::OrgWithoutClasses,
                Kind::Orgs,
                &org.sourced_id,
                message,
            ));
        }
    }
}
