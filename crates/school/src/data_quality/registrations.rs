//! Pupils: registrations that overlap, leave a gap or lie outside the year, and classes on the day.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use oneroster_standard::{Kind, RoleType};

use super::facts::{Facts, GAP_MAX_DAYS, last_day, some};
use super::{Finding, Rule};
use crate::informat::published_rows::{PublishedRow, SitePeriod};
use crate::informat::{Inschrijving, Schooljaar};
use crate::tenant::configuration::{DomainMode, FuturePupils};

/// Structure of part-time vocational education, whose pupils start and stop the whole year round.
const PART_TIME_VOCATIONAL: &str = "312";
/// First digit of the structures of higher education, HBO5 among them.
const HIGHER_EDUCATION: char = '4';

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    classes(facts, findings);
    outside_year(facts, findings);
    for (p_persoon, periods) in periods(facts) {
        findings.extend(overlap(facts, p_persoon, &periods));
        // A pupil who is published ahead of their start does not leave in between.
        if facts.subject.configuration.future_pupils == FuturePupils::Exclude {
            findings.extend(gap(facts, p_persoon, &periods));
        }
    }
}

/// Examines the classes of each pupil on their effective date; subgroups do not count.
fn classes(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut titles: HashMap<i64, Vec<String>> = HashMap::new();
    for group in facts
        .candidates
        .classes
        .values()
        .filter(|group| group.klas.groeptype == 0)
    {
        for student in &group.students {
            titles
                .entry(*student)
                .or_default()
                .push(format!("{:?}", group.title));
        }
    }
    for (p_persoon, present) in &facts.candidates.people {
        let titles = titles.get(p_persoon).map(Vec::as_slice).unwrap_or_default();
        let called = facts.called(*p_persoon);
        let org = present.org_ids.first().copied().unwrap_or_default();
        let finding = match (present.registrations.len(), titles.len()) {
            (0, _) | (_, 1) => continue,
            (_, 0) => (
                Rule::PupilWithoutClass,
                format!(
                    "{called} is a pupil of {org} but in no class, so gets an account and no class Team: \
                     enter the class in Informat"
                ),
            ),
            (1, _) => (
                Rule::TwoClasses,
                format!(
                    "{called} is in {} on one day under one registration: end the class that is over in Informat",
                    some(titles)
                ),
            ),
            (..) => continue,
        };
        findings.push(Finding::new(
            finding.0,
            Kind::Users,
            facts.id(*p_persoon),
            finding.1,
        ));
    }
}

/// Looks at the registrations of the active year and later ones in published sites.
fn outside_year(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let source = facts.subject.source;
    let years: HashMap<&str, &Schooljaar> = source
        .schooljaar
        .iter()
        .filter(|year| year.begindatum >= facts.candidates.year.begindatum)
        .map(|year| (year.schooljaar.as_str(), year))
        .collect();
    for registration in source.inschrijving.iter().filter(|row| row.is_realised()) {
        let Some(year) = years.get(registration.schooljaar.as_str()) else {
            continue;
        };
        let within = year.begindatum..=year.einddatum;
        let begins_within = within.contains(&registration.begindatum);
        let is_fine = begins_within && registration.einddatum.is_none_or(|end| within.contains(&end));
        if is_fine || row_of(facts, registration).is_none() {
            continue;
        }
        if begins_within
            && may_outlast_year(registration)
            && last_day(registration, year.einddatum) > year.einddatum
        {
            findings.push(beyond_year(facts, registration, year));
            continue;
        }
        let message = format!(
            "registration {} of {} runs from {} to {}, not within {} ({} to {}): correct the dates or the school year in Informat",
            registration.p_inschr,
            facts.called(registration.p_persoon),
            registration.begindatum,
            last_day(registration, year.einddatum),
            year.schooljaar,
            year.begindatum,
            year.einddatum,
        );
        let id = facts.id(registration.p_persoon);
        findings.push(Finding::new(
            Rule::RegistrationOutsideYear,
            Kind::Users,
            id,
            message,
        ));
    }
}

/// Returns `true` if pupils of the registration's structure are registered beyond the end of a school year.
fn may_outlast_year(registration: &Inschrijving) -> bool {
    let structure = &registration.hfdstructuur;
    structure == PART_TIME_VOCATIONAL || structure.starts_with(HIGHER_EDUCATION)
}

fn beyond_year(facts: &Facts<'_>, registration: &Inschrijving, year: &Schooljaar) -> Finding {
    let message = format!(
        "registration {} of {} ends on {}, after {} ({}), as is usual in structure {}: nothing needs to be done; what is \
         published from then on is the state of the next year",
        registration.p_inschr,
        facts.called(registration.p_persoon),
        last_day(registration, year.einddatum),
        year.schooljaar,
        year.einddatum,
        registration.hfdstructuur,
    );
    let id = facts.id(registration.p_persoon);
    Finding::new(Rule::RegistrationBeyondYear, Kind::Users, id, message)
}

/// The period of a registration, both ends included.
struct Period<'a> {
    begin: NaiveDate,
    end: NaiveDate,
    row: &'a PublishedRow<'a>,
    p_inschr: i64,
}

impl<'a> Period<'a> {
    fn org_id(&self) -> &'a str {
        &self.row.org_id
    }

    fn site_period(&self) -> SitePeriod<'a> {
        SitePeriod {
            begin: Some(self.begin),
            row: self.row,
        }
    }
}

/// Returns, by person, the periods of the registrations that count in the active year, by begin.
fn periods<'a>(facts: &Facts<'a>) -> BTreeMap<i64, Vec<Period<'a>>> {
    let mut periods: BTreeMap<i64, Vec<Period<'a>>> = BTreeMap::new();
    let year = facts.candidates.year;
    for registration in &facts.subject.source.inschrijving {
        let counts = registration.is_realised() && registration.schooljaar == year.schooljaar;
        let end = last_day(registration, year.einddatum);
        let Some(row) = row_of(facts, registration).filter(|_| counts && registration.begindatum <= end)
        else {
            continue;
        };
        periods.entry(registration.p_persoon).or_default().push(Period {
            begin: registration.begindatum,
            end,
            row,
            p_inschr: registration.p_inschr,
        });
    }
    for of_person in periods.values_mut() {
        of_person.sort_by_key(|period| (period.begin, period.end, period.p_inschr));
    }
    periods
}

fn row_of<'a>(facts: &Facts<'a>, registration: &Inschrijving) -> Option<&'a PublishedRow<'a>> {
    let Inschrijving {
        instelnr,
        vestnrdiscimus,
        hfdstructuur,
        ..
    } = registration;
    facts.rows.get(instelnr, *vestnrdiscimus, hfdstructuur)
}

/// Pairs each period after the first with the one before it that lasts longest.
fn neighbours<'p, 'a>(periods: &'p [Period<'a>]) -> impl Iterator<Item = (&'p Period<'a>, &'p Period<'a>)> {
    let mut longest = periods.first();
    periods.iter().skip(1).filter_map(move |period| {
        let before = longest?;
        if period.end > before.end {
            longest = Some(period);
        }
        Some((before, period))
    })
}

/// R45: finds the first time, from the reference date on, at which two registrations hold at once.
fn overlap(facts: &Facts<'_>, p_persoon: i64, periods: &[Period<'_>]) -> Option<Finding> {
    let (before, after, end) = neighbours(periods)
        .map(|(before, after)| (before, after, before.end.min(after.end)))
        .find(|(_, after, end)| after.begin <= *end && *end >= facts.candidates.reference_date)?;
    let message = format!(
        "{} has two registrations at once from {} to {end}, {} at {} and {} at {}: both count{}; end the one that is over in \
         Informat",
        facts.called(p_persoon),
        after.begin,
        before.p_inschr,
        before.org_id(),
        after.p_inschr,
        after.org_id(),
        domain_that_counts(facts, p_persoon, [before, after]),
    );
    Some(Finding::new(
        Rule::TwoRegistrations,
        Kind::Users,
        facts.id(p_persoon),
        message,
    ))
}

/// Says which domain is sent while two registrations hold, where we send that of pupils: one that somebody gave, else that of
/// the home org (R35, R147).
fn domain_that_counts(facts: &Facts<'_>, p_persoon: i64, periods: [&Period<'_>; 2]) -> String {
    let is_staff = facts
        .candidates
        .people
        .get(&p_persoon)
        .is_some_and(|present| present.naming.role == RoleType::Teacher);
    if is_staff || facts.subject.configuration.domain_mode.pupils == DomainMode::Microsoft {
        return String::new();
    }
    let given = facts.record(p_persoon).and_then(|record| record.domain.as_ref());
    if let Some(domain) = given.filter(|domain| domain.is_of_admin()) {
        return format!(", and the domain that somebody gave, {domain}, is sent");
    }
    let home = periods
        .map(Period::site_period)
        .into_iter()
        .min_by(SitePeriod::order);
    home.and_then(|home| Some((&home.row.org_id, home.row.site.pupil_domain.as_ref()?)))
        .map_or_else(String::new, |(org_id, domain)| {
            format!(", and the domain of {org_id}, {domain}, is sent, since it begins first")
        })
}

/// Finds the first short gap that is not over on the reference date.
fn gap(facts: &Facts<'_>, p_persoon: i64, periods: &[Period<'_>]) -> Option<Finding> {
    let (before, after, days) = neighbours(periods)
        .map(|(before, after)| (before, after, (after.begin - before.end).num_days() - 1))
        .find(|(_, after, days)| {
            (1..=GAP_MAX_DAYS).contains(days) && after.begin > facts.candidates.reference_date
        })?;
    let message = format!(
        "{} is registered nowhere from {} to {} ({days} days), so leaves every group and Team and comes back: \
         let registration {} begin the day after registration {} ends",
        facts.called(p_persoon),
        before.end.checked_add_days(Days::new(1)).unwrap_or(before.end),
        after.begin.checked_sub_days(Days::new(1)).unwrap_or(after.begin),
        after.p_inschr,
        before.p_inschr,
    );
    Some(Finding::new(
        Rule::RegistrationGap,
        Kind::Users,
        facts.id(p_persoon),
        message,
    ))
}
