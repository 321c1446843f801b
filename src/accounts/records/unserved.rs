//! Edits of records whose names were never served. The caller holds the locks of publications and of usernames.

use std::collections::HashMap;

use oneroster_school::username::edit::Username;
use oneroster_school::username::unserved::Renewed;
use oneroster_school::username::{Record, WaitReason};
use sqlx::PgConnection;
use uuid::Uuid;

use super::edit::{Rename, step_aside};
use super::entries::Entries;
use super::row::joined;
use super::{Error, erased};

/// Gives records the names that were made anew, and enters who had it done. Names given up are free: no account hangs on them.
///
/// Names may change hands among the records.
pub async fn renew(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    records: &HashMap<Uuid, Record>,
    renewed: &[Renewed],
) -> Result<(), Error> {
    let mut renames = Vec::new();
    let mut changes = Entries::default();
    for new in renewed {
        let Some(record) = records.get(&new.rowguid) else {
            continue;
        };
        let to = Username {
            local_part: new.local_part.clone(),
            domain: record.domain.clone(),
        };
        let rename = Rename {
            rowguid: new.rowguid,
            from: record.name(),
            to,
        };
        changes.add_name(new.rowguid, Some(&rename.from), &rename.to);
        if record.waits_for != new.waits_for {
            let text = |reasons| Some(joined(reasons)).filter(|text| !text.is_empty());
            let (old, new_value) = (text(&record.waits_for), text(&new.waits_for));
            changes.add(new.rowguid, "waits_for", old, new_value);
        } else if record.needs_review != new.needs_review {
            let (old, new_value) = (record.needs_review.to_string(), new.needs_review.to_string());
            changes.add(new.rowguid, "needs_review", Some(old), Some(new_value));
        }
        changes.add_sync(new.rowguid, record.sync, new.sync);
        renames.push(rename);
    }
    step_aside(connection, tenant_id, &renames).await?;
    store(connection, tenant_id, renewed).await?;
    changes.write(connection, tenant_id, by).await?;
    let taken_up: Vec<(Uuid, String)> = renames
        .iter()
        .map(|rename| (rename.rowguid, rename.to.key()))
        .collect();
    erased::let_go(connection, tenant_id, &taken_up).await
}

async fn store(
    connection: &mut PgConnection,
    tenant_id: &str,
    renewed: &[Renewed],
) -> Result<(), sqlx::Error> {
    let people: Vec<Uuid> = renewed.iter().map(|new| new.rowguid).collect();
    let local_parts: Vec<String> = renewed.iter().map(|new| new.local_part.clone()).collect();
    let syncs: Vec<bool> = renewed.iter().map(|new| new.sync).collect();
    let reviews: Vec<bool> = renewed.iter().map(|new| new.needs_review).collect();
    let waits: Vec<String> = renewed.iter().map(|new| joined(&new.waits_for)).collect();
    let is_about_person = |reason: &WaitReason| !reason.is_about_name();
    let resembling: Vec<bool> = renewed
        .iter()
        .map(|new| new.waits_for.iter().any(is_about_person))
        .collect();
    sqlx::query!(
        "update username.record r
         set local_part = n.local_part, sync = n.sync, needs_review = n.needs_review,
             waits_for = string_to_array(n.waits_for, ','),
             resembles = case when n.is_resembling then r.resembles end
         from unnest($2::uuid[], $3::text[], $4::boolean[], $5::boolean[], $6::text[], $7::boolean[])
              as n (rowguid, local_part, sync, needs_review, waits_for, is_resembling)
         where r.tenant_id = $1 and r.rowguid = n.rowguid",
        tenant_id,
        &people,
        &local_parts,
        &syncs,
        &reviews,
        &waits,
        &resembling
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes records with their history and their former names, none of which was served.
pub async fn forget(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from username.record where tenant_id = $1 and rowguid = any($2)",
        tenant_id,
        people
    )
    .execute(connection)
    .await?;
    Ok(())
}
