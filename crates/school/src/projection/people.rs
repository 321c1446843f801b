//! Everyone in the mirror, and as what each is published once released: now, later, or not at all.
//!
//! The same rules as [`super::project`], for those who look after usernames: flags play no part, and who is still to come
//! is there whatever the tenant chose for future pupils.

use std::cmp::Ordering;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::Scene;
use super::naming::Naming;
use super::person::{self, Seen};
use crate::informat::Mirror;
use crate::informat::Schooljaar;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;
use crate::tenant::configuration::FuturePupils;

/// Everyone in the mirror of a tenant, seen on one day.
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
    /// As what the person is published; `None` = neither now nor later, by what the mirror says today.
    pub standing: Option<Standing>,
    /// Ids of the published orgs the person is in on the day or later, sorted: those of the standing and those to come.
    pub org_ids: Vec<String>,
}

/// As what a person is published once released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The day it is the standing on: the reference date, or the first day of somebody still to come.
    pub day: NaiveDate,
    /// Whether that day is still to come.
    pub is_future: bool,
    /// Ids of the orgs, the home org first.
    pub org_ids: Vec<String>,
    /// Kind, and how the username is sent.
    pub naming: Naming,
}

/// Says of everyone in the mirror as what he is published once released, on `today` in Brussels.
///
/// Reads the school years, sites, persons, registrations and assignments only. Who is not seen on the reference date is
/// shown as on the first day on which he will be, in the active school year or a later one.
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
    let active = Scene::new(source, configuration, &rows, active_year, today)?;
    let reference_date = active.reference_date;
    let now = person::seen(&active);
    let mut to_come = ToCome(BTreeMap::new());
    let this_year = Scene {
        configuration: &including_future,
        ..active
    };
    to_come.offer_seen(&this_year);
    for (p_persoon, (day, seen)) in person::staff_to_come(&this_year) {
        to_come.offer(p_persoon, day, seen);
    }
    let years = source.schooljaar.iter();
    for year in years.filter(|year| year.begindatum > this_year.year.begindatum) {
        to_come.offer_seen(&Scene {
            year,
            reference_date: year.reference_date(today),
            ..this_year
        });
    }
    let standing = |p_persoon| {
        // What a person is now counts, not what he will be.
        let is_now = now
            .get(&p_persoon)
            .map(|seen| (first_day(seen, reference_date), seen));
        let will_be = || to_come.0.get(&p_persoon).map(|(day, seen)| (*day, seen));
        let (day, seen) = is_now.or_else(will_be)?;
        standing(configuration, day, reference_date, seen)
    };
    let mut org_ids: Vec<String> = rows.iter().map(|row| row.org_id.clone()).collect();
    org_ids.sort();
    org_ids.dedup();
    let now_or_later = now_or_later(&active);
    let places = |p_persoon| now_or_later.get(&p_persoon).into_iter().flatten();
    let people = source.persoon.iter().map(|person| Person {
        rowguid: person.rowguid,
        given_name: person.voornaam.clone(),
        family_name: person.naam.clone(),
        birth_date: person.geboortedatum,
        standing: standing(person.p_persoon),
        org_ids: places(person.p_persoon).map(|id| (*id).to_owned()).collect(),
    });
    Ok(People {
        people: people.collect(),
        org_ids,
    })
}

/// Returns the ids of the orgs that each is in on the reference date or later, of this year or a later one, by `p_persoon`.
fn now_or_later<'a>(scene: &Scene<'a>) -> BTreeMap<i64, BTreeSet<&'a str>> {
    let mut people: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    let first_day = |begin: NaiveDate| begin.max(scene.reference_date);
    let years: HashMap<&str, &Schooljaar> = scene
        .source
        .schooljaar
        .iter()
        .filter(|year| year.begindatum >= scene.year.begindatum)
        .map(|year| (year.schooljaar.as_str(), year))
        .collect();
    for row in scene.source.inschrijving.iter().filter(|row| row.is_realised()) {
        let is_ahead = years
            .get(row.schooljaar.as_str())
            .is_some_and(|year| row.contains(first_day(row.begindatum), year.einddatum));
        let place = scene
            .rows
            .get(&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur);
        if let (true, Some(place)) = (is_ahead, place) {
            people.entry(row.p_persoon).or_default().insert(&place.org_id);
        }
    }
    for row in &scene.source.opdracht {
        let day = row.begindatum.map_or(scene.reference_date, first_day);
        if row.contains(day, scene.configuration.staff_grace_days) {
            let places = scene.rows.covered_by(row).map(|place| place.org_id.as_str());
            people.entry(row.p_persoon).or_default().extend(places);
        }
    }
    people
}

/// Returns the day a person is seen as on in a scene of `reference_date`.
fn first_day(seen: &Seen<'_>, reference_date: NaiveDate) -> NaiveDate {
    let of_pupil = seen.pupil.as_ref().filter(|_| !seen.is_staff());
    of_pupil.map_or(reference_date, |pupil| pupil.effective_date)
}

fn standing(
    configuration: &Configuration,
    day: NaiveDate,
    reference_date: NaiveDate,
    seen: &Seen<'_>,
) -> Option<Standing> {
    Some(Standing {
        day,
        is_future: day > reference_date,
        org_ids: seen.org_ids().into_iter().map(str::to_owned).collect(),
        naming: Naming::of(configuration, seen)?,
    })
}

/// The first day on which each is seen, as what, by `p_persoon`.
struct ToCome<'a>(BTreeMap<i64, (NaiveDate, Seen<'a>)>);

impl<'a> ToCome<'a> {
    fn offer_seen(&mut self, scene: &Scene<'a>) {
        for (p_persoon, seen) in person::seen(scene) {
            self.offer(p_persoon, first_day(&seen, scene.reference_date), seen);
        }
    }

    /// Takes what a person is on a day, if no earlier day is known; of one day, all that he is.
    fn offer(&mut self, p_persoon: i64, day: NaiveDate, seen: Seen<'a>) {
        match self.0.entry(p_persoon) {
            Entry::Vacant(place) => {
                place.insert((day, seen));
            }
            Entry::Occupied(mut place) => match day.cmp(&place.get().0) {
                Ordering::Less => {
                    place.insert((day, seen));
                }
                Ordering::Equal => place.get_mut().1.add(seen),
                Ordering::Greater => {}
            },
        }
    }
}
