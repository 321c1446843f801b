//! Why objects came or went, as far as the inputs of one day say it (`docs/history.md`).
//!
//! An object that was published before met every condition for it. So every condition that it does not meet now is a
//! cause of its going, and nothing else is; the inputs of the day before are not needed.

mod people;
mod places;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use oneroster_standard::{Kind, RoleType, User};
use uuid::Uuid;

use super::cause::Cause;
use super::person::{self, Seen};
use super::{Roster, Scene};
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
}

/// What is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'a> {
    /// Why an object is not in the roster that was in the one before.
    Gone {
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

/// Explains why objects came or went; `roster` is what [`super::project`] made of the same sources.
///
/// One list per question, in order. An empty list says that the sources give no reason, which is never made up.
pub fn explain(
    sources: &Sources<'_>,
    roster: &Roster,
    questions: &[Question<'_>],
) -> Result<Vec<Vec<Cause>>, UnknownSchoolYear> {
    let Sources {
        mirror,
        usernames,
        configuration,
        school_year,
        today,
    } = *sources;
    let rows = PublishedRows::new(&mirror.schoolvest, configuration);
    let scene = Scene::new(mirror, configuration, &rows, school_year, today)?;
    let witness = Witness::new(&scene, usernames, roster);
    Ok(questions
        .iter()
        .map(|question| {
            let mut causes = witness.answer(question);
            causes.sort();
            causes.dedup();
            causes
        })
        .collect())
}

/// The sources, by what is asked for.
struct Witness<'a> {
    scene: &'a Scene<'a>,
    usernames: &'a HashMap<Uuid, Record>,
    seen: BTreeMap<i64, Seen<'a>>,
    people: HashMap<Uuid, &'a Persoon>,
    registrations: HashMap<i64, Vec<&'a Inschrijving>>,
    assignments: HashMap<i64, Vec<&'a Opdracht>>,
    classes: HashMap<Uuid, Vec<&'a Klas>>,
    /// By class.
    memberships: HashMap<i64, Vec<&'a Inschrklas>>,
    published_users: HashSet<&'a str>,
    published_classes: HashSet<&'a str>,
}

impl<'a> Witness<'a> {
    fn new(scene: &'a Scene<'a>, usernames: &'a HashMap<Uuid, Record>, roster: &'a Roster) -> Self {
        let mut registrations: HashMap<i64, Vec<&Inschrijving>> = HashMap::new();
        for registration in &scene.source.inschrijving {
            if registration.schooljaar == scene.year.schooljaar {
                let of_person = registrations.entry(registration.p_persoon).or_default();
                of_person.push(registration);
            }
        }
        let mut assignments: HashMap<i64, Vec<&Opdracht>> = HashMap::new();
        for assignment in &scene.source.opdracht {
            assignments
                .entry(assignment.p_persoon)
                .or_default()
                .push(assignment);
        }
        let mut classes: HashMap<Uuid, Vec<&Klas>> = HashMap::new();
        for klas in &scene.source.klassen {
            classes.entry(klas.scoodle_id).or_default().push(klas);
        }
        let mut memberships: HashMap<i64, Vec<&Inschrklas>> = HashMap::new();
        for membership in &scene.source.inschrklas {
            memberships.entry(membership.p_klas).or_default().push(membership);
        }
        let people = scene.source.persoon.iter();
        Self {
            seen: person::seen(scene),
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
            scene,
            usernames,
        }
    }

    fn answer(&self, question: &Question<'_>) -> Vec<Cause> {
        let other_year = || Cause::OtherSchoolYear {
            active: self.scene.year.schooljaar.clone(),
        };
        match *question {
            Question::User { sourced_id } => self.basis(sourced_id).into_iter().collect(),
            Question::Gone {
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
        let seen = self.seen.get(&person.p_persoon)?;
        let org = seen.home()?.org_id.clone();
        let day = self.scene.reference_date;
        if seen.is_staff() {
            let grace_days = self.scene.configuration.staff_grace_days;
            let first_day = self.assignments_of(person).iter().filter(|assignment| {
                let mut covered = self.scene.rows.covered_by(assignment);
                assignment.contains(day, grace_days) && covered.any(|row| row.org_id == org)
            });
            let first_day = first_day.map(|assignment| assignment.begindatum).min()?;
            return Some(Cause::Assigned { org, first_day });
        }
        let registrations = seen.pupil.iter().flat_map(|pupil| &pupil.registrations);
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
        if !self.seen.contains_key(&person.p_persoon) {
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
