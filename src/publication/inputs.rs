//! Everything a roster is computed from, read in one snapshot of the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use oneroster_school::informat::Mirror;
use oneroster_school::projection::PROJECTION_VERSION;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Error;
use crate::accounts::records;
use crate::db::scope;
use crate::mirror;
use crate::tenants;

/// The versions of the inputs. None of them ever goes back from one generation to the next (I1), but the day of a redated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Committed changes of the mirror.
    pub mirror: i64,
    /// Committed changes of the configuration.
    pub configuration: i64,
    /// Committed changes of the username records.
    pub usernames: i64,
    /// The day in Brussels by the database's clock; the reference date follows from it.
    pub today: NaiveDate,
    /// Version of the projection's code.
    pub projection: i32,
}

impl Versions {
    /// Says whether one of these lies before the other's.
    pub fn goes_back_from(&self, before: &Self) -> bool {
        self.mirror < before.mirror
            || self.configuration < before.configuration
            || self.usernames < before.usernames
            || self.today < before.today
            || self.projection < before.projection
    }

    /// Keeps the day of the last publication when the day lies before it: a database whose clock was set back over
    /// midnight must not take the roster back a day.
    #[must_use]
    pub fn on_no_earlier_day(self, last: Option<&Self>) -> Self {
        Self {
            today: last.map_or(self.today, |last| last.today.max(self.today)),
            ..self
        }
    }
}

/// The inputs of a publication.
#[derive(Debug)]
pub struct Inputs {
    /// Their versions.
    pub versions: Versions,
    /// The day by the clock alone: before that of the versions while a clock that was ahead has not been caught up with.
    pub clock_day: NaiveDate,
    /// The versions of the last publication, if there was one.
    pub last: Option<Versions>,
    /// Number of the newest generation; 0 before the first.
    pub number: i64,
    /// The tenant file.
    pub configuration: Configuration,
    /// Informat's data.
    pub mirror: Mirror,
    /// Username records by person.
    pub usernames: HashMap<Uuid, Record>,
}

/// Reads the inputs of a tenant in one read-only snapshot.
///
/// When the inputs are those of the last publication the data is left out, since nothing can have changed, unless
/// `always` asks for it: then `None`.
pub async fn read(
    connection: &mut PgConnection,
    tenant_id: &str,
    always: bool,
) -> Result<Option<Inputs>, Error> {
    let mut snapshot = connection
        .begin_with("begin isolation level repeatable read, read only")
        .await?;
    scope::enter(&mut snapshot, tenant_id).await?;
    let inputs = read_within(&mut snapshot, tenant_id, always).await?;
    snapshot.commit().await?;
    Ok(inputs)
}

/// Reads the inputs as [`read`] does, in the caller's transaction: it must see one state of them.
pub(super) async fn read_within(
    connection: &mut PgConnection,
    tenant_id: &str,
    always: bool,
) -> Result<Option<Inputs>, Error> {
    let configuration = tenants::get(connection, tenant_id).await?;
    let last = last_versions(connection, tenant_id).await?;
    let by_the_clock = versions_by_the_clock(connection, tenant_id).await?;
    let versions = by_the_clock.on_no_earlier_day(last.as_ref());
    if !always && last == Some(versions) {
        return Ok(None);
    }
    let number = sqlx::query_scalar!("select number from roster.head where tenant_id = $1", tenant_id)
        .fetch_one(&mut *connection)
        .await?;
    let mirror = mirror::read::read(connection, tenant_id).await?;
    let usernames = records::read(connection, tenant_id).await?;
    Ok(Some(Inputs {
        versions,
        clock_day: by_the_clock.today,
        last,
        number,
        configuration,
        mirror,
        usernames,
    }))
}

async fn last_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<Versions>, sqlx::Error> {
    sqlx::query_as!(
        Versions,
        "select mirror_version as mirror, configuration_version as configuration,
                usernames_version as usernames, today, projection_version as projection
         from roster.evaluation where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await
}

/// Reads the versions that the inputs have now; the day is not before that of `last`.
pub(super) async fn current_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    last: Option<Versions>,
) -> Result<Versions, Error> {
    let versions = versions_by_the_clock(connection, tenant_id).await?;
    Ok(versions.on_no_earlier_day(last.as_ref()))
}

async fn versions_by_the_clock(connection: &mut PgConnection, tenant_id: &str) -> Result<Versions, Error> {
    let row = sqlx::query!(
        r#"select (clock_timestamp() at time zone 'Europe/Brussels')::date as "today!",
               coalesce(max(version) filter (where input = 'mirror'), 0) as "mirror!",
               coalesce(max(version) filter (where input = 'configuration'), 0) as "configuration!",
               coalesce(max(version) filter (where input = 'usernames'), 0) as "usernames!"
           from tenant.input_version where tenant_id = $1"#,
        tenant_id
    )
    .fetch_one(connection)
    .await?;
    let projection = i32::try_from(PROJECTION_VERSION).unwrap_or(i32::MAX);
    Ok(Versions {
        mirror: row.mirror,
        configuration: row.configuration,
        usernames: row.usernames,
        today: row.today,
        projection,
    })
}
