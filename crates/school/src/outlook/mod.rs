//! What another day brings: who comes, who goes and who changes, compared with today.
//!
//! Both days are [`projection::project`]'s own answers, asked as if every Sync flag were on: whoever is still to be released is
//! among them. Why is [`projection::explain`]'s answer.

mod ending;
mod seen;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use oneroster_standard::{Kind, RoleType, User};
use uuid::Uuid;

pub use ending::{EndingAssignment, ending_assignments};
pub use seen::{ClassCounts, Movement, OrgCounts, Seen, SeenStanding, counts};

use crate::informat::Mirror;
use crate::informat::school_year::UnknownSchoolYear;
use crate::projection::{self, Cause, ExplainRequest, Roster, Sources};
use crate::tenant::Configuration;
use crate::username::Record;

/// A day, and the school year that is active on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOfYear<'a> {
    /// The day in Brussels.
    pub day: NaiveDate,
    /// The school year.
    pub school_year: &'a str,
}

/// What is different on another day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The reference date of today (R119–R121).
    pub today: NaiveDate,
    /// The reference date of the other day.
    pub day: NaiveDate,
    /// Everyone who is not the same on both, by id.
    pub people: Vec<PersonOutlook>,
    /// Names of the orgs of either day, by id.
    pub orgs: BTreeMap<String, String>,
    /// Classes of either day, without subgroups, by id.
    pub classes: BTreeMap<String, OutlookClass>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlookClass {
    /// What its school calls it.
    pub name: String,
    /// Its org.
    pub org: String,
}

/// Somebody who is not the same on both days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonOutlook {
    /// Their id.
    pub sourced_id: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Whether their Sync flag is on.
    pub is_released: bool,
    /// What they are today; `None` = nothing.
    pub before: Option<Standing>,
    /// What they are on the other day.
    pub after: Option<Standing>,
    /// By what they come, or why they go.
    pub causes: Vec<Cause>,
}

/// What somebody is on a day once they are released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Pupil or staff; both is staff (R41).
    pub role: RoleType,
    /// The username as it is sent.
    pub username: String,
    /// Ids of the orgs, the home org first.
    pub orgs: Vec<String>,
    /// Ids of the classes, without subgroups.
    pub classes: BTreeSet<String>,
}

/// Compares a day with today, whatever the Sync flags.
pub fn outlook(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    today: DayOfYear<'_>,
    other: DayOfYear<'_>,
) -> Result<Outlook, UnknownSchoolYear> {
    let released: HashMap<Uuid, Record> = usernames
        .iter()
        .map(|(rowguid, record)| {
            let record = Record {
                sync: true,
                ..record.clone()
            };
            (*rowguid, record)
        })
        .collect();
    let roster =
        |at: DayOfYear<'_>| projection::project(source, &released, configuration, at.school_year, at.day);
    let (before, after) = (roster(today)?, roster(other)?);
    let subgroups = subgroups(source);
    let mut people = compared(&before, &after, &subgroups);
    let sources = Sources {
        mirror: source,
        usernames: &released,
        configuration,
        school_year: other.school_year,
        today: other.day,
        last_seen: Some(before.reference_date),
    };
    add_causes(&sources, (&before, &after), &mut people)?;
    for person in &mut people {
        let record = Uuid::try_parse(&person.sourced_id)
            .ok()
            .and_then(|rowguid| usernames.get(&rowguid));
        person.is_released = record.is_some_and(|record| record.sync);
    }
    Ok(Outlook {
        today: before.reference_date,
        day: after.reference_date,
        people,
        orgs: org_names(&before, &after),
        classes: classes(source, &before, &after, &subgroups),
    })
}

/// Returns the ids of subgroups: the class of a pupil is none of them.
fn subgroups(source: &Mirror) -> HashSet<String> {
    let groups = source.klassen.iter().filter(|klas| klas.groeptype != 0);
    groups
        .map(|klas| klas.scoodle_id.hyphenated().to_string())
        .collect()
}

fn compared(before: &Roster, after: &Roster, subgroups: &HashSet<String>) -> Vec<PersonOutlook> {
    let (mut then, now) = (standings(after, subgroups), standings(before, subgroups));
    let mut people: Vec<PersonOutlook> = now
        .into_iter()
        .filter_map(|(id, (user, standing))| {
            let later = then.remove(id).map(|(_, standing)| standing);
            (later.as_ref() != Some(&standing)).then(|| person(id, user, Some(standing), later))
        })
        .collect();
    people.extend(
        then.into_iter()
            .map(|(id, (user, standing))| person(id, user, None, Some(standing))),
    );
    people.sort_by(|one, other| one.sourced_id.cmp(&other.sourced_id));
    people
}

fn person(id: &str, user: &User, before: Option<Standing>, after: Option<Standing>) -> PersonOutlook {
    PersonOutlook {
        sourced_id: id.to_owned(),
        given_name: user.given_name.clone(),
        family_name: user.family_name.clone(),
        is_released: false,
        before,
        after,
        causes: Vec::new(),
    }
}

fn standings<'r>(roster: &'r Roster, subgroups: &HashSet<String>) -> BTreeMap<&'r str, (&'r User, Standing)> {
    let mut classes: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for enrollment in &roster.enrollments {
        let class = &enrollment.content.class.sourced_id;
        if !subgroups.contains(class) {
            let user = enrollment.content.user.sourced_id.as_str();
            classes.entry(user).or_default().insert(class.clone());
        }
    }
    let users = roster.users.iter().map(|user| {
        let (id, user) = (user.sourced_id.as_str(), &user.content);
        let standing = Standing {
            role: user.role,
            username: user.username.clone(),
            orgs: user.orgs.iter().map(|org| org.sourced_id.clone()).collect(),
            classes: classes.remove(id).unwrap_or_default(),
        };
        (id, (user, standing))
    });
    users.collect()
}

/// Finds why people go, and by what the others are there or come.
fn add_causes(
    sources: &Sources<'_>,
    (before, after): (&Roster, &Roster),
    people: &mut [PersonOutlook],
) -> Result<(), UnknownSchoolYear> {
    let gone: HashSet<&str> = people
        .iter()
        .filter(|person| person.after.is_none())
        .map(|person| person.sourced_id.as_str())
        .collect();
    let contents: HashMap<&str, String> = before
        .users
        .iter()
        .filter(|user| gone.contains(user.sourced_id.as_str()))
        .filter_map(|user| {
            let content = serde_json::to_string(&user.content).ok()?;
            Some((user.sourced_id.as_str(), content))
        })
        .collect();
    let requests: Vec<ExplainRequest<'_>> = people
        .iter()
        .map(|person| {
            let sourced_id = person.sourced_id.as_str();
            match contents.get(sourced_id) {
                Some(content) => ExplainRequest::Removed {
                    kind: Kind::Users,
                    sourced_id,
                    content,
                },
                None => ExplainRequest::User { sourced_id },
            }
        })
        .collect();
    let causes = projection::explain(sources, after, &requests)?;
    for (person, causes) in people.iter_mut().zip(causes) {
        person.causes = causes;
    }
    Ok(())
}

fn org_names(before: &Roster, after: &Roster) -> BTreeMap<String, String> {
    let orgs = before.orgs.iter().chain(&after.orgs);
    orgs.map(|org| (org.sourced_id.clone(), org.content.name.clone()))
        .collect()
}

fn classes(
    source: &Mirror,
    before: &Roster,
    after: &Roster,
    subgroups: &HashSet<String>,
) -> BTreeMap<String, OutlookClass> {
    // By year too: an id may stand in several.
    let by_id: HashMap<(String, &str), &str> = source
        .klassen
        .iter()
        .filter_map(|klas| {
            let name = klas
                .klas
                .as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty())?;
            Some((
                (klas.scoodle_id.hyphenated().to_string(), klas.schooljaar.as_str()),
                name,
            ))
        })
        .collect();
    let classes = before.classes.iter().chain(&after.classes);
    classes
        .filter(|class| !subgroups.contains(&class.sourced_id))
        .map(|class| {
            let year = class
                .content
                .terms
                .first()
                .map_or("", |term| term.sourced_id.as_str());
            let named = by_id.get(&(class.sourced_id.clone(), year)).copied();
            let code = class.content.class_code.as_deref();
            let known = OutlookClass {
                name: named.or(code).unwrap_or_default().to_owned(),
                org: class.content.school.sourced_id.clone(),
            };
            (class.sourced_id.clone(), known)
        })
        .collect()
}
