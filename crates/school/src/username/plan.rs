//! Who needs a username record, and with what it begins (design §5).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::allocate::Allocator;
use super::fill::fill;
use super::record::Record;
use crate::informat::Mirror;
use crate::informat::published_rows::{PublishedRows, SitePeriod};
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Opdracht, Schooljaar};
use crate::tenant::Domain;
use crate::tenant::configuration::{Configuration, DomainMode};

/// A record to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The person.
    pub rowguid: Uuid,
    /// The name.
    pub local_part: String,
    /// The explicit domain (R38).
    pub domain: Option<Domain>,
    /// The Sync flag.
    pub sync: bool,
    /// Whether letters were dropped.
    pub needs_review: bool,
}

/// What an allocation will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Records to make, in order of `p_persoon`.
    pub create: Vec<NewRecord>,
    /// Existing records of staff that get their school's domain.
    pub set_domain: Vec<(Uuid, Domain)>,
}

/// What is known of a person who may need a record or a domain.
#[derive(Default)]
struct Candidate<'a> {
    places: Vec<SitePeriod<'a>>,
    /// The first current or future assignment, with the domain of its school.
    teaching: Option<(SitePeriod<'a>, Option<&'a Domain>)>,
}

/// Plans the allocation of a tenant: a record for everyone who needs one and has none, and a domain for staff.
///
/// `retired` names are in lower case. Doing it again after storing the plan plans nothing.
pub fn plan(
    source: &Mirror,
    configuration: &Configuration,
    existing: &HashMap<Uuid, Record>,
    retired: &HashSet<String>,
    today: NaiveDate,
) -> Result<Plan, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let candidates = candidates(source, configuration, &rows, today)?;
    let held = existing.values().map(|record| record.local_part.clone());
    let mut allocator = Allocator::new(
        held.chain(retired.iter().cloned()),
        configuration.username_max_length,
    );
    let mut people: Vec<_> = source
        .persoon
        .iter()
        .filter_map(|person| Some((person, candidates.get(&person.p_persoon)?)))
        .collect();
    people.sort_by_key(|(person, _)| person.p_persoon);
    let mut plan = Plan::default();
    for (person, candidate) in people {
        let domain = candidate.teaching.and_then(|(_, domain)| domain).cloned();
        if let Some(record) = existing.get(&person.rowguid) {
            if let (None, Some(domain)) = (&record.domain, domain) {
                plan.set_domain.push((person.rowguid, domain));
            }
            continue;
        }
        let Some(first) = candidate.places.iter().copied().min_by(SitePeriod::order) else {
            continue;
        };
        let filled = fill(
            &configuration.username_format,
            person.voornaam.as_deref().unwrap_or_default(),
            person.naam.as_deref().unwrap_or_default(),
        );
        let (base, needs_review) = if filled.text.is_empty() {
            (format!("u{}", person.p_persoon), true)
        } else {
            (filled.text, filled.needs_review)
        };
        plan.create.push(NewRecord {
            rowguid: person.rowguid,
            local_part: allocator.take(&base),
            domain,
            sync: first.row.site.sync_default,
            needs_review,
        });
    }
    Ok(plan)
}

fn candidates<'a>(
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
