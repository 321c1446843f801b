//! How a tenant is doing: what a person asks first in the morning, of one tenant or of all.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgPool;

use super::Error;
use crate::accounts::{self, records};
use crate::db::scope;
use crate::mirror::memory::{LastLoad, Refusal};
use crate::roster::{Hold, evaluations, generations, holds};
use crate::synclog::{self, Run};
use crate::{mirror, tenants};

/// Inputs that no publication has judged for so long count as failing: a server looks for them every few seconds.
const WAIT_NOTED_AFTER: TimeDelta = TimeDelta::minutes(2);

/// How a tenant is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantStatus {
    /// The tenant.
    pub tenant_id: String,
    /// Its name.
    pub name: String,
    /// Its active school year.
    pub school_year: String,
    /// The last bundle that was loaded.
    pub last_import: Option<LastLoad>,
    /// The last bundle that was refused, if none was loaded since.
    pub refused: Option<Refusal>,
    /// Since when no bundle comes, though they used to come daily.
    pub feed_silent_since: Option<DateTime<Utc>>,
    /// The newest generation: its number, and when it was published by the database's clock.
    pub last_publication: Option<(i64, DateTime<Utc>)>,
    /// What is held and was not discarded.
    pub held: Option<Hold>,
    /// Since when its inputs wait for a publication that does not come; `None` if they do not, or for a moment only.
    pub failing_since: Option<DateTime<Utc>>,
    /// The last reading of a consumer.
    pub last_pull: Option<Run>,
    /// Since when nobody reads it who used to about twice a day.
    pub silent_since: Option<DateTime<Utc>>,
    /// How many usernames of people in Informat's data wait for somebody to look at them.
    pub names_waiting: usize,
    /// How many usernames were never served.
    pub unserved: usize,
    /// The first day on which its roster can change without another import.
    pub next_change: Option<NaiveDate>,
}

/// After how long silence counts.
#[derive(Debug, Clone, Copy)]
pub struct SilentAfter {
    /// Of the consumer of a tenant that used to be read twice a day.
    pub poll: Duration,
    /// Of the feeding of a tenant whose bundles used to come daily.
    pub import: Duration,
}

/// Returns how a tenant is doing.
pub async fn status(
    pool: &PgPool,
    tenant_id: &str,
    silent_after: SilentAfter,
) -> Result<TenantStatus, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    let outlook = evaluations::outlook(&mut transaction, tenant_id).await?;
    let newest = generations::newest(&mut transaction, tenant_id).await?;
    let hold = holds::find(&mut transaction, tenant_id).await?;
    let last_import = mirror::memory::last_load(&mut transaction, tenant_id).await?;
    let refused = mirror::memory::standing_refusal(&mut transaction, tenant_id).await?;
    let loads = mirror::memory::last_loads(&mut transaction, Some(tenant_id)).await?;
    let import_silence = TimeDelta::from_std(silent_after.import).unwrap_or(TimeDelta::MAX);
    let usernames = records::read(&mut transaction, tenant_id).await?;
    let served = accounts::final_usernames(&mut transaction, tenant_id, &usernames).await?;
    let names_waiting = records::count_waiting(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    let pulls = synclog::runs(pool, tenant_id, 1).await.map_err(sync_log_error)?;
    let silent_since = synclog::silent_since(pool, tenant_id, silent_after.poll)
        .await
        .map_err(sync_log_error)?;
    Ok(TenantStatus {
        tenant_id: tenant_id.to_owned(),
        name: configuration.name,
        school_year: configuration.active_school_year.to_string(),
        last_import,
        refused,
        feed_silent_since: loads.first().and_then(|loads| loads.silent_since(import_silence)),
        last_publication: newest.map(|(date, committed_at)| (date.number, committed_at)),
        held: hold.filter(|hold| !hold.is_discarded),
        failing_since: outlook
            .waiting_since
            .filter(|since| outlook.now - *since >= WAIT_NOTED_AFTER),
        last_pull: pulls.into_iter().next(),
        silent_since,
        names_waiting,
        unserved: usernames.len().saturating_sub(served.len()),
        next_change: outlook.next_change,
    })
}

fn sync_log_error(error: synclog::Error) -> Error {
    match error {
        synclog::Error::Database(error) => Error::Database(error),
        synclog::Error::UnknownTenant(tenant_id) => Error::Tenant(tenants::Error::Unknown(tenant_id)),
    }
}
