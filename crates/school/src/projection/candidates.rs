//! Everything the roster of a day may be made from, whether or not it is released: the data quality rules examine it.
//!
//! The same rules as [`super::project`], by the same code, but Sync flags are ignored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::naming::Naming;
use super::{ProjectionContext, class, enrollment, person};
use crate::informat::Mirror;
use crate::informat::published_rows::{PublishedRow, PublishedRows};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Inschrijving, Klas, Schooljaar};
use crate::tenant::Configuration;

/// Everything the roster of a day may be made from.
pub struct RosterCandidates<'a> {
    /// The active school year.
    pub year: &'a Schooljaar,
    /// The day (R119–R121).
    pub reference_date: NaiveDate,
    /// Pupils and staff of that day, by `p_persoon`.
    pub people: BTreeMap<i64, PresentPerson<'a>>,
    /// Published classes and subgroups, by `p_klas`.
    pub classes: BTreeMap<i64, ClassMembers<'a>>,
    /// All periods of class teachers of published classes in the year, whether or not the person is staff.
    pub class_teachers: Vec<ClassTeacher>,
}

/// A pupil or member of staff, as they are published once their Sync flag is on.
pub struct PresentPerson<'a> {
    /// Kind of person, and how the username is sent.
    pub naming: Naming,
    /// A pupil's counting registrations; none for somebody who is staff only.
    pub registrations: Vec<&'a Inschrijving>,
    /// Ids of the orgs, the home org first.
    pub org_ids: Vec<&'a str>,
}

/// A published class or subgroup with its members, whether or not they are released.
pub struct ClassMembers<'a> {
    /// The class.
    pub klas: &'a Klas,
    /// Where it is published.
    pub row: &'a PublishedRow<'a>,
    /// Its `sourcedId`.
    pub sourced_id: String,
    /// What it is called.
    pub title: String,
    /// Its pupils, by `p_persoon`.
    pub students: BTreeSet<i64>,
    /// Its class teachers who are staff on the reference date, by `p_persoon`.
    pub teachers: BTreeSet<i64>,
}

/// A period in which a person is class teacher, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassTeacher {
    /// The person.
    pub p_persoon: i64,
    /// The class.
    pub p_klas: i64,
    /// First day.
    pub begin: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
}

/// Collects the candidates of a tenant's active school year on `today` in Brussels. `rows` are those of the configuration.
pub fn roster_candidates<'a>(
    source: &'a Mirror,
    configuration: &'a Configuration,
    rows: &'a PublishedRows<'a>,
    today: NaiveDate,
) -> Result<RosterCandidates<'a>, UnknownSchoolYear> {
    let active_year = &configuration.active_school_year;
    let context = ProjectionContext::new(source, configuration, rows, active_year, today)?;
    let people = person::active_people(&context);
    let mut classes: BTreeMap<i64, ClassMembers<'a>> = class::published(&context)
        .into_iter()
        .map(|(p_klas, (klas, row))| {
            let group = ClassMembers {
                klas,
                row,
                sourced_id: class::sourced_id(klas),
                title: class::title(&context, klas, row),
                students: BTreeSet::new(),
                teachers: BTreeSet::new(),
            };
            (p_klas, group)
        })
        .collect();
    for (p_klas, p_persoon, _) in enrollment::student_rows(&context, &people) {
        if let Some(group) = classes.get_mut(&p_klas) {
            group.students.insert(p_persoon);
        }
    }
    for (p_klas, p_persoon, _) in enrollment::teacher_rows(&context, &people) {
        if let Some(group) = classes.get_mut(&p_klas) {
            group.teachers.insert(p_persoon);
        }
    }
    let class_teachers = enrollment::class_teacher_rows(&context)
        .filter(|(p_klas, ..)| classes.contains_key(p_klas))
        .map(|(p_klas, p_persoon, row)| ClassTeacher {
            p_persoon,
            p_klas,
            begin: row.begin,
            end: row.end,
        })
        .collect();
    Ok(RosterCandidates {
        year: context.year,
        reference_date: context.reference_date,
        people: people
            .iter()
            .filter_map(|(p_persoon, active)| Some((*p_persoon, present(&context, active)?)))
            .collect(),
        classes,
        class_teachers,
    })
}

fn present<'a>(
    context: &ProjectionContext<'a>,
    active: &person::ActivePerson<'a>,
) -> Option<PresentPerson<'a>> {
    let registrations = active.pupil.as_ref().map(|pupil| pupil.registrations.clone());
    Some(PresentPerson {
        naming: Naming::of(context.configuration, active)?,
        registrations: registrations.unwrap_or_default(),
        org_ids: active.org_ids(),
    })
}
