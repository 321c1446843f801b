//! Brings a database that went back forward: makes the changes again that the files have and it lacks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::accounts::{self, ACCOUNTS};
use super::entry;
use super::erasure::{self, ForgottenName};
use super::keys;
use super::lack::Missing;
use super::promised::promised;
use super::trail::complete;
use super::{Entry, Error, Folder, Sign, TenantLack, blocking};
use crate::db::{locks, scope};
use crate::roster::head::{self, Head, LostPromises};
use crate::tenants::{Input, raise_input_version};

/// How many rows are made again in one statement, or one entry.
const BATCH: usize = 2_000;

/// What was missing, and has been brought forward unless it was a dry run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The tenants of which something was missing, by id.
    pub tenants: Vec<RecoveredTenant>,
}

/// What was missing of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredTenant {
    /// What it was.
    pub lack: TenantLack,
    /// Whether generations were lost, so that the next publication gives everything a new date.
    pub redates: bool,
    /// What is published next is dated later than this.
    pub dated_past: Option<DateTime<Utc>>,
    /// Who has entries that are still missing, if not these files.
    pub still_missing: Option<String>,
}

/// Finds what the database lacks of each tenant, and brings it forward, a transaction for each tenant. What is done already stays
/// so: one that was cut off is run again. `forget_names` is given the former usernames that were forgotten, once everything else of their
/// tenant was made again.
pub async fn recover<Failed: Into<Box<dyn std::error::Error + Send + Sync>>>(
    pool: &PgPool,
    folder: &Folder,
    dry_run: bool,
    forget_names: impl AsyncFn(&mut PgConnection, &str, &[ForgottenName]) -> Result<(), Failed>,
) -> Result<Recovered, Error> {
    let heads = entry::heads(&mut *pool.acquire().await?).await?;
    let marked = heads.into_iter().filter(|head| head.lacking_by.is_some());
    let mut tenants: BTreeSet<String> = marked.map(|head| head.tenant_id).collect();
    tenants.extend(folder.tenants()?);
    let mut recovered = Recovered::default();
    for tenant_id in tenants {
        recovered
            .tenants
            .extend(of_tenant(pool, folder, &tenant_id, dry_run, &forget_names).await?);
    }
    Ok(recovered)
}

async fn of_tenant<Failed: Into<Box<dyn std::error::Error + Send + Sync>>>(
    pool: &PgPool,
    folder: &Folder,
    tenant_id: &str,
    dry_run: bool,
    forget_names: &impl AsyncFn(&mut PgConnection, &str, &[ForgottenName]) -> Result<(), Failed>,
) -> Result<Option<RecoveredTenant>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let missing = Missing::find(&mut transaction, folder, tenant_id).await?;
    let lost = promised(&missing.entries, missing.sign, missing.lost_generation);
    if !missing.is_nothing() {
        let made = make_again(&mut transaction, tenant_id, &missing.entries, lost).await;
        made.map_err(|source| Error::Replay {
            tenant_id: tenant_id.to_owned(),
            source,
        })?;
        let forgotten = erasure::forgotten(&mut transaction, tenant_id, &missing.entries).await?;
        let done = forget_names(&mut transaction, tenant_id, &forgotten).await;
        done.map_err(|failed| Error::Forget {
            tenant_id: tenant_id.to_owned(),
            source: failed.into(),
        })?;
    }
    let still_missing = unmark(&mut transaction, tenant_id, missing.sign.is_some()).await?;
    let head = head::find(&mut transaction, tenant_id).await?;
    if dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
        complete(pool, folder, tenant_id, missing.common).await?;
        // Without a head there is no tenant yet that could keep what was promised.
        if let Some((sign, head)) = missing.sign.zip(head) {
            follow_sign(folder, tenant_id, sign, head).await?;
        }
    }
    let is_whole = missing.is_nothing() && still_missing.is_none();
    Ok((!is_whole).then(|| RecoveredTenant {
        lack: TenantLack::of(tenant_id, &missing),
        redates: lost.generations,
        dated_past: lost.until,
        still_missing,
    }))
}

/// Has the folder sign for the newest generation that there is now. One that signs for a lost generation would show that the
/// database went back for ever, since no token is issued until it does not.
async fn follow_sign(folder: &Folder, tenant_id: &str, lost: Sign, head: Head) -> Result<(), Error> {
    let next = Sign {
        until: lost.until,
        number: head.number,
        generation_id: head.generation_id.unwrap_or_default(),
    };
    let (folder, tenant) = (folder.clone(), tenant_id.to_owned());
    blocking(move || folder.follow_sign(&tenant, lost, next)).await
}

async fn make_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Entry],
    lost: LostPromises,
) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select set_config('oneroster.replaying', 'on', true) as "on!""#)
        .fetch_one(&mut *connection)
        .await?;
    erasure::begin_again(connection, tenant_id, entries).await?;
    locks::usernames(connection, tenant_id).await?;
    entry::wait_turn(connection, tenant_id).await?;
    let has_erased = erasure::state_again(connection, tenant_id, entries).await?;
    for batch in batches(entries) {
        let texts: Vec<Value> = batch
            .iter()
            .filter_map(|entry| serde_json::to_value(entry).ok())
            .collect();
        replay(connection, tenant_id, &texts).await?;
    }
    sqlx::query!(
        r#"select audit.count_on($1) as "counted!: ()", audit.accounts_again($1) as "again!: ()""#,
        tenant_id
    )
    .fetch_one(&mut *connection)
    .await?;
    erasure::traces_again(connection, tenant_id, entries).await?;
    if tenant_id == ACCOUNTS {
        accounts::bring_forward(connection).await?;
        keys::retire_again(connection, entries).await?;
    }
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from tenant.tenant where tenant_id = $1) as "there!""#,
        tenant_id
    )
    .fetch_one(&mut *connection)
    .await?;
    if is_there {
        head::follow_lost(connection, tenant_id, lost).await?;
        raise_input_version(connection, tenant_id, Input::Configuration).await?;
        raise_input_version(connection, tenant_id, Input::Usernames).await?;
        if has_erased {
            raise_input_version(connection, tenant_id, Input::Mirror).await?;
        }
    }
    Ok(())
}

/// Divides entries into batches of about as many rows as are made again at a time.
fn batches(entries: &[Entry]) -> Vec<&[Entry]> {
    let mut rows = 0;
    let in_one = |_: &Entry, next: &Entry| {
        rows += next.count();
        let fits = rows < BATCH;
        if !fits {
            rows = 0;
        }
        fits
    };
    entries.chunk_by(in_one).collect()
}

async fn replay(
    connection: &mut PgConnection,
    tenant_id: &str,
    entries: &[Value],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select audit.replay($1, array(
               select e from unnest($2::jsonb[]) with ordinality as given (e, place)
               where e ->> 'source' is not null order by place
           )) as "replayed!: ()""#,
        tenant_id,
        entries
    )
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query!(
        "with written as (
             insert into audit.entry (tenant_id, entry_id, at, by, origin, kind, detail, source, key, before, after, rows, erased_at)
             select $1, r.entry_id, r.at, r.by, r.origin, r.kind, r.detail, r.source, r.key, r.before, r.after, r.rows, r.erased_at
             from unnest($2::jsonb[]) with ordinality as given (e, place)
             cross join lateral jsonb_populate_record(null::audit.entry, e) r
             order by place
             returning position, entry_id
         )
         update audit.head h set position = w.position, entry_id = w.entry_id
         from (select position, entry_id from written order by position desc limit 1) w
         where h.tenant_id = $1",
        tenant_id,
        entries
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the mark of a tenant away if what it is about is there now; returns who set it if it stays.
async fn unmark(
    connection: &mut PgConnection,
    tenant_id: &str,
    signs_followed: bool,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query!(
        "update audit.head h set lacking = null, lacking_since = null, lacking_by = null
         where tenant_id = $1 and (
             exists (select from audit.entry e where e.tenant_id = $1 and e.entry_id = h.lacking) or (lacking = $2 and $3)
         )",
        tenant_id,
        Uuid::nil(),
        signs_followed
    )
    .execute(&mut *connection)
    .await?;
    let marked_by = sqlx::query_scalar!(
        "select lacking_by from audit.head where tenant_id = $1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(marked_by.flatten())
}

impl Recovered {
    /// Returns `true` if something is still missing that these files do not have.
    pub fn is_incomplete(&self) -> bool {
        self.tenants.iter().any(|tenant| tenant.still_missing.is_some())
    }

    /// Returns how many entries of each kind were missing.
    pub fn kinds(&self) -> BTreeMap<&str, usize> {
        let mut kinds = BTreeMap::new();
        for tenant in &self.tenants {
            for (kind, count) in &tenant.lack.kinds {
                *kinds.entry(kind.as_str()).or_default() += count;
            }
        }
        kinds
    }
}
