//! `roster.hold`: the held publication of each tenant, at most one. What it would publish is kept as a fingerprint only.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use super::{Reason, Summary};

/// A publication that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it would do in hexadecimal; also what people call it by.
    pub fingerprint: String,
    /// Which tests it fails.
    pub reasons: Vec<Reason>,
    /// How many objects it would touch.
    pub summary: Summary,
    /// Since when publications have been held without a break.
    pub held_at: DateTime<Utc>,
    /// When it was last computed with this outcome; not before `held_at`, though the database's clock be set back.
    pub seen_at: DateTime<Utc>,
    /// Whether it was discarded: it stays held, and is not announced.
    pub is_discarded: bool,
}

impl Hold {
    /// Returns `true` if its fingerprint begins so; `None` matches any.
    pub fn matches(&self, beginning: Option<&str>) -> bool {
        beginning.is_none_or(|beginning| self.fingerprint.starts_with(beginning))
    }

    /// Returns what is recorded of it with a decision about it.
    pub fn detail(&self) -> serde_json::Value {
        json!({ "hold": self.fingerprint, "held_at": self.held_at, "reasons": self.reasons })
    }
}

/// A publication to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// What it would do, in hexadecimal.
    pub fingerprint: String,
    /// Which tests it fails.
    pub reasons: Vec<Reason>,
    /// How many objects it would touch.
    pub summary: Summary,
}

/// Returns the held publication of a tenant.
pub async fn find(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Hold>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select fingerprint, reasons as "reasons: Json<Vec<Reason>>", summary as "summary: Json<Summary>",
                  held_at, seen_at, discarded_at is not null as "is_discarded!"
           from roster.hold where tenant_id = $1"#,
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Hold {
        fingerprint: row.fingerprint,
        reasons: row.reasons.0,
        summary: row.summary.0,
        held_at: row.held_at,
        seen_at: row.seen_at,
        is_discarded: row.is_discarded,
    }))
}

/// Holds a publication, in the caller's transaction. `continues` keeps since when, and that it was discarded.
pub async fn put(
    connection: &mut PgConnection,
    tenant_id: &str,
    new: NewHold,
    continues: bool,
) -> Result<Hold, sqlx::Error> {
    let NewHold {
        fingerprint,
        reasons,
        summary,
    } = new;
    let row = sqlx::query!(
        r#"insert into roster.hold as h (tenant_id, fingerprint, reasons, summary, held_at, seen_at)
           values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())
           on conflict (tenant_id) do update set
               fingerprint = excluded.fingerprint,
               reasons = excluded.reasons,
               summary = excluded.summary,
               held_at = case when $5 then h.held_at else excluded.held_at end,
               seen_at = greatest(excluded.seen_at, case when $5 then h.held_at end),
               discarded_at = case when $5 then h.discarded_at end,
               discarded_by = case when $5 then h.discarded_by end
           returning held_at, seen_at, discarded_at is not null as "is_discarded!""#,
        tenant_id,
        fingerprint,
        Json(&reasons) as _,
        Json(&summary) as _,
        continues
    )
    .fetch_one(connection)
    .await?;
    Ok(Hold {
        fingerprint,
        reasons,
        summary,
        held_at: row.held_at,
        seen_at: row.seen_at,
        is_discarded: row.is_discarded,
    })
}

/// Deletes the held publication of a tenant, if there is one, in the transaction of a publication that passes.
pub async fn lift(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from roster.hold where tenant_id = $1", tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks the held publication of a tenant as discarded, in the caller's transaction.
pub async fn discard(connection: &mut PgConnection, tenant_id: &str, by: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update roster.hold set discarded_at = clock_timestamp(), discarded_by = $2 where tenant_id = $1",
        tenant_id,
        by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A tenant whose publications are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTenant {
    /// The tenant.
    pub tenant_id: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Returns every tenant with a held publication that was not discarded, by id.
pub async fn tenants(pool: &PgPool) -> Result<Vec<HeldTenant>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id, held_at, reasons as "reasons: Json<Vec<Reason>>" from roster.hold
           where discarded_at is null order by tenant_id"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| HeldTenant {
            tenant_id: row.tenant_id,
            since: row.held_at,
            reasons: row.reasons.0,
        })
        .collect())
}
