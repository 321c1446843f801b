//! How many pupils and staff are published on each day from one on, for whoever counts licences (R143).
//!
//! Each day is counted by the same rules as [`super::project`]; but a day computes only the people of whom something begins or ends
//! on it; the rows of others are passed over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use chrono::NaiveDate;
use oneroster_standard::RoleType;
use uuid::Uuid;

use super::naming::Naming;
use super::{ProjectionContext, person};
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Persoon};
use crate::tenant::Configuration;
use crate::username::Record;

/// Numbers of people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heads {
    /// Pupils.
    pub pupils: usize,
    /// Staff; who is both counts here (R41).
    pub staff: usize,
}

/// How many people a day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadCount {
    /// The day.
    pub day: NaiveDate,
    /// Who are published.
    pub published: Heads,
    /// Who would be besides, once they are released: their Sync flag is off, or they have no username yet.
    pub to_release: Heads,
}

/// Counts people on the reference date of `today` and on every later day of the school year on which their number may be another.
pub fn head_counts(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    school_year: &str,
    today: NaiveDate,
) -> Result<Vec<HeadCount>, UnknownSchoolYear> {
    let year = source.school_year(school_year)?;
    let first = year.reference_date(today);
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let on = |day, mirror: &Mirror| -> Result<Vec<(i64, Standing)>, UnknownSchoolYear> {
        let context = ProjectionContext::new(mirror, configuration, &rows, school_year, day)?;
        Ok(standings(&context, usernames))
    };
    let mut now: HashMap<i64, Standing> = on(first, source)?.into_iter().collect();
    let mut count = HeadCount {
        day: first,
        published: Heads::default(),
        to_release: Heads::default(),
    };
    for standing in now.values() {
        count.add(*standing);
    }
    let mut counts = vec![count];
    let changing = changing(source, configuration.staff_grace_days);
    let later = changing.range((Bound::Excluded(first), Bound::Unbounded));
    for (day, people) in later.take_while(|(day, _)| **day <= year.einddatum) {
        for p_persoon in people {
            if let Some(standing) = now.remove(p_persoon) {
                count.remove(standing);
            }
        }
        for (p_persoon, standing) in on(*day, &part(source, people))? {
            count.add(standing);
            now.insert(p_persoon, standing);
        }
        counts.push(HeadCount { day: *day, ..count });
    }
    Ok(counts)
}

/// What somebody counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    is_staff: bool,
    is_published: bool,
}

impl HeadCount {
    const fn place(&mut self, standing: Standing) -> &mut usize {
        let heads = if standing.is_published {
            &mut self.published
        } else {
            &mut self.to_release
        };
        if standing.is_staff {
            &mut heads.staff
        } else {
            &mut heads.pupils
        }
    }

    const fn add(&mut self, standing: Standing) {
        *self.place(standing) += 1;
    }

    const fn remove(&mut self, standing: Standing) {
        *self.place(standing) -= 1;
    }
}

fn standings(context: &ProjectionContext<'_>, usernames: &HashMap<Uuid, Record>) -> Vec<(i64, Standing)> {
    let people = person::active_people(context);
    let persons = context.source.persoon.iter();
    let of_person = |person: &Persoon| {
        let naming = Naming::of(context.configuration, people.get(&person.p_persoon)?)?;
        let record = usernames.get(&person.rowguid).filter(|record| record.sync);
        let standing = Standing {
            is_staff: naming.role != RoleType::Student,
            is_published: record.is_some_and(|record| naming.username(record).is_some()),
        };
        Some((person.p_persoon, standing))
    };
    persons.filter_map(of_person).collect()
}

/// Returns the days on which a registration or an assignment begins or is over, with the people it is of.
fn changing(source: &Mirror, grace_days: u32) -> BTreeMap<NaiveDate, BTreeSet<i64>> {
    let registrations = source
        .inschrijving
        .iter()
        .map(|row| (row.p_persoon, Some(row.begindatum), row.einddatum));
    let assignments = source
        .opdracht
        .iter()
        .map(|row| (row.p_persoon, row.begindatum, row.last_day(grace_days)));
    let mut days: BTreeMap<NaiveDate, BTreeSet<i64>> = BTreeMap::new();
    for (p_persoon, begin, end) in registrations.chain(assignments) {
        for day in begin.into_iter().chain(end.and_then(|end| end.succ_opt())) {
            days.entry(day).or_default().insert(p_persoon);
        }
    }
    days
}

/// Returns what the mirror has of some people.
fn part(source: &Mirror, people: &BTreeSet<i64>) -> Mirror {
    Mirror {
        schooljaar: source.schooljaar.clone(),
        persoon: of(&source.persoon, people, |row| row.p_persoon),
        inschrijving: of(&source.inschrijving, people, |row| row.p_persoon),
        opdracht: of(&source.opdracht, people, |row| row.p_persoon),
        ..Mirror::default()
    }
}

fn of<T: Clone>(rows: &[T], people: &BTreeSet<i64>, person: impl Fn(&T) -> i64) -> Vec<T> {
    rows.iter()
        .filter(|row| people.contains(&person(row)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::project;
    use super::super::tests::{MARKT, World, day};
    use super::*;

    fn world() -> World {
        let mut world = World::new();
        world.person(1).registration(1, MARKT, "2026-09-01", None);
        world
            .person(2)
            .registration(2, MARKT, "2026-11-05", Some("2027-01-10"));
        world.person(3).registration(3, MARKT, "2026-11-05", None);
        world
    }

    #[test]
    fn r143_every_day_has_as_many_people_as_the_roster_of_that_day() {
        let world = world();
        let counts = head_counts(
            &world.mirror,
            &world.usernames,
            &world.configuration,
            "2026-27",
            day("2026-10-01"),
        )
        .unwrap();
        let days: Vec<_> = counts.iter().map(|count| count.day).collect();
        assert_eq!(days, [day("2026-10-01"), day("2026-11-05"), day("2027-01-11")]);
        for count in counts {
            let roster = project(
                &world.mirror,
                &world.usernames,
                &world.configuration,
                "2026-27",
                count.day,
            )
            .unwrap();
            let pupils = roster
                .users
                .iter()
                .filter(|user| user.content.role == RoleType::Student)
                .count();
            let staff = roster.users.len() - pupils;
            assert_eq!(count.published, Heads { pupils, staff }, "{}", count.day);
        }
    }

    #[test]
    fn r143_who_is_not_released_is_counted_apart() {
        let mut world = world();
        for record in world.usernames.values_mut() {
            record.sync = false;
        }
        let counts = head_counts(
            &world.mirror,
            &world.usernames,
            &world.configuration,
            "2026-27",
            day("2026-11-05"),
        )
        .unwrap();
        let pupils = |pupils| Heads { pupils, staff: 0 };
        assert_eq!(
            (counts[0].published, counts[0].to_release),
            (pupils(0), pupils(3))
        );
    }
}
