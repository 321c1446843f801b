//! `roster.generation`: each published state of a tenant's roster.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::Kind;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Error, InputVersions, Summary};

/// A generation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Counts up from 1 within the tenant.
    pub number: i64,
    /// Its id.
    pub generation_id: Uuid,
    /// Its date: the `dateLastModified` of everything that changed in it.
    pub published_at: DateTime<Utc>,
    /// The database's clock when it was dated.
    pub committed_at: DateTime<Utc>,
    /// The active school year.
    pub school_year: String,
    /// The day it is the state of.
    pub reference_date: NaiveDate,
    /// The inputs it was computed from.
    pub versions: InputVersions,
    /// What the school group is called; `None` where a build that did not know it published.
    pub group_name: Option<String>,
    /// How many objects it touched.
    pub summary: Summary,
}

/// The number and the date of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerationDate {
    /// Its number.
    pub number: i64,
    /// Its date.
    pub published_at: DateTime<Utc>,
}

/// Reads every generation of a tenant that is kept, the oldest first.
pub async fn list(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Generation>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select number, generation_id, published_at, committed_at, school_year, reference_date,
                  today, mirror_version, configuration_version, usernames_version, projection_version, group_name,
                  summary as "summary: Json<Summary>"
           from roster.generation where tenant_id = $1 order by number"#,
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Generation {
            number: row.number,
            generation_id: row.generation_id,
            published_at: row.published_at,
            committed_at: row.committed_at,
            school_year: row.school_year,
            reference_date: row.reference_date,
            versions: InputVersions {
                mirror: row.mirror_version,
                configuration: row.configuration_version,
                usernames: row.usernames_version,
                today: row.today,
                projection: row.projection_version,
            },
            group_name: row.group_name,
            summary: row.summary.0,
        })
        .collect())
}

/// Returns the number of the newest generation, its date, and when it was committed by the database's clock.
pub async fn newest(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<(GenerationDate, DateTime<Utc>)>, sqlx::Error> {
    let newest = sqlx::query!(
        "select number, published_at, committed_at from roster.generation
         where tenant_id = $1 order by number desc limit 1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(newest.map(|row| {
        let date = GenerationDate {
            number: row.number,
            published_at: row.published_at,
        };
        (date, row.committed_at)
    }))
}

/// Returns the number and the date of a generation.
pub async fn find(
    connection: &mut PgConnection,
    tenant_id: &str,
    generation_id: Uuid,
) -> Result<Option<GenerationDate>, sqlx::Error> {
    sqlx::query_as!(
        GenerationDate,
        "select number, published_at from roster.generation where tenant_id = $1 and generation_id = $2",
        tenant_id,
        generation_id
    )
    .fetch_optional(connection)
    .await
}

/// Returns the number of the newest generation at the end of a day in Brussels, and when it was published by the database's clock.
pub async fn newest_on(
    connection: &mut PgConnection,
    tenant_id: &str,
    day: NaiveDate,
) -> Result<Option<(i64, DateTime<Utc>)>, sqlx::Error> {
    let newest = sqlx::query!(
        "select number, committed_at from roster.generation
         where tenant_id = $1 and (committed_at at time zone 'Europe/Brussels')::date <= $2
         order by number desc limit 1",
        tenant_id,
        day
    )
    .fetch_optional(connection)
    .await?;
    Ok(newest.map(|newest| (newest.number, newest.committed_at)))
}

/// Returns the reference date of a generation.
pub async fn reference_date(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<Option<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(
        "select reference_date from roster.generation where tenant_id = $1 and number = $2",
        tenant_id,
        number
    )
    .fetch_optional(connection)
    .await
}

/// A generation that a publication is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComparedGeneration {
    /// Its number.
    pub number: i64,
    /// Its id.
    pub generation_id: Uuid,
    /// Its date.
    pub published_at: DateTime<Utc>,
    /// The version of the mirror it was computed from.
    pub mirror_version: i64,
}

/// Returns a generation, if it and all after it are of one school year: what lies before the activation of a year is another
/// roster.
pub async fn within_school_year(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    school_year: &str,
) -> Result<Option<ComparedGeneration>, sqlx::Error> {
    sqlx::query_as!(
        ComparedGeneration,
        "select number, generation_id, published_at, mirror_version from roster.generation
         where tenant_id = $1 and number = $2 and not exists (
             select from roster.generation g where g.tenant_id = $1 and g.number >= $2 and g.school_year <> $3
         )",
        tenant_id,
        number,
        school_year
    )
    .fetch_optional(connection)
    .await
}

/// Returns a generation by its number.
pub async fn get(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<ComparedGeneration, sqlx::Error> {
    sqlx::query_as!(
        ComparedGeneration,
        "select number, generation_id, published_at, mirror_version from roster.generation
         where tenant_id = $1 and number = $2",
        tenant_id,
        number
    )
    .fetch_one(connection)
    .await
}

/// Returns how many objects the generations after a number touched, each counted in each of them.
pub async fn summaries_after(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<Vec<Summary>, sqlx::Error> {
    let summaries = sqlx::query_scalar!(
        r#"select summary as "summary: Json<Summary>" from roster.generation
           where tenant_id = $1 and number > $2 order by number"#,
        tenant_id,
        number
    )
    .fetch_all(connection)
    .await?;
    Ok(summaries.into_iter().map(|summary| summary.0).collect())
}

/// Returns the number of the newest generation that somebody released, at most so many days ago.
pub async fn last_released(
    connection: &mut PgConnection,
    tenant_id: &str,
    age_days_max: i32,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select max(number) from roster.generation
         where tenant_id = $1 and is_released and committed_at > clock_timestamp() - make_interval(days => $2)",
        tenant_id,
        age_days_max
    )
    .fetch_one(connection)
    .await
}

/// Notes that somebody released a generation, in the transaction that makes it.
pub async fn mark_released(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.generation set is_released = true where tenant_id = $1 and number = $2",
        tenant_id,
        number
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the newest of these generations that lies before a number and was dated at most `age_days_max` ago, with its
/// number in the database as it is now: after a failover a number may stand for another generation, an id does not.
pub async fn newest_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    generation_ids: &[Uuid],
    before_number: i64,
    age_days_max: i32,
) -> Result<Option<(Uuid, i64)>, sqlx::Error> {
    let found = sqlx::query!(
        "select generation_id, number from roster.generation
         where tenant_id = $1 and generation_id = any($2) and number < $3
           and committed_at > clock_timestamp() - make_interval(days => $4)
         order by number desc limit 1",
        tenant_id,
        generation_ids,
        before_number,
        age_days_max
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|found| (found.generation_id, found.number)))
}

/// Returns what the school group is called in a generation, and when it last changed as an org above its schools; `None` where a build
/// that did not know its name published.
///
/// Where a build published that did not know when it changed, it is the date of the first of the generations before it that are kept
/// and call it the same without a break: an org may have changed later.
pub async fn school_group(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<Option<(String, DateTime<Utc>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select g.group_name,
                  coalesce(g.district_changed_at,
                  (select min(same.published_at) from roster.generation same
                    where same.tenant_id = $1 and same.number <= $2
                      and same.number > coalesce(
                          (select max(other.number) from roster.generation other
                            where other.tenant_id = $1 and other.number < $2
                              and other.group_name is distinct from g.group_name), 0))) as "changed_at!"
           from roster.generation g where g.tenant_id = $1 and g.number = $2"#,
        tenant_id,
        number
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| Some((row.group_name?, row.changed_at))))
}

/// Returns the date of each generation up to a number.
pub async fn dates(
    connection: &mut PgConnection,
    tenant_id: &str,
    up_to_number: i64,
) -> Result<Vec<GenerationDate>, sqlx::Error> {
    sqlx::query_as!(
        GenerationDate,
        "select number, published_at from roster.generation where tenant_id = $1 and number <= $2",
        tenant_id,
        up_to_number
    )
    .fetch_all(connection)
    .await
}

/// Makes a generation the newest of its tenant, in the transaction that wrote its versions.
///
/// Its number must be the one after the newest, otherwise the publication lock was lost. The head row must be locked
/// ([`super::head::lock`]), since the date depends on it.
pub async fn insert(
    connection: &mut PgConnection,
    tenant_id: &str,
    generation: &Generation,
) -> Result<(), Error> {
    let updated = sqlx::query!(
        "update roster.head set generation_id = $2, number = $3, published_at = $4, awaits_publication = false
         where tenant_id = $1 and number + 1 = $3",
        tenant_id,
        generation.generation_id,
        generation.number,
        generation.published_at
    )
    .execute(&mut *connection)
    .await?;
    if updated.rows_affected() != 1 {
        return Err(Error::LockLost);
    }
    let versions = &generation.versions;
    sqlx::query!(
        "insert into roster.generation (
             tenant_id, number, generation_id, published_at, committed_at, school_year, reference_date,
             today, mirror_version, configuration_version, usernames_version, projection_version, summary, group_name,
             district_changed_at
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce(
             (select before.district_changed_at from roster.generation before
              where before.tenant_id = $1 and before.number = $2::bigint - 1 and before.group_name = $14 and not $15), $4))",
        tenant_id,
        generation.number,
        generation.generation_id,
        generation.published_at,
        generation.committed_at,
        generation.school_year,
        generation.reference_date,
        versions.today,
        versions.mirror,
        versions.configuration,
        versions.usernames,
        versions.projection,
        Json(&generation.summary) as _,
        generation.group_name,
        generation.summary.changes(Kind::Orgs)
    )
    .execute(connection)
    .await?;
    Ok(())
}
