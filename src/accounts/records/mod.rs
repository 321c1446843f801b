//! Username records in the database: with its submodules the only file of this module that knows SQL.

pub mod absence;
mod allocation;
pub mod edit;
mod entries;
pub mod erased;
pub mod lookup;
pub(super) mod operations;
mod row;
pub mod settled;
pub mod swaps;
pub mod takeover;
pub mod unserved;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::informat::Mirror;
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::username::{Identity, Record};
use sqlx::PgConnection;
use uuid::Uuid;

pub use allocation::{Allocated, allocate, identify};
use row::Row;

/// Usernames could not be read or allocated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored record is not what this build writes.
    #[error("username.record of person {rowguid}: {problem}")]
    Inconsistent {
        /// The person.
        rowguid: Uuid,
        /// What is wrong.
        problem: String,
    },
    /// The tenant's configuration cannot be read.
    #[error("cannot read the tenant")]
    Tenant(#[from] crate::tenants::Error),
    /// Names of people who were erased cannot be told.
    #[error(transparent)]
    ErasedNames(#[from] erased::NameKeyError),
    /// The allocation itself failed.
    #[error("cannot allocate usernames")]
    Plan(#[from] UnknownSchoolYear),
}

/// Returns the moment by the database's clock.
pub async fn now(connection: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
    sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(connection)
        .await
}

/// Returns the day in Brussels by the database's clock.
pub async fn today(connection: &mut PgConnection) -> Result<NaiveDate, sqlx::Error> {
    sqlx::query_scalar!(r#"select (clock_timestamp() at time zone 'Europe/Brussels')::date as "today!""#)
        .fetch_one(connection)
        .await
}

/// Returns who a person in the mirror is.
pub fn identity(source: &Mirror, rowguid: Uuid) -> Option<Identity> {
    let mut people = source.persoon.iter();
    people.find(|person| person.rowguid == rowguid).map(Identity::of)
}

/// Reads every record of a tenant, by person.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<HashMap<Uuid, Record>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select rowguid, local_part, domain, domain_origin, sync, origin, needs_review, waits_for, answered, resembles,
                handed_to, p_persoon, given_name, family_name, birth_date, created_at, taken_over_at
         from username.record where tenant_id = $1",
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.rowguid, row.into_record()?)))
        .collect()
}

/// Counts the records of a tenant.
pub async fn count(connection: &mut PgConnection, tenant_id: &str) -> Result<usize, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from username.record where tenant_id = $1"#,
        tenant_id
    )
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Counts the records of people in the mirror whose username waits for somebody to look at it.
pub async fn count_waiting(connection: &mut PgConnection, tenant_id: &str) -> Result<usize, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from username.record r
           where r.tenant_id = $1 and (r.needs_review or r.waits_for <> '{}') and exists (
               select from informat.persoon p where p.tenant_id = r.tenant_id and p.rowguid = r.rowguid)"#,
        tenant_id
    )
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Reads the records of a few people, by person.
pub async fn read_some(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<HashMap<Uuid, Record>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select rowguid, local_part, domain, domain_origin, sync, origin, needs_review, waits_for, answered, resembles,
                handed_to, p_persoon, given_name, family_name, birth_date, created_at, taken_over_at
         from username.record where tenant_id = $1 and rowguid = any($2)",
        tenant_id,
        people
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.rowguid, row.into_record()?)))
        .collect()
}

/// Reads the record of one person.
pub async fn read_one(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguid: Uuid,
) -> Result<Option<Record>, Error> {
    let row = sqlx::query_as!(
        Row,
        "select rowguid, local_part, domain, domain_origin, sync, origin, needs_review, waits_for, answered, resembles,
                handed_to, p_persoon, given_name, family_name, birth_date, created_at, taken_over_at
         from username.record where tenant_id = $1 and rowguid = $2",
        tenant_id,
        rowguid
    )
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_record).transpose()
}
