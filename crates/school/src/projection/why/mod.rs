//! Why a person, a class or a membership is published on a day, or is not: one reason, and the facts it follows from.
//!
//! Whether and from when is [`super::project`]'s own answer, asked about the rows of that person or class alone; only the reason is
//! found here. `properties` shows on random schools that both agree.

mod class;
mod ground;
mod membership;
mod person;
mod reason;
mod run;
mod step;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_membership;
mod who;

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

pub use reason::{ClassAbsence, MembershipAbsence, Obstacle, Reason};
pub use step::{Fact, Step};
pub use who::{Candidate, CandidateKind};

use super::cause::SiteAbsence;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Schoolvest};
use crate::tenant::Configuration;
use crate::username::Record;

/// What is asked about: the inputs of a roster, and a day.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Informat's data.
    pub mirror: &'a Mirror,
    /// Username records by person.
    pub usernames: &'a HashMap<Uuid, Record>,
    /// The tenant file.
    pub configuration: &'a Configuration,
    /// The day.
    pub on: NaiveDate,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Why, or why not.
    pub reason: Reason,
    /// The first of the days in a row on which the roster has them by the same data: those that contain the day asked about, else
    /// the next ones, else the last ones before. `None` if there are none in the active school year.
    pub from: Option<NaiveDate>,
    /// The last of them.
    pub until: Option<NaiveDate>,
    /// The facts, in the order in which they are asked.
    pub steps: Vec<Step>,
}

impl Answer {
    /// Returns `true` if it is published.
    pub fn is_published(&self) -> bool {
        self.reason == Reason::Published
    }
}

impl Question<'_> {
    /// Returns why a person is published on the day, or is not.
    pub fn person(&self, rowguid: Uuid) -> Result<Answer, UnknownSchoolYear> {
        person::answer(self, rowguid)
    }

    /// Returns why a class is published on the day, or is not. The same id may stand in several school years: the active one
    /// counts, else the newest.
    pub fn class(&self, scoodle_id: Uuid) -> Result<Answer, UnknownSchoolYear> {
        class::answer(self, scoodle_id)
    }

    /// Returns why a person is in a class on the day, as pupil or as class teacher, or is not. Of an id that stands in several school
    /// years the class is the one of [`Self::class`].
    pub fn membership(&self, rowguid: Uuid, scoodle_id: Uuid) -> Result<Answer, UnknownSchoolYear> {
        membership::answer(self, rowguid, scoodle_id)
    }

    /// Returns the `sourcedId` that the membership has, or would have; `None` for a class that the mirror does not have.
    pub fn enrollment_id(&self, rowguid: Uuid, scoodle_id: Uuid) -> Option<String> {
        let klas = class::of_id(self.mirror, scoodle_id, &self.configuration.active_school_year)?;
        Some(super::enrollment::sourced_id(
            &rowguid.hyphenated().to_string(),
            klas.p_klas,
        ))
    }

    /// Returns the mirror with a person alone, the classes they were ever in, and a class: what an answer about them depends on.
    pub fn narrowed(&self, rowguid: Option<Uuid>, scoodle_id: Option<Uuid>) -> Mirror {
        let mut people = self.mirror.persoon.iter();
        let person = people.find(|person| Some(person.rowguid) == rowguid);
        let mut rows = person.map_or_else(
            || Mirror {
                schooljaar: self.mirror.schooljaar.clone(),
                school: self.mirror.school.clone(),
                schoolvest: self.mirror.schoolvest.clone(),
                ..Mirror::default()
            },
            |person| person::rows_of(self.mirror, person),
        );
        if let Some(scoodle_id) = scoodle_id {
            membership::add_class(&mut rows, self.mirror, scoodle_id);
        }
        rows
    }
}

/// Returns why a site is not published, by all its rows; `None` when one of them is. Of several reasons the one that takes least
/// to change.
pub fn site_absence(rows: &[&Schoolvest], configuration: &Configuration) -> Option<SiteAbsence> {
    let absences: Vec<_> = rows
        .iter()
        .map(|row| SiteAbsence::of(Some(row), configuration))
        .collect();
    if absences.contains(&None) {
        return None;
    }
    absences.into_iter().flatten().max().or(Some(SiteAbsence::Gone))
}
