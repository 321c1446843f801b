//! Why people are not active: their registrations and assignments.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::Explainer;
use crate::informat::published_rows::agrees;
use crate::informat::{Inschrijving, Opdracht, Persoon, Schoolvest};
use crate::projection::cause::Cause;
use crate::tenant::configuration::FuturePupils;

/// How old an export may be when it is loaded, in days: a row changed longer ago than that was known before.
const EXPORT_AGE_MAX: Days = Days::new(7);

/// How late an end is entered, in days, where Informat does not say when the row was changed.
const ENTERED_LATE_MAX: Days = Days::new(31);

impl Explainer<'_> {
    /// Returns `true` if a period that is over may be what published somebody before: it contained the day before, or its
    /// end was entered since. One that was over for long is not why they went now: something else of theirs was deleted.
    fn may_have_counted(&self, last_day: NaiveDate, changed: Option<DateTime<Utc>>) -> bool {
        let Some(last_seen) = self.last_seen else {
            return true;
        };
        let within = |day: NaiveDate, days| day.checked_add_days(days).is_none_or(|day| last_seen <= day);
        last_seen <= last_day
            || changed.map_or_else(
                || within(last_day, ENTERED_LATE_MAX),
                |changed| within(changed.date_naive(), EXPORT_AGE_MAX),
            )
    }

    /// Why a pupil who was active at these orgs no longer is.
    pub(super) fn pupil(&self, person: &Persoon, orgs: &[&str]) -> Vec<Cause> {
        let day = self.context.reference_date;
        let registrations = self.registrations_of(person);
        if registrations.is_empty() {
            return vec![Cause::NoRegistration {
                school_year: self.context.year.schooljaar.clone(),
            }];
        }
        let mut causes = Vec::new();
        for &org in orgs {
            let of_org = registrations.iter().filter(|row| self.org_of(row) == org);
            let of_org: Vec<&Inschrijving> = of_org.copied().collect();
            causes.extend(self.registrations_at(org, &of_org));
        }
        // Where they are now, if that is a site that is not published.
        let elsewhere = registrations
            .iter()
            .filter(|row| row.is_realised() && self.contains(row, day));
        causes.extend(elsewhere.filter_map(|row| self.site(row)));
        causes
    }

    /// Why registrations at one site do not count.
    pub(super) fn registrations_at(&self, org: &str, registrations: &[&Inschrijving]) -> Vec<Cause> {
        let day = self.context.reference_date;
        let org = || org.to_owned();
        let (realised, refused): (Vec<&Inschrijving>, Vec<&Inschrijving>) =
            registrations.iter().copied().partition(|row| row.is_realised());
        let now = realised.iter().filter(|row| self.contains(row, day));
        let mut causes: Vec<Cause> = now.filter_map(|row| self.site(row)).collect();
        if refused.iter().any(|row| self.would_count(row)) {
            causes.push(Cause::RegistrationNotRealised { org: org() });
        }
        let ended = realised.iter().filter(|row| {
            let last_day = self.last_day(row);
            last_day < day && self.may_have_counted(last_day, row.changed)
        });
        if let Some(last_day) = ended.map(|row| self.last_day(row)).max() {
            causes.push(Cause::RegistrationEnded { org: org(), last_day });
        }
        let to_come = realised
            .iter()
            .map(|row| row.begindatum)
            .filter(|begin| *begin > day);
        match (causes.is_empty(), to_come.min()) {
            (true, Some(first_day)) => vec![Cause::RegistrationToCome {
                org: org(),
                first_day,
            }],
            (true, None) => vec![Cause::NotRegisteredAt { org: org() }],
            (false, _) => causes,
        }
    }

    /// Returns `true` if a registration that is not realised would publish somebody if it were: now, or as a future pupil.
    fn would_count(&self, registration: &Inschrijving) -> bool {
        let day = self.context.reference_date;
        let begin = registration.begindatum;
        let includes_future = self.context.configuration.future_pupils == FuturePupils::Include;
        self.contains(registration, day)
            || includes_future && begin > day && self.contains(registration, begin)
    }

    /// Why a member of staff who was active at these orgs no longer is.
    pub(super) fn staff(&self, person: &Persoon, orgs: &[&str]) -> Vec<Cause> {
        let day = self.context.reference_date;
        let grace_days = self.context.configuration.staff_grace_days;
        let sites = |assignment: &Opdracht| {
            let rows = self.context.source.schoolvest.iter();
            rows.filter(|row| agrees(row, assignment) && orgs.contains(&self.org_of_row(row).as_str()))
                .collect::<Vec<&Schoolvest>>()
        };
        let assignments = self.assignments_of(person).iter();
        let there: Vec<&Opdracht> = assignments
            .filter(|assignment| !sites(assignment).is_empty())
            .copied()
            .collect();
        let now = there.iter().filter(|row| row.contains(day, grace_days));
        let closed: Vec<Cause> = now
            .flat_map(|assignment| sites(assignment))
            .filter_map(|row| self.absence(row))
            .collect();
        if !closed.is_empty() {
            return closed;
        }
        let ended = there.iter().filter(|row| {
            let last_day = row.einddatum.map(|end| last_counted(end, grace_days));
            !row.ends_on_or_after(day, grace_days)
                && last_day.is_some_and(|last_day| self.may_have_counted(last_day, row.changed))
        });
        let to_come = there.iter().filter_map(|row| row.begindatum);
        let last_day = ended.filter_map(|row| row.einddatum).max();
        let first_day = to_come.filter(|begin| *begin > day).min();
        vec![match (last_day, first_day) {
            (Some(last_day), _) => Cause::AssignmentEnded { last_day, grace_days },
            (None, Some(first_day)) => Cause::AssignmentToCome { first_day },
            (None, None) => Cause::NoAssignment,
        }]
    }
}

/// The last day on which an assignment that ends counts.
fn last_counted(end: NaiveDate, grace_days: u32) -> NaiveDate {
    end.checked_add_days(Days::new(u64::from(grace_days)))
        .unwrap_or(NaiveDate::MAX)
}
