//! The pupils of the active year: persons, registrations, class registrations.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::CaseName;
use super::classes::{Class, Grade};
use super::groups::Groups;
use super::neighbours::Neighbours;
use super::next_year::Rising;
use super::records::{Period, Person, Records, SiteStructure, Workplace};
use super::special::{Pupil, Story};
use super::year::monday_from;

/// Registrations that count.
const REALISED: i32 = 0;
/// A registration beside a realised one elsewhere; does not count.
const PARALLEL: i32 = 3;

/// Adds the rows of all pupils; every tenth ordinary one was here last year and is entered for the next. Returns who is
/// there at the end.
pub(super) fn add(
    records: &mut Records,
    groups: &Groups,
    neighbours: &mut Neighbours,
    pupils: &[Pupil<'_>],
) -> Rising {
    let mut rising = Rising::default();
    let mut numbers: BTreeMap<(&SiteStructure, Grade), u32> = BTreeMap::new();
    for pupil in pupils {
        let number = numbers
            .entry((&pupil.class.place, pupil.class.grade))
            .or_default();
        let person = tell(records, groups, pupil, *number);
        if matches!(pupil.story, Story::Ordinary) && number.is_multiple_of(10) {
            neighbours.surround(records, person, pupil.class);
        }
        rising.note(pupil, person);
        *number += 1;
        records.pupils += 1;
    }
    rising
}

/// A pupil being registered.
struct Registrar<'a> {
    records: &'a mut Records,
    groups: &'a Groups,
    person: Person,
    /// Number within the year of study at the site: decides the subgroups.
    number: u32,
}

/// Adds the rows of one pupil, by the story.
fn tell(records: &mut Records, groups: &Groups, pupil: &Pupil<'_>, number: u32) -> Person {
    let class = pupil.class;
    let name = if let Story::Named(_, name) = &pupil.story {
        Some(name.clone())
    } else {
        None
    };
    let person = records.person(class.grade.birth_year(records.year), name);
    if let Some(case) = case(&pupil.story) {
        records.case(case, &person.rowguid);
    }
    let begin = records.year.begin();
    let monday = monday_in_year(records, 14, 28);
    let sunday = monday - Days::new(1);
    let whole = whole_year(records);
    let mut registrar = Registrar {
        records,
        groups,
        person,
        number,
    };
    match &pupil.story {
        Story::Ordinary | Story::Named(..) => registrar.enrol(class, whole),
        Story::ClassChange(to) => registrar.change_class(class, to, monday),
        Story::SiteMove(to) | Story::ProgrammeChange(to) => {
            registrar.enrol(class, Period::until(begin, sunday));
            registrar.enrol(to, Period::from(monday));
        }
        Story::WeekendGap => {
            registrar.enrol(class, Period::until(begin, monday - Days::new(3)));
            registrar.enrol(class, Period::from(monday));
        }
        Story::FutureStart => {
            let start = registrar.after_christmas(8);
            registrar.enrol(class, Period::from(start));
        }
        Story::Leaver => registrar.enrol(class, Period::until(begin, monday - Days::new(3))),
        Story::LeaveAndReturn => {
            let last = monday_in_year(registrar.records, 14, 5) + Days::new(4);
            registrar.enrol(class, Period::until(begin, last));
            let back = registrar.after_christmas(10);
            registrar.enrol(class, Period::from(back));
        }
        Story::TwoRegistrations(other) => {
            registrar.enrol(class, whole);
            registrar.enrol(other, whole);
        }
        Story::ParallelElsewhere(other) => {
            registrar.enrol(class, whole);
            registrar.register(other, whole, PARALLEL);
        }
        Story::NoClass => {
            registrar.register(class, whole, REALISED);
        }
        Story::BecomesStaff => {
            registrar.enrol(class, Period::until(begin, sunday));
            registrar.employ(class, monday);
        }
        Story::PupilAndStaff => {
            registrar.enrol(class, whole);
            registrar.employ(class, begin);
        }
    }
    person
}

/// Returns the case that a story is an example of.
fn case(story: &Story<'_>) -> Option<CaseName> {
    match story {
        Story::Ordinary => None,
        Story::Named(case, _) => Some(*case),
        Story::ClassChange(_) => Some(CaseName::ClassChange),
        Story::SiteMove(_) => Some(CaseName::SiteMove),
        Story::ProgrammeChange(_) => Some(CaseName::ProgrammeChange),
        Story::WeekendGap => Some(CaseName::WeekendGap),
        Story::FutureStart => Some(CaseName::FutureStart),
        Story::Leaver => Some(CaseName::Leaver),
        Story::LeaveAndReturn => Some(CaseName::LeaveAndReturn),
        Story::TwoRegistrations(_) => Some(CaseName::TwoRegistrations),
        Story::ParallelElsewhere(_) => Some(CaseName::ParallelElsewhere),
        Story::NoClass => Some(CaseName::NoClass),
        Story::BecomesStaff => Some(CaseName::BecomesStaff),
        Story::PupilAndStaff => Some(CaseName::PupilAndStaff),
    }
}

/// Returns a period of the whole year; the end is left open by most.
fn whole_year(records: &mut Records) -> Period {
    let year = records.year;
    if records.dice.chance(300) {
        Period::until(year.begin(), year.end())
    } else {
        Period::from(year.begin())
    }
}

/// Draws a Monday, at least `after_days` into the year, of the `weeks` that follow.
fn monday_in_year(records: &mut Records, after_days: u64, weeks: u32) -> NaiveDate {
    let first = monday_from(records.year.begin() + Days::new(after_days));
    first + Days::new(7 * u64::from(records.dice.below(weeks)))
}

impl Registrar<'_> {
    /// Registers the pupil where the class is and puts them in it and in their subgroups, all for one period.
    fn enrol(&mut self, class: &Class, period: Period) {
        let registration = self.register(class, period, REALISED);
        self.records.membership(registration, class.key, period);
        self.join_groups(registration, class, period);
    }

    fn register(&mut self, class: &Class, period: Period, status: i32) -> i64 {
        let year = self.records.year;
        self.records
            .registration(self.person, &class.place, year, period, status)
    }

    fn join_groups(&mut self, registration: i64, class: &Class, period: Period) {
        for set in self
            .groups
            .get(&(class.place.clone(), class.grade))
            .into_iter()
            .flatten()
        {
            if let (Some(group), Some(shared)) = (set.of(self.number), set.period.within(period)) {
                self.records.membership(registration, group, shared);
            }
        }
    }

    /// One registration, two class registrations: the old one ends the day before the new one starts.
    fn change_class(&mut self, from: &Class, to: &Class, monday: NaiveDate) {
        let begin = self.records.year.begin();
        let registration = self.register(from, Period::from(begin), REALISED);
        self.records.membership(
            registration,
            from.key,
            Period::until(begin, monday - Days::new(1)),
        );
        self.records
            .membership(registration, to.key, Period::from(monday));
        self.join_groups(registration, from, Period::from(begin));
    }

    /// Draws a Monday of the given number of weeks after the Christmas holidays.
    fn after_christmas(&mut self, weeks: u32) -> NaiveDate {
        let first = monday_from(self.records.year.day(1, 4));
        first + Days::new(7 * u64::from(self.records.dice.below(weeks)))
    }

    fn employ(&mut self, class: &Class, begin: NaiveDate) {
        let at = Workplace {
            instelnr: class.place.instelnr.clone(),
            vestnr: Some(class.place.vestnr),
            hfdstructuur: None,
        };
        self.records.assignment(self.person, &at, Some(begin), None);
        self.records.staff += 1;
    }
}
