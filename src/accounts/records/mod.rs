//! Username records in the database: with its submodules the only file of this module that knows SQL.

pub mod edit;
pub mod lookup;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::tenant::Domain;
use oneroster_school::username::plan::{Plan, plan};
use oneroster_school::username::{Origin, Record};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::locks;
use crate::mirror;
use crate::tenants::{Input, raise_input_version};

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
    /// The allocation itself failed.
    #[error("cannot allocate usernames")]
    Plan(#[from] UnknownSchoolYear),
}

/// What an allocation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allocated {
    /// New records.
    pub created: usize,
    /// Records of staff that got their school's domain (R38).
    pub domains_set: usize,
}

/// Makes a record for everyone who needs one and has none, in the caller's transaction (R46).
///
/// A tenant whose active school year has not been loaded yet gets none.
pub async fn allocate(connection: &mut PgConnection, tenant_id: &str) -> Result<Allocated, Error> {
    locks::usernames(connection, tenant_id).await?;
    let configuration = crate::tenants::get(connection, tenant_id).await?;
    let source = mirror::read::read(connection, tenant_id).await?;
    if source.school_year(&configuration.active_school_year).is_err() {
        return Ok(Allocated::default());
    }
    let existing = read(connection, tenant_id).await?;
    let retired: HashSet<String> = sqlx::query_scalar!(
        "select name from username.retired where tenant_id = $1",
        tenant_id
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();
    let today = today(connection).await?;
    let plan = plan(&source, &configuration, &existing, &retired, today)?;
    let allocated = Allocated {
        created: plan.create.len(),
        domains_set: plan.set_domain.len(),
    };
    store(connection, tenant_id, &plan).await?;
    if allocated != Allocated::default() {
        raise_input_version(connection, tenant_id, Input::Usernames).await?;
    }
    Ok(allocated)
}

/// Returns the day in Brussels by the database's clock.
pub async fn today(connection: &mut PgConnection) -> Result<NaiveDate, sqlx::Error> {
    sqlx::query_scalar!(r#"select (clock_timestamp() at time zone 'Europe/Brussels')::date as "today!""#)
        .fetch_one(connection)
        .await
}

/// Writes a plan with its history. The system is who did it.
async fn store(connection: &mut PgConnection, tenant_id: &str, plan: &Plan) -> Result<(), sqlx::Error> {
    let rowguids: Vec<Uuid> = plan.create.iter().map(|new| new.rowguid).collect();
    let local_parts: Vec<String> = plan.create.iter().map(|new| new.local_part.clone()).collect();
    let domains: Vec<Option<&str>> = plan.create.iter().map(|new| new.domain.as_deref()).collect();
    let syncs: Vec<bool> = plan.create.iter().map(|new| new.sync).collect();
    let reviews: Vec<bool> = plan.create.iter().map(|new| new.needs_review).collect();
    sqlx::query!(
        "with new as (
             insert into username.record (tenant_id, rowguid, local_part, domain, sync, origin, needs_review)
             select $1, n.rowguid, n.local_part, n.domain, n.sync, 'generated', n.needs_review
             from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::boolean[])
                  as n (rowguid, local_part, domain, sync, needs_review)
             returning rowguid, local_part, domain
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
         select $1, rowguid, 'system', 'created', local_part || coalesce('@' || domain, '') from new",
        tenant_id,
        &rowguids,
        &local_parts,
        &domains as &[Option<&str>],
        &syncs,
        &reviews
    )
    .execute(&mut *connection)
    .await?;
    let set_domain = plan.set_domain.iter();
    let (people, new_domains): (Vec<Uuid>, Vec<String>) = set_domain
        .map(|(rowguid, domain)| (*rowguid, domain.to_string()))
        .unzip();
    sqlx::query!(
        "with changed as (
             update username.record r set domain = n.domain
             from unnest($2::uuid[], $3::text[]) as n (rowguid, domain)
             where r.tenant_id = $1 and r.rowguid = n.rowguid and r.domain is null
             returning r.rowguid, r.domain
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
         select $1, rowguid, 'system', 'domain', domain from changed",
        tenant_id,
        &people,
        &new_domains
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads every record of a tenant, by person.
pub async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<HashMap<Uuid, Record>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select rowguid, local_part, domain, sync, origin, needs_review, created_at
         from username.record where tenant_id = $1",
        tenant_id
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
        "select rowguid, local_part, domain, sync, origin, needs_review, created_at
         from username.record where tenant_id = $1 and rowguid = $2",
        tenant_id,
        rowguid
    )
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_record).transpose()
}

/// A record as the database has it.
struct Row {
    rowguid: Uuid,
    local_part: String,
    domain: Option<String>,
    sync: bool,
    origin: String,
    needs_review: bool,
    created_at: DateTime<Utc>,
}

impl Row {
    fn into_record(self) -> Result<Record, Error> {
        let inconsistent = |column, text: &str| Error::Inconsistent {
            rowguid: self.rowguid,
            problem: format!("{column} = {text:?} is not what this build writes"),
        };
        let origin = Origin::from_word(&self.origin).ok_or_else(|| inconsistent("origin", &self.origin))?;
        let domain = self
            .domain
            .as_deref()
            .map(|text| text.parse::<Domain>().map_err(|_| inconsistent("domain", text)));
        Ok(Record {
            rowguid: self.rowguid,
            local_part: self.local_part,
            domain: domain.transpose()?,
            sync: self.sync,
            origin,
            needs_review: self.needs_review,
            created_at: self.created_at,
        })
    }
}
