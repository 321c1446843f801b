//! Who is seen on the reference date: pupils with their counting registrations, staff with their places (design §2.2).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Scene;
use crate::informat::published_rows::{Place, PublishedRow};
use crate::informat::{Inschrijving, Opdracht};
use crate::tenant::configuration::FuturePupils;

/// A pupil: the day he is seen as on, and his registrations that contain it.
pub(super) struct Pupil<'a> {
    /// The reference date, or the first day of a pupil still to come.
    pub(super) effective_date: NaiveDate,
    /// The counting registrations.
    pub(super) registrations: Vec<&'a Inschrijving>,
    places: Vec<Place<'a>>,
}

/// A person as seen on the reference date: pupil, staff or both.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// What he is as a pupil.
    pub(super) pupil: Option<Pupil<'a>>,
    staff: Vec<Place<'a>>,
}

impl<'a> Seen<'a> {
    /// Says whether the person is staff; one who is both counts as staff (R41).
    pub(super) fn is_staff(&self) -> bool {
        !self.staff.is_empty()
    }

    /// Returns the place that decides the home org: the earliest assignment of staff, registration of a pupil.
    pub(super) fn home(&self) -> Option<&'a PublishedRow<'a>> {
        let pupil = self
            .pupil
            .as_ref()
            .map(|pupil| pupil.places.as_slice())
            .unwrap_or_default();
        let places = if self.is_staff() {
            self.staff.as_slice()
        } else {
            pupil
        };
        places.iter().copied().min_by(Place::order).map(|place| place.row)
    }

    /// Adds what the same person is besides.
    pub(super) fn add(&mut self, other: Self) {
        self.staff.extend(other.staff);
        self.pupil = self.pupil.take().or(other.pupil);
    }

    /// Returns the ids of all orgs of the person: the home org first, the rest sorted.
    pub(super) fn org_ids(&self) -> Vec<&'a str> {
        let home = self.home().map(|row| row.org_id.as_str());
        let pupil = self.pupil.iter().flat_map(|pupil| &pupil.places);
        let places = self.staff.iter().chain(pupil);
        let all: BTreeSet<&str> = places.map(|place| place.row.org_id.as_str()).collect();
        let others = all.into_iter().filter(|id| Some(*id) != home);
        home.into_iter().chain(others).collect()
    }
}

/// Returns everyone who is seen, by `p_persoon`.
pub(super) fn seen<'a>(scene: &Scene<'a>) -> BTreeMap<i64, Seen<'a>> {
    let mut people: BTreeMap<i64, Seen<'a>> = BTreeMap::new();
    let mut registrations: BTreeMap<i64, Vec<(&'a Inschrijving, &'a PublishedRow<'a>)>> = BTreeMap::new();
    let of_year = |row: &&Inschrijving| row.is_realised() && row.schooljaar == scene.year.schooljaar;
    for registration in scene.source.inschrijving.iter().filter(of_year) {
        let row = scene.rows.get(
            &registration.instelnr,
            registration.vestnrdiscimus,
            &registration.hfdstructuur,
        );
        if let Some(row) = row {
            registrations
                .entry(registration.p_persoon)
                .or_default()
                .push((registration, row));
        }
    }
    for (p_persoon, registrations) in registrations {
        if let Some(pupil) = pupil(scene, &registrations) {
            people.entry(p_persoon).or_default().pupil = Some(pupil);
        }
    }
    for assignment in &scene.source.opdracht {
        let places = staff_places(scene, assignment, scene.reference_date);
        if !places.is_empty() {
            people
                .entry(assignment.p_persoon)
                .or_default()
                .staff
                .extend(places);
        }
    }
    people
}

/// Returns the staff with an assignment still to come, each with the day the first of these starts and as seen then.
pub(super) fn staff_to_come<'a>(scene: &Scene<'a>) -> BTreeMap<i64, (NaiveDate, Seen<'a>)> {
    let mut people: BTreeMap<i64, (NaiveDate, Seen<'a>)> = BTreeMap::new();
    for assignment in &scene.source.opdracht {
        let begin = assignment
            .begindatum
            .filter(|begin| *begin > scene.reference_date);
        let Some(begin) = begin.filter(|begin| !staff_places(scene, assignment, *begin).is_empty()) else {
            continue;
        };
        let (first_day, _) = people
            .entry(assignment.p_persoon)
            .or_insert((begin, Seen::default()));
        *first_day = begin.min(*first_day);
    }
    for assignment in &scene.source.opdracht {
        if let Some((first_day, seen)) = people.get_mut(&assignment.p_persoon) {
            seen.staff.extend(staff_places(scene, assignment, *first_day));
        }
    }
    people
}

/// Returns the published rows that an assignment covers on `day`; none when it does not contain that day.
fn staff_places<'a>(scene: &Scene<'a>, assignment: &'a Opdracht, day: NaiveDate) -> Vec<Place<'a>> {
    if !assignment.contains(day, scene.configuration.staff_grace_days) {
        return Vec::new();
    }
    let place = |row| Place {
        begin: assignment.begindatum,
        row,
    };
    scene.rows.covered_by(assignment).map(place).collect()
}

fn pupil<'a>(
    scene: &Scene<'a>,
    registrations: &[(&'a Inschrijving, &'a PublishedRow<'a>)],
) -> Option<Pupil<'a>> {
    let reference_date = scene.reference_date;
    let contains = |row: &Inschrijving, day| row.contains(day, scene.year.einddatum);
    let effective_date = if registrations.iter().any(|(row, _)| contains(row, reference_date)) {
        reference_date
    } else if scene.configuration.future_pupils == FuturePupils::Include {
        // He is seen as on the day he starts. An open one that starts after the year has no day at all.
        let starts = registrations
            .iter()
            .filter(|(row, _)| contains(row, row.begindatum))
            .map(|(row, _)| row.begindatum);
        starts.filter(|begin| *begin > reference_date).min()?
    } else {
        return None;
    };
    let counting: Vec<_> = registrations
        .iter()
        .filter(|(row, _)| contains(row, effective_date))
        .copied()
        .collect();
    Some(Pupil {
        effective_date,
        registrations: counting.iter().map(|(row, _)| *row).collect(),
        places: counting
            .iter()
            .map(|(row, site)| Place {
                begin: Some(row.begindatum),
                row: site,
            })
            .collect(),
    })
}
