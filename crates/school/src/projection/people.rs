//! For each person in the mirror, the role and orgs they would be published with if their Sync flag were on: now, in the
//! future, or never.
//!
//! The same rules as [`super::project`], but Sync flags are ignored and future people are included whatever the tenant's
//! `future_pupils` is.

use std::cmp::Ordering;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::ProjectionContext;
use super::naming::Naming;
use super::person::{self, ActivePerson};
use crate::informat::Mirror;
use crate::informat::Schooljaar;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;
use crate::tenant::configuration::FuturePupils;

/// Everyone in the mirror of a tenant, as of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// The people, in the mirror's order.
    pub people: Vec<Person>,
    /// Ids of the published orgs, sorted, without doubles.
    pub org_ids: Vec<String>,
}

/// A person in the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The lasting id.
    pub rowguid: Uuid,
    /// Official given name.
    pub given_name: Option<String>,
    /// Official family name.
    pub family_name: Option<String>,
    /// Birth date, which tells namesakes apart; never published.
    pub birth_date: Option<NaiveDate>,
    /// How the person is published; `None` = neither now nor in the future, by today's data.
    pub published_as: Option<PublishedAs>,
    /// Ids of the published orgs the person is in on the day or later, sorted: those of `published_as` and future ones.
    pub org_ids: Vec<String>,
}

/// How a person is published once their Sync flag is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAs {
    /// The day this holds for: the reference date, or the first day of a future person.
    pub day: NaiveDate,
    /// Whether that day is after the reference date.
    pub is_future: bool,
    /// Ids of the orgs, the home org first.
    pub org_ids: Vec<String>,
    /// Kind, and how the username is sent.
    pub naming: Naming,
}

/// For each person in the mirror, returns the role and orgs they would be published with on `today` in Brussels if their
/// Sync flag were on.
///
/// Reads the school years, sites, persons, registrations and assignments only. A person who is not active on the reference
/// date is returned as of their first active day, in the active school year or a later one.
pub fn people(
    source: &Mirror,
    configuration: &Configuration,
    today: NaiveDate,
) -> Result<People, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let including_future = Configuration {
        future_pupils: FuturePupils::Include,
        ..configuration.clone()
    };
    let active_year = &configuration.active_school_year;
    let current = ProjectionContext::new(source, configuration, &rows, active_year, today)?;
    let reference_date = current.reference_date;
    let now = person::active_people(&current);
    let mut future = FuturePeople(BTreeMap::new());
    let this_year = ProjectionContext {
        configuration: &including_future,
        ..current
    };
    future.offer_all(&this_year);
    for (p_persoon, (day, active)) in person::future_staff(&this_year) {
        future.offer(p_persoon, day, active);
    }
    let years = source.schooljaar.iter();
    for year in years.filter(|year| year.begindatum > this_year.year.begindatum) {
        future.offer_all(&ProjectionContext {
            year,
            reference_date: year.reference_date(today),
            ..this_year
        });
    }
    let published_as = |p_persoon| {
        // What a person is now counts before what they will be.
        let is_now = now
            .get(&p_persoon)
            .map(|active| (first_day(active, reference_date), active));
        let will_be = || future.0.get(&p_persoon).map(|(day, active)| (*day, active));
        let (day, active) = is_now.or_else(will_be)?;
        published_as(configuration, day, reference_date, active)
    };
    let mut org_ids: Vec<String> = rows.iter().map(|row| row.org_id.clone()).collect();
    org_ids.sort();
    org_ids.dedup();
    let now_or_later = now_or_later(&current);
    let places = |p_persoon| now_or_later.get(&p_persoon).into_iter().flatten();
    let people = source.persoon.iter().map(|person| Person {
        rowguid: person.rowguid,
        given_name: person.voornaam.clone(),
        family_name: person.naam.clone(),
        birth_date: person.geboortedatum,
        published_as: published_as(person.p_persoon),
        org_ids: places(person.p_persoon).map(|id| (*id).to_owned()).collect(),
    });
    Ok(People {
        people: people.collect(),
        org_ids,
    })
}

/// Returns the ids of the orgs that each is in on the reference date or later, of this year or a later one, by `p_persoon`.
fn now_or_later<'a>(context: &ProjectionContext<'a>) -> BTreeMap<i64, BTreeSet<&'a str>> {
    let mut people: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    let first_day = |begin: NaiveDate| begin.max(context.reference_date);
    let years: HashMap<&str, &Schooljaar> = context
        .source
        .schooljaar
        .iter()
        .filter(|year| year.begindatum >= context.year.begindatum)
        .map(|year| (year.schooljaar.as_str(), year))
        .collect();
    for row in context.source.inschrijving.iter().filter(|row| row.is_realised()) {
        let is_ahead = years
            .get(row.schooljaar.as_str())
            .is_some_and(|year| row.contains(first_day(row.begindatum), year.einddatum));
        let place = context
            .rows
            .get(&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur);
        if let (true, Some(place)) = (is_ahead, place) {
            people.entry(row.p_persoon).or_default().insert(&place.org_id);
        }
    }
    for row in &context.source.opdracht {
        let day = row.begindatum.map_or(context.reference_date, first_day);
        if row.contains(day, context.configuration.staff_grace_days) {
            let places = context.rows.covered_by(row).map(|place| place.org_id.as_str());
            people.entry(row.p_persoon).or_default().extend(places);
        }
    }
    people
}

/// Returns the day that decides what a person is: the reference date, or the first day of a future pupil.
fn first_day(active: &ActivePerson<'_>, reference_date: NaiveDate) -> NaiveDate {
    let of_pupil = active.pupil.as_ref().filter(|_| !active.is_staff());
    of_pupil.map_or(reference_date, |pupil| pupil.effective_date)
}

fn published_as(
    configuration: &Configuration,
    day: NaiveDate,
    reference_date: NaiveDate,
    active: &ActivePerson<'_>,
) -> Option<PublishedAs> {
    Some(PublishedAs {
        day,
        is_future: day > reference_date,
        org_ids: active.org_ids().into_iter().map(str::to_owned).collect(),
        naming: Naming::of(configuration, active)?,
    })
}

/// For each person, their first active day and what they are on it, by `p_persoon`.
struct FuturePeople<'a>(BTreeMap<i64, (NaiveDate, ActivePerson<'a>)>);

impl<'a> FuturePeople<'a> {
    fn offer_all(&mut self, context: &ProjectionContext<'a>) {
        for (p_persoon, active) in person::active_people(context) {
            self.offer(p_persoon, first_day(&active, context.reference_date), active);
        }
    }

    /// Keeps what a person is on a day if no earlier day is known; merges what they are on the same day.
    fn offer(&mut self, p_persoon: i64, day: NaiveDate, active: ActivePerson<'a>) {
        match self.0.entry(p_persoon) {
            Entry::Vacant(place) => {
                place.insert((day, active));
            }
            Entry::Occupied(mut place) => match day.cmp(&place.get().0) {
                Ordering::Less => {
                    place.insert((day, active));
                }
                Ordering::Equal => place.get_mut().1.add(active),
                Ordering::Greater => {}
            },
        }
    }
}
