//! Who is current or future: the people who need a username, with where they are.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::informat::published_rows::{PublishedRows, SitePeriod};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Mirror, Opdracht, Schooljaar};
use crate::tenant::Domain;
use crate::tenant::configuration::{Configuration, DomainMode};

/// What is known of a person who may need a record or a domain.
#[derive(Default)]
pub(crate) struct Candidate<'a> {
    /// Where the person is now or later.
    pub(super) places: Vec<SitePeriod<'a>>,
    /// The first current or future assignment, with the domain of its school.
    teaching: Option<(SitePeriod<'a>, Option<&'a Domain>)>,
}

impl<'a> Candidate<'a> {
    /// Returns the domain that the person has as a member of staff whose domain we send (R38).
    pub(super) fn staff_domain(&self) -> Option<&'a Domain> {
        self.teaching.and_then(|(_, domain)| domain)
    }
}

/// Returns everyone with a realised registration or an assignment in a published row that ends on or after the reference
/// date, of the active school year or a later one, by `p_persoon`.
pub(crate) fn candidates<'a>(
    source: &'a Mirror,
    configuration: &'a Configuration,
    rows: &'a PublishedRows<'a>,
    today: NaiveDate,
) -> Result<BTreeMap<i64, Candidate<'a>>, UnknownSchoolYear> {
    let years: HashMap<&str, &Schooljaar> = source
        .schooljaar
        .iter()
        .map(|year| (year.schooljaar.as_str(), year))
        .collect();
    let active = source.school_year(&configuration.active_school_year)?;
    let reference_date = active.reference_date(today);
    let mut candidates: BTreeMap<i64, Candidate<'a>> = BTreeMap::new();
    for registration in source
        .inschrijving
        .iter()
        .filter(|registration| registration.is_realised())
    {
        let Some(year) = years.get(registration.schooljaar.as_str()) else {
            continue;
        };
        let end = registration.einddatum.unwrap_or(year.einddatum);
        if year.begindatum < active.begindatum || end < reference_date {
            continue;
        }
        let row = rows.get(
            &registration.instelnr,
            registration.vestnrdiscimus,
            &registration.hfdstructuur,
        );
        let Some(row) = row else { continue };
        let place = SitePeriod {
            begin: Some(registration.begindatum),
            row,
        };
        candidates
            .entry(registration.p_persoon)
            .or_default()
            .places
            .push(place);
    }
    let grace_days = configuration.staff_grace_days;
    for assignment in source
        .opdracht
        .iter()
        .filter(|row| row.ends_on_or_after(reference_date, grace_days))
    {
        add_assignment(&mut candidates, assignment, configuration, rows);
    }
    Ok(candidates)
}

fn add_assignment<'a>(
    candidates: &mut BTreeMap<i64, Candidate<'a>>,
    assignment: &'a Opdracht,
    configuration: &Configuration,
    rows: &'a PublishedRows<'a>,
) {
    for row in rows.covered_by(assignment) {
        let place = SitePeriod {
            begin: assignment.begindatum,
            row,
        };
        let candidate = candidates.entry(assignment.p_persoon).or_default();
        candidate.places.push(place);
        let earlier = candidate
            .teaching
            .is_none_or(|(first, _)| place.order(&first).is_lt());
        if configuration.domain_mode.staff == DomainMode::Informat && earlier {
            candidate.teaching = Some((place, row.school.teacher_domain.as_ref()));
        }
    }
}
