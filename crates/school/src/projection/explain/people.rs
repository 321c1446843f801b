//! Why people are not active: their registrations and assignments.

use super::Explainer;
use crate::informat::published_rows::agrees;
use crate::informat::{Inschrijving, Opdracht, Persoon, Schoolvest};
use crate::projection::cause::Cause;

impl Explainer<'_> {
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
        let now = registrations.iter().filter(|row| self.contains(row, day));
        let mut causes: Vec<Cause> = now
            .filter_map(|row| {
                if row.is_realised() {
                    self.site(row)
                } else {
                    Some(Cause::RegistrationNotRealised { org: org() })
                }
            })
            .collect();
        let realised = || registrations.iter().filter(|row| row.is_realised());
        let last_days = realised().map(|row| self.last_day(row));
        if let Some(last_day) = last_days.filter(|last_day| *last_day < day).max() {
            causes.push(Cause::RegistrationEnded { org: org(), last_day });
        }
        let to_come = realised().map(|row| row.begindatum).filter(|begin| *begin > day);
        match (causes.is_empty(), to_come.min()) {
            (true, Some(first_day)) => vec![Cause::RegistrationToCome {
                org: org(),
                first_day,
            }],
            (true, None) => vec![Cause::NotRegisteredAt { org: org() }],
            (false, _) => causes,
        }
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
        let ended = there.iter().filter(|row| !row.ends_on_or_after(day, grace_days));
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
