//! Texts that were damaged before they were imported, and rows of people that stand for nobody.

use std::collections::{BTreeMap, BTreeSet};

use oneroster_standard::Kind;

use super::facts::Facts;
use super::{Finding, Rule};
use crate::informat::Persoon;
use crate::projection::candidates::ClassMembers;
use crate::text::{Damage, TextUse, is_placeholder_person, judge};
use crate::username::WaitReason;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for person in facts.expected_people() {
        findings.extend(damaged_names(facts, person));
        findings.extend(placeholder(facts, person));
    }
    for group in facts.candidates.classes.values() {
        findings.extend(damaged_class(group));
    }
    damaged_sites(facts, findings);
}

fn damaged_names(facts: &Facts<'_>, person: &Persoon) -> Option<Finding> {
    let parts = [("given", &person.voornaam), ("family", &person.naam)];
    let mut damages = BTreeSet::new();
    let mut which = Vec::new();
    for (part, text) in parts {
        if let Some(damage) = judge(text.as_deref().unwrap_or_default(), TextUse::PersonName) {
            damages.insert(damage);
            which.push(part);
        }
    }
    if which.is_empty() {
        return None;
    }
    let id = facts.id(person.p_persoon);
    let message = format!(
        "the {} name of {} looks damaged: {}: export again as UTF-8, or correct it in Informat, and import that; then see \
         the username; while it was never served {} makes it anew",
        which.join(" and the "),
        facts.called(person.p_persoon),
        described(&damages),
        facts.command("usernames regenerate", &format!("--user {id}")),
    );
    Some(Finding::new(Rule::DamagedText, Kind::Users, id, message))
}

/// Returns `true` if a finding of this file is about a person's names.
pub(super) fn is_doubtful(person: &Persoon) -> bool {
    let mut names = [&person.voornaam, &person.naam].into_iter().flatten();
    names.any(|name| judge(name, TextUse::PersonName).is_some()) || stands_for_nobody(person)
}

/// Returns `true` if a person has names and they are nobody's. Without any nobody can tell.
fn stands_for_nobody(person: &Persoon) -> bool {
    let [given, family] =
        [&person.voornaam, &person.naam].map(|name| name.as_deref().unwrap_or_default().trim());
    let has_name = [given, family]
        .iter()
        .any(|name| !name.is_empty() && *name != "-");
    has_name && is_placeholder_person(given, family)
}

/// What somebody answered is not asked again.
fn placeholder(facts: &Facts<'_>, person: &Persoon) -> Option<Finding> {
    let record = facts.record(person.p_persoon);
    let is_answered = record.is_some_and(|record| record.answered.contains(&WaitReason::Placeholder));
    if is_answered || !stands_for_nobody(person) {
        return None;
    }
    let id = facts.id(person.p_persoon);
    let message = format!(
        "{} seems to hold a place until somebody is known (N.N., onbekend, vacature, test), and would get an account: fill in \
         the names in Informat; if it is somebody's name: {}",
        facts.called(person.p_persoon),
        facts.command("usernames sync", &format!("on --user {id}")),
    );
    Some(Finding::new(Rule::PlaceholderPerson, Kind::Users, id, message))
}

fn damaged_class(group: &ClassMembers<'_>) -> Option<Finding> {
    let texts = [Some(group.klas.klascode.as_str()), group.klas.klas.as_deref()];
    let damages = damages(texts.into_iter());
    if damages.is_empty() {
        return None;
    }
    let message = format!(
        "the code or name of class {:?} looks damaged: {}: export again as UTF-8, or correct it in Informat, and import that \
         before the next synchronisation, which names a Team so",
        group.title,
        described(&damages)
    );
    Some(Finding::new(
        Rule::DamagedText,
        Kind::Classes,
        &group.sourced_id,
        message,
    ))
}

/// Looks at the names and codes of published sites and of their schools, once for an org.
fn damaged_sites(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut of_org: BTreeMap<&str, BTreeSet<Damage>> = BTreeMap::new();
    for published in facts.rows.iter() {
        let row = published.row;
        let schools = facts.subject.source.school.iter();
        let of_school = schools
            .filter(|school| school.instelnr == row.instelnr)
            .flat_map(|school| [Some(school.school.as_str()), school.schoolcode.as_deref()]);
        let of_site = [Some(row.vestiging.as_str()), row.vestcode.as_deref()];
        let found = damages(of_school.chain(of_site));
        of_org.entry(&published.org_id).or_default().extend(found);
    }
    for (org_id, damages) in of_org.into_iter().filter(|(_, damages)| !damages.is_empty()) {
        let message = format!(
            "the name or code of the school or site looks damaged: {}: export again as UTF-8, or correct it in Informat, and \
             import that before the next synchronisation",
            described(&damages)
        );
        findings.push(Finding::new(Rule::DamagedText, Kind::Orgs, org_id, message));
    }
}

fn damages<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> BTreeSet<Damage> {
    texts
        .flatten()
        .filter_map(|text| judge(text, TextUse::Title))
        .collect()
}

fn described(damages: &BTreeSet<Damage>) -> String {
    let descriptions: Vec<&str> = damages.iter().map(|damage| damage.description()).collect();
    descriptions.join("; ")
}
