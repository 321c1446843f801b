//! The stored side of a publication: what is current, and writing a generation.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::date::{self, Before};
use super::diff::{Action, Change, Current, Summary};
use super::inputs::Versions;
use super::{Error, Publication, State};
use crate::db::copy::CopyRows;
use crate::oneroster::{Kind, StatusType};

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

/// Writes a generation in one transaction. It is dated last, under the lock that tickets are issued under.
pub(super) async fn generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    draft: Draft,
    changes: Vec<Change>,
) -> Result<Publication, Error> {
    let mut transaction = connection.begin().await?;
    end_versions(&mut transaction, tenant_id, draft.number, &changes).await?;
    begin_versions(&mut transaction, tenant_id, draft.number, &changes).await?;
    evaluation(&mut transaction, tenant_id, &draft.versions).await?;
    let (generation, published_at) = date(&mut transaction, tenant_id, &draft).await?;
    transaction.commit().await?;
    Ok(Publication {
        state: State::Published,
        generation: Some(generation),
        published_at: Some(published_at),
        summary: draft.summary,
        changes: Vec::new(),
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
    // A tombstone keeps the content its object had last.
    let (kinds, ids) = keys(
        changes
            .iter()
            .filter(|change| change.content.is_none() && change.action != Action::Purged),
    );
    sqlx::query!(
        "insert into roster.object_version
             (tenant_id, kind, sourced_id, from_number, status, content, content_hash)
         select v.tenant_id, v.kind, v.sourced_id, $2, 'tobedeleted', v.content, v.content_hash
         from roster.object_version v
         join unnest($3::text[], $4::text[]) as kept (kind, sourced_id) using (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number = $2",
        tenant_id,
        number,
        &kinds,
        &ids
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn keys<'a>(changes: impl Iterator<Item = &'a Change>) -> (Vec<String>, Vec<String>) {
    changes
        .map(|change| (change.kind.collection().to_owned(), change.sourced_id.clone()))
        .unzip()
}

async fn begin_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    changes: &[Change],
) -> Result<(), Error> {
    let mut rows = CopyRows::begin(
        connection,
        "copy roster.object_version
             (tenant_id, kind, sourced_id, from_number, status, content, content_hash) from stdin",
    )
    .await?;
    for change in changes {
        let Some((content, hash)) = &change.content else {
            continue;
        };
        rows.text(tenant_id);
        rows.text(change.kind.collection());
        rows.text(&change.sourced_id);
        rows.display(number);
        rows.text(change.status.as_str());
        rows.text(content);
        rows.bytes(hash);
        rows.end_row().await?;
    }
    rows.finish().await?;
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
