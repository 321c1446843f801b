//! Usernames: what Entra takes, who has one, and under which domain. Asked of everyone, released or not.

use std::collections::BTreeMap;

use oneroster_standard::{Kind, RoleType};

use super::damaged_text::is_doubtful;
use super::facts::{Facts, some};
use super::{Finding, Rule};
use crate::projection::candidates::PresentPerson;
use crate::tenant::configuration::DomainMode;
use crate::username::Record;
use crate::username::entra;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let own = facts.subject.configuration.own_domains();
    let mut senders: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (p_persoon, present) in &facts.candidates.people {
        let id = facts.id(*p_persoon);
        let finding = |rule, message| Finding::new(rule, Kind::Users, &id, message);
        let Some(record) = facts.record(*p_persoon) else {
            let message = "has no username and is not published: import again, which gives one to everybody who needs one";
            findings.push(finding(Rule::UsernameMissing, message.to_owned()));
            continue;
        };
        let username = present.naming.username(record);
        if username.is_none() {
            findings.push(domain_missing(&id, present, record));
        }
        let sent = username.unwrap_or_else(|| record.local_part.clone());
        findings.extend(refused(&sent).map(|(rule, message)| finding(rule, message)));
        senders.entry(sent.to_lowercase()).or_default().push(*p_persoon);
        let explicit = present
            .naming
            .own_domain(record)
            .filter(|_| present.naming.mode == DomainMode::Informat);
        if let Some(domain) = explicit.filter(|domain| !own.contains(domain)) {
            let message = format!(
                "{sent:?} is sent with the domain {:?}, which is not one of this tenant's ({}): give another username, \
                 or add it to extra_domains in the tenant file if the Microsoft tenant owns it",
                domain.as_str(),
                some(&own.iter().map(ToString::to_string).collect::<Vec<_>>())
            );
            findings.push(finding(Rule::DomainNotOwn, message));
        }
        findings.extend(of_other_kind(facts, *p_persoon, present, record));
        // Of a text that is doubtful another rule says more.
        let is_doubtful = facts.person(*p_persoon).is_some_and(is_doubtful);
        if record.needs_review && !is_doubtful {
            let message = format!(
                "{:?} leaves out letters that could not be written in Latin ones: see whether it is a good username: set it again as it is, else give another",
                record.local_part
            );
            findings.push(finding(Rule::UsernameNeedsReview, message));
        }
    }
    duplicates(facts, &senders, findings);
    unreleased(facts, findings);
}

/// R40: finds a domain of pupils that is sent for staff, or one of staff that is sent for a pupil.
fn of_other_kind(
    facts: &Facts<'_>,
    p_persoon: i64,
    present: &PresentPerson<'_>,
    record: &Record,
) -> Option<Finding> {
    let naming = &present.naming;
    let domain = naming
        .own_domain(record)
        .filter(|_| naming.mode == DomainMode::Informat)?;
    let schools = || facts.subject.configuration.schools.iter();
    let is_of_staff = schools().any(|school| school.teacher_domain.as_ref() == Some(domain));
    let is_of_pupils = schools()
        .flat_map(|school| &school.sites)
        .any(|site| site.pupil_domain.as_ref() == Some(domain));
    let (kind, other, is_of_own, is_of_other) = if naming.role == RoleType::Teacher {
        ("staff", "pupils", is_of_staff, is_of_pupils)
    } else {
        ("a pupil", "staff", is_of_pupils, is_of_staff)
    };
    if is_of_own || !is_of_other {
        return None;
    }
    let id = facts.id(p_persoon);
    let message = format!(
        "{:?} is {kind} and is sent with {:?}, a domain of {other}: if that is not meant, edit the username: {}",
        record.local_part,
        domain.as_str(),
        facts.command("usernames set", &format!("--user {id} NAME")),
    );
    Some(Finding::new(Rule::DomainOfOtherKind, Kind::Users, id, message))
}

/// Says why Entra would refuse a username: at most once for its characters and once for its length.
fn refused(sent: &str) -> impl Iterator<Item = (Rule, String)> {
    let problems = entra::problems(sent);
    let first = |is_length: bool| {
        problems
            .iter()
            .find(|problem| problem.is_length() == is_length)
            .cloned()
    };
    let found = [
        (Rule::UsernameCharacters, first(false)),
        (Rule::UsernameTooLong, first(true)),
    ];
    let sent = format!("{sent:?}");
    found.into_iter().filter_map(move |(rule, problem)| {
        let message = format!(
            "Microsoft Entra would refuse the username {sent}: {}; edit it",
            problem?
        );
        Some((rule, message))
    })
}

fn domain_missing(id: &str, present: &PresentPerson<'_>, record: &Record) -> Finding {
    let local_part = &record.local_part;
    if present.naming.role == RoleType::Teacher {
        let message = format!(
            "{local_part:?} is staff, whose domain is sent along, but has none, and is not published: see that the school has a \
             teacher_domain and apply the tenant file again, or edit the username to have a domain"
        );
        Finding::new(Rule::TeacherDomainMissing, Kind::Users, id, message)
    } else {
        let message = format!(
            "{local_part:?} is a pupil, whose domain is sent along, but neither has one nor has the site {}, and is not \
             published: give the site a pupil_domain in the tenant file",
            present.org_ids.first().copied().unwrap_or_default()
        );
        Finding::new(Rule::PupilDomainMissing, Kind::Users, id, message)
    }
}

/// R139: of two accounts with one name Microsoft makes the first only.
fn duplicates(facts: &Facts<'_>, senders: &BTreeMap<String, Vec<i64>>, findings: &mut Vec<Finding>) {
    for (username, people) in senders.iter().filter(|(_, people)| people.len() > 1) {
        for person in people {
            let others: Vec<String> = people
                .iter()
                .filter(|other| *other != person)
                .map(|other| facts.id(*other))
                .collect();
            let message = format!(
                "the username {username:?} is also that of {}: only one of them would get an account; edit the others'",
                some(&others)
            );
            findings.push(Finding::new(
                Rule::UsernameDuplicate,
                Kind::Users,
                facts.id(*person),
                message,
            ));
        }
    }
}

/// Counts, per org, who waits for release.
fn unreleased(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut of_org: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (p_persoon, present) in &facts.candidates.people {
        let (Some(home), Some(record)) = (present.org_ids.first(), facts.record(*p_persoon)) else {
            continue;
        };
        let (waiting, all) = of_org.entry(home).or_default();
        *waiting += usize::from(!record.sync);
        *all += 1;
    }
    for (org_id, (waiting, all)) in of_org.into_iter().filter(|(_, (waiting, _))| *waiting > 0) {
        let message = format!(
            "{waiting} of {all} people are not released and so not published: check their usernames and release them"
        );
        findings.push(Finding::new(Rule::UnreleasedPeople, Kind::Orgs, org_id, message));
    }
}
