//! People's names: what is sent as given and family name, and whose names are alike.

use std::collections::BTreeMap;

use oneroster_standard::{Kind, RoleType};

use super::facts::{Facts, counted, id, some};
use super::{Finding, Rule};
use crate::informat::Persoon;
use crate::username::{Identity, Origin, PersonKey, shared_names};

/// Longest given or family name that Entra takes, in characters (informat-domain §7).
const NAME_MAX_LENGTH: usize = 64;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for (p_persoon, present) in &facts.candidates.people {
        let Some(person) = facts.person(*p_persoon) else {
            continue;
        };
        let called = facts.called(*p_persoon);
        findings.extend(name(person, &called));
        if present.naming.role == RoleType::Teacher && !present.registrations.is_empty() {
            let message = format!(
                "{called} is pupil and staff at once and is published as a teacher, with everything staff may do: \
                 see that the assignment is right"
            );
            findings.push(Finding::new(
                Rule::PupilAndStaff,
                Kind::Users,
                id(person),
                message,
            ));
        }
    }
    twice(facts, findings);
    namesakes(facts, findings);
}

/// Returns a name part without blanks around it; none if it is empty or only the sign for that.
fn part(text: Option<&str>) -> Option<&str> {
    text.map(str::trim)
        .filter(|text| !text.is_empty() && *text != "-")
}

fn name(person: &Persoon, called: &str) -> Vec<Finding> {
    let finding = |rule, message| Finding::new(rule, Kind::Users, id(person), message);
    let parts = [("given", &person.voornaam), ("family", &person.naam)];
    let mut findings = Vec::new();
    for (which, text) in parts {
        let length = text.as_deref().map_or(0, |text| text.trim().chars().count());
        if length > NAME_MAX_LENGTH {
            let message = format!(
                "the {which} name of {called} has {length} characters; Microsoft Entra takes {NAME_MAX_LENGTH}: shorten it in Informat"
            );
            findings.push(finding(Rule::NameTooLong, message));
        }
    }
    match parts.map(|(_, text)| part(text.as_deref()).is_some()) {
        [true, true] => {}
        [false, false] => {
            let message =
                format!("{called} has no name at all and is sent as \"- -\": fill it in in Informat");
            findings.push(finding(Rule::NameMissing, message));
        }
        [true, false] | [false, true] => {
            let message = format!(
                "{called} has one name only; the other is sent as \"-\": nothing needs to be done if that is right"
            );
            findings.push(finding(Rule::NameOnePart, message));
        }
    }
    findings
}

/// Finds people who are probably one person, entered twice: however their names are spelled, and in either order.
fn twice(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut alike: BTreeMap<PersonKey, Vec<i64>> = BTreeMap::new();
    for p_persoon in facts.candidates.people.keys() {
        let key = facts
            .person(*p_persoon)
            .and_then(|person| Identity::of(person).key());
        if let Some(key) = key {
            alike.entry(key).or_default().push(*p_persoon);
        }
    }
    for people in alike.values().filter(|people| people.len() > 1) {
        for person in people {
            let others: Vec<String> = people
                .iter()
                .filter(|other| *other != person)
                .map(|other| facts.id(*other))
                .collect();
            let message = format!(
                "{} has the same names and birth date as {}: if they are one person, merge them in Informat, \
                 else that person gets two accounts",
                facts.called(*person),
                some(&others)
            );
            findings.push(Finding::new(
                Rule::PersonTwice,
                Kind::Users,
                facts.id(*person),
                message,
            ));
        }
    }
}

/// Finds people awaiting release whose generated username the names of others make too (R48, R137).
///
/// Holders who are no longer at school count: the account is still theirs.
fn namesakes(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let subject = &facts.subject;
    for people in shared_names(subject.source, subject.usernames, subject.configuration) {
        let is_waiting = |person: &i64| {
            facts.candidates.people.contains_key(person)
                && facts
                    .record(*person)
                    .is_some_and(|record| !record.sync && record.origin == Origin::Generated)
        };
        for person in people.iter().filter(|person| is_waiting(person)) {
            let others: Vec<String> = people
                .iter()
                .filter(|other| *other != person)
                .map(|other| facts.called(*other))
                .collect();
            let message = format!(
                "{} waits for release, and the names of {} make the same username ({}): before releasing it, \
                 see that no one gets the account of another",
                facts.called(*person),
                counted(others.len(), "other person", "other people"),
                some(&others)
            );
            findings.push(Finding::new(
                Rule::NamesakesUnreleased,
                Kind::Users,
                facts.id(*person),
                message,
            ));
        }
    }
}
