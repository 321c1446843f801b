//! What a load leaves behind for those who ask later: who accepted what, and which keys came with another id.

use oneroster_school::door::{IdChange, IdVerdict};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::mirror::acceptance::GuardReport;
use crate::mirror::layout::{KLASSEN, PERSOON};
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
