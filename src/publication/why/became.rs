//! What became of somebody or something: served, read, held, released by whom.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::projection::why::Answer;
use oneroster_standard::{Kind, StatusType};
use sqlx::PgConnection;

use super::subject::Found;
use crate::accounts::records::lookup::{self, Change};
use crate::mirror::memory;
use crate::publication::Error;
use crate::roster::{Hold, ObjectKeys, Version, generations, holds, retention, versions};
use crate::synclog;

/// How old a complete pull may be whose reading is told, in days.
const READ_DAYS_MAX: i32 = 30;

/// What became of somebody or something.
#[derive(Debug, Default)]
pub struct Became {
    /// What was served at the end of that day, or is served now; `None` = that is not known, or to come.
    pub served: Option<Served>,
    /// The publication that is held now, if it would have them and the day is not past.
    pub held: Option<Hold>,
    /// The last change of the Sync flag.
    pub flag: Option<Change>,
    /// When a bundle was last loaded.
    pub loaded_at: Option<DateTime<Utc>>,
    /// Whether the newest generation that a complete pull has read within 30 days had them; `None` where there is no such pull.
    pub read: Option<Read>,
}

/// What consumers could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// The generation.
    pub number: i64,
    /// When it was published, by the database's clock.
    pub committed_at: DateTime<Utc>,
    /// Whether it had them.
    pub is_there: bool,
}

/// What a complete pull has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The generation.
    pub number: i64,
    /// Whether it had them.
    pub is_there: bool,
}

/// Reads what became of it: served, read, held, released by whom. Must be called in the scope of the tenant.
pub async fn became(
    connection: &mut PgConnection,
    tenant_id: &str,
    found: &Found,
    (on, today): (NaiveDate, NaiveDate),
    answer: &Answer,
) -> Result<Became, Error> {
    let versions = Versions::read(connection, tenant_id, (found.kind, &found.sourced_id)).await?;
    let mut became = Became::default();
    if on <= today {
        let newest = generations::newest_on(connection, tenant_id, on).await?;
        became.served = newest.and_then(|(number, committed_at)| {
            let is_there = versions.has(number)?;
            Some(Served {
                number,
                committed_at,
                is_there,
            })
        });
    }
    let read = synclog::last_complete_pull(connection, tenant_id, i64::MAX, READ_DAYS_MAX).await?;
    became.read = read.and_then(|number| {
        let is_there = versions.has(number)?;
        Some(Read { number, is_there })
    });
    let load = memory::last_load(connection, tenant_id).await?;
    became.loaded_at = load.map(|load| load.at);
    if on == today && answer.is_published() {
        became.held = holds::find(connection, tenant_id)
            .await?
            .filter(|_| became.served.is_none_or(|served| !served.is_there));
    }
    if let Some(person) = found.subject.person() {
        let changes = lookup::history(connection, tenant_id, person).await?;
        became.flag = changes.into_iter().rfind(|change| change.field == "sync");
    }
    Ok(became)
}

/// The versions of an object, as far as they are kept.
struct Versions {
    versions: Vec<Version>,
    /// The first generation that is kept whole.
    whole_from: i64,
}

impl Versions {
    async fn read(
        connection: &mut PgConnection,
        tenant_id: &str,
        (kind, id): (Kind, &str),
    ) -> Result<Self, Error> {
        let whole_from = retention::whole_from(connection, tenant_id).await?;
        let keys: ObjectKeys = [(kind, id)].into_iter().collect();
        let versions = versions::of_objects(connection, tenant_id, &keys).await?;
        Ok(Self { versions, whole_from })
    }

    /// Returns whether a generation has the object; `None` where that is no longer kept.
    fn has(&self, number: i64) -> Option<bool> {
        let then = self
            .versions
            .iter()
            .rfind(|version| version.from_number <= number);
        let is_active = then.is_some_and(|version| version.status == StatusType::Active);
        (number >= self.whole_from).then_some(is_active)
    }
}
