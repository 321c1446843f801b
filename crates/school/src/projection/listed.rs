//! Who stands on the page for usernames: people with a record who are active on the reference date in a published row (R68–R70).
//!
//! The same rules as [`super::project`], but Sync flags are ignored, and a future pupil is never listed, whatever the tenant's
//! `future_pupils` is.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::RoleType;
use uuid::Uuid;

use super::naming::Naming;
use super::person::ActivePerson;
use super::{ProjectionContext, class, enrollment, person};
use crate::informat::Mirror;
use crate::informat::published_rows::{PublishedRow, PublishedRows};
use crate::informat::school_year::UnknownSchoolYear;
use crate::rights::{Access, Rights};
use crate::tenant::Configuration;
use crate::tenant::configuration::{DomainMode, FuturePupils};
use crate::username::entra::{self, UpnProblem};
use crate::username::{Origin, Record, WaitReason, shared_names};

/// `klassen.groeptype` of a class; more is a subgroup.
const CLASS: i32 = 0;

/// Everyone on the page of a tenant, as of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The day (R119–R121).
    pub reference_date: NaiveDate,
    /// The published places, in key order.
    pub places: Vec<Place>,
    /// The published classes, without subgroups.
    pub classes: Vec<ListedClass>,
    /// The people, by id.
    pub people: Vec<ListedPerson>,
}

/// A published place: a site with one of its main structures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Id of the org it is published as.
    pub org_id: String,
    /// Name of the school.
    pub school: String,
    /// Name of the site.
    pub site: String,
}

impl Place {
    /// Returns what somebody may do there.
    pub fn access(&self, rights: &Rights) -> Access {
        rights.org_access(&self.org_id)
    }
}

/// A published class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClass {
    /// Name of the class, as the school calls it.
    pub name: String,
    /// Where: its place in [`Listed::places`].
    pub place: usize,
}

/// A person on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPerson {
    /// The lasting id.
    pub rowguid: Uuid,
    /// Official family name.
    pub family_name: String,
    /// Official given name.
    pub given_name: String,
    /// Birth date, which tells namesakes apart; never published.
    pub birth_date: Option<NaiveDate>,
    /// Whether they are staff. A person who is both counts as staff (R41).
    pub is_staff: bool,
    /// Where they are: places in [`Listed::places`], the home first. Never empty.
    pub places: Vec<usize>,
    /// A pupil's classes, in [`Listed::classes`], by name; empty for staff.
    pub classes: Vec<usize>,
    /// The domain that is configured for their home; empty where Microsoft adds it.
    pub default_domain: String,
    /// Whether the names of somebody else make the same username (R48).
    pub shares_name: bool,
    /// How their username is sent.
    pub naming: Naming,
    /// What the record says.
    pub record: ListedRecord,
}

/// What a username record says to the page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that the page shows"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRecord {
    /// The username as it is typed: `local`, or `local@domain` where the domain is the person's own and is sent.
    pub username: String,
    /// Whether the person is released (R59).
    pub sync: bool,
    /// Whether the name was generated: nobody typed it.
    pub is_generated: bool,
    /// Whether somebody should look at the name.
    pub needs_review: bool,
    /// Why the person waits for an answer: the gravest reason.
    pub waits_for: Option<WaitReason>,
    /// Whether they are probably somebody who has a username already.
    pub is_probably_merged: bool,
    /// Whether Entra would refuse the name for its length.
    pub is_too_long: bool,
    /// When the record was made.
    pub created_at: DateTime<Utc>,
    /// Whether another server served the name: it is final.
    pub is_taken_over: bool,
    /// Changes when the record does.
    pub stamp: u64,
}

impl ListedRecord {
    /// Returns what a record says of a person whose username is sent so.
    pub fn of(record: &Record, naming: &Naming) -> Self {
        let own = naming
            .own_domain(record)
            .filter(|_| naming.mode == DomainMode::Informat);
        let sent = naming.username(record);
        let sent = sent.as_deref().unwrap_or(&record.local_part);
        let merged = [WaitReason::ProbablyMerged, WaitReason::PersonIdChanged];
        Self {
            username: own.map_or_else(
                || record.local_part.clone(),
                |domain| format!("{}@{domain}", record.local_part),
            ),
            sync: record.sync,
            is_generated: record.origin == Origin::Generated,
            needs_review: record.needs_review,
            waits_for: record.waits_for.first().copied(),
            is_probably_merged: merged.iter().any(|reason| record.waits_for.contains(reason)),
            is_too_long: entra::problems(sent).iter().any(UpnProblem::is_length),
            created_at: record.created_at,
            is_taken_over: record.is_taken_over(),
            stamp: record.stamp(),
        }
    }
}

/// Returns everyone who stands on the page of a tenant on `today` in Brussels.
pub fn listed(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    today: NaiveDate,
) -> Result<Listed, UnknownSchoolYear> {
    // R68: a future pupil is listed once they have started, though they may be published before.
    let configuration = &Configuration {
        future_pupils: FuturePupils::Exclude,
        ..configuration.clone()
    };
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let context = ProjectionContext::new(
        source,
        configuration,
        &rows,
        &configuration.active_school_year,
        today,
    )?;
    let active = person::active_people(&context);
    let places = Places::of(&context);
    let (classes, mut members) = classes(&context, &active, &places);
    let shared = shared_names(source, usernames, configuration);
    let shared: HashSet<i64> = shared.into_iter().flatten().collect();
    let mut people: Vec<ListedPerson> = source
        .persoon
        .iter()
        .filter_map(|person| {
            let active = active.get(&person.p_persoon)?;
            let record = usernames.get(&person.rowguid)?;
            let naming = Naming::of(configuration, active)?;
            let classes = members.remove(&person.p_persoon).unwrap_or_default();
            let is_staff = naming.role != RoleType::Student;
            Some(ListedPerson {
                rowguid: person.rowguid,
                family_name: text(person.naam.as_deref()),
                given_name: text(person.voornaam.as_deref()),
                birth_date: person.geboortedatum,
                is_staff,
                places: places.of_person(active),
                classes: if is_staff { Vec::new() } else { classes },
                default_domain: default_domain(active, &naming),
                shares_name: shared.contains(&person.p_persoon),
                record: ListedRecord::of(record, &naming),
                naming,
            })
        })
        .collect();
    people.sort_by_key(|person| person.rowguid);
    Ok(Listed {
        reference_date: context.reference_date,
        places: places.list,
        classes,
        people,
    })
}

fn text(part: Option<&str>) -> String {
    part.unwrap_or_default().trim().to_owned()
}

/// Returns the domain that is configured for a person's home: of staff the school's, of a pupil the site's.
fn default_domain(active: &ActivePerson<'_>, naming: &Naming) -> String {
    let home = active.home().filter(|_| naming.mode == DomainMode::Informat);
    let domain = home.and_then(|row| {
        if active.is_staff() {
            row.school.teacher_domain.as_ref()
        } else {
            row.site.pupil_domain.as_ref()
        }
    });
    domain.map(ToString::to_string).unwrap_or_default()
}

/// The published places, found again by where they are.
struct Places<'a> {
    list: Vec<Place>,
    by_key: HashMap<(&'a str, i32, &'a str), usize>,
}

impl<'a> Places<'a> {
    fn of(context: &ProjectionContext<'a>) -> Self {
        let schools: HashMap<&str, &str> = context
            .source
            .school
            .iter()
            .map(|school| (school.instelnr.as_str(), school.school.trim()))
            .collect();
        let mut places = Self {
            list: Vec::new(),
            by_key: HashMap::new(),
        };
        for published in context.rows.iter() {
            let row = published.row;
            places.by_key.insert(key(published), places.list.len());
            places.list.push(Place {
                org_id: published.org_id.clone(),
                school: schools
                    .get(row.instelnr.as_str())
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                site: row.vestiging.trim().to_owned(),
            });
        }
        places
    }

    fn of_row(&self, row: &PublishedRow<'_>) -> Option<usize> {
        self.by_key.get(&key(row)).copied()
    }

    /// Returns the places of a person, the home first.
    fn of_person(&self, active: &ActivePerson<'_>) -> Vec<usize> {
        let home = active.home().and_then(|row| self.of_row(row));
        let mut others: Vec<usize> = active
            .rows()
            .filter_map(|row| self.of_row(row))
            .filter(|place| Some(*place) != home)
            .collect();
        others.sort_unstable();
        others.dedup();
        home.into_iter().chain(others).collect()
    }
}

fn key<'r>(published: &PublishedRow<'r>) -> (&'r str, i32, &'r str) {
    let row = published.row;
    (&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur)
}

/// Returns the published classes, and those of each pupil by `p_persoon`, in the order of their names.
fn classes(
    context: &ProjectionContext<'_>,
    active: &BTreeMap<i64, ActivePerson<'_>>,
    places: &Places<'_>,
) -> (Vec<ListedClass>, HashMap<i64, Vec<usize>>) {
    let mut list = Vec::new();
    let mut by_key: HashMap<i64, usize> = HashMap::new();
    for (p_klas, (klas, row)) in class::published(context) {
        if let (CLASS, Some(place)) = (klas.groeptype, places.of_row(row)) {
            by_key.insert(p_klas, list.len());
            let name = class::title_values(context, klas, row, "").klas.to_owned();
            list.push(ListedClass { name, place });
        }
    }
    let mut members: HashMap<i64, Vec<usize>> = HashMap::new();
    for (p_klas, p_persoon, _) in enrollment::student_rows(context, active) {
        if let Some(class) = by_key.get(&p_klas) {
            members.entry(p_persoon).or_default().push(*class);
        }
    }
    let name = |class: &usize| {
        list.get(*class)
            .map(|class: &ListedClass| (class.name.clone(), class.place))
    };
    for classes in members.values_mut().filter(|classes| classes.len() > 1) {
        classes.sort_by_key(name);
        classes.dedup();
    }
    (list, members)
}
