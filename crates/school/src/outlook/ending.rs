//! Which assignments of staff end soon.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use crate::informat::published_rows::PublishedRows;
use crate::informat::{Mirror, Opdracht, Persoon};
use crate::tenant::Configuration;
use crate::username::Record;

/// A member of staff who is at a site now and, by today's data, will soon not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingAssignment {
    /// Their id.
    pub sourced_id: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The org they leave.
    pub org: String,
    /// The last day of the last assignment there.
    pub last_day: NaiveDate,
    /// The last day on which they are published there: the grace days are over then.
    pub published_until: NaiveDate,
    /// Whether their Sync flag is on.
    pub is_released: bool,
}

/// Returns the staff whose last assignment at a published org ends within so many days from `today`, by day, org and name.
/// Assignments that follow each other count as one.
pub fn ending_assignments(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    today: NaiveDate,
    days: u32,
) -> Vec<EndingAssignment> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let mut at_org: BTreeMap<(i64, String), Vec<&Opdracht>> = BTreeMap::new();
    for assignment in &source.opdracht {
        let covered = rows.covered_by(assignment);
        let orgs: BTreeSet<&str> = covered.map(|row| row.org_id.as_str()).collect();
        for org in orgs {
            let key = (assignment.p_persoon, org.to_owned());
            at_org.entry(key).or_default().push(assignment);
        }
    }
    let people: HashMap<i64, &Persoon> = source
        .persoon
        .iter()
        .map(|person| (person.p_persoon, person))
        .collect();
    let horizon = today
        .checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX);
    let grace = Days::new(configuration.staff_grace_days.into());
    let mut ending: Vec<EndingAssignment> = at_org
        .into_iter()
        .filter_map(|((p_persoon, org), assignments)| {
            let last_day = last_day(&assignments, today).filter(|day| *day <= horizon)?;
            let person = people.get(&p_persoon)?;
            Some(EndingAssignment {
                sourced_id: person.rowguid.hyphenated().to_string(),
                given_name: person.voornaam.clone().unwrap_or_default(),
                family_name: person.naam.clone().unwrap_or_default(),
                org,
                last_day,
                published_until: last_day.checked_add_days(grace).unwrap_or(NaiveDate::MAX),
                is_released: usernames.get(&person.rowguid).is_some_and(|record| record.sync),
            })
        })
        .collect();
    ending.sort_by(|one, other| {
        let key = |ending: &EndingAssignment| {
            (
                ending.last_day,
                ending.org.clone(),
                ending.family_name.clone(),
                ending.given_name.clone(),
            )
        };
        key(one)
            .cmp(&key(other))
            .then_with(|| one.sourced_id.cmp(&other.sourced_id))
    });
    ending
}

/// Returns the last of the days in a row, from `today` on, that assignments contain; `None` if they contain none, or all.
fn last_day(assignments: &[&Opdracht], today: NaiveDate) -> Option<NaiveDate> {
    let mut last: Option<NaiveDate> = None;
    loop {
        let next = last.map_or(Some(today), |day| day.succ_opt())?;
        let following = assignments.iter().filter(|row| row.contains(next, 0));
        // An open end lies after all days.
        let ends: Vec<Option<NaiveDate>> = following.map(|row| row.einddatum).collect();
        if ends.contains(&None) {
            return None;
        }
        let Some(end) = ends.into_iter().flatten().max() else {
            return last;
        };
        last = Some(end);
    }
}
