//! A group as Microsoft's acceptance suite needs it: the suite looks at the first row of a collection, and asks for what belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::SchoolGroup;

/// Releases the usernames of every published site, and gives the lowest ids to classes of the first site that have pupils and a class
/// teacher all year, and to these people. Everything else stays as it was made.
pub fn for_acceptance_suite(group: &mut SchoolGroup, school_year: &str) {
    group.tenant_file = group.tenant_file.replace(
        "sync = true\nsync_default = false",
        "sync = true\nsync_default = true",
    );
    let chosen = Chosen::of(group, school_year);
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for class in &mut group.tables.klassen {
        if chosen.classes.contains(&class.p_klas) {
            lower(&mut class.scoodle_id, &mut renamed);
        }
    }
    for person in &mut group.tables.persoon {
        if chosen.people.contains(&person.p_persoon) {
            lower(&mut person.rowguid, &mut renamed);
        }
    }
    let ids = group.cases.iter_mut().flat_map(|case| &mut case.ids);
    for id in ids {
        if let Some(new) = renamed.get(id) {
            id.clone_from(new);
        }
    }
}

/// Puts an id before all others.
fn lower(id: &mut Uuid, renamed: &mut BTreeMap<String, String>) {
    let lowered = Uuid::from_u128(id.as_u128() & (u128::MAX >> 32));
    renamed.insert(id.to_string(), lowered.to_string());
    *id = lowered;
}

/// Who and what comes first, by the keys of Informat.
struct Chosen {
    classes: BTreeSet<i64>,
    people: BTreeSet<i64>,
}

impl Chosen {
    fn of(group: &SchoolGroup, school_year: &str) -> Self {
        let tables = &group.tables;
        let site = tables
            .schoolvest
            .iter()
            .filter(|site| site.actief)
            .map(|site| (site.instelnr.as_str(), site.vestnrdiscimus))
            .min();
        let staff: BTreeSet<i64> = tables.opdracht.iter().map(|row| row.p_persoon).collect();
        let always_staff: BTreeSet<i64> = tables
            .opdracht
            .iter()
            .filter(|row| row.einddatum.is_none())
            .map(|row| row.p_persoon)
            .collect();
        let pupils: BTreeMap<i64, i64> = tables
            .inschrijving
            .iter()
            .filter(|row| row.schooljaar == school_year && row.status == 0 && row.einddatum.is_none())
            .filter(|row| !staff.contains(&row.p_persoon))
            .map(|row| (row.p_inschr, row.p_persoon))
            .collect();
        let mut chosen = Self {
            classes: BTreeSet::new(),
            people: BTreeSet::new(),
        };
        for class in tables.klassen.iter().filter(|class| {
            class.schooljaar == school_year && Some((class.instelnr.as_str(), class.vestnrdiscimus)) == site
        }) {
            let members: Vec<i64> = tables
                .inschrklas
                .iter()
                .filter(|row| row.p_klas == class.p_klas && row.totdatum.is_none())
                .filter_map(|row| pupils.get(&row.p_inschr).copied())
                .collect();
            let teachers: Vec<i64> = tables
                .klasfunctiepersoon
                .iter()
                .filter(|row| row.p_klas == class.p_klas && row.p_klasfunctie == 2 && row.einddatum.is_none())
                .map(|row| row.p_persoon)
                .filter(|person| always_staff.contains(person))
                .collect();
            if !members.is_empty() && !teachers.is_empty() {
                chosen.classes.insert(class.p_klas);
                chosen.people.extend(members.into_iter().chain(teachers));
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, school_group};

    #[test]
    fn the_first_classes_and_people_are_at_the_first_site_and_everybody_is_released() {
        for seed in 1..=5 {
            let mut group = school_group(&Options {
                pupils: 300,
                seed,
                school_year: "2026-27".parse().unwrap(),
                tenant: "demo".to_owned(),
                complete_next_year: false,
            });
            let before = group.clone();
            for_acceptance_suite(&mut group, "2026-27");
            assert!(!group.tenant_file.contains("sync = true\nsync_default = false"));
            let low = |id: &Uuid| id.as_u128() >> 96 == 0;
            let classes: Vec<_> = group
                .tables
                .klassen
                .iter()
                .filter(|class| low(&class.scoodle_id))
                .collect();
            assert!(classes.len() >= 3, "seed {seed}: {}", classes.len());
            assert!(
                classes
                    .iter()
                    .all(|class| (class.instelnr.as_str(), class.vestnrdiscimus) == ("001507", 1))
            );
            let people: BTreeSet<i64> = group
                .tables
                .persoon
                .iter()
                .filter(|person| low(&person.rowguid))
                .map(|person| person.p_persoon)
                .collect();
            let teachers = group
                .tables
                .opdracht
                .iter()
                .filter(|row| people.contains(&row.p_persoon))
                .map(|row| row.p_persoon)
                .collect::<BTreeSet<_>>();
            assert!(
                teachers.len() >= 3 && people.len() >= teachers.len() + 3,
                "seed {seed}: {} of {}",
                teachers.len(),
                people.len()
            );
            let ids: BTreeSet<Uuid> = group.tables.persoon.iter().map(|person| person.rowguid).collect();
            assert_eq!(ids.len(), before.tables.persoon.len(), "all differ");
            for (case, old) in group.cases.iter().zip(&before.cases) {
                assert_eq!((case.name, case.ids.len()), (old.name, old.ids.len()));
            }
        }
    }
}
