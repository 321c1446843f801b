//! Records of names that another server served. The caller holds the locks of publications and of usernames, and has judged the names.

use chrono::{DateTime, Utc};
use oneroster_school::username::edit::Username;
use sqlx::PgConnection;
use uuid::Uuid;

use super::edit::{Answer, Rename, answer, step_aside};
use super::entries::{Entries, domain_origin, domain_text};
use super::{Error, erased};

/// What the history of a record says of why.
const REASON: &str = "taken over from another server";

/// A name that is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// The line of the file.
    pub line: u64,
    /// The person.
    pub rowguid: Uuid,
    /// Whether Informat's data have them: else the name is only kept from others.
    pub is_known: bool,
    /// The name here before; `None` without a record.
    pub from: Option<Username>,
    /// The name that was served.
    pub to: Username,
    /// The Sync flag here before.
    pub sync_before: bool,
    /// The Sync flag there.
    pub sync: bool,
    /// When the name was made.
    pub created_at: DateTime<Utc>,
}

/// Gives people the names, flags and moments that they had on another server, makes the records that there are none of, and enters who did it.
/// Names given up are free: no account hangs on them. Names may change hands among these people.
pub async fn take_over(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    taken: &[TakenOver],
) -> Result<(), Error> {
    let people: Vec<Uuid> = taken.iter().map(|one| one.rowguid).collect();
    answer(connection, tenant_id, by, Answer::NameToo, &people).await?;
    let renames: Vec<Rename> = taken
        .iter()
        .map(|one| Rename {
            rowguid: one.rowguid,
            from: one.from.clone().unwrap_or_else(|| one.to.clone()),
            to: one.to.clone(),
        })
        .collect();
    step_aside(connection, tenant_id, &renames).await?;
    store(connection, tenant_id, &people, taken).await?;
    let mut changes = Entries::for_reason(REASON);
    for one in taken {
        changes.add_name(one.rowguid, one.from.as_ref(), &one.to);
        changes.add_sync(one.rowguid, one.sync_before, one.sync);
    }
    changes.write(connection, tenant_id, by).await?;
    let taken_up: Vec<String> = taken.iter().map(|one| one.to.key()).collect();
    sqlx::query!(
        "delete from username.retired where tenant_id = $1 and name = any($2)",
        tenant_id,
        &taken_up
    )
    .execute(&mut *connection)
    .await?;
    let taken_up: Vec<(Uuid, String)> = people.into_iter().zip(taken_up).collect();
    erased::let_go(connection, tenant_id, &taken_up).await
}

async fn store(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
    taken: &[TakenOver],
) -> Result<(), sqlx::Error> {
    let local_parts: Vec<&str> = taken.iter().map(|one| one.to.local_part.as_str()).collect();
    let domains: Vec<Option<&str>> = taken.iter().map(|one| domain_text(&one.to)).collect();
    let origins: Vec<Option<&str>> = taken.iter().map(|one| domain_origin(&one.to)).collect();
    let syncs: Vec<bool> = taken.iter().map(|one| one.sync).collect();
    let moments: Vec<DateTime<Utc>> = taken.iter().map(|one| one.created_at).collect();
    sqlx::query!(
        "insert into username.record
             (tenant_id, rowguid, local_part, domain, domain_origin, sync, origin, created_at, taken_over_at)
         select $1, n.rowguid, n.local_part, n.domain, n.domain_origin, n.sync, 'csv', n.created_at, clock_timestamp()
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[])
              as n (rowguid, local_part, domain, domain_origin, sync, created_at)
         on conflict (tenant_id, rowguid) do update set local_part = excluded.local_part, domain = excluded.domain,
             domain_origin = excluded.domain_origin, sync = excluded.sync, origin = excluded.origin,
             created_at = excluded.created_at, handed_to = null,
             taken_over_at = coalesce(username.record.taken_over_at, excluded.taken_over_at)",
        tenant_id,
        people,
        &local_parts as &[&str],
        &domains as &[Option<&str>],
        &origins as &[Option<&str>],
        &syncs,
        &moments
    )
    .execute(connection)
    .await?;
    Ok(())
}
