//! Held publications in the database: at most one per tenant. What it would publish is kept as a fingerprint only.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{Connection, PgConnection, PgPool};

use super::brake::Reason;
use super::diff::Summary;
use super::{Error, Publication, publish};
use crate::tenants::{self, Decision, Word};

/// A publication that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it would do (see [`super::brake::fingerprint`]); also what people call it by.
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
    pub(super) fn is_meant(&self, beginning: Option<&str>) -> bool {
        beginning.is_none_or(|beginning| self.fingerprint.starts_with(beginning))
    }

    /// What is kept of it when somebody decides about it.
    pub(super) fn detail(&self) -> serde_json::Value {
        json!({ "hold": self.fingerprint, "held_at": self.held_at, "reasons": self.reasons })
    }
}

/// What a publication to be held is made of.
pub(super) struct NewHold {
    pub(super) fingerprint: String,
    pub(super) reasons: Vec<Reason>,
    pub(super) summary: Summary,
}

/// Reads the held publication of a tenant.
pub(super) async fn read(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<Hold>, Error> {
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
pub(super) async fn put(
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
pub(super) async fn lift(connection: &mut PgConnection, tenant_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from roster.hold where tenant_id = $1", tenant_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Discards the held publication of a tenant and records who did: then it is [`Publication::held_before`].
///
/// With the beginning of a fingerprint only if that is what is held; otherwise it stays [`Publication::held`]. The last
/// generation stays. Exactly the same changes are not announced again; any other changes are judged anew.
pub async fn discard(
    pool: &PgPool,
    tenant_id: &str,
    by: &str,
    hold: Option<&str>,
) -> Result<Publication, Error> {
    let mut connection = publish::lock(pool, tenant_id).await?;
    let result = discard_locked(&mut connection, tenant_id, by, hold).await;
    publish::unlock(connection).await;
    result
}

async fn discard_locked(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    named: Option<&str>,
) -> Result<Publication, Error> {
    let mut transaction = connection.begin().await?;
    tenants::get(&mut transaction, tenant_id).await?;
    let pending = read(&mut transaction, tenant_id)
        .await?
        .filter(|hold| !hold.is_discarded);
    let Some(hold) = pending.as_ref().filter(|hold| hold.is_meant(named)) else {
        return publish::standing(&mut transaction, tenant_id, pending).await;
    };
    sqlx::query!(
        "update roster.hold set discarded_at = clock_timestamp(), discarded_by = $2 where tenant_id = $1",
        tenant_id,
        by
    )
    .execute(&mut *transaction)
    .await?;
    let decision = Decision {
        by: by.to_owned(),
        word: Word::Discard,
        detail: hold.detail(),
    };
    tenants::record_decision(&mut transaction, tenant_id, &decision).await?;
    let mut publication = publish::unchanged(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    publication.held_before = pending;
    Ok(publication)
}
