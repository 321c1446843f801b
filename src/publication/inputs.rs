//! Everything a roster is computed from, read in one snapshot of the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use oneroster_school::informat::Mirror;
use oneroster_school::projection::PROJECTION_VERSION;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::Error;
use crate::accounts::records;
use crate::auth;
use crate::db::scope;
use crate::mirror;
use crate::roster::{InputVersions, evaluations, head};
use crate::tenants;

/// The inputs of a publication.
#[derive(Debug)]
pub struct Inputs {
    /// Their versions.
    pub versions: InputVersions,
    /// The day by the clock alone: before that of the versions while a clock that was ahead has not been caught up with.
    pub clock_day: NaiveDate,
    /// The versions of the last publication, if there was one.
    pub last: Option<InputVersions>,
    /// Number of the newest generation; 0 before the first.
    pub number: i64,
    /// The tenant file.
    pub configuration: Configuration,
    /// Informat's data.
    pub mirror: Mirror,
    /// Username records by person.
    pub usernames: HashMap<Uuid, Record>,
    /// Whether a client is told the addresses of users: then another address is a change.
    pub tells_addresses: bool,
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
    let last = evaluations::last(connection, tenant_id).await?;
    let by_the_clock = versions_by_the_clock(connection, tenant_id).await?;
    let versions = by_the_clock.on_no_earlier_day(last.as_ref());
    if !always && last == Some(versions) {
        return Ok(None);
    }
    let number = head::get(connection, tenant_id).await?.number;
    let mirror = mirror::read::read(connection, tenant_id).await?;
    let usernames = records::read(connection, tenant_id).await?;
    let tells_addresses = auth::client::asks_for_addresses(connection, tenant_id).await?;
    Ok(Some(Inputs {
        versions,
        clock_day: by_the_clock.today,
        last,
        number,
        configuration,
        mirror,
        usernames,
        tells_addresses,
    }))
}

/// Reads the versions that the inputs have now; the day is not before that of `last`.
pub(super) async fn current_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    last: Option<InputVersions>,
) -> Result<InputVersions, Error> {
    let versions = versions_by_the_clock(connection, tenant_id).await?;
    Ok(versions.on_no_earlier_day(last.as_ref()))
}

/// Reads the versions that [`read`] would read the inputs at.
pub(super) async fn versions_of(pool: &PgPool, tenant_id: &str) -> Result<InputVersions, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let last = evaluations::last(&mut transaction, tenant_id).await?;
    let versions = current_versions(&mut transaction, tenant_id, last).await?;
    transaction.commit().await?;
    Ok(versions)
}

async fn versions_by_the_clock(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<InputVersions, Error> {
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
    Ok(InputVersions {
        mirror: row.mirror,
        configuration: row.configuration,
        usernames: row.usernames,
        today: row.today,
        projection,
    })
}
