//! Classes and their fictive courses (R107, R125).

use std::collections::BTreeMap;

use oneroster_standard::{Class, ClassType, Course, GuidRef, RefType};

use super::team_name::{self, ClassValues};
use super::{Identified, ProjectionContext, sorted};
use crate::informat::published_rows::{PublishedRow, PublishedRows};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Klas, Mirror};
use crate::tenant::Configuration;

/// Returns every class and subgroup of the active year in a published row, by `p_klas`.
pub(super) fn published<'a>(
    context: &ProjectionContext<'a>,
) -> BTreeMap<i64, (&'a Klas, &'a PublishedRow<'a>)> {
    let of_year = context
        .source
        .klassen
        .iter()
        .filter(|klas| klas.schooljaar == context.year.schooljaar);
    of_year
        .filter_map(|klas| {
            let row = context
                .rows
                .get(&klas.instelnr, klas.vestnrdiscimus, &klas.hfdstructuur)?;
            Some((klas.p_klas, (klas, row)))
        })
        .collect()
}

/// Returns the `sourcedId` of a class, and of its course.
pub(super) fn sourced_id(klas: &Klas) -> String {
    klas.scoodle_id.hyphenated().to_string()
}

/// Makes the classes.
pub(super) fn classes(context: &ProjectionContext<'_>) -> Vec<Identified<Class>> {
    let classes = published(context).into_values().map(|(klas, row)| Identified {
        sourced_id: sourced_id(klas),
        content: Class {
            title: title(context, klas, row),
            class_code: Some(klas.klascode.clone()),
            class_type: ClassType::Homeroom,
            grades: Vec::new(),
            subjects: Vec::new(),
            course: GuidRef::new(RefType::Course, &sourced_id(klas)),
            school: GuidRef::new(RefType::Org, &row.org_id),
            terms: vec![GuidRef::new(RefType::AcademicSession, &context.year.schooljaar)],
            subject_codes: Vec::new(),
            periods: Vec::new(),
            resources: Vec::new(),
            metadata: serde_json::Map::new(),
        },
    });
    sorted(classes.collect())
}

/// Makes the courses: one per class, which Informat does not know.
pub(super) fn courses(context: &ProjectionContext<'_>) -> Vec<Identified<Course>> {
    let courses = published(context).into_values().map(|(klas, row)| Identified {
        sourced_id: sourced_id(klas),
        content: Course {
            title: title(context, klas, row),
            school_year: Some(GuidRef::new(RefType::AcademicSession, &context.year.schooljaar)),
            course_code: klas.klascode.clone(),
            grades: Vec::new(),
            subjects: Vec::new(),
            org: GuidRef::new(RefType::Org, &row.org_id),
            subject_codes: Vec::new(),
            resources: Vec::new(),
            metadata: serde_json::Map::new(),
        },
    });
    sorted(courses.collect())
}

/// Returns what a class is called (R7–R10).
pub(super) fn title(context: &ProjectionContext<'_>, klas: &Klas, row: &PublishedRow<'_>) -> String {
    let school = context
        .source
        .school
        .iter()
        .find(|school| school.instelnr == klas.instelnr);
    let school_code = school
        .and_then(|school| school.schoolcode.as_deref())
        .unwrap_or_default();
    let values = title_values(context, klas, row, school_code);
    let title = team_name::fill(&context.configuration.team_name_format, &values);
    // A format of codes that a school does not use would leave nothing to call the Team by.
    if title.is_empty() {
        klas.klascode.clone()
    } else {
        title
    }
}

/// Returns the title of every class of the active year, by its id, as a configuration makes it (R7–R10).
pub fn class_titles(
    source: &Mirror,
    configuration: &Configuration,
) -> Result<BTreeMap<String, String>, UnknownSchoolYear> {
    let year = source.school_year(&configuration.active_school_year)?;
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let context = ProjectionContext {
        source,
        configuration,
        year,
        rows: &rows,
        // No title depends on the day.
        reference_date: year.begindatum,
    };
    let classes = published(&context).into_values();
    Ok(classes
        .map(|(klas, row)| (sourced_id(klas), title(&context, klas, row)))
        .collect())
}

/// Returns what the team name format is filled with.
pub(super) fn title_values<'a>(
    context: &ProjectionContext<'a>,
    klas: &'a Klas,
    row: &PublishedRow<'a>,
    school_code: &'a str,
) -> ClassValues<'a> {
    let named = klas
        .klas
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    ClassValues {
        klascode: &klas.klascode,
        klas: named.unwrap_or(&klas.klascode),
        vestiging: &row.row.vestiging,
        vestcode: row.row.vestcode.as_deref().unwrap_or_default(),
        schoolcode: school_code,
        schooljaar: &context.year.schooljaar,
    }
}
