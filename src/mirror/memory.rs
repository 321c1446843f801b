//! What the door remembers of past loads: guards that were accepted, keys that came with another id.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use oneroster_school::door::{Guard, IdChange, IdVerdict};
use sqlx::PgConnection;

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

/// Returns when a bundle was last loaded; `None` before the first.
pub async fn last_load(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select max(geladen_op) from informat.lading where tenant_id = $1"#,
        tenant_id
    )
    .fetch_one(connection)
    .await
}
