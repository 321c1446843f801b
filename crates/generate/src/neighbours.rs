//! What lies around the active year and must not be published with it: last year's registrations, next year's,
//! and persons whose registration in the active year was never realised.

use std::collections::BTreeMap;

use super::classes::{Class, Grade};
use super::records::{NewClass, Period, Person, Records, SiteStructure};
use super::schools::Listing;
use super::staff::Teachers;
use super::year::SchoolYear;
use super::{CaseName, SPECIAL_PUPILS_MIN};

/// How many pupils share a class of another year.
const CLASS_SIZE: u32 = 20;

/// The classes of the years before and after.
#[derive(Debug)]
pub(super) struct Neighbours {
    classes: BTreeMap<(SchoolYear, SiteStructure, Grade), Filling>,
    /// Whether everybody is entered for the next year elsewhere.
    next_is_complete: bool,
}

/// The class of a year of study that is being filled.
#[derive(Debug)]
struct Filling {
    key: i64,
    index: u32,
    members: u32,
}

impl Neighbours {
    pub(super) fn new(next_is_complete: bool) -> Self {
        Self {
            classes: BTreeMap::new(),
            next_is_complete,
        }
    }

    /// Enters a pupil of `class` for the years before and after, where their site has those years of study.
    pub(super) fn surround(&mut self, records: &mut Records, person: Person, class: &Class) {
        let year = records.year;
        if let Some(grade) = class.grade.moved(-1) {
            self.enrol(records, person, (&class.place, grade), year.previous());
        }
        if let Some(grade) = class.grade.moved(1).filter(|_| !self.next_is_complete) {
            self.enrol(records, person, (&class.place, grade), year.next());
        }
    }

    /// Adds the persons who are in the files and not among the pupils of the active year.
    pub(super) fn add_others(&mut self, records: &mut Records, classes: &[Class], pupils: u32) {
        let open: Vec<&Class> = classes
            .iter()
            .filter(|class| class.listing == Listing::Released)
            .collect();
        let year = records.year;
        let around = if pupils < SPECIAL_PUPILS_MIN {
            0
        } else {
            (pupils / 50).max(1)
        };
        for number in 0..around {
            for (case, other_year) in [
                (CaseName::LastYearOnly, year.previous()),
                (CaseName::NextYearOnly, year.next()),
            ] {
                let Some(class) = records.dice.pick(&open).copied() else {
                    return;
                };
                let person = records.person(class.grade.birth_year(other_year), None);
                records.case(case, &person.rowguid);
                if case == CaseName::NextYearOnly && number % 10 == 9 {
                    // Applied only: whether there is a place is not known yet.
                    records.registration(
                        person,
                        &class.place,
                        other_year,
                        Period::from(other_year.begin()),
                        4,
                    );
                } else {
                    self.enrol(records, person, (&class.place, class.grade), other_year);
                }
            }
        }
        let refused = match pupils {
            0..20 => 0,
            20..500 => 1,
            _ => (pupils / 250).max(4),
        };
        for status in (1..=4).cycle().take(usize::try_from(refused).unwrap_or_default()) {
            let Some(class) = records.dice.pick(&open).copied() else {
                return;
            };
            refuse(records, class, status);
        }
    }

    pub(super) fn enrol(
        &mut self,
        records: &mut Records,
        person: Person,
        (place, grade): (&SiteStructure, Grade),
        year: SchoolYear,
    ) {
        // Last year is over, so its ends are known.
        let over = year < records.year;
        let period = if over {
            Period::until(year.begin(), year.end())
        } else {
            Period::from(year.begin())
        };
        let registration = records.registration(person, place, year, period, 0);
        let class = self.class(records, place, grade, year);
        records.membership(registration, class, period);
    }

    /// Returns the class that still has room, or a new one.
    fn class(&mut self, records: &mut Records, place: &SiteStructure, grade: Grade, year: SchoolYear) -> i64 {
        let filling = self.classes.get(&(year, place.clone(), grade));
        let (key, index, members) = match filling {
            Some(Filling { key, index, members }) if *members < CLASS_SIZE => (*key, *index, members + 1),
            full => {
                let index = full.map_or(0, |full| full.index + 1);
                let code = grade.code(index, 2);
                let new = NewClass {
                    place,
                    year,
                    title: Some(code.clone()),
                    code,
                    group_type: 0,
                };
                (records.class(new), index, 1)
            }
        };
        self.classes
            .insert((year, place.clone(), grade), Filling { key, index, members });
        key
    }
}

/// Gives each class of another year a class teacher of its school.
pub(super) fn add_class_teachers(records: &mut Records, teachers: &Teachers) {
    let active = records.year.label();
    let others: Vec<(i64, String)> = records
        .tables
        .klassen
        .iter()
        .filter(|class| class.schooljaar != active)
        .map(|class| (class.p_klas, class.instelnr.clone()))
        .collect();
    for (class, instelnr) in others {
        if let Some(teacher) = teachers
            .get(&instelnr)
            .and_then(|list| records.dice.pick(list))
            .copied()
        {
            records.class_function(teacher, class, 2, None);
        }
    }
}

/// Adds a person whose only registration has a status that does not count.
fn refuse(records: &mut Records, class: &Class, status: i32) {
    let year = records.year;
    let person = records.person(class.grade.birth_year(year), None);
    records.case(CaseName::RefusedRegistration, &person.rowguid);
    let period = Period::from(year.begin());
    let registration = records.registration(person, &class.place, year, period, status);
    if status == 2 {
        // Postponed, and already in a class.
        records.membership(registration, class.key, period);
    }
}
