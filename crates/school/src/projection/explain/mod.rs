//! Why objects were added or removed, as far as the inputs of one day say it (`docs/history.md`).
//!
//! An object that was published before met every condition for it. So every condition that it does not meet now is a
//! cause of its removal, and nothing else is; the inputs of the day before are not needed.

mod objects;
mod people;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use oneroster_standard::{Kind, RoleType, User};
use uuid::Uuid;

use super::cause::Cause;
use super::person::{self, ActivePerson};
use super::{ProjectionContext, Roster};
use crate::informat::Mirror;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Inschrijving, Inschrklas, Klas, Opdracht, Persoon};
use crate::tenant::Configuration;
use crate::username::Record;

/// What a roster was computed from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Informat's data.
    pub mirror: &'a Mirror,
    /// Username records by person.
    pub usernames: &'a HashMap<Uuid, Record>,
    /// The tenant file.
    pub configuration: &'a Configuration,
    /// The active school year.
    pub school_year: &'a str,
    /// The day in Brussels.
    pub today: NaiveDate,
    /// The reference date of the roster before, which had what is gone; `None` = not known.
    pub last_seen: Option<NaiveDate>,
}

/// An object, and what is to be explained of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainRequest<'a> {
    /// Why an object is no longer in the roster.
    Removed {
        /// Its kind.
        kind: Kind,
        /// Its id.
        sourced_id: &'a str,
        /// What it was, as published before.
        content: &'a str,
    },
    /// By what a user is in the roster.
    User {
        /// The user's id.
        sourced_id: &'a str,
    },
}

/// Explains why objects were added or removed; `roster` is what [`super::project`] made of the same sources.
///
/// One list per request, in order. An empty list means that the sources give no reason; none is made up.
pub fn explain(
    sources: &Sources<'_>,
    roster: &Roster,
    requests: &[ExplainRequest<'_>],
) -> Result<Vec<Vec<Cause>>, UnknownSchoolYear> {
    let Sources {
        mirror,
        usernames,
        configuration,
        school_year,
        today,
        last_seen,
    } = *sources;
    let rows = PublishedRows::new(&mirror.schoolvest, configuration);
    let context = ProjectionContext::new(mirror, configuration, &rows, school_year, today)?;
    let explainer = Explainer::new(&context, usernames, roster, last_seen);
    Ok(requests
        .iter()
        .map(|request| {
            let mut causes = explainer.answer(request);
            causes.sort();
            causes.dedup();
            causes
        })
        .collect())
}

/// Indexes over the sources.
struct Explainer<'a> {
    context: &'a ProjectionContext<'a>,
    /// The reference date of the roster before.
    last_seen: Option<NaiveDate>,
    usernames: &'a HashMap<Uuid, Record>,
    active: BTreeMap<i64, ActivePerson<'a>>,
    people: HashMap<Uuid, &'a Persoon>,
    registrations: HashMap<i64, Vec<&'a Inschrijving>>,
    assignments: HashMap<i64, Vec<&'a Opdracht>>,
    classes: HashMap<Uuid, Vec<&'a Klas>>,
    /// By class.
    memberships: HashMap<i64, Vec<&'a Inschrklas>>,
    published_users: HashSet<&'a str>,
    published_classes: HashSet<&'a str>,
}

impl<'a> Explainer<'a> {
    fn new(
        context: &'a ProjectionContext<'a>,
        usernames: &'a HashMap<Uuid, Record>,
        roster: &'a Roster,
        last_seen: Option<NaiveDate>,
    ) -> Self {
        let mut registrations: HashMap<i64, Vec<&Inschrijving>> = HashMap::new();
        for registration in &context.source.inschrijving {
            if registration.schooljaar == context.year.schooljaar {
                let of_person = registrations.entry(registration.p_persoon).or_default();
                of_person.push(registration);
            }
        }
        let mut assignments: HashMap<i64, Vec<&Opdracht>> = HashMap::new();
        for assignment in &context.source.opdracht {
            assignments
                .entry(assignment.p_persoon)
                .or_default()
                .push(assignment);
        }
        let mut classes: HashMap<Uuid, Vec<&Klas>> = HashMap::new();
        for klas in &context.source.klassen {
            classes.entry(klas.scoodle_id).or_default().push(klas);
        }
        let mut memberships: HashMap<i64, Vec<&Inschrklas>> = HashMap::new();
        for membership in &context.source.inschrklas {
            memberships.entry(membership.p_klas).or_default().push(membership);
        }
        let people = context.source.persoon.iter();
        Self {
            active: person::active_people(context),
            people: people.map(|person| (person.rowguid, person)).collect(),
            registrations,
            assignments,
            classes,
            memberships,
            published_users: roster.users.iter().map(|user| user.sourced_id.as_str()).collect(),
            published_classes: roster
                .classes
                .iter()
                .map(|class| class.sourced_id.as_str())
                .collect(),
            context,
            last_seen,
            usernames,
        }
    }

    fn answer(&self, request: &ExplainRequest<'_>) -> Vec<Cause> {
        let other_year = || Cause::OtherSchoolYear {
            active: self.context.year.schooljaar.clone(),
        };
        match *request {
            ExplainRequest::User { sourced_id } => self.basis(sourced_id).into_iter().collect(),
            ExplainRequest::Removed {
                kind,
                sourced_id,
                content,
            } => match kind {
                Kind::AcademicSessions => vec![other_year()],
                Kind::Orgs => self.org(sourced_id),
                Kind::Classes | Kind::Courses => self.class(sourced_id, other_year),
                Kind::Users => self.user(sourced_id, content),
                Kind::Enrollments => self.enrollment(sourced_id, content),
            },
        }
    }

    fn person(&self, sourced_id: &str) -> Option<&'a Persoon> {
        self.people.get(&Uuid::try_parse(sourced_id).ok()?).copied()
    }

    /// What a published user is published by: the place that decides the home org.
    fn basis(&self, sourced_id: &str) -> Option<Cause> {
        let person = self.person(sourced_id)?;
        let active = self.active.get(&person.p_persoon)?;
        let org = active.home()?.org_id.clone();
        let day = self.context.reference_date;
        if active.is_staff() {
            let grace_days = self.context.configuration.staff_grace_days;
            let first_day = self.assignments_of(person).iter().filter(|assignment| {
                let mut covered = self.context.rows.covered_by(assignment);
                assignment.contains(day, grace_days) && covered.any(|row| row.org_id == org)
            });
            let first_day = first_day.map(|assignment| assignment.begindatum).min()?;
            return Some(Cause::Assigned { org, first_day });
        }
        let registrations = active.pupil.iter().flat_map(|pupil| &pupil.registrations);
        let of_org = registrations.filter(|registration| self.org_of(registration) == org);
        let first_day = of_org.map(|registration| registration.begindatum).min()?;
        Some(Cause::Registered {
            org,
            first_day,
            is_to_come: first_day > day,
        })
    }

    fn user(&self, sourced_id: &str, content: &str) -> Vec<Cause> {
        let Some(person) = self.person(sourced_id) else {
            return vec![Cause::PersonGone];
        };
        let mut causes = Vec::new();
        match self.usernames.get(&person.rowguid) {
            None => causes.push(Cause::NoUsername),
            Some(record) if !record.sync => causes.push(Cause::SyncOff),
            Some(_) => {}
        }
        if !self.active.contains_key(&person.p_persoon) {
            let Ok(User { role, orgs, .. }) = serde_json::from_str(content) else {
                return causes;
            };
            let orgs: Vec<&str> = orgs.iter().map(|org| org.sourced_id.as_str()).collect();
            causes.extend(if role == RoleType::Teacher {
                self.staff(person, &orgs)
            } else {
                self.pupil(person, &orgs)
            });
        } else if causes.is_empty() {
            causes.push(Cause::DomainUnknown);
        }
        causes
    }
}
