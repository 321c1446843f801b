//! What other days bring, computed from one state of the inputs and kept for a while.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;
use oneroster_school::outlook::{DayOfYear, EndingAssignment, Outlook, ending_assignments, outlook};
use sqlx::{Connection, PgPool};

use super::Error;
use super::inputs::{self, Inputs};
use crate::db::scope;
use crate::roster::{InputVersions, evaluations};

/// Within how many days an assignment ends that is told of.
pub const ENDING_DAYS: u32 = 14;

/// How many outlooks are kept, of all tenants together.
const KEPT_MAX: usize = 12;

/// How many people the kept ones may have together: some 200 MB.
const KEPT_PEOPLE_MAX: usize = 300_000;

/// A day that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedDay {
    /// The day in Brussels.
    pub day: NaiveDate,
    /// The school year that is active on it; `None`, or one that the data do not have = the one that is active now.
    pub school_year: Option<String>,
}

/// What one day brings.
#[derive(Debug)]
pub struct TenantOutlook {
    /// Today in Brussels.
    pub today: NaiveDate,
    /// The school year that is active now.
    pub active_year: String,
    /// The school year of the other day.
    pub school_year: String,
    /// The first school year after the active one, if the data have it, with its first day.
    pub next_year: Option<(String, NaiveDate)>,
    /// Who comes, goes and changes.
    pub outlook: Outlook,
    /// Assignments that end within [`ENDING_DAYS`] days.
    pub ending: Vec<EndingAssignment>,
}

/// The outlooks that are kept: the last ones that were asked for. Cheap to clone; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Outlooks {
    kept: Arc<std::sync::Mutex<VecDeque<Kept>>>,
    /// One is computed at a time: it takes the memory of a whole school group.
    computing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Kept {
    tenant_id: String,
    versions: InputVersions,
    asked: AskedDay,
    outlook: Arc<TenantOutlook>,
}

impl Outlooks {
    /// Returns what these days bring, each compared with today. A day is computed once for the same inputs, on a thread for
    /// blocking work.
    pub async fn get(
        &self,
        pool: &PgPool,
        tenant_id: &str,
        days: &[AskedDay],
    ) -> Result<Vec<Arc<TenantOutlook>>, Error> {
        let mut connection = pool.acquire().await?;
        let versions = versions(&mut connection, tenant_id).await?;
        if let Some(found) = self.find_all(tenant_id, &versions, days) {
            return Ok(found);
        }
        drop(connection);
        let _turn = self.computing.lock().await;
        let mut connection = pool.acquire().await?;
        let versions = self::versions(&mut connection, tenant_id).await?;
        if let Some(found) = self.find_all(tenant_id, &versions, days) {
            return Ok(found);
        }
        let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
            return Err(Error::Interrupted);
        };
        drop(connection);
        let versions = inputs.versions;
        let asked = days.to_vec();
        let computing = tokio::task::spawn_blocking(move || {
            let days = asked.into_iter();
            days.map(|day| Ok((compute(&inputs, &day)?, day))).collect()
        });
        let computed: Result<Vec<(TenantOutlook, AskedDay)>, Error> =
            computing.await.map_err(|_| Error::Interrupted)?;
        let computed = computed?.into_iter();
        Ok(computed
            .map(|(outlook, asked)| {
                self.keep(Kept {
                    tenant_id: tenant_id.to_owned(),
                    versions,
                    asked,
                    outlook: Arc::new(outlook),
                })
            })
            .collect())
    }

    fn find_all(
        &self,
        tenant_id: &str,
        versions: &InputVersions,
        days: &[AskedDay],
    ) -> Option<Vec<Arc<TenantOutlook>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |day: &AskedDay| {
            let mut kept = kept.iter();
            kept.find(|kept| kept.tenant_id == tenant_id && kept.versions == *versions && kept.asked == *day)
                .map(|kept| Arc::clone(&kept.outlook))
        };
        days.iter().map(find).collect()
    }

    /// Keeps an outlook; those of older inputs of its tenant go, then the oldest until there is room.
    fn keep(&self, new: Kept) -> Arc<TenantOutlook> {
        let outlook = Arc::clone(&new.outlook);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|old| {
            old.tenant_id != new.tenant_id || old.versions == new.versions && old.asked != new.asked
        });
        kept.push_back(new);
        let people = |kept: &VecDeque<Kept>| -> usize {
            let people = kept.iter().map(|kept| kept.outlook.outlook.people.len());
            people.sum()
        };
        while kept.len() > KEPT_MAX || kept.len() > 1 && people(&kept) > KEPT_PEOPLE_MAX {
            kept.pop_front();
        }
        outlook
    }
}

async fn versions(connection: &mut sqlx::PgConnection, tenant_id: &str) -> Result<InputVersions, Error> {
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    let last = evaluations::last(&mut transaction, tenant_id).await?;
    let versions = inputs::current_versions(&mut transaction, tenant_id, last).await?;
    transaction.commit().await?;
    Ok(versions)
}

fn compute(inputs: &Inputs, asked: &AskedDay) -> Result<TenantOutlook, Error> {
    let active_year = inputs.configuration.active_school_year.to_string();
    let years = &inputs.mirror.schooljaar;
    let begin = |label: &str| {
        let mut years = years.iter();
        years
            .find(|year| year.schooljaar == label)
            .map(|year| year.begindatum)
    };
    let wanted = asked.school_year.as_deref().filter(|year| begin(year).is_some());
    let school_year = wanted.unwrap_or(&active_year).to_owned();
    let active_begin = begin(&active_year);
    let next = years.iter().filter(|year| Some(year.begindatum) > active_begin);
    let next_year = next
        .min_by_key(|year| year.begindatum)
        .map(|year| (year.schooljaar.clone(), year.begindatum));
    let today = inputs.versions.today;
    let compared = outlook(
        &inputs.mirror,
        &inputs.usernames,
        &inputs.configuration,
        DayOfYear {
            day: today,
            school_year: &active_year,
        },
        DayOfYear {
            day: asked.day,
            school_year: &school_year,
        },
    )?;
    Ok(TenantOutlook {
        today,
        outlook: compared,
        ending: ending_assignments(
            &inputs.mirror,
            &inputs.usernames,
            &inputs.configuration,
            today,
            ENDING_DAYS,
        ),
        active_year,
        school_year,
        next_year,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn kept(tenant_id: &str, mirror: i64, day: u32) -> Kept {
        let today = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let asked = AskedDay {
            day: NaiveDate::from_ymd_opt(2027, 1, day).unwrap(),
            school_year: None,
        };
        Kept {
            tenant_id: tenant_id.to_owned(),
            versions: InputVersions {
                mirror,
                configuration: 1,
                usernames: 1,
                today,
                projection: 1,
            },
            outlook: Arc::new(TenantOutlook {
                today,
                active_year: String::new(),
                school_year: String::new(),
                next_year: None,
                outlook: Outlook {
                    today,
                    day: asked.day,
                    people: Vec::new(),
                    orgs: BTreeMap::default(),
                    classes: BTreeMap::default(),
                },
                ending: Vec::new(),
            }),
            asked,
        }
    }

    #[test]
    fn what_is_kept_is_bounded_and_of_one_state_of_the_inputs() {
        let outlooks = Outlooks::default();
        let has = |wanted: &Kept| {
            let asked = std::slice::from_ref(&wanted.asked);
            outlooks
                .find_all(&wanted.tenant_id, &wanted.versions, asked)
                .is_some()
        };
        outlooks.keep(kept("a", 1, 1));
        outlooks.keep(kept("a", 1, 2));
        assert!(has(&kept("a", 1, 1)) && has(&kept("a", 1, 2)));
        assert!(!has(&kept("b", 1, 1)) && !has(&kept("a", 2, 1)));
        outlooks.keep(kept("a", 2, 1));
        assert!(!has(&kept("a", 1, 2)), "of older inputs");
        for day in 1..=31 {
            outlooks.keep(kept("b", 1, day));
        }
        assert_eq!(outlooks.kept.lock().unwrap().len(), KEPT_MAX);
        assert!(has(&kept("b", 1, 31)) && !has(&kept("b", 1, 1)));
    }
}
