//! Loads a bundle into the mirror: staged by COPY, merged set by set, checked as a whole.
//!
//! The caller's transaction is the unit: it commits what [`load`] returned, or nothing. Rows that did not change
//! are not touched.

mod check;
mod door;
mod merge;
mod record;
mod references;
mod sql;
mod stage;

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::acceptance::{Acceptance, GuardReport};
use super::bundle::{Bundle, Mode};
use super::known;
use super::layout::{TABLES, Table};
use super::remark::Remark;
use super::rule::Faults;
use crate::db::locks;
use crate::tenants::{Input, raise_input_version};
use door::Examined;

pub use record::{acceptances as record_acceptances, delivered, note_delivery};

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
/// bundle and of the mirror as it would have been. Who accepted guards is not recorded yet: [`record_acceptances`].
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
    let empty_tables = stage_all(transaction, tenant_id, bundle, &steps).await?;
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
    let deleted_from = merge_all(
        transaction,
        tenant_id,
        (bundle, &empty_tables),
        &mut loaded,
        &steps,
    )
    .await?;
    let is_proved = check::mirror(
        transaction,
        tenant_id,
        bundle,
        (&loaded.changed_tables, &deleted_from),
        &mut faults,
    )
    .await?;
    spoken.extend(door::active_year(transaction, tenant_id, bundle).await?);
    loaded.guards = door::settle(spoken, options.acceptance, &mut faults);
    let is_refused = !faults.is_empty() || loaded.guards.iter().any(|report| !report.accepted);
    if is_refused && bundle.has_held_files() {
        return Err(Error::MustReadAll);
    }
    log_guards(&loaded.guards);
    if is_refused {
        faults.sort_by_file(&TABLES.each_ref().map(|table| table.file));
        return Err(Error::Refused(Box::new(ImportRefusal {
            faults,
            guards: loaded.guards,
            remarks: loaded.remarks,
        })));
    }
    steps.done(steps.total - 1, 0.0);
    if !is_proved {
        references::prove(transaction, tenant_id, &loaded.changed_tables).await?;
    }
    let load_id = finish(transaction, tenant_id, (bundle, options.acceptance.by()), &loaded).await?;
    if let Some(handwork) = handwork {
        known::remember(transaction, tenant_id, bundle, &loaded.changed_tables, handwork).await?;
    }
    record::id_changes(transaction, tenant_id, load_id, &id_changes).await?;
    steps.done(steps.total, 0.0);
    Ok(loaded)
}

/// Fills a staging table for every file that was read, and returns the tables of which the mirror holds nothing.
async fn stage_all(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    steps: &Steps<'_>,
) -> Result<Vec<&'static str>, sqlx::Error> {
    let mut empty_tables = Vec::new();
    for (step, staged) in bundle.tables.iter().enumerate() {
        if staged.is_held {
            continue;
        }
        let is_filled = stage::is_filled(transaction, tenant_id, staged.table).await?;
        if !is_filled {
            empty_tables.push(staged.table.name);
        }
        let progress = |part: f64| steps.done(step, part);
        stage::stage(transaction, staged, is_filled, &progress).await?;
    }
    Ok(empty_tables)
}

fn log_guards(guards: &[GuardReport]) {
    for report in guards {
        let GuardReport {
            guard,
            count,
            of,
            accepted,
            ..
        } = report;
        tracing::info!(%guard, count, of, accepted, "a guard of the door spoke");
    }
}

/// Brings every table to what its staging table says, and returns those that lost rows.
async fn merge_all(
    transaction: &mut PgConnection,
    tenant_id: &str,
    (bundle, empty_tables): (&Bundle, &[&str]),
    loaded: &mut Loaded,
    steps: &Steps<'_>,
) -> Result<Vec<&'static Table>, sqlx::Error> {
    let mut deleted_from = Vec::new();
    for (step, staged) in bundle.tables.iter().enumerate() {
        let table = staged.table;
        if staged.complete && !staged.is_held {
            let merged = if empty_tables.contains(&table.name) {
                merge::fill(transaction, tenant_id, table).await?
            } else {
                merge::merge(transaction, tenant_id, table, bundle.mode).await?
            };
            loaded.inserted += merged.inserted;
            loaded.updated += merged.updated;
            loaded.deleted += merged.deleted;
            if merged.is_any() {
                loaded.changed_tables.push(table.name);
            }
            if merged.deleted > 0 {
                deleted_from.push(table);
            }
        }
        steps.done(bundle.tables.len() + step + 1, 0.0);
    }
    Ok(deleted_from)
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

/// Lets the database check what it defers, raises the version of the mirror if it changed, notes the load and returns its
/// number.
async fn finish(
    transaction: &mut PgConnection,
    tenant_id: &str,
    (bundle, by): (&Bundle, &str),
    loaded: &Loaded,
) -> Result<i64, sqlx::Error> {
    for staged in bundle.tables.iter().filter(|staged| !staged.is_held) {
        sql::execute(transaction, format!("drop table {}", sql::staging(staged.table))).await?;
    }
    // Now, not at the commit: a dry run checks it too, and the version's row is locked for a shorter time.
    sql::execute(transaction, "set constraints all immediate".to_owned()).await?;
    sql::execute(transaction, "set constraints all deferred".to_owned()).await?;
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
        "insert into informat.lading (tenant_id, gemaakt_op, delta, gewijzigd, rijen, aanvaard, spiegelversie, door)
         values ($1, $2, $3, $4, $5, $6, coalesce(
             (select version from tenant.input_version where tenant_id = $1 and input = 'mirror'), 0), $7)
         returning p_lading",
        tenant_id,
        extracted_at,
        bundle.mode == Mode::Delta,
        loaded.changed(),
        serde_json::json!(loaded.rows),
        &accepted,
        by
    )
    .fetch_one(&mut *transaction)
    .await
}
