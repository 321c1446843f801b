//! What the database holds of history. Every statement is for one tenant, in its scope.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::projection::Cause;
use oneroster_standard::{Kind, StatusType};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::content::Members;
use super::reason::Author;
use super::{Difference, Error};
use crate::db::scope;
use crate::publication::diff::Summary;
use crate::tenants::{Word, decisions};

/// A generation as stored.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) number: i64,
    pub(super) generation_id: Uuid,
    pub(super) published_at: DateTime<Utc>,
    pub(super) committed_at: DateTime<Utc>,
    pub(super) school_year: String,
    pub(super) reference_date: NaiveDate,
    pub(super) mirror_version: i64,
    pub(super) configuration_version: i64,
    pub(super) usernames_version: i64,
    pub(super) projection_version: i32,
    pub(super) summary: Json<Summary>,
}

impl Facts {
    /// Lists what was not as at the generation before.
    pub(super) fn differences(&self, previous: &Self) -> Vec<Difference> {
        [
            (Difference::SchoolYear, self.school_year != previous.school_year),
            (
                Difference::ReferenceDate,
                self.reference_date != previous.reference_date,
            ),
            (Difference::Data, self.mirror_version != previous.mirror_version),
            (
                Difference::Configuration,
                self.configuration_version != previous.configuration_version,
            ),
            (
                Difference::Usernames,
                self.usernames_version != previous.usernames_version,
            ),
            (
                Difference::Program,
                self.projection_version != previous.projection_version,
            ),
        ]
        .into_iter()
        .filter_map(|(difference, is_there)| is_there.then_some(difference))
        .collect()
    }
}

/// A version of an object.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) kind: Kind,
    pub(super) sourced_id: String,
    pub(super) from_number: i64,
    pub(super) until_number: Option<i64>,
    pub(super) status: StatusType,
    /// Empty where only the rest was asked for.
    pub(super) content: String,
    pub(super) causes: Vec<Cause>,
}

impl Version {
    /// Reads the content.
    pub(super) fn members(&self) -> Members {
        serde_json::from_str(&self.content).unwrap_or_default()
    }
}

/// A change of a username record.
#[derive(Debug, Clone)]
pub(super) struct Audit {
    pub(super) changed_at: DateTime<Utc>,
    pub(super) changed_by: String,
    pub(super) field: String,
    pub(super) new_value: Option<String>,
}

/// What is known of a tenant's generations: those that are kept, in order.
#[derive(Debug)]
pub(super) struct Kept {
    /// First generation kept whole.
    pub(super) whole_from: i64,
    pub(super) newest: i64,
    pub(super) generations: Vec<Facts>,
    /// Who activated which school year, the oldest first.
    pub(super) activations: Vec<(String, Author)>,
}

impl Kept {
    pub(super) fn get(&self, number: i64) -> Option<&Facts> {
        let place = self
            .generations
            .binary_search_by_key(&number, |facts| facts.number)
            .ok()?;
        self.generations.get(place)
    }

    /// Returns a generation whose state is kept whole.
    pub(super) fn whole(&self, number: i64) -> Result<&Facts, Error> {
        self.get(number)
            .filter(|_| number >= self.whole_from)
            .ok_or(Error::UnknownGeneration {
                number,
                oldest: self.whole_from,
                newest: self.newest,
            })
    }
}

/// Begins a read-only snapshot in the scope of a tenant.
pub(super) async fn begin(pool: &PgPool, tenant_id: &str) -> Result<Transaction<'static, Postgres>, Error> {
    let mut transaction = pool
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    scope::enter(&mut transaction, tenant_id).await?;
    Ok(transaction)
}

/// Reads the generations of a tenant.
pub(super) async fn kept(connection: &mut PgConnection, tenant_id: &str) -> Result<Kept, Error> {
    let head = sqlx::query!(
        r#"select h.number, coalesce(k.whole_from, 1) as "whole_from!"
           from roster.head h left join roster.history k using (tenant_id)
           where h.tenant_id = $1"#,
        tenant_id
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::UnknownTenant(tenant_id.to_owned()))?;
    if head.number == 0 {
        return Err(Error::NotPublished);
    }
    let generations = sqlx::query_as!(
        Facts,
        r#"select number, generation_id, published_at, committed_at, school_year, reference_date,
                  mirror_version, configuration_version, usernames_version, projection_version,
                  summary as "summary: Json<Summary>"
           from roster.generation where tenant_id = $1 order by number"#,
        tenant_id
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(Kept {
        whole_from: head.whole_from,
        newest: head.number,
        generations,
        activations: activations(connection, tenant_id).await?,
    })
}

async fn activations(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<(String, Author)>, sqlx::Error> {
    let decided = decisions(connection, tenant_id).await?.into_iter();
    let activated = decided.filter(|decided| decided.decision == Word::ActivateYear.as_str());
    let signed = activated.filter_map(|decided| {
        let school_year = decided.detail.get("to")?.as_str()?.to_owned();
        let author = Author {
            by: decided.decided_by,
            at: decided.decided_at,
            handed_over: false,
        };
        Some((school_year, author))
    });
    Ok(signed.collect())
}

/// A row of `roster.object_version`.
struct Row {
    kind: String,
    sourced_id: String,
    from_number: i64,
    until_number: Option<i64>,
    status: String,
    content: String,
    causes: Option<Json<Vec<serde_json::Value>>>,
}

fn version(row: Row) -> Result<Version, Error> {
    let (Some(kind), Some(status)) = (
        Kind::from_collection(&row.kind),
        StatusType::from_word(&row.status),
    ) else {
        return Err(Error::Inconsistent {
            kind: row.kind,
            sourced_id: row.sourced_id,
        });
    };
    let causes = row.causes.map(|causes| causes.0).unwrap_or_default();
    Ok(Version {
        kind,
        sourced_id: row.sourced_id,
        from_number: row.from_number,
        until_number: row.until_number,
        status,
        content: row.content,
        // A cause that a newer version found is one this version knows nothing to say about.
        causes: causes
            .into_iter()
            .filter_map(|cause| serde_json::from_value(cause).ok())
            .collect(),
    })
}

/// Reads every version of these objects, by kind, id and generation. Each kind with the ids of that place.
pub(super) async fn of_objects(
    connection: &mut PgConnection,
    tenant_id: &str,
    (kinds, ids): (&[String], &[String]),
) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select v.kind, v.sourced_id, v.from_number, v.until_number, v.status, v.content,
                  v.causes as "causes: Json<Vec<serde_json::Value>>"
           from roster.object_version v
           join unnest($2::text[], $3::text[]) as asked (kind, sourced_id) using (kind, sourced_id)
           where v.tenant_id = $1
           order by v.kind, v.sourced_id, v.from_number"#,
        tenant_id,
        kinds,
        ids
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(version).collect()
}

/// Reads every version of the enrollments of a user, by id and generation.
pub(super) async fn enrollments_of(
    connection: &mut PgConnection,
    tenant_id: &str,
    user: &str,
) -> Result<Vec<Version>, Error> {
    // The id of an enrollment is the user's, a hyphen, and the class's number; a full stop is what follows a hyphen.
    let rows = sqlx::query_as!(
        Row,
        r#"select sourced_id, kind, from_number, until_number, status, content,
                  causes as "causes: Json<Vec<serde_json::Value>>"
           from roster.object_version
           where tenant_id = $1 and kind = 'enrollments' and sourced_id > $2 || '-' and sourced_id < $2 || '.'
           order by sourced_id, from_number"#,
        tenant_id,
        user
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(version).collect()
}

/// Reads what began or ended after one generation and up to another, without content and causes.
pub(super) async fn changed(
    connection: &mut PgConnection,
    tenant_id: &str,
    (from, to): (i64, i64),
) -> Result<Vec<(Version, Vec<u8>)>, Error> {
    let rows = sqlx::query!(
        "select sourced_id, kind, from_number, until_number, status, content_hash
         from roster.object_version
         where tenant_id = $1
           and (from_number > $2 and from_number <= $3 or until_number > $2 and until_number <= $3)
         order by kind, sourced_id, from_number",
        tenant_id,
        from,
        to
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let read = Row {
                kind: row.kind,
                sourced_id: row.sourced_id,
                from_number: row.from_number,
                until_number: row.until_number,
                status: row.status,
                content: String::new(),
                causes: None,
            };
            Ok((version(read)?, row.content_hash))
        })
        .collect()
}

/// Reads what these objects were last published as.
pub(super) async fn last_contents(
    connection: &mut PgConnection,
    tenant_id: &str,
    (kinds, ids): (&[String], &[String]),
) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select distinct on (v.kind, v.sourced_id)
                  v.kind, v.sourced_id, v.from_number, v.until_number, v.status, v.content,
                  null as "causes: Json<Vec<serde_json::Value>>"
           from roster.object_version v
           join unnest($2::text[], $3::text[]) as asked (kind, sourced_id) using (kind, sourced_id)
           where v.tenant_id = $1
           order by v.kind, v.sourced_id, v.from_number desc"#,
        tenant_id,
        kinds,
        ids
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(version).collect()
}

/// Reads who changed the username records of these people, by person, the oldest first.
pub(super) async fn audits(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<HashMap<String, Vec<Audit>>, Error> {
    let rows = sqlx::query!(
        "select rowguid, changed_at, changed_by, field, new_value
         from username.change where tenant_id = $1 and rowguid = any($2) order by change_id",
        tenant_id,
        people
    )
    .fetch_all(connection)
    .await?;
    let mut audits: HashMap<String, Vec<Audit>> = HashMap::new();
    for row in rows {
        audits
            .entry(row.rowguid.hyphenated().to_string())
            .or_default()
            .push(Audit {
                changed_at: row.changed_at,
                changed_by: row.changed_by,
                field: row.field,
                new_value: row.new_value,
            });
    }
    Ok(audits)
}
