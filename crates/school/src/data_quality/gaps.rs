//! A few days without a class, or without an assignment: long enough to lose a Team, too short to be meant.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use oneroster_standard::Kind;

use super::facts::{Facts, GAP_MAX_DAYS, last_day};
use super::{Finding, Rule};

/// First and last day of a period.
type Period = (NaiveDate, NaiveDate);

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    between_classes(facts, findings);
    between_assignments(facts, findings);
}

/// Days that belong to no period, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    first: NaiveDate,
    last: NaiveDate,
}

impl Gap {
    fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }
}

/// Returns the gaps between periods that look like a mistake and are not over on `day`, the earliest first.
fn short_gaps(mut periods: Vec<Period>, day: NaiveDate) -> Vec<Gap> {
    periods.sort_unstable();
    let mut gaps = Vec::new();
    let mut until: Option<NaiveDate> = None;
    for (begin, end) in periods {
        let gap = until.and_then(|until| {
            Some(Gap {
                first: until.succ_opt()?,
                last: begin.pred_opt()?,
            })
        });
        let is_short = |gap: &Gap| (1..=GAP_MAX_DAYS).contains(&gap.days()) && begin > day;
        gaps.extend(gap.filter(is_short));
        until = until.max(Some(end));
    }
    gaps
}

/// Finds pupils who are registered and for some days in no class; subgroups do not count.
fn between_classes(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let year = facts.candidates.year;
    let mut registered: BTreeMap<i64, Vec<Period>> = BTreeMap::new();
    let mut registrations: HashMap<i64, (i64, Period)> = HashMap::new();
    for row in &facts.subject.source.inschrijving {
        let is_published = facts
            .rows
            .get(&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur)
            .is_some();
        if row.is_realised() && row.schooljaar == year.schooljaar && is_published {
            let period = (row.begindatum, last_day(row, year.einddatum));
            registered.entry(row.p_persoon).or_default().push(period);
            registrations.insert(row.p_inschr, (row.p_persoon, period));
        }
    }
    let mut class_periods: BTreeMap<i64, Vec<Period>> = BTreeMap::new();
    for row in &facts.subject.source.inschrklas {
        let group = facts.candidates.classes.get(&row.p_klas);
        let is_in_class = group.is_some_and(|group| group.klas.groeptype == 0);
        let Some((p_persoon, (first, last))) = registrations.get(&row.p_inschr).filter(|_| is_in_class)
        else {
            continue;
        };
        let end = row.totdatum.unwrap_or(year.einddatum);
        let (begin, end) = (row.vandatum.max(*first), end.min(*last));
        if begin <= end {
            class_periods.entry(*p_persoon).or_default().push((begin, end));
        }
    }
    for (p_persoon, periods) in class_periods {
        let registered = registered.get(&p_persoon).map(Vec::as_slice).unwrap_or_default();
        let is_registered =
            |day: NaiveDate| registered.iter().any(|(begin, end)| *begin <= day && day <= *end);
        // Who is not registered either leaves more than a class.
        let mut gaps = short_gaps(periods, facts.candidates.reference_date).into_iter();
        let Some(gap) = gaps.find(|gap| is_registered(gap.first) || is_registered(gap.last)) else {
            continue;
        };
        let message = format!(
            "{} is registered but in no class from {} to {} ({} days), so leaves the Team and comes back: let the class \
             registration after it begin the day after the one before ends, in Informat",
            facts.called(p_persoon),
            gap.first,
            gap.last,
            gap.days()
        );
        findings.push(Finding::new(
            Rule::ClassRowGap,
            Kind::Users,
            facts.id(p_persoon),
            message,
        ));
    }
}

/// Finds staff who are for some days in service of no published site, an end counting the days of grace longer.
fn between_assignments(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let grace = Days::new(u64::from(facts.subject.configuration.staff_grace_days));
    let mut in_service: BTreeMap<i64, Vec<Period>> = BTreeMap::new();
    for assignment in &facts.subject.source.opdracht {
        let begin = assignment.begindatum.unwrap_or(NaiveDate::MIN);
        let end = assignment
            .einddatum
            .and_then(|end| end.checked_add_days(grace))
            .unwrap_or(NaiveDate::MAX);
        if begin <= end && facts.rows.covered_by(assignment).next().is_some() {
            in_service
                .entry(assignment.p_persoon)
                .or_default()
                .push((begin, end));
        }
    }
    for (p_persoon, periods) in in_service {
        let mut gaps = short_gaps(periods, facts.candidates.reference_date).into_iter();
        // After the year nobody is looked at any more.
        let Some(gap) = gaps.find(|gap| gap.first <= facts.candidates.year.einddatum) else {
            continue;
        };
        let message = format!(
            "{} has no assignment from {} to {} ({} days), so leaves every group and Team and comes back: let the assignment after \
             it begin the day after the one before ends, in Informat, or set staff_grace_days in the tenant file",
            facts.called(p_persoon),
            gap.first,
            gap.last,
            gap.days()
        );
        findings.push(Finding::new(
            Rule::AssignmentGap,
            Kind::Users,
            facts.id(p_persoon),
            message,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_gap_counts_from_one_day_to_sixteen_until_it_is_over() {
        let found = |begin: &str, today: &str| {
            let periods = vec![
                (day(begin), day("2027-06-30")),
                (day("2026-09-01"), day("2026-12-20")),
                // One that lies within another ends nothing.
                (day("2026-10-01"), day("2026-10-05")),
            ];
            short_gaps(periods, day(today))
                .iter()
                .map(|gap| gap.days())
                .collect::<Vec<_>>()
        };
        for (begin, expected) in [
            ("2026-12-21", vec![]),
            ("2026-12-22", vec![1]),
            ("2027-01-06", vec![16]),
            ("2027-01-07", vec![]),
        ] {
            assert_eq!(found(begin, "2026-10-01"), expected, "{begin}");
        }
        assert_eq!(found("2027-01-04", "2027-01-03"), [14]);
        assert_eq!(found("2027-01-04", "2027-01-04"), [0_i64; 0], "it is over");
    }
}
