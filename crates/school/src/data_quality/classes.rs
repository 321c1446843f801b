//! Classes and subgroups: titles, ids, pupils, and members from elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use oneroster_standard::Kind;
use uuid::Uuid;

use super::facts::{Facts, some};
use super::{Finding, Rule};
use crate::projection::candidates::ClassMembers;

/// Longest display name of a Microsoft 365 group, in characters (Microsoft Graph, `group.displayName`).
const TITLE_MAX_LENGTH: usize = 256;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let year = &facts.candidates.year.schooljaar;
    // Of several years the latest is reported.
    let mut elsewhere: HashMap<Uuid, &str> = HashMap::new();
    for klas in facts
        .subject
        .source
        .klassen
        .iter()
        .filter(|klas| klas.schooljaar != *year)
    {
        let latest = elsewhere.entry(klas.scoodle_id).or_default();
        *latest = klas.schooljaar.as_str().max(*latest);
    }
    for group in facts.candidates.classes.values() {
        findings.extend(title_too_long(group));
        findings.extend(without_pupils(group));
        if let Some(other) = elsewhere.get(&group.klas.scoodle_id) {
            let message = format!(
                "class {:?} has the id of a class of {other}, so Microsoft goes on with that Team, its files and chats: \
                 give it a new id in Informat, or archive the old Team first",
                group.title
            );
            findings.push(Finding::new(
                Rule::ClassIdReused,
                Kind::Classes,
                &group.sourced_id,
                message,
            ));
        }
    }
    same_title(facts, findings);
    outside_orgs(facts, findings);
}

fn title_too_long(group: &ClassMembers<'_>) -> Option<Finding> {
    let length = group.title.chars().count();
    (length > TITLE_MAX_LENGTH).then(|| {
        let start: String = group.title.chars().take(60).collect();
        let message = format!(
            "the title {start:?}… has {length} characters; a Microsoft 365 group takes {TITLE_MAX_LENGTH}: \
             shorten the name of the class or the site in Informat, or the team_name_format"
        );
        Finding::new(Rule::ClassTitleTooLong, Kind::Classes, &group.sourced_id, message)
    })
}

fn without_pupils(group: &ClassMembers<'_>) -> Option<Finding> {
    let (rule, what) = if group.klas.groeptype == 0 {
        (Rule::ClassWithoutPupils, "class")
    } else {
        (Rule::SubgroupWithoutPupils, "subgroup")
    };
    group.students.is_empty().then(|| {
        let message = format!(
            "{what} {:?} has no pupils on this day, so its Team stays without: put them in, or delete it in Informat",
            group.title
        );
        Finding::new(rule, Kind::Classes, &group.sourced_id, message)
    })
}

/// Finds titles that people cannot tell apart: Microsoft makes both Teams.
fn same_title(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut by_title: BTreeMap<String, Vec<&ClassMembers<'_>>> = BTreeMap::new();
    for group in facts.candidates.classes.values() {
        by_title
            .entry(group.title.to_lowercase())
            .or_default()
            .push(group);
    }
    for groups in by_title.values().filter(|groups| groups.len() > 1) {
        for group in groups {
            let others: Vec<String> = groups
                .iter()
                .filter(|other| other.sourced_id != group.sourced_id)
                .map(|other| format!("{} at {}", other.sourced_id, other.row.org_id))
                .collect();
            let message = format!(
                "the title {:?} at {} is also that of {}: rename one in Informat, or let the team_name_format say more",
                group.title,
                group.row.org_id,
                some(&others)
            );
            findings.push(Finding::new(
                Rule::ClassTitleDuplicate,
                Kind::Classes,
                &group.sourced_id,
                message,
            ));
        }
    }
}

/// Looks at what would be served: a member of a class at a site where the person is not.
fn outside_orgs(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let users: HashMap<&str, (&str, HashSet<&str>)> = facts
        .roster
        .users
        .iter()
        .map(|user| {
            let orgs = user.content.orgs.iter().map(|org| org.sourced_id.as_str());
            let username = user.content.username.as_str();
            (user.sourced_id.as_str(), (username, orgs.collect()))
        })
        .collect();
    let titles: HashMap<&str, &str> = facts
        .roster
        .classes
        .iter()
        .map(|class| (class.sourced_id.as_str(), class.content.title.as_str()))
        .collect();
    for enrollment in &facts.roster.enrollments {
        let content = &enrollment.content;
        let school = content.school.sourced_id.as_str();
        let Some((username, orgs)) = users.get(content.user.sourced_id.as_str()) else {
            continue;
        };
        if orgs.contains(school) {
            continue;
        }
        let title = titles
            .get(content.class.sourced_id.as_str())
            .copied()
            .unwrap_or_default();
        let message = format!(
            "{username:?} is in {title:?} of {school} but has no registration or assignment there: add one in Informat, \
             or take the person out of the class"
        );
        findings.push(Finding::new(
            Rule::MembershipOutsideOrgs,
            Kind::Enrollments,
            &enrollment.sourced_id,
            message,
        ));
    }
}
