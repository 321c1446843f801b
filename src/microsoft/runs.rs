//! `synclog.microsoft_run`: what Microsoft counted of runs, as it was told, beside what was published then (R143).

use chrono::{DateTime, Utc};
use oneroster_entra::sds::Counted;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use sqlx::types::Json;

use super::run_report::{Comparison, Error};
use crate::db::scope;
use crate::roster::head;
use crate::tenants;

/// How many runs of a tenant are kept; Microsoft makes two a day.
const RUNS_KEPT: i64 = 400;

/// A run as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRun {
    /// When it was told.
    pub told_at: DateTime<Utc>,
    /// By whom.
    pub told_by: String,
    /// The newest generation then; `None` before the first.
    pub generation_number: Option<i64>,
    /// What was counted.
    pub counts: Vec<KeptCount>,
}

/// A number of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCount {
    /// What is counted, a word of [`counted_word`].
    pub of: String,
    /// How many were published then; `None` for what only Microsoft counts.
    pub published: Option<u64>,
    /// How many Microsoft counted.
    pub counted: u64,
}

/// Returns the word for programs of what is counted.
pub const fn counted_word(counted: Counted) -> &'static str {
    match counted {
        Counted::Users => "users",
        Counted::Pupils => "pupils",
        Counted::Staff => "staff",
        Counted::Classes => "classes",
        Counted::Memberships => "memberships",
        Counted::Orgs => "orgs",
        Counted::Unmatched => "unmatched",
        Counted::Errors => "errors",
        Counted::Warnings => "warnings",
    }
}

/// Keeps what Microsoft counted of a run, by what was told of it: the same told again changes nothing. The oldest go beyond
/// 400.
pub async fn keep_run(
    pool: &PgPool,
    tenant_id: &str,
    by: &str,
    (told, counts): (&[u8], &[Comparison]),
) -> Result<(), Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    tenants::get(&mut transaction, tenant_id).await?;
    let head = head::find(&mut transaction, tenant_id).await?;
    let generation_number = head.map(|head| head.number).filter(|number| *number > 0);
    let counts = counts.iter().map(|count| KeptCount {
        of: counted_word(count.of).to_owned(),
        published: count.published,
        counted: count.counted,
    });
    let counts = Json(counts.collect::<Vec<_>>());
    let fingerprint = Sha256::digest(told);
    sqlx::query!(
        "insert into synclog.microsoft_run (tenant_id, fingerprint, told_by, generation_number, counts)
         values ($1, $2, $3, $4, $5) on conflict (tenant_id, fingerprint) do nothing",
        tenant_id,
        fingerprint.as_slice(),
        by,
        generation_number,
        counts as _
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from synclog.microsoft_run r
         using (select fingerprint from synclog.microsoft_run
                where tenant_id = $1 order by told_at desc, fingerprint offset $2) as old
         where r.tenant_id = $1 and r.fingerprint = old.fingerprint",
        tenant_id,
        RUNS_KEPT
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the runs that are kept, the newest first, so many at the most.
pub async fn kept_runs(pool: &PgPool, tenant_id: &str, limit: u32) -> Result<Vec<KeptRun>, Error> {
    let mut transaction = scope::begin_look(pool, tenant_id).await?;
    tenants::get(&mut transaction, tenant_id).await?;
    let rows = sqlx::query!(
        r#"select told_at, told_by, generation_number, counts as "counts: Json<Vec<KeptCount>>"
           from synclog.microsoft_run where tenant_id = $1 order by told_at desc, fingerprint limit $2"#,
        tenant_id,
        i64::from(limit)
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let kept = rows.into_iter().map(|row| KeptRun {
        told_at: row.told_at,
        told_by: row.told_by,
        generation_number: row.generation_number,
        counts: row.counts.0,
    });
    Ok(kept.collect())
}
