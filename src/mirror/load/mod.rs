//! Loads a bundle into the mirror: staged by COPY, merged set by set, checked as a whole.
//!
//! The caller's transaction is the unit: it commits what [`load`] returned, or nothing. Rows that did not change
//! are not touched.

mod check;
mod door;
mod record;
mod references;
mod sql;

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::acceptance::{Acceptance, GuardReport};
use super::bundle::{Bundle, Mode, Staged};
use super::known;
use super::layout::{TABLES, Table};
use super::remark::Remark;
use super::rule::Faults;
use crate::db::locks;
use crate::tenants::{Input, raise_input_version};
use door::Examined;

/// How much is sent to the database at a time, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// A bundle that was not loaded. The transaction must be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such tenant.
    #[error("there is no tenant {0:?}; `tenant list` names them")]
    UnknownTenant(String),
    /// The bundle has faults, or a guard of the door speaks that nobody accepted.
    #[error("the bundle was refused: {0}")]
    Refused(Box<ImportRefusal>),
    /// Files were not read, since the mirror held them already: it does no more, or the bundle is to be refused and all that is wrong
    /// with it must be told. Read every file and load again.
    #[error("files of the bundle that were left unread must be read")]
    MustReadAll,
    /// The database failed.
    #[error("the database could not load the bundle")]
    Database(#[from] sqlx::Error),
}

/// Why a bundle was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportRefusal {
    /// What is wrong with the bundle. Faults that stand for a guard are gone once it is accepted.
    pub faults: Faults,
    /// The guards that spoke, accepted or not.
    pub guards: Vec<GuardReport>,
    /// What a person should know besides.
    pub remarks: Vec<Remark>,
}

impl std::fmt::Display for ImportRefusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.faults)?;
        for report in self.guards.iter().filter(|report| !report.accepted) {
            write!(formatter, ", {}", report.guard)?;
        }
        Ok(())
    }
}

/// How to load.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The guards that somebody accepted for this load.
    pub acceptance: &'a Acceptance,
    /// Called now and then with the part of the work that is done, 0 to 1.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// Nobody accepted anything.
static NOTHING: Acceptance = Acceptance::none();

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            acceptance: &NOTHING,
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
    /// The tables with such rows.
    pub changed_tables: Vec<&'static str>,
    /// The guards that spoke, all accepted.
    pub guards: Vec<GuardReport>,
    /// What a person should know.
    pub remarks: Vec<Remark>,
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
    let handwork = known::keep_hands_off(transaction).await?;
    if bundle.has_held_files() && !still_holds(transaction, tenant_id, bundle).await? {
        return Err(Error::MustReadAll);
    }
    references::are_proved_at_the_end(transaction, true).await?;
    let steps = Steps {
        total: bundle.tables.len() * 2 + 2,
        progress: options.progress,
    };
    for (step, staged) in bundle.tables.iter().enumerate() {
        if !staged.is_held {
            stage(transaction, staged, &steps, step).await?;
        }
    }
    let Examined {
        mut spoken,
        remarks,
        id_changes,
    } = door::examine(transaction, tenant_id, bundle).await?;
    let mut loaded = Loaded {
        rows: bundle.rows(),
        remarks,
        ..Loaded::default()
    };
    let mut faults = bundle.faults.clone();
    merge_all(transaction, tenant_id, bundle, (&mut loaded, &mut faults), &steps).await?;
    spoken.extend(door::active_year(transaction, tenant_id, bundle).await?);
    loaded.guards = door::settle(spoken, options.acceptance, &mut faults);
    let is_refused = !faults.is_empty() || loaded.guards.iter().any(|report| !report.accepted);
    if is_refused && bundle.has_held_files() {
        return Err(Error::MustReadAll);
    }
    for report in &loaded.guards {
        let GuardReport {
            guard,
            count,
            of,
            accepted,
            ..
        } = report;
        tracing::info!(%guard, count, of, accepted, "a guard of the door spoke");
    }
    if is_refused {
        faults.sort_by_file(&TABLES.each_ref().map(|table| table.file));
        return Err(Error::Refused(Box::new(ImportRefusal {
            faults,
            guards: loaded.guards,
            remarks: loaded.remarks,
        })));
    }
    steps.done(steps.total - 1, 0.0);
    let load_id = finish(transaction, tenant_id, bundle, &loaded).await?;
    if let Some(handwork) = handwork {
        known::remember(transaction, tenant_id, bundle, &loaded.changed_tables, handwork).await?;
    }
    record::id_changes(transaction, tenant_id, load_id, &id_changes).await?;
    record::acceptances(transaction, tenant_id, &loaded.guards, options.acceptance.by()).await?;
    steps.done(steps.total, 0.0);
    Ok(loaded)
}

/// Brings every table to what its staging table says, and checks the mirror as it would be.
async fn merge_all(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    (loaded, faults): (&mut Loaded, &mut Faults),
    steps: &Steps<'_>,
) -> Result<(), sqlx::Error> {
    let mut deleted_from = Vec::new();
    for (step, staged) in bundle.tables.iter().enumerate() {
        if staged.complete && !staged.is_held {
            let deleted = merge(transaction, tenant_id, staged.table, bundle.mode, loaded).await?;
            if deleted > 0 {
                deleted_from.push(staged.table);
            }
        }
        steps.done(bundle.tables.len() + step + 1, 0.0);
    }
    check::references(transaction, tenant_id, bundle, &deleted_from, faults).await?;
    if bundle.mode == Mode::Delta {
        check::uniques(transaction, tenant_id, bundle, faults).await?;
    }
    Ok(())
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

/// Returns `true` if the mirror still holds the files that were not read for that.
async fn still_holds(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
) -> Result<bool, sqlx::Error> {
    let known = known::known_files(transaction, tenant_id).await?;
    let mut held = bundle.tables.iter().filter(|staged| staged.is_held);
    Ok(held.all(|staged| known.still_has(staged)))
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
    let updated = sql::execute_for(transaction, sql::update(table), tenant_id).await?;
    let inserted = sql::execute_for(transaction, sql::insert(table), tenant_id).await?;
    loaded.deleted += deleted;
    loaded.updated += updated;
    loaded.inserted += inserted;
    if deleted + updated + inserted > 0 {
        loaded.changed_tables.push(table.name);
    }
    Ok(deleted)
}

/// Lets the database check what it defers, proves references, raises the version of the mirror if it changed, notes the load and returns its
/// number.
async fn finish(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    loaded: &Loaded,
) -> Result<i64, sqlx::Error> {
    for staged in bundle.tables.iter().filter(|staged| !staged.is_held) {
        sql::execute(transaction, format!("drop table {}", sql::staging(staged.table))).await?;
    }
    // Now, not at the commit: a dry run checks it too, and the version's row is locked for a shorter time.
    sql::execute(transaction, "set constraints all immediate".to_owned()).await?;
    sql::execute(transaction, "set constraints all deferred".to_owned()).await?;
    references::prove(transaction, tenant_id, &loaded.changed_tables).await?;
    references::are_proved_at_the_end(transaction, false).await?;
    let extracted_at = bundle
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.extracted_at)
        .map(|(instant, _)| instant);
    if loaded.changed() {
        raise_input_version(transaction, tenant_id, Input::Mirror).await?;
    }
    let accepted: Vec<String> = loaded
        .guards
        .iter()
        .map(|report| report.guard.to_string())
        .collect();
    sqlx::query_scalar!(
        "insert into informat.lading (tenant_id, gemaakt_op, delta, gewijzigd, rijen, aanvaard, spiegelversie)
         values ($1, $2, $3, $4, $5, $6, coalesce(
             (select version from tenant.input_version where tenant_id = $1 and input = 'mirror'), 0))
         returning p_lading",
        tenant_id,
        extracted_at,
        bundle.mode == Mode::Delta,
        loaded.changed(),
        serde_json::json!(loaded.rows),
        &accepted
    )
    .fetch_one(&mut *transaction)
    .await
}
