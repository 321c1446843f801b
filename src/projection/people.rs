//! Everyone in the mirror, and as what each is published once released: now, later, or not at all.
//!
//! The same rules as [`super::project`], for those who look after usernames: flags play no part, and who is still to come
//! is there whatever the tenant chose for future pupils.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::naming::Naming;
use super::person::{self, Seen};
use super::{Error, Scene};
use crate::mirror::Mirror;
use crate::mirror::published::PublishedRows;
use crate::mirror::tables::Schooljaar;
use crate::tenant::Configuration;
use crate::tenant::configuration::FuturePupils;

/// Everyone in the mirror of a tenant, seen on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// The day (R119–R121).
    pub reference_date: NaiveDate,
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
pub fn people(source: &Mirror, configuration: &Configuration, today: NaiveDate) -> Result<People, Error> {
    let active = source
        .schooljaar
        .iter()
        .find(|year| year.schooljaar == configuration.active_school_year)
        .ok_or_else(|| Error::UnknownSchoolYear(configuration.active_school_year.clone()))?;
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let including_future = Configuration {
        future_pupils: FuturePupils::Include,
        ..configuration.clone()
    };
    let scene_of = |configuration, year| scene_of(source, configuration, &rows, year, today);
    let reference_date = active.reference_date(today);
    let mut standings = Standings {
        reference_date,
        by_person: BTreeMap::new(),
    };
    // Whoever is found first stays: what a person is now counts, not what he will be.
    let now = scene_of(configuration, active);
    standings.add_seen(&now);
    let this_year = scene_of(&including_future, active);
    standings.add_seen(&this_year);
    for (p_persoon, (day, seen)) in person::staff_to_come(&this_year) {
        standings.add(&this_year, p_persoon, day, &seen);
    }
    let mut later: Vec<&Schooljaar> = source
        .schooljaar
        .iter()
        .filter(|year| year.begindatum > active.begindatum)
        .collect();
    later.sort_by_key(|year| year.begindatum);
    for year in later {
        standings.add_seen(&scene_of(&including_future, year));
    }
    let mut org_ids: Vec<String> = rows.iter().map(|row| row.org_id.clone()).collect();
    org_ids.sort();
    org_ids.dedup();
    let people = source.persoon.iter().map(|person| Person {
        rowguid: person.rowguid,
        given_name: person.voornaam.clone(),
        family_name: person.naam.clone(),
        birth_date: person.geboortedatum,
        standing: standings.by_person.remove(&person.p_persoon),
    });
    Ok(People {
        reference_date,
        people: people.collect(),
        org_ids,
    })
}

fn scene_of<'a>(
    source: &'a Mirror,
    configuration: &'a Configuration,
    rows: &'a PublishedRows<'a>,
    year: &'a Schooljaar,
    today: NaiveDate,
) -> Scene<'a> {
    Scene {
        source,
        configuration,
        year,
        rows,
        reference_date: year.reference_date(today),
    }
}

/// What is known so far, by `p_persoon`.
struct Standings {
    reference_date: NaiveDate,
    by_person: BTreeMap<i64, Standing>,
}

impl Standings {
    /// Adds everyone who is seen in a scene and not known yet.
    fn add_seen(&mut self, scene: &Scene<'_>) {
        for (p_persoon, seen) in person::seen(scene) {
            let of_pupil = seen.pupil.as_ref().map(|pupil| pupil.effective_date);
            let day = of_pupil
                .filter(|_| !seen.is_staff())
                .unwrap_or(scene.reference_date);
            self.add(scene, p_persoon, day, &seen);
        }
    }

    fn add(&mut self, scene: &Scene<'_>, p_persoon: i64, day: NaiveDate, seen: &Seen<'_>) {
        if self.by_person.contains_key(&p_persoon) {
            return;
        }
        let Some(naming) = Naming::of(scene.configuration, seen) else {
            return;
        };
        let standing = Standing {
            day,
            is_future: day > self.reference_date,
            org_ids: seen.org_ids().into_iter().map(str::to_owned).collect(),
            naming,
        };
        self.by_person.insert(p_persoon, standing);
    }
}
