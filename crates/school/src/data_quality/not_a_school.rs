//! Published rows of sites that are no school: boarding houses, centres for pupil guidance, school boards (R44).

use oneroster_standard::Kind;

use super::facts::Facts;
use super::{Finding, Rule};
use crate::informat::Schoolvest;

/// Words in the name of a school or site that is none. A school may have a boarding house, so they decide only where no pupil
/// is registered.
const WORDS: [&str; 6] = [
    "clb",
    "internaat",
    "internaten",
    "leerlingenbegeleiding",
    "opvangcentrum",
    "schoolbestuur",
];

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for published in facts.rows.iter() {
        let row = published.row;
        let structure = &row.hfdstructuur;
        let why = match structure.as_bytes() {
            [b'1'..=b'4', b'1' | b'2', b'1' | b'2' | b'3' | b'7'] => {
                let Some(word) = word(facts, row).filter(|_| !has_pupils(facts, row)) else {
                    continue;
                };
                format!("has {word:?} in its name and no pupils")
            }
            [b'1'..=b'4', b'1' | b'2', b'6'] => "is part-time education in the arts".to_owned(),
            _ => "has a structure that no school has".to_owned(),
        };
        let message = format!(
            "site {} of school {}, structure {structure} ({:?}), {why}: boarders are not synchronised, and its staff would be \
             published as teachers; set sync = false for it in the tenant file and `oneroster tenant apply` that, unless it is a \
             school",
            row.vestnrdiscimus, row.instelnr, row.vestiging
        );
        findings.push(Finding::new(
            Rule::NotASchool,
            Kind::Orgs,
            &published.org_id,
            message,
        ));
    }
}

/// Returns the word in the name of a site or its school that no school has.
fn word(facts: &Facts<'_>, row: &Schoolvest) -> Option<&'static str> {
    let schools = facts.subject.source.school.iter();
    let of_school = schools
        .filter(|school| school.instelnr == row.instelnr)
        .map(|school| school.school.as_str());
    let names: Vec<String> = of_school
        .chain([row.vestiging.as_str()])
        .map(str::to_lowercase)
        .collect();
    let mut words = names
        .iter()
        .flat_map(|name| name.split(|character: char| !character.is_alphanumeric()));
    words.find_map(|word| WORDS.into_iter().find(|known| *known == word))
}

/// Returns `true` if anybody is registered at the row, in whatever year.
fn has_pupils(facts: &Facts<'_>, row: &Schoolvest) -> bool {
    facts.subject.source.inschrijving.iter().any(|registration| {
        registration.is_realised()
            && registration.instelnr == row.instelnr
            && registration.vestnrdiscimus == row.vestnrdiscimus
            && registration.hfdstructuur == row.hfdstructuur
    })
}
