//! What the roster of a day is made from, released or not: for those who ask why somebody or something is not in it.
//!
//! The same rules as [`super::project`], by the same code; Sync flags play no part.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::naming::Naming;
use super::{Scene, class, enrollment, person};
use crate::informat::Mirror;
use crate::informat::published_rows::{PublishedRow, PublishedRows};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Inschrijving, Klas, Schooljaar};
use crate::tenant::Configuration;

/// What the roster of a day is made from.
pub struct Survey<'a> {
    /// The active school year.
    pub year: &'a Schooljaar,
    /// The day (R119–R121).
    pub reference_date: NaiveDate,
    /// Pupils and staff of that day, by `p_persoon`.
    pub people: BTreeMap<i64, Present<'a>>,
    /// Published classes and subgroups, by `p_klas`.
    pub classes: BTreeMap<i64, Group<'a>>,
    /// Everyone who is class teacher of a published class at some time of the year, staff or not.
    pub class_teachers: Vec<ClassTeacher>,
}

/// A pupil or member of staff, as published once released.
pub struct Present<'a> {
    /// Kind of person, and how the username is sent.
    pub naming: Naming,
    /// A pupil's counting registrations; none for somebody who is staff only.
    pub registrations: Vec<&'a Inschrijving>,
    /// Ids of the orgs, the home org first.
    pub org_ids: Vec<&'a str>,
}

/// A published class or subgroup with everyone in it, released or not.
pub struct Group<'a> {
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

/// Surveys a tenant with its school year active, as it is on `today` in Brussels. `rows` are those of the configuration.
pub fn survey<'a>(
    source: &'a Mirror,
    configuration: &'a Configuration,
    rows: &'a PublishedRows<'a>,
    today: NaiveDate,
) -> Result<Survey<'a>, UnknownSchoolYear> {
    let active_year = &configuration.active_school_year;
    let scene = Scene::new(source, configuration, rows, active_year, today)?;
    let people = person::seen(&scene);
    let mut classes: BTreeMap<i64, Group<'a>> = class::published(&scene)
        .into_iter()
        .map(|(p_klas, (klas, row))| {
            let group = Group {
                klas,
                row,
                sourced_id: class::sourced_id(klas),
                title: class::title(&scene, klas, row),
                students: BTreeSet::new(),
                teachers: BTreeSet::new(),
            };
            (p_klas, group)
        })
        .collect();
    for (p_klas, p_persoon, _) in enrollment::student_rows(&scene, &people) {
        if let Some(group) = classes.get_mut(&p_klas) {
            group.students.insert(p_persoon);
        }
    }
    for (p_klas, p_persoon, _) in enrollment::teacher_rows(&scene, &people) {
        if let Some(group) = classes.get_mut(&p_klas) {
            group.teachers.insert(p_persoon);
        }
    }
    let class_teachers = enrollment::class_teacher_rows(&scene)
        .filter(|(p_klas, ..)| classes.contains_key(p_klas))
        .map(|(p_klas, p_persoon, row)| ClassTeacher {
            p_persoon,
            p_klas,
            begin: row.begin,
            end: row.end,
        })
        .collect();
    Ok(Survey {
        year: scene.year,
        reference_date: scene.reference_date,
        people: people
            .iter()
            .filter_map(|(p_persoon, seen)| Some((*p_persoon, present(&scene, seen)?)))
            .collect(),
        classes,
        class_teachers,
    })
}

fn present<'a>(scene: &Scene<'a>, seen: &person::Seen<'a>) -> Option<Present<'a>> {
    let registrations = seen.pupil.as_ref().map(|pupil| pupil.registrations.clone());
    Some(Present {
        naming: Naming::of(scene.configuration, seen)?,
        registrations: registrations.unwrap_or_default(),
        org_ids: seen.org_ids(),
    })
}
