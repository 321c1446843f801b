//! What a load leaves behind for those who ask later: who accepted what, and which keys came with another id.

use oneroster_school::door::{IdChange, IdVerdict};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Loaded;
use crate::mirror::acceptance::GuardReport;
use crate::mirror::layout::{KLASSEN, PERSOON, TABLES};
use crate::tenants::{Decision, DecisionKind, record_decision};

/// Records who accepted each guard that spoke.
///
/// Not part of the load: an entry of the audit trail comes after the lock of usernames ([`crate::db::locks`]).
pub async fn acceptances(
    transaction: &mut PgConnection,
    tenant_id: &str,
    guards: &[GuardReport],
    by: &str,
) -> Result<(), sqlx::Error> {
    for report in guards {
        let decision = Decision {
            by: by.to_owned(),
            kind: DecisionKind::ImportAccepted,
            detail: json!({"guard": report.guard, "count": report.count, "of": report.of}),
        };
        record_decision(transaction, tenant_id, &decision).await?;
    }
    Ok(())
}

/// Notes which delivery the load of this transaction was of, so that it is not loaded twice. The tenant's load must be locked.
pub async fn note_delivery(
    transaction: &mut PgConnection,
    tenant_id: &str,
    delivery: Uuid,
    (loaded, usernames_created): (&Loaded, usize),
) -> Result<(), sqlx::Error> {
    let counts = json!({
        "inserted": loaded.inserted,
        "updated": loaded.updated,
        "deleted": loaded.deleted,
        "usernames_created": usernames_created,
    });
    sqlx::query!(
        "update informat.lading set levering = $2, uitkomst = $3
         where tenant_id = $1 and p_lading = (select max(p_lading) from informat.lading where tenant_id = $1)",
        tenant_id,
        delivery,
        counts
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Returns what the load of a delivery did and how many usernames it made, if there was one: the counts, without remarks.
pub async fn delivered(
    connection: &mut PgConnection,
    tenant_id: &str,
    delivery: Uuid,
) -> Result<Option<(Loaded, usize)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select rijen, uitkomst as "uitkomst!" from informat.lading where tenant_id = $1 and levering = $2"#,
        tenant_id,
        delivery
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let count = |name: &str| row.uitkomst.get(name).and_then(Value::as_u64).unwrap_or_default();
        let rows = TABLES
            .iter()
            .filter_map(|table| Some((table.file, row.rijen.get(table.file)?.as_u64()?)));
        let loaded = Loaded {
            rows: rows.collect(),
            inserted: count("inserted"),
            updated: count("updated"),
            deleted: count("deleted"),
            ..Loaded::default()
        };
        let usernames_created = usize::try_from(count("usernames_created")).unwrap_or_default();
        (loaded, usernames_created)
    }))
}

/// Keeps keys that came with an id nobody had before.
pub(super) async fn id_changes(
    transaction: &mut PgConnection,
    tenant_id: &str,
    load_id: i64,
    changes: &[IdChange],
) -> Result<(), sqlx::Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let tables: Vec<String> = changes
        .iter()
        .map(|change| table_of(change.verdict).to_owned())
        .collect();
    let keys: Vec<i64> = changes.iter().map(|change| change.key).collect();
    let before: Vec<Uuid> = changes.iter().map(|change| change.before).collect();
    let after: Vec<Uuid> = changes.iter().map(|change| change.after).collect();
    let verdicts: Vec<String> = changes
        .iter()
        .map(|change| change.verdict.id().to_owned())
        .collect();
    sqlx::query!(
        "insert into informat.idwissel (tenant_id, p_lading, tabel, sleutel, oude_id, nieuwe_id, oordeel)
         select $1, $2, c.tabel, c.sleutel, c.oude_id, c.nieuwe_id, c.oordeel
         from unnest($3::text[], $4::bigint[], $5::uuid[], $6::uuid[], $7::text[])
              as c (tabel, sleutel, oude_id, nieuwe_id, oordeel)",
        tenant_id,
        load_id,
        &tables,
        &keys,
        &before,
        &after,
        &verdicts
    )
    .execute(transaction)
    .await?;
    Ok(())
}

const fn table_of(verdict: IdVerdict) -> &'static str {
    match verdict {
        IdVerdict::PersonIdChanged | IdVerdict::PersonKeyReused => PERSOON,
        IdVerdict::ClassIdChanged => KLASSEN,
    }
}
