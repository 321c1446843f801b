//! Published people who are in a class that is not published, because its site is not.

use std::collections::{BTreeMap, HashMap};

use oneroster_standard::{Kind, RoleType};

use super::facts::{Facts, some};
use super::{Finding, Rule};
use crate::informat::Klas;
use crate::informat::published_rows::org_id_at;
use crate::projection::CLASS_TEACHER;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let candidates = facts.candidates;
    let classes: HashMap<i64, &Klas> = facts
        .subject
        .source
        .klassen
        .iter()
        .filter(|klas| klas.schooljaar == candidates.year.schooljaar)
        .filter(|klas| !candidates.classes.contains_key(&klas.p_klas))
        .map(|klas| (klas.p_klas, klas))
        .collect();
    let mut of_person: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (p_persoon, p_klas) in pupils(facts).chain(teachers(facts)) {
        if let Some(klas) = classes.get(&p_klas) {
            of_person
                .entry(p_persoon)
                .or_default()
                .push(described(facts, klas));
        }
    }
    for (p_persoon, mut classes) in of_person {
        classes.sort();
        classes.dedup();
        let message = format!(
            "{} is in {}, which is not published, so is not put into that Team: nothing needs to be done if the site is left \
             out on purpose; else set sync = true for it in the tenant file and `oneroster tenant apply` that",
            facts.called(p_persoon),
            some(&classes)
        );
        findings.push(Finding::new(
            Rule::MembershipAtUnlinkedSite,
            Kind::Users,
            facts.id(p_persoon),
            message,
        ));
    }
}

fn described(facts: &Facts<'_>, klas: &Klas) -> String {
    let title = klas.klas.as_deref().filter(|name| !name.trim().is_empty());
    let key = (
        klas.instelnr.as_str(),
        klas.vestnrdiscimus,
        klas.hfdstructuur.as_str(),
    );
    let org_id = org_id_at(key, facts.subject.configuration);
    format!(
        "{:?} of {org_id} (structure {})",
        title.unwrap_or(&klas.klascode),
        klas.hfdstructuur
    )
}

/// Returns pupils with the classes and subgroups they are in on the day that counts for them.
fn pupils<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (i64, i64)> + 'f {
    let mut counting = HashMap::new();
    for (p_persoon, present) in &facts.candidates.people {
        let begins = present.registrations.iter().map(|row| row.begindatum);
        let day = begins.min().unwrap_or(facts.candidates.reference_date);
        let day = day.max(facts.candidates.reference_date);
        counting.extend(
            present
                .registrations
                .iter()
                .map(|row| (row.p_inschr, (*p_persoon, day))),
        );
    }
    let rows = facts.subject.source.inschrklas.iter();
    rows.filter_map(move |row| {
        let (p_persoon, day) = *counting.get(&row.p_inschr)?;
        let is_in = row.contains(day, facts.candidates.year.einddatum);
        is_in.then_some((p_persoon, row.p_klas))
    })
}

/// Returns staff with the classes they are class teacher of on the day.
fn teachers<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (i64, i64)> + 'f {
    let candidates = facts.candidates;
    let day = candidates.reference_date;
    let rows = facts.subject.source.klasfunctiepersoon.iter();
    rows.filter(move |row| {
        let present = candidates.people.get(&row.p_persoon);
        row.p_klasfunctie == CLASS_TEACHER
            && row.begindatum.is_none_or(|begin| begin <= day)
            && row.einddatum.is_none_or(|end| day <= end)
            && present.is_some_and(|present| present.naming.role == RoleType::Teacher)
    })
    .map(|row| (row.p_persoon, row.p_klas))
}
