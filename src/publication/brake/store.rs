//! Held publications in the database: at most one per tenant. What it would publish is kept as a fingerprint only.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::judge::Reason;
use crate::publication::Error;
use crate::publication::diff::Summary;

/// A publication that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it would do (see [`super::judge::fingerprint`]); also what people call it by.
    pub fingerprint: String,
    /// Which tests it fails.
    pub reasons: Vec<Reason>,
    /// How many objects it would touch.
    pub summary: Summary,
    /// Since when publications have been held without a break.
    pub held_at: DateTime<Utc>,
    /// When it was last computed with this outcome; not before `held_at`, though the database's clock be set back.
    pub seen_at: DateTime<Utc>,
    /// Whether somebody discarded it: it stays held, and is not announced.
    pub is_discarded: bool,
}

impl Hold {
    /// Says whether this is what somebody means who names the beginning of a fingerprint, or nothing in particular.
    pub(in crate::publication) fn matches(&self, beginning: Option<&str>) -> bool {
        beginning.is_none_or(|beginning| self.fingerprint.starts_with(beginning))
    }

    /// What is kept of it when somebody decides about it.
    pub(in crate::publication) fn detail(&self) -> serde_json::Value {
        json!({ "hold": self.fingerprint, "held_at": self.held_at, "reasons": self.reasons })
    }
}

/// What a publication to be held is made of.
pub(in crate::publication) struct NewHold {
    pub(in crate::publication) fingerprint: String,
    pub(in crate::publication) reasons: Vec<Reason>,
    pub(in crate::publication) summary: Summary,
}

/// Reads the held publication of a tenant.
pub(in crate::publication) async fn read(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<Hold>, Error> {
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
pub(in crate::publication) async fn put(
    connection: &mut PgConnection,
    tenant_id: &str,
    new: NewHold,
    continues: bool,
) -> Result<Hold, Error> {
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

/// Forgets the held publication of a tenant, if there is one, in the caller's transaction: a publication goes through.
pub(in crate::publication) async fn lift(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from roster.hold where tenant_id = $1", tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}
