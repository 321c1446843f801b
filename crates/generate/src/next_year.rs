//! A complete next year, as a school group has it in August: every year of study as full as it is now, with those who
//! move up and newcomers for the rest. Without subgroups, which schools make in September.

use std::collections::BTreeMap;

use super::classes::{Class, Grade};
use super::neighbours::Neighbours;
use super::records::{Person, Records, SiteStructure};
use super::special::{Pupil, Story};

/// A year of study at a place.
type Cell = (SiteStructure, Grade);

/// Who is there at the end of the active year, by class.
#[derive(Debug, Default)]
pub(super) struct Rising {
    by_cell: BTreeMap<Cell, Vec<Person>>,
}

impl Rising {
    /// Notes a pupil, unless they leave during the year.
    pub(super) fn note(&mut self, pupil: &Pupil<'_>, person: Person) {
        let last = match &pupil.story {
            Story::ClassChange(to) | Story::SiteMove(to) | Story::ProgrammeChange(to) => to,
            Story::Leaver | Story::BecomesStaff => return,
            Story::Ordinary
            | Story::Named(..)
            | Story::WeekendGap
            | Story::FutureStart
            | Story::LeaveAndReturn
            | Story::TwoRegistrations(_)
            | Story::ParallelElsewhere(_)
            | Story::NoClass
            | Story::PupilAndStaff => pupil.class,
        };
        let cell = (last.place.clone(), last.grade);
        self.by_cell.entry(cell).or_default().push(person);
    }

    /// Takes up to `size` of those who enter a year of study: from the year below, else from the level below.
    fn take(&mut self, (place, grade): &Cell, size: usize) -> Vec<Person> {
        if let Some(below) = grade.moved(-1) {
            return self.by_cell.remove(&(place.clone(), below)).unwrap_or_default();
        }
        let from = |(other, below): &Cell| match (grade.hfdstructuur, below.hfdstructuur, below.year) {
            ("211", "111", 3) => other.instelnr == place.instelnr && other.vestnr == place.vestnr,
            ("311", "211", 6) => true,
            _ => false,
        };
        let mut taken = Vec::new();
        for (_, people) in self.by_cell.iter_mut().filter(|(cell, _)| from(cell)) {
            let rest = people.len().min(size - taken.len());
            taken.extend(people.drain(..rest));
        }
        taken
    }
}

/// Fills every year of study of the active year for the next one.
pub(super) fn add(records: &mut Records, neighbours: &mut Neighbours, classes: &[Class], mut rising: Rising) {
    let mut sizes: BTreeMap<Cell, u32> = BTreeMap::new();
    for class in classes {
        *sizes.entry((class.place.clone(), class.grade)).or_default() += class.size;
    }
    let year = records.year.next();
    for (cell, size) in sizes {
        let size = usize::try_from(size).unwrap_or_default();
        let mut people = rising.take(&cell, size);
        let newcomers = size.saturating_sub(people.len());
        let birth_year = cell.1.birth_year(year);
        people.extend((0..newcomers).map(|_| records.person(birth_year, None)));
        for person in people {
            neighbours.enrol(records, person, (&cell.0, cell.1), year);
        }
    }
}
