//! How many licences of Microsoft the people who are published need: now, on the first day of the next school year, and at the most
//! between (R143).

use chrono::NaiveDate;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::{HeadCount, Heads, head_counts};
use oneroster_school::tenant::configuration::Licences;
use sqlx::PgPool;

use super::Error;
use super::inputs::{self, Inputs};

/// What is needed, and what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceNeed {
    /// What the tenant file says there is.
    pub available: Licences,
    /// The reference date of today.
    pub now: HeadCount,
    /// The first day of the next school year, with that year active; `None` as long as Informat's data do not have it.
    pub next_year: Option<HeadCount>,
    /// Every day of the active year from now on on which the number is another, and the first day of the next year.
    pub days: Vec<HeadCount>,
}

/// Counts who is published from today on. It costs a projection of today, one of the next year, and on every day between the people of
/// whom something begins or ends; nothing is stored.
pub async fn licences(pool: &PgPool, tenant_id: &str) -> Result<LicenceNeed, Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    drop(connection);
    let counting = tokio::task::spawn_blocking(move || need(&inputs));
    Ok(counting.await.map_err(|_| Error::Interrupted)??)
}

fn need(inputs: &Inputs) -> Result<LicenceNeed, UnknownSchoolYear> {
    let (configuration, mirror) = (&inputs.configuration, &inputs.mirror);
    let counts =
        |year: &str, day: NaiveDate| head_counts(mirror, &inputs.usernames, configuration, year, day);
    let active = mirror.school_year(&configuration.active_school_year)?;
    let mut days = counts(&active.schooljaar, inputs.versions.today)?;
    let later = mirror
        .schooljaar
        .iter()
        .filter(|year| year.begindatum > active.begindatum);
    let next = later.min_by_key(|year| year.begindatum);
    let next_year = match next {
        Some(next) => counts(&next.schooljaar, next.begindatum)?.into_iter().next(),
        None => None,
    };
    let now = days.first().copied().unwrap_or(HeadCount {
        day: inputs.versions.today,
        published: Heads::default(),
        to_release: Heads::default(),
    });
    days.extend(next_year);
    Ok(LicenceNeed {
        available: configuration.licences,
        now,
        next_year,
        days,
    })
}
