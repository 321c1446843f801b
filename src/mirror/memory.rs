//! What is remembered of past loads: guards that were accepted, keys that came with another id, when bundles came, what was refused.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster_school::door::{Guard, IdChange, IdVerdict};
use sqlx::PgConnection;

use super::silence;

/// Returns the guards that were accepted for loads that changed the mirror after it had version `mirror_version`.
///
/// A publication asks this with the version of the generation that it compares with: what was accepted for what came since
/// is not asked again.
pub async fn accepted_since(
    connection: &mut PgConnection,
    tenant_id: &str,
    mirror_version: i64,
) -> Result<BTreeSet<Guard>, sqlx::Error> {
    let names = sqlx::query_scalar!(
        r#"select distinct unnest(aanvaard) as "guard!" from informat.lading
           where tenant_id = $1 and gewijzigd and spiegelversie > $2"#,
        tenant_id,
        mirror_version
    )
    .fetch_all(connection)
    .await?;
    // A guard that this build does not know is one that it does not ask about either.
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Returns every key that ever came with an id nobody had before, the oldest load first.
///
/// One may be past: a later load may have brought the key back to its old id, or to a third one, or have deleted it. Whoever
/// asks compares with the mirror as it is.
pub async fn id_changes(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Vec<IdChange>, sqlx::Error> {
    let rows = sqlx::query!(
        "select sleutel, oude_id, nieuwe_id, oordeel from informat.idwissel
         where tenant_id = $1 order by p_lading, tabel, sleutel",
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    let changes = rows.into_iter().filter_map(|row| {
        // The constraint of the column lets in no other.
        let verdict = IdVerdict::ALL
            .into_iter()
            .find(|verdict| verdict.id() == row.oordeel)?;
        Some(IdChange {
            key: row.sleutel,
            before: row.oude_id,
            after: row.nieuwe_id,
            verdict,
        })
    });
    Ok(changes.collect())
}

/// A bundle that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastLoad {
    /// When.
    pub at: DateTime<Utc>,
    /// Who brought it; empty where nobody noted it.
    pub by: String,
}

/// A bundle that the door refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: DateTime<Utc>,
    /// Who brought it.
    pub by: String,
    /// How many faults it had.
    pub faults: u64,
    /// The guards that nobody had accepted, by their names.
    pub guards: Vec<String>,
}

/// Returns the last bundle that was loaded; `None` before the first.
pub async fn last_load(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<LastLoad>, sqlx::Error> {
    sqlx::query_as!(
        LastLoad,
        r#"select geladen_op as at, door as by from informat.lading where tenant_id = $1 order by p_lading desc limit 1"#,
        tenant_id
    )
    .fetch_optional(connection)
    .await
}

/// Returns the last bundle that was refused, if none was loaded since.
pub async fn standing_refusal(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<Refusal>, sqlx::Error> {
    let row = sqlx::query!(
        "select geweigerd_op, door, fouten, bewakers from informat.weigering w
         where tenant_id = $1
           and not exists (select from informat.lading l where l.tenant_id = $1 and l.geladen_op >= w.geweigerd_op)",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Refusal {
        at: row.geweigerd_op,
        by: row.door,
        // The constraint of the column lets in no negative one.
        faults: u64::try_from(row.fouten).unwrap_or_default(),
        guards: row.bewakers,
    }))
}

/// Notes that a bundle was refused, in place of the one before.
pub async fn note_refusal(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    faults: u64,
    guards: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into informat.weigering (tenant_id, door, fouten, bewakers) values ($1, $2, $3, $4)
         on conflict on constraint weigering_pk do update
         set geweigerd_op = clock_timestamp(), door = excluded.door, fouten = excluded.fouten, bewakers = excluded.bewakers",
        tenant_id,
        by,
        i64::try_from(faults).unwrap_or(i64::MAX),
        guards
    )
    .execute(connection)
    .await
    .map(drop)
}

/// When the last bundles of a tenant were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loads {
    /// The tenant.
    pub tenant_id: String,
    /// The moments, the newest first: enough to see a habit.
    pub at: Vec<DateTime<Utc>>,
    /// The database's clock.
    pub now: DateTime<Utc>,
}

impl Loads {
    /// Returns `true` if a bundle came in the time before now.
    pub fn is_fed_within(&self, time: TimeDelta) -> bool {
        self.at.first().is_some_and(|last| self.now - *last <= time)
    }

    /// Returns since when no bundle came though they used to come daily, if that is longer than `after`.
    pub fn silent_since(&self, after: TimeDelta) -> Option<DateTime<Utc>> {
        silence::since(&self.at, self.now, after)
    }
}

/// Returns when the last bundles were loaded, of every tenant that has any, or of one. Outside a tenant's scope of all, within of its own.
pub async fn last_loads(
    connection: &mut PgConnection,
    tenant_id: Option<&str>,
) -> Result<Vec<Loads>, sqlx::Error> {
    sqlx::query_as!(
        Loads,
        r#"select t.tenant_id, l.at as "at!", clock_timestamp() as "now!"
           from tenant.tenant t cross join lateral (
               select array_agg(geladen_op order by geladen_op desc) as at from (
                   select geladen_op from informat.lading where tenant_id = t.tenant_id order by p_lading desc limit $1) newest) l
           where l.at is not null and ($2::text is null or t.tenant_id = $2)
           order by t.tenant_id"#,
        silence::LOADS_LOOKED_AT,
        tenant_id
    )
    .fetch_all(connection)
    .await
}
