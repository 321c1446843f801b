//! The projection: from Informat's mirror, username records and configuration to the roster of one day.
//!
//! Pure: no clock, no SQL, no HTTP. The one place where both vocabularies meet; one file per entity.

mod academic_session;
pub mod candidates;
pub mod cause;
mod class;
mod class_facts;
mod class_names;
mod document;
mod enrollment;
mod explain;
mod head_count;
pub mod listed;
mod naming;
mod next_change;
mod org;
pub mod people;
mod person;
#[cfg(test)]
mod properties;
pub mod roster;
mod team_name;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod tests_enrollments;
#[cfg(test)]
mod tests_explain;
#[cfg(test)]
mod tests_explain_before;
#[cfg(test)]
mod tests_explain_ends;
#[cfg(test)]
mod tests_life;
#[cfg(test)]
mod tests_listed;
#[cfg(test)]
mod tests_people;
#[cfg(test)]
mod tests_version;
mod user;
pub mod why;

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

pub use candidates::{RosterCandidates, roster_candidates};
pub use cause::Cause;
pub use class::class_titles;
pub use class_facts::{ClassFacts, class_facts};
pub use class_names::class_names;
pub use document::{contents, preview_document};
pub use enrollment::CLASS_TEACHER;
pub use explain::{ExplainRequest, Sources, explain};
pub use head_count::{HeadCount, Heads, head_counts};
pub use listed::listed;
pub use naming::Naming;
pub use next_change::next_change;
pub use org::org_names;
pub use people::{People, Person, PublishedAs, people};
pub use roster::{Identified, Roster};
pub use user::NO_NAME;

use crate::informat::Mirror;
use crate::informat::Schooljaar;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;
use crate::username::Record;

/// Version of this code: raised when the same inputs give another roster. A build never publishes after a newer one.
pub const PROJECTION_VERSION: u32 = 4;

/// The inputs of every part of the projection, with the reference date.
struct ProjectionContext<'a> {
    source: &'a Mirror,
    configuration: &'a Configuration,
    year: &'a Schooljaar,
    rows: &'a PublishedRows<'a>,
    reference_date: NaiveDate,
}

impl<'a> ProjectionContext<'a> {
    /// Finds the school year in the source; the reference date is `today`, clamped to it (R119–R121).
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
/// The reference date is `today`, clamped to the school year (R119–R121).
///
/// ```
/// use std::collections::HashMap;
///
/// use oneroster_school::informat::{Mirror, Schooljaar};
/// use oneroster_school::{projection, tenant};
///
/// let configuration = tenant::file::parse(
///     r#"
///     id = "zandpoort"
///     name = "Scholengroep Zandpoort"
///     active_school_year = "2026-27"
///     team_name_format = "{klas} - {vestiging}"
///     username_format = "{voornaam}.{familienaam}"
///     schools = [{ instelnr = "001507", sites = [{ vestnr = 1 }] }]
///     "#,
/// )?;
/// let mirror = Mirror {
///     schooljaar: vec![Schooljaar {
///         schooljaar: "2026-27".to_owned(),
///         begindatum: "2026-09-01".parse()?,
///         einddatum: "2027-06-30".parse()?,
///     }],
///     ..Mirror::default()
/// };
/// let today = "2026-08-20".parse()?;
/// let roster = projection::project(&mirror, &HashMap::new(), &configuration, "2026-27", today)?;
/// assert_eq!(roster.reference_date.to_string(), "2026-09-01");
/// assert_eq!(roster.academic_sessions[0].sourced_id, "2026-27");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn project(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    school_year: &str,
    today: NaiveDate,
) -> Result<Roster, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let context = ProjectionContext::new(source, configuration, &rows, school_year, today)?;
    let people = person::active_people(&context);
    let users = user::users(&context, &people, usernames);
    Ok(Roster {
        reference_date: context.reference_date,
        academic_sessions: vec![academic_session::from_schooljaar(context.year)],
        orgs: org::orgs(&context),
        courses: class::courses(&context),
        classes: class::classes(&context),
        enrollments: enrollment::enrollments(&context, &people, &users),
        email_domains: users
            .iter()
            .filter_map(|user| Some((user.user.sourced_id.clone(), user.email_domain.clone()?)))
            .collect(),
        users: users.into_iter().map(|user| user.user).collect(),
    })
}

/// Sorts objects by id, bytewise.
fn sorted<T>(mut objects: Vec<Identified<T>>) -> Vec<Identified<T>> {
    objects.sort_by(|a, b| a.sourced_id.cmp(&b.sourced_id));
    objects
}
