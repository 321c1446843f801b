//! Loads a bundle into the mirror: staged by COPY, merged set by set, checked as a whole.
//!
//! The caller's transaction is the unit: it commits what [`load`] returned, or nothing. Rows that did not change
//! are not touched.

mod check;
mod sql;

use std::collections::BTreeMap;

use oneroster_standard::Moment;
use sqlx::PgConnection;

use super::bundle::{Bundle, Mode, Staged};
use super::layout::{MANIFEST, TABLES, Table};
use super::rule::{Fault, Faults, Rule};
use crate::db::locks;
use crate::tenants::{Input, raise_input_version};

/// How much is sent to the database at a time, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// How far ahead of the database's clock an extraction may lie, in hours: one from the future would block every
/// later bundle.
const AHEAD_LIMIT_H: i64 = 24;

/// A bundle that was not loaded. The transaction must be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such tenant.
    #[error("there is no tenant {0:?}; `tenant list` names them")]
    UnknownTenant(String),
    /// The bundle has faults.
    #[error("the bundle was refused: {0}")]
    Refused(Faults),
    /// The database failed.
    #[error("the database could not load the bundle")]
    Database(#[from] sqlx::Error),
}

/// How to load.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Load the bundle even if it was extracted before the last one, or takes the active school year out.
    pub force: bool,
    /// Called now and then with the part of the work that is done, 0 to 1.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            force: false,
            progress: &|_| (),
        }
    }
}

/// What a load did to the mirror.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Rows per file of the bundle.
    pub rows: BTreeMap<&'static str, u64>,
    /// Rows that are new.
    pub inserted: u64,
    /// Rows whose content changed.
    pub updated: u64,
    /// Rows that were deleted.
    pub deleted: u64,
}

impl Loaded {
    /// Returns `true` if the mirror changed.
    pub const fn changed(&self) -> bool {
        self.inserted + self.updated + self.deleted > 0
    }
}

/// Loads a bundle into the mirror of a tenant and raises the version of the mirror if that changed anything.
///
/// Neither begins nor commits: `transaction` must be in a transaction, at the default isolation. Loads of one tenant
/// wait for each other. On an error the transaction must be rolled back; [`Error::Refused`] holds the faults of the
/// bundle and of the mirror as it would have been.
pub async fn load(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    options: Options<'_>,
) -> Result<Loaded, Error> {
    lock(transaction, tenant_id).await?;
    let mut faults = bundle.faults.clone();
    if !options.force {
        check_extraction(transaction, tenant_id, bundle, &mut faults).await?;
    }
    let steps = Steps {
        total: bundle.tables.len() * 2 + 2,
        progress: options.progress,
    };
    for (step, staged) in bundle.tables.iter().enumerate() {
        stage(transaction, staged, &steps, step).await?;
    }
    let mut loaded = Loaded {
        rows: bundle.rows(),
        ..Loaded::default()
    };
    let mut deleted_from = Vec::new();
    for (step, staged) in bundle.tables.iter().enumerate() {
        if staged.complete {
            let deleted = merge(transaction, tenant_id, staged.table, bundle.mode, &mut loaded).await?;
            if deleted > 0 {
                deleted_from.push(staged.table);
            }
        }
        steps.done(bundle.tables.len() + step + 1, 0.0);
    }
    check::references(transaction, tenant_id, bundle, &deleted_from, &mut faults).await?;
    if bundle.mode == Mode::Delta {
        check::uniques(transaction, tenant_id, bundle, &mut faults).await?;
    }
    if !options.force {
        check::active_year(transaction, tenant_id, bundle, &mut faults).await?;
    }
    if !faults.is_empty() {
        faults.sort_by_file(&TABLES.each_ref().map(|table| table.file));
        return Err(Error::Refused(faults));
    }
    steps.done(steps.total - 1, 0.0);
    finish(transaction, tenant_id, bundle, &loaded).await?;
    steps.done(steps.total, 0.0);
    Ok(loaded)
}

/// Tells the caller how far the load is.
struct Steps<'a> {
    total: usize,
    progress: &'a (dyn Fn(f64) + Sync),
}

impl Steps<'_> {
    #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
    fn done(&self, steps: usize, part: f64) {
        (self.progress)((steps as f64 + part) / self.total as f64);
    }
}

/// Makes loads of one tenant wait for each other, and refuses a tenant that does not exist.
async fn lock(transaction: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    locks::load(transaction, tenant_id).await?;
    // Held against a delete of the tenant until the transaction ends.
    let tenant = sqlx::query!(
        "select tenant_id from tenant.tenant where tenant_id = $1 for key share",
        tenant_id
    )
    .fetch_optional(&mut *transaction)
    .await?;
    tenant
        .map(|_| ())
        .ok_or_else(|| Error::UnknownTenant(tenant_id.to_owned()))
}

/// Refuses a bundle that was extracted before the last one that said when, or in the future.
async fn check_extraction(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    faults: &mut Faults,
) -> Result<(), Error> {
    let Some((extracted_at, line)) = bundle
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.extracted_at)
    else {
        return Ok(());
    };
    let known = sqlx::query!(
        r#"select clock_timestamp() as "now!", (
               select gemaakt_op from informat.lading
               where tenant_id = $1 and gemaakt_op is not null
               order by p_lading desc limit 1
           ) as last"#,
        tenant_id
    )
    .fetch_one(&mut *transaction)
    .await?;
    let (rule, message) = if let Some(last) = known.last.filter(|last| extracted_at < *last) {
        let last = Moment::from(last);
        (
            Rule::OlderThanLastLoad,
            format!("the last bundle loaded was made later, {last}; --force loads it anyway"),
        )
    } else if extracted_at > known.now + chrono::TimeDelta::hours(AHEAD_LIMIT_H) {
        (
            Rule::ExtractedInFuture,
            "lies in the future; --force loads it anyway".to_owned(),
        )
    } else {
        return Ok(());
    };
    let fault = Fault::of_file(MANIFEST, rule, message).on_line(line);
    faults.push(fault.in_column("rijen", &Moment::from(extracted_at).rfc3339()));
    Ok(())
}

/// Fills the staging table of a file.
async fn stage(
    transaction: &mut PgConnection,
    staged: &Staged,
    steps: &Steps<'_>,
    step: usize,
) -> Result<(), sqlx::Error> {
    sql::execute(transaction, sql::create_staging(staged.table)).await?;
    let mut copy = transaction.copy_in_raw(&sql::copy_staging(staged.table)).await?;
    let bytes = staged.copy.as_bytes();
    let mut sent = 0;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        if let Err(error) = copy.send(chunk).await {
            // The connection is of no use any more; what made it so is the error to report.
            let _ = copy.abort("the load failed").await;
            return Err(error);
        }
        sent += chunk.len();
        #[expect(clippy::cast_precision_loss, reason = "for a progress bar")]
        steps.done(step, sent as f64 / bytes.len() as f64);
    }
    copy.finish().await?;
    sql::execute(transaction, sql::index_staging(staged.table)).await?;
    sql::execute(transaction, format!("analyze {}", sql::staging(staged.table))).await?;
    Ok(())
}

/// Brings a table to what its staging table says, and returns how many rows it lost.
async fn merge(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &Table,
    mode: Mode,
    loaded: &mut Loaded,
) -> Result<u64, sqlx::Error> {
    let deleted = sql::execute_for(transaction, sql::delete(table, mode), tenant_id).await?;
    loaded.deleted += deleted;
    loaded.updated += sql::execute_for(transaction, sql::update(table), tenant_id).await?;
    loaded.inserted += sql::execute_for(transaction, sql::insert(table), tenant_id).await?;
    Ok(deleted)
}

/// Lets the database check what it defers, notes the load, and raises the version of the mirror if it changed.
async fn finish(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    loaded: &Loaded,
) -> Result<(), sqlx::Error> {
    for staged in &bundle.tables {
        sql::execute(transaction, format!("drop table {}", sql::staging(staged.table))).await?;
    }
    // Now, not at the commit: a dry run checks it too, and the version's row is locked for a shorter time.
    sql::execute(transaction, "set constraints all immediate".to_owned()).await?;
    sql::execute(transaction, "set constraints all deferred".to_owned()).await?;
    let extracted_at = bundle
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.extracted_at)
        .map(|(instant, _)| instant);
    if loaded.changed() {
        raise_input_version(transaction, tenant_id, Input::Mirror).await?;
    }
    sqlx::query!(
        "insert into informat.lading (tenant_id, gemaakt_op, delta, gewijzigd, rijen, spiegelversie)
         values ($1, $2, $3, $4, $5, coalesce(
             (select version from tenant.input_version where tenant_id = $1 and input = 'mirror'), 0))",
        tenant_id,
        extracted_at,
        bundle.mode == Mode::Delta,
        loaded.changed(),
        serde_json::json!(loaded.rows)
    )
    .execute(&mut *transaction)
    .await?;
    Ok(())
}
