//! The stored side of a publication: what is current, and writing a generation.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt;
use oneroster_standard::{Kind, StatusType};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Error;
use super::brake::store as hold;
use super::date::{self, Before};
use super::diff::{Action, Change, Current, Summary};
use super::explain::{self, Causes, Evidence};
use super::inputs::Versions;
use super::outcome::{Publication, State};
use super::roster_counts::RosterCounts;
use crate::tenants::{Decision, record_decision};

/// How many changes go into one statement: a few MB of content.
const CHANGES_PER_INSERT: usize = 5_000;

/// A generation about to be written.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its number.
    pub(super) number: i64,
    /// The inputs it was computed from.
    pub(super) versions: Versions,
    /// The day it is the state of.
    pub(super) reference_date: NaiveDate,
    /// The active school year.
    pub(super) school_year: String,
    /// How many objects it touches.
    pub(super) summary: Summary,
    /// The inputs and the roster they gave.
    pub(super) evidence: Arc<Evidence>,
    /// Who decided that it may be, where that was asked.
    pub(super) decision: Option<Decision>,
    /// Whether it gives everything a new date.
    pub(super) redate: bool,
}

/// Reads what is current, sorted by kind and id, and the database's clock.
pub(super) async fn current(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<(Vec<Current>, DateTime<Utc>), Error> {
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(&mut *connection)
        .await?;
    let mut rows = sqlx::query!(
        "select v.kind, v.sourced_id, v.status, v.content_hash, g.published_at
         from roster.object_version v
         join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
         where v.tenant_id = $1 and v.until_number is null",
        tenant_id
    )
    .fetch(connection);
    let mut current = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let read = (
            Kind::from_collection(&row.kind),
            StatusType::from_word(&row.status),
            row.content_hash.as_slice().try_into(),
        );
        let (Some(kind), Some(status), Ok(hash)) = read else {
            let problem = "unknown kind or status, or a hash of another length";
            return Err(Error::Inconsistent {
                kind: row.kind,
                sourced_id: row.sourced_id,
                problem,
            });
        };
        current.push(Current {
            kind,
            sourced_id: row.sourced_id,
            status,
            hash,
            modified: row.published_at,
        });
    }
    current.sort_unstable_by(|a, b| (a.kind, &a.sourced_id).cmp(&(b.kind, &b.sourced_id)));
    Ok((current, now))
}

/// Counts the active objects of the newest generation.
pub(super) async fn active_counts(
    connection: &mut PgConnection,
    tenant_id: &str,
) -> Result<RosterCounts, Error> {
    let mut rows = sqlx::query!(
        "select kind, sourced_id, content from roster.object_version
         where tenant_id = $1 and until_number is null and status = 'active'
           and kind in ('orgs', 'classes', 'users', 'enrollments')",
        tenant_id
    )
    .fetch(connection);
    let mut counts = RosterCounts::default();
    while let Some(row) = rows.try_next().await? {
        if let Some(kind) = Kind::from_collection(&row.kind) {
            counts.add(kind, &row.sourced_id, &row.content)?;
        }
    }
    Ok(counts)
}

/// Writes a generation in one transaction. It is dated last, under the lock that tickets are issued under.
pub(super) async fn generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    draft: Draft,
    changes: Vec<Change>,
) -> Result<Publication, Error> {
    // In the first generation everything is there because it is the first.
    let causes = if draft.number > 1 {
        explain::causes(connection, tenant_id, &draft.evidence, &changes).await?
    } else {
        Causes::new()
    };
    let mut transaction = connection.begin().await?;
    end_versions(&mut transaction, tenant_id, draft.number, &changes).await?;
    keep_tombstones(&mut transaction, tenant_id, draft.number, (&changes, &causes)).await?;
    begin_versions(&mut transaction, tenant_id, draft.number, (&changes, &causes)).await?;
    evaluation(&mut transaction, tenant_id, &draft.versions).await?;
    hold::lift(&mut transaction, tenant_id).await?;
    if let Some(decision) = &draft.decision {
        record_decision(&mut transaction, tenant_id, decision).await?;
    }
    let (generation, published_at) = date(&mut transaction, tenant_id, &draft).await?;
    transaction.commit().await?;
    Ok(Publication {
        state: State::Published,
        generation: Some(generation),
        published_at: Some(published_at),
        summary: draft.summary,
        changes: Vec::new(),
        held: None,
        held_before: None,
    })
}

async fn end_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    changes: &[Change],
) -> Result<(), Error> {
    let (kinds, ids) = keys(changes.iter().filter(|change| change.action != Action::Added));
    let ended = sqlx::query!(
        "update roster.object_version v set until_number = $2
         from unnest($3::text[], $4::text[]) as ended (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number is null
           and v.kind = ended.kind and v.sourced_id = ended.sourced_id",
        tenant_id,
        number,
        &kinds,
        &ids
    )
    .execute(&mut *connection)
    .await?;
    if ended.rows_affected() != ids.len() as u64 {
        return Err(Error::LockLost);
    }
    Ok(())
}

/// Writes the versions that keep a content: tombstones hold what their object was last.
async fn keep_tombstones(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    (changes, causes): (&[Change], &Causes),
) -> Result<(), Error> {
    let kept = || {
        changes
            .iter()
            .filter(|change| change.content.is_none() && change.action != Action::Purged)
    };
    let (kinds, ids) = keys(kept());
    let causes: Vec<Option<&str>> = kept().map(|change| cause(causes, change)).collect();
    sqlx::query!(
        "insert into roster.object_version
             (tenant_id, kind, sourced_id, from_number, status, content, content_hash, causes)
         select v.tenant_id, v.kind, v.sourced_id, $2, 'tobedeleted', v.content, v.content_hash, kept.causes::jsonb
         from roster.object_version v
         join unnest($3::text[], $4::text[], $5::text[]) as kept (kind, sourced_id, causes) using (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number = $2",
        tenant_id,
        number,
        &kinds,
        &ids,
        &causes as &[Option<&str>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn cause<'a>(causes: &'a Causes, change: &Change) -> Option<&'a str> {
    if causes.is_empty() {
        return None;
    }
    causes
        .get(&(change.kind, change.sourced_id.clone()))
        .map(String::as_str)
}

fn keys<'a>(changes: impl Iterator<Item = &'a Change>) -> (Vec<String>, Vec<String>) {
    changes
        .map(|change| (change.kind.collection().to_owned(), change.sourced_id.clone()))
        .unzip()
}

/// Writes the new contents. Not by COPY, which Postgres refuses where row-level security is in force.
async fn begin_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    (changes, causes): (&[Change], &Causes),
) -> Result<(), Error> {
    for batch in changes.chunks(CHANGES_PER_INSERT) {
        let written = batch
            .iter()
            .filter_map(|change| change.content.as_ref().map(|content| (change, content)));
        let mut kinds = Vec::with_capacity(batch.len());
        let mut ids = Vec::with_capacity(batch.len());
        let mut statuses = Vec::with_capacity(batch.len());
        let mut contents = Vec::with_capacity(batch.len());
        let mut hashes = Vec::with_capacity(batch.len());
        let mut reasons = Vec::with_capacity(batch.len());
        for (change, (content, hash)) in written {
            kinds.push(change.kind.collection());
            ids.push(change.sourced_id.as_str());
            statuses.push(change.status.as_str());
            contents.push(content.as_str());
            hashes.push(hash.as_slice());
            reasons.push(cause(causes, change));
        }
        sqlx::query!(
            "insert into roster.object_version
                 (tenant_id, kind, sourced_id, from_number, status, content, content_hash, causes)
             select $1, kind, sourced_id, $2, status, content, content_hash, causes::jsonb
             from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[])
                  as begun (kind, sourced_id, status, content, content_hash, causes)",
            tenant_id,
            number,
            &kinds as &[&str],
            &ids as &[&str],
            &statuses as &[&str],
            &contents as &[&str],
            &hashes as &[&[u8]],
            &reasons as &[Option<&str>]
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Locks the head, dates the generation and makes it the newest.
///
/// Issuing a ticket updates the same row: a ticket issued before this has raised `tickets_until`, which the date lies
/// five minutes past (I4); one issued after it waits for the commit and then sees this generation.
async fn date(
    connection: &mut PgConnection,
    tenant_id: &str,
    draft: &Draft,
) -> Result<(Uuid, DateTime<Utc>), Error> {
    // The clock is read once the row is locked: what comes out of the inner query has waited for it.
    let head = sqlx::query!(
        r#"with head as materialized (
               select tickets_until, published_at from roster.head where tenant_id = $1 for update
           )
           select tickets_until, published_at, clock_timestamp() as "now!" from head"#,
        tenant_id
    )
    .fetch_one(&mut *connection)
    .await?;
    let before = Before {
        now: head.now,
        tickets_until: head.tickets_until,
        previous: head.published_at,
    };
    let published_at = date::date(&before, draft.redate);
    let generation_id = Uuid::from_u128(rand::random());
    let made = sqlx::query!(
        "update roster.head set generation_id = $2, number = $3, published_at = $4
         where tenant_id = $1 and number + 1 = $3",
        tenant_id,
        generation_id,
        draft.number,
        published_at
    )
    .execute(&mut *connection)
    .await?;
    if made.rows_affected() != 1 {
        return Err(Error::LockLost);
    }
    let summary = serde_json::to_value(&draft.summary).unwrap_or_default();
    let versions = &draft.versions;
    sqlx::query!(
        "insert into roster.generation (
             tenant_id, number, generation_id, published_at, committed_at, school_year, reference_date,
             today, mirror_version, configuration_version, usernames_version, projection_version, summary
         ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant_id,
        draft.number,
        generation_id,
        published_at,
        head.now,
        draft.school_year,
        draft.reference_date,
        versions.today,
        versions.mirror,
        versions.configuration,
        versions.usernames,
        versions.projection,
        summary
    )
    .execute(connection)
    .await?;
    Ok((generation_id, published_at))
}

/// Records the inputs of this publication, whether it made a generation or not.
pub(super) async fn evaluation(
    connection: &mut PgConnection,
    tenant_id: &str,
    versions: &Versions,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into roster.evaluation (
             tenant_id, mirror_version, configuration_version, usernames_version, today, projection_version
         ) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id) do update set
             mirror_version = excluded.mirror_version,
             configuration_version = excluded.configuration_version,
             usernames_version = excluded.usernames_version,
             today = excluded.today,
             projection_version = excluded.projection_version,
             evaluated_at = clock_timestamp()",
        tenant_id,
        versions.mirror,
        versions.configuration,
        versions.usernames,
        versions.today,
        versions.projection
    )
    .execute(connection)
    .await?;
    Ok(())
}
