//! The projection: from Informat's mirror, username records and configuration to the roster of one day.
//!
//! Pure: no clock, no SQL, no HTTP. The one place where both vocabularies meet; one file per entity.

mod academic_session;
pub mod cause;
mod class;
mod document;
mod enrollment;
mod explain;
mod naming;
mod org;
pub mod people;
mod person;
#[cfg(test)]
mod properties;
pub mod roster;
pub mod survey;
mod team_name;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod tests_explain;
#[cfg(test)]
mod tests_life;
#[cfg(test)]
mod tests_people;
#[cfg(test)]
mod tests_version;
mod user;

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

pub use cause::Cause;
pub use document::{contents, preview_document};
pub use explain::{Question, Sources, explain};
pub use naming::Naming;
pub use people::{People, Person, Standing, people};
pub use roster::{Identified, Roster};
pub use survey::{Survey, survey};
pub use user::NO_NAME;

use crate::informat::Mirror;
use crate::informat::Schooljaar;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;
use crate::username::Record;

/// Version of this code: raised when the same inputs give another roster. A build never publishes after a newer one.
pub const PROJECTION_VERSION: u32 = 1;

/// What every part of the projection looks at.
struct Scene<'a> {
    source: &'a Mirror,
    configuration: &'a Configuration,
    year: &'a Schooljaar,
    rows: &'a PublishedRows<'a>,
    reference_date: NaiveDate,
}

impl<'a> Scene<'a> {
    /// Finds the school year in the source; the reference date is `today`, held within it (R119–R121).
    fn new(
        source: &'a Mirror,
        configuration: &'a Configuration,
        rows: &'a PublishedRows<'a>,
        school_year: &str,
        today: NaiveDate,
    ) -> Result<Self, UnknownSchoolYear> {
        let year = source.school_year(school_year)?;
        Ok(Self {
            source,
            configuration,
            year,
            rows,
            reference_date: year.reference_date(today),
        })
    }
}

/// Computes the roster of a tenant with `school_year` active, as it is on `today` in Brussels.
///
/// The reference date is today, held within the school year (R119–R121).
pub fn project(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    school_year: &str,
    today: NaiveDate,
) -> Result<Roster, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let scene = Scene::new(source, configuration, &rows, school_year, today)?;
    let people = person::seen(&scene);
    let users = user::users(&scene, &people, usernames);
    Ok(Roster {
        reference_date: scene.reference_date,
        academic_sessions: vec![academic_session::from_schooljaar(scene.year)],
        orgs: org::orgs(&scene),
        courses: class::courses(&scene),
        classes: class::classes(&scene),
        enrollments: enrollment::enrollments(&scene, &people, &users),
        users: users.into_iter().map(|user| user.user).collect(),
    })
}

/// Sorts objects by id, bytewise.
fn sorted<T>(mut objects: Vec<Identified<T>>) -> Vec<Identified<T>> {
    objects.sort_by(|a, b| a.sourced_id.cmp(&b.sourced_id));
    objects
}
