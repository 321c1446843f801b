//! The sync log in the database.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt;
use oneroster_standard::Moment;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::recorder::{Note, NoteKey};
use super::run::{PathReading, RequestBatch, Run};
use super::{SilentTenant, SyncLog, silence};
use crate::db::{locks, scope};

/// How many runs one statement deletes.
const BATCH_ROWS: i64 = 5_000;

/// The sync log could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// No tenant has this id.
    #[error("no tenant has the id {0:?}; `oneroster tenant list` shows those there are")]
    UnknownTenant(String),
}

/// A row of `synclog.run`.
struct RunRow {
    client_id: String,
    token_id: Uuid,
    run_number: i32,
    generation_number: Option<i64>,
    first_request_at: DateTime<Utc>,
    last_request_at: DateTime<Utc>,
    is_complete: bool,
    readings: Json<Vec<PathReading>>,
}

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Self {
        Self {
            client_id: row.client_id,
            token_id: row.token_id,
            run_number: row.run_number,
            generation_number: row.generation_number,
            first_request_at: row.first_request_at,
            last_request_at: row.last_request_at,
            is_complete: row.is_complete,
            readings: row.readings.0,
        }
    }
}

/// Returns the runs of a tenant, the newest first, so many at the most.
pub async fn runs(pool: &PgPool, tenant_id: &str, limit: u32) -> Result<Vec<Run>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let exists = sqlx::query_scalar!(
        r#"select exists (select from tenant.tenant where tenant_id = $1) as "exists!""#,
        tenant_id
    )
    .fetch_one(&mut *transaction)
    .await?;
    if !exists {
        return Err(Error::UnknownTenant(tenant_id.to_owned()));
    }
    let rows = sqlx::query_as!(
        RunRow,
        r#"select client_id, token_id, run_number, generation_number, first_request_at, last_request_at,
                  is_complete, readings as "readings: Json<Vec<PathReading>>"
           from synclog.run where tenant_id = $1
           order by last_request_at desc, client_id, token_id, run_number desc limit $2"#,
        tenant_id,
        i64::from(limit)
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(rows.into_iter().map(Run::from).collect())
}

/// Returns the number of the newest generation, up to a number, that a complete pull has read at most so many days ago. Must be
/// called in the scope of the tenant.
pub async fn last_complete_pull(
    connection: &mut PgConnection,
    tenant_id: &str,
    up_to_number: i64,
    age_days_max: i32,
) -> Result<Option<i64>, sqlx::Error> {
    let mut rows = sqlx::query_as!(
        RunRow,
        r#"select client_id, token_id, run_number, generation_number, first_request_at, last_request_at,
                  is_complete, readings as "readings: Json<Vec<PathReading>>"
           from synclog.run
           where tenant_id = $1 and is_complete and generation_number <= $2
             and last_request_at > clock_timestamp() - make_interval(days => $3)
           order by generation_number desc, last_request_at desc"#,
        tenant_id,
        up_to_number,
        age_days_max
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let run = Run::from(row);
        if run.is_complete_pull() {
            return Ok(run.generation_number);
        }
    }
    Ok(None)
}

/// Returns when the first complete pull ended of those that read a generation or a later one. Must be called in the scope of the
/// tenant.
pub async fn first_complete_pull(
    connection: &mut PgConnection,
    tenant_id: &str,
    from_number: i64,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let mut rows = sqlx::query_as!(
        RunRow,
        r#"select client_id, token_id, run_number, generation_number, first_request_at, last_request_at,
                  is_complete, readings as "readings: Json<Vec<PathReading>>"
           from synclog.run where tenant_id = $1 and is_complete and generation_number >= $2
           order by last_request_at"#,
        tenant_id,
        from_number
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let run = Run::from(row);
        if run.is_complete_pull() {
            return Ok(Some(run.last_request_at));
        }
    }
    Ok(None)
}

/// A complete pull: whoever made it knows the whole roster of its generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletePull {
    /// The client.
    pub client_id: String,
    /// Number of the generation.
    pub number: i64,
    /// When its last request was answered.
    pub at: DateTime<Utc>,
}

/// Returns the complete pulls of a tenant, the newest first, among so many runs at the most. Must be called in the scope of the
/// tenant.
pub async fn complete_pulls(
    connection: &mut PgConnection,
    tenant_id: &str,
    limit: u32,
) -> Result<Vec<CompletePull>, sqlx::Error> {
    let rows = sqlx::query_as!(
        RunRow,
        r#"select client_id, token_id, run_number, generation_number, first_request_at, last_request_at,
                  is_complete, readings as "readings: Json<Vec<PathReading>>"
           from synclog.run where tenant_id = $1 and is_complete
           order by last_request_at desc, client_id, token_id, run_number desc limit $2"#,
        tenant_id,
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?;
    let runs = rows.into_iter().map(Run::from).filter(Run::is_complete_pull);
    let pulls = runs.filter_map(|run| {
        Some(CompletePull {
            number: run.generation_number?,
            at: run.last_request_at,
            client_id: run.client_id,
        })
    });
    Ok(pulls.collect())
}

/// Returns when each client of a tenant last read, as far as the log goes back.
pub async fn last_read_by_client(
    pool: &PgPool,
    tenant_id: &str,
) -> Result<HashMap<String, DateTime<Utc>>, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let rows = sqlx::query!(
        r#"select client_id, max(last_request_at) as "last!" from synclog.run where tenant_id = $1 group by client_id"#,
        tenant_id
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(rows.into_iter().map(|row| (row.client_id, row.last)).collect())
}

/// The database's clock at an instant of this machine's.
#[derive(Debug, Clone, Copy)]
pub(super) struct DatabaseClock {
    now: DateTime<Utc>,
    read_at: Instant,
}

impl DatabaseClock {
    /// Returns the time by the database's clock at an earlier instant of this machine's.
    fn at(self, then: Instant) -> DateTime<Utc> {
        let age = self.read_at.saturating_duration_since(then);
        self.now - TimeDelta::from_std(age).unwrap_or_default()
    }
}

/// Reads the database's clock.
pub(super) async fn read_clock(pool: &PgPool) -> Result<DatabaseClock, sqlx::Error> {
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(pool)
        .await?;
    Ok(DatabaseClock {
        now,
        read_at: Instant::now(),
    })
}

/// Writes the notes of one token, in one transaction. They are dated by the database's clock, read after the last of them.
pub(super) async fn write(
    pool: &PgPool,
    notes: &[(NoteKey, Note)],
    clock: DatabaseClock,
) -> Result<(), sqlx::Error> {
    let Some((first, _)) = notes.first() else {
        return Ok(());
    };
    let mut transaction = scope::begin(pool, &first.tenant_id).await?;
    locks::sync_run(&mut transaction, first.token_id).await?;
    let mut batches: Vec<RequestBatch> = notes
        .iter()
        .map(|(key, note)| batch(key, note, |then| clock.at(then)))
        .collect();
    batches.sort_by_key(|batch| batch.first_at);
    let mut run = newest(&mut transaction, first).await?;
    for batch in &batches {
        match &mut run {
            Some(run) if run.continues_with(batch) => run.absorb(batch),
            other => {
                let number = other.as_ref().map_or(0, |run| run.run_number) + 1;
                if let Some(ended) = other.as_ref() {
                    put(&mut transaction, &first.tenant_id, ended).await?;
                }
                *other = Some(Run::begin(&first.client_id, first.token_id, number, batch));
            }
        }
    }
    if let Some(run) = &run {
        put(&mut transaction, &first.tenant_id, run).await?;
    }
    transaction.commit().await
}

fn batch(key: &NoteKey, note: &Note, at: impl Fn(Instant) -> DateTime<Utc>) -> RequestBatch {
    RequestBatch {
        generation_number: note.generation,
        path: key.path,
        question: key.question,
        pages: note.pages,
        rows: note.rows,
        unchanged: note.unchanged,
        failures: note.failures,
        read: note.read.clone(),
        first_at: at(note.first),
        last_at: at(note.last),
    }
}

async fn newest(connection: &mut PgConnection, key: &NoteKey) -> Result<Option<Run>, sqlx::Error> {
    let row = sqlx::query_as!(
        RunRow,
        r#"select client_id, token_id, run_number, generation_number, first_request_at, last_request_at,
                  is_complete, readings as "readings: Json<Vec<PathReading>>"
           from synclog.run where tenant_id = $1 and client_id = $2 and token_id = $3
           order by run_number desc limit 1"#,
        key.tenant_id,
        key.client_id,
        key.token_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Run::from))
}

async fn put(connection: &mut PgConnection, tenant_id: &str, run: &Run) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into synclog.run (tenant_id, client_id, token_id, run_number, generation_number,
                                  first_request_at, last_request_at, is_complete, readings)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, client_id, token_id, run_number) do update set
             generation_number = excluded.generation_number,
             first_request_at = excluded.first_request_at,
             last_request_at = excluded.last_request_at,
             is_complete = excluded.is_complete,
             readings = excluded.readings",
        tenant_id,
        run.client_id,
        run.token_id,
        run.run_number,
        run.generation_number,
        run.first_request_at,
        run.last_request_at,
        run.is_complete,
        Json(&run.readings) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns since when a tenant that used to be read about twice a day has not been, if that is longer than `after`. One
/// without a client that may read is not missed.
pub async fn silent_since(
    pool: &PgPool,
    tenant_id: &str,
    after: Duration,
) -> Result<Option<DateTime<Utc>>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let after = TimeDelta::from_std(after).unwrap_or(TimeDelta::MAX);
    let since = silent_since_within(&mut transaction, tenant_id, after).await?;
    transaction.commit().await?;
    Ok(since)
}

/// Returns the same in a transaction, in the scope of the tenant.
pub async fn silent_since_within(
    connection: &mut PgConnection,
    tenant_id: &str,
    after: TimeDelta,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select clock_timestamp() as "now!",
                  array(select last_request_at from synclog.run
                        where tenant_id = $1 and last_request_at >= (
                            select max(last_request_at) from synclog.run where tenant_id = $1
                        ) - make_interval(secs => $2)) as "runs!",
                  exists (select from auth.client where tenant_id = $1 and revoked_at is null) as "may_read!""#,
        tenant_id,
        silence::HABIT.as_seconds_f64()
    )
    .fetch_one(connection)
    .await?;
    Ok(silence::since(&row.runs, row.now, after).filter(|_| row.may_read))
}

/// Returns `true` if a consumer read a tenant in the time before now. In a transaction, in the scope of the tenant.
pub async fn is_read_within(
    connection: &mut PgConnection,
    tenant_id: &str,
    time: TimeDelta,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from synclog.run
                          where tenant_id = $1 and last_request_at >= clock_timestamp() - make_interval(secs => $2)) as "is_read!""#,
        tenant_id,
        time.as_seconds_f64()
    )
    .fetch_one(connection)
    .await
}

/// Looks which tenants are no longer read. Logs one line when that begins and one when it ends.
pub async fn refresh_silent(log: &SyncLog, pool: &PgPool, after: Duration) -> Result<(), Error> {
    let candidates = sqlx::query_scalar!(
        "select t.tenant_id from tenant.tenant t
         cross join lateral (
             select r.last_request_at from synclog.run r where r.tenant_id = t.tenant_id
             order by r.last_request_at desc limit 1
         ) last
         where last.last_request_at < clock_timestamp() - make_interval(secs => $1)
           and last.last_request_at > clock_timestamp() - make_interval(days => $2)
         order by t.tenant_id",
        after.as_secs_f64(),
        silence::FORGOTTEN_DAYS
    )
    .fetch_all(pool)
    .await?;
    let mut now = Vec::new();
    for tenant_id in candidates {
        if let Some(since) = silent_since(pool, &tenant_id, after).await? {
            now.push(SilentTenant {
                tenant_id,
                since: Moment::from(since),
            });
        }
    }
    let now: Arc<[SilentTenant]> = now.into();
    let before = {
        let mut silent = log.silent.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *silent, Arc::clone(&now))
    };
    let ids = |tenants: &[SilentTenant]| -> BTreeSet<String> {
        tenants.iter().map(|tenant| tenant.tenant_id.clone()).collect()
    };
    let (known, silent) = (ids(&before), ids(&now));
    for tenant in now.iter().filter(|tenant| !known.contains(&tenant.tenant_id)) {
        tracing::warn!(
            tenant = tenant.tenant_id,
            since = tenant.since.rfc3339(),
            "nobody reads this tenant any more, which used to be read regularly"
        );
    }
    for tenant_id in known.difference(&silent) {
        tracing::info!(
            tenant = tenant_id,
            "this tenant is read again, or no longer expected to be"
        );
    }
    Ok(())
}

/// Deletes the runs that ended more than `history_days` ago. Returns how many.
pub async fn purge(pool: &PgPool, history_days: u32) -> Result<u64, Error> {
    let days = i32::try_from(history_days).unwrap_or(i32::MAX);
    let tenants = sqlx::query_scalar!(
        "select t.tenant_id from tenant.tenant t
         where exists (select from synclog.run r where r.tenant_id = t.tenant_id
                         and r.last_request_at < clock_timestamp() - make_interval(days => $1))",
        days
    )
    .fetch_all(pool)
    .await?;
    let mut purged = 0;
    for tenant_id in tenants {
        loop {
            let mut transaction = scope::begin(pool, &tenant_id).await?;
            let deleted = sqlx::query!(
                "delete from synclog.run r
                 using (select client_id, token_id, run_number from synclog.run
                        where tenant_id = $1 and last_request_at < clock_timestamp() - make_interval(days => $2)
                        limit $3) as old
                 where r.tenant_id = $1 and r.client_id = old.client_id and r.token_id = old.token_id
                   and r.run_number = old.run_number",
                tenant_id,
                days,
                BATCH_ROWS
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            transaction.commit().await?;
            purged += deleted;
            if deleted < BATCH_ROWS.unsigned_abs() {
                break;
            }
        }
    }
    Ok(purged)
}
