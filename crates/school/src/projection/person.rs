//! Who is active on the reference date: pupils with their counting registrations, staff with their sites.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::ProjectionContext;
use crate::informat::published_rows::{PublishedRow, SitePeriod};
use crate::informat::{Inschrijving, Opdracht};
use crate::tenant::configuration::FuturePupils;

/// A pupil: the day that decides what they are, and their registrations that contain it.
pub(super) struct Pupil<'a> {
    /// The reference date, or the first day of a future pupil.
    pub(super) effective_date: NaiveDate,
    /// The counting registrations.
    pub(super) registrations: Vec<&'a Inschrijving>,
    site_periods: Vec<SitePeriod<'a>>,
}

/// A person who is active on the reference date, or counts as such: pupil, staff or both.
#[derive(Default)]
pub(super) struct ActivePerson<'a> {
    /// The pupil, if they are one.
    pub(super) pupil: Option<Pupil<'a>>,
    staff: Vec<SitePeriod<'a>>,
}

impl<'a> ActivePerson<'a> {
    /// Returns `true` if the person is staff; a person who is both counts as staff (R41).
    pub(super) fn is_staff(&self) -> bool {
        !self.staff.is_empty()
    }

    /// Returns the site that decides the home org: of staff that of the earliest assignment, of a pupil that of the earliest
    /// registration.
    pub(super) fn home(&self) -> Option<&'a PublishedRow<'a>> {
        let pupil = self
            .pupil
            .as_ref()
            .map(|pupil| pupil.site_periods.as_slice())
            .unwrap_or_default();
        let site_periods = if self.is_staff() {
            self.staff.as_slice()
        } else {
            pupil
        };
        site_periods
            .iter()
            .copied()
            .min_by(SitePeriod::order)
            .map(|site_period| site_period.row)
    }

    /// Returns the published rows of the person, in no order and with doubles.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a PublishedRow<'a>> {
        let pupil = self.pupil.iter().flat_map(|pupil| &pupil.site_periods);
        self.staff.iter().chain(pupil).map(|site_period| site_period.row)
    }

    /// Merges what the same person is besides.
    pub(super) fn add(&mut self, other: Self) {
        self.staff.extend(other.staff);
        self.pupil = self.pupil.take().or(other.pupil);
    }

    /// Returns the ids of all orgs of the person: the home org first, the rest sorted.
    pub(super) fn org_ids(&self) -> Vec<&'a str> {
        let home = self.home().map(|row| row.org_id.as_str());
        let pupil = self.pupil.iter().flat_map(|pupil| &pupil.site_periods);
        let site_periods = self.staff.iter().chain(pupil);
        let all: BTreeSet<&str> = site_periods
            .map(|site_period| site_period.row.org_id.as_str())
            .collect();
        let others = all.into_iter().filter(|id| Some(*id) != home);
        home.into_iter().chain(others).collect()
    }
}

/// Returns everyone who is active on the reference date, by `p_persoon`.
pub(super) fn active_people<'a>(context: &ProjectionContext<'a>) -> BTreeMap<i64, ActivePerson<'a>> {
    let mut people: BTreeMap<i64, ActivePerson<'a>> = BTreeMap::new();
    let mut registrations: BTreeMap<i64, Vec<(&'a Inschrijving, &'a PublishedRow<'a>)>> = BTreeMap::new();
    let of_year = |row: &&Inschrijving| row.is_realised() && row.schooljaar == context.year.schooljaar;
    for registration in context.source.inschrijving.iter().filter(of_year) {
        let row = context.rows.get(
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
        if let Some(pupil) = pupil(context, &registrations) {
            people.entry(p_persoon).or_default().pupil = Some(pupil);
        }
    }
    for assignment in &context.source.opdracht {
        let site_periods = staff_site_periods(context, assignment, context.reference_date);
        if !site_periods.is_empty() {
            people
                .entry(assignment.p_persoon)
                .or_default()
                .staff
                .extend(site_periods);
        }
    }
    people
}

/// Returns the staff with a future assignment, each with the first day of the earliest one and what they are on that day.
pub(super) fn future_staff<'a>(
    context: &ProjectionContext<'a>,
) -> BTreeMap<i64, (NaiveDate, ActivePerson<'a>)> {
    let mut people: BTreeMap<i64, (NaiveDate, ActivePerson<'a>)> = BTreeMap::new();
    for assignment in &context.source.opdracht {
        let begin = assignment
            .begindatum
            .filter(|begin| *begin > context.reference_date);
        let Some(begin) = begin.filter(|begin| !staff_site_periods(context, assignment, *begin).is_empty())
        else {
            continue;
        };
        let (first_day, _) = people
            .entry(assignment.p_persoon)
            .or_insert((begin, ActivePerson::default()));
        *first_day = begin.min(*first_day);
    }
    for assignment in &context.source.opdracht {
        if let Some((first_day, active)) = people.get_mut(&assignment.p_persoon) {
            active
                .staff
                .extend(staff_site_periods(context, assignment, *first_day));
        }
    }
    people
}

/// Returns the published rows that an assignment covers on `day`; none when it does not contain that day.
fn staff_site_periods<'a>(
    context: &ProjectionContext<'a>,
    assignment: &'a Opdracht,
    day: NaiveDate,
) -> Vec<SitePeriod<'a>> {
    if !assignment.contains(day, context.configuration.staff_grace_days) {
        return Vec::new();
    }
    let site_period = |row| SitePeriod {
        begin: assignment.begindatum,
        row,
    };
    context.rows.covered_by(assignment).map(site_period).collect()
}

fn pupil<'a>(
    context: &ProjectionContext<'a>,
    registrations: &[(&'a Inschrijving, &'a PublishedRow<'a>)],
) -> Option<Pupil<'a>> {
    let reference_date = context.reference_date;
    let contains = |row: &Inschrijving, day| row.contains(day, context.year.einddatum);
    let effective_date = if registrations.iter().any(|(row, _)| contains(row, reference_date)) {
        reference_date
    } else if context.configuration.future_pupils == FuturePupils::Include {
        // They count as of the day they start. An open registration that starts after the year contains no day.
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
        site_periods: counting
            .iter()
            .map(|(row, site)| SitePeriod {
                begin: Some(row.begindatum),
                row: site,
            })
            .collect(),
    })
}
