//! Importing a bundle: loads it into the mirror and makes the usernames of those who lack one, in one transaction.

use oneroster_school::informat::Schoolvest;
use oneroster_school::informat::unlisted_sites::unlisted_sites;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::records::{self, settled};
use crate::audit;
use crate::db::{locks, scope};
use crate::mirror::load::{self, ImportRefusal, Loaded};
use crate::mirror::{self, Bundle, BundleFiles, KnownFiles};
use crate::telemetry::run_id;
use crate::tenants;

/// How to import.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// How to load.
    pub load: load::Options<'a>,
    /// Do everything, and keep nothing.
    pub dry_run: bool,
    /// Which delivery it is, if it came to a watched folder: [`delivered`] then finds what became of it.
    pub delivery: Option<Uuid>,
    /// How long to wait for others who work on the tenant, if not as long as the session may.
    pub lock_wait_ms: Option<u32>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// What became of the mirror.
    pub loaded: Loaded,
    /// Usernames that were made.
    pub usernames_created: usize,
    /// Sites in use of listed schools that no entry of the tenant file names: they are not published.
    pub unlisted_sites: Vec<Schoolvest>,
}

/// A bundle was not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be loaded, or has faults.
    #[error(transparent)]
    Load(#[from] load::Error),
    /// The usernames could not be made.
    #[error(transparent)]
    Usernames(#[from] records::Error),
    /// The tenant cannot be read.
    #[error(transparent)]
    Tenant(#[from] tenants::Error),
    /// Reading the files broke off: a fault of this program.
    #[error("reading the bundle was interrupted")]
    Interrupted,
    /// The transaction failed.
    #[error("the database failed; nothing was loaded")]
    Database(#[from] sqlx::Error),
}

/// Loads a bundle and makes the usernames of those who lack one. All or nothing; a bundle with faults is
/// [`load::Error::Refused`].
#[tracing::instrument(
    level = "error",
    skip_all,
    fields(tenant = tenant_id, run_id = %run_id())
)]
pub async fn import(
    pool: &PgPool,
    tenant_id: &str,
    bundle: &Bundle,
    options: Options<'_>,
) -> Result<Imported, Error> {
    // Dropped without a commit, it leaves everything as it was.
    let mut transaction = scope::begin(pool, tenant_id).await?;
    if let Some(limit_ms) = options.lock_wait_ms {
        locks::wait_at_most(&mut transaction, limit_ms).await?;
    }
    let by = options.load.acceptance.by();
    if !by.is_empty() {
        scope::act_as(&mut transaction, by).await?;
    }
    let loaded = match mirror::load(&mut transaction, tenant_id, bundle, options.load).await {
        Ok(loaded) => loaded,
        Err(error) => {
            transaction.rollback().await?;
            if let load::Error::Refused(refusal) = &error
                && !options.dry_run
            {
                note_refusal(pool, tenant_id, by, refusal).await;
            }
            return Err(error.into());
        }
    };
    let inputs = settled::hold_inputs(&mut transaction, tenant_id).await?;
    load::record_acceptances(&mut transaction, tenant_id, &loaded.guards, by).await?;
    if loaded.changed() {
        records::absence::note(&mut transaction, tenant_id).await?;
    }
    let usernames_created = allocate(&mut transaction, tenant_id, inputs).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    let schoolvest = mirror::read::schoolvest(&mut transaction, tenant_id).await?;
    let unlisted = unlisted_sites(&schoolvest, &configuration);
    let imported = Imported {
        unlisted_sites: unlisted.into_iter().cloned().collect(),
        loaded,
        usernames_created,
    };
    if options.dry_run {
        transaction.rollback().await?;
        return Ok(imported);
    }
    note(&mut transaction, tenant_id, &imported).await?;
    if let Some(delivery) = options.delivery {
        let done = (&imported.loaded, imported.usernames_created);
        load::note_delivery(&mut transaction, tenant_id, delivery, done).await?;
    }
    if let Some(inputs) = inputs {
        settled::settle(&mut transaction, tenant_id, inputs).await?;
    }
    transaction.commit().await?;
    let Loaded {
        inserted,
        updated,
        deleted,
        ..
    } = imported.loaded;
    tracing::info!(inserted, updated, deleted, usernames_created, "bundle imported");
    Ok(imported)
}

/// Notes that a bundle was refused, for `tenant status` and alarms. That this fails changes nothing: the refusal is told.
async fn note_refusal(pool: &PgPool, tenant_id: &str, by: &str, refusal: &ImportRefusal) {
    let faults = refusal.faults.list().len() as u64 + refusal.faults.left_off();
    let unaccepted = refusal.guards.iter().filter(|report| !report.accepted);
    let guards: Vec<String> = unaccepted.map(|report| report.guard.to_string()).collect();
    note_refused(pool, tenant_id, by, faults, &guards).await;
}

/// Notes that what was brought was refused: how many faults, and which guards.
pub async fn note_refused(pool: &PgPool, tenant_id: &str, by: &str, faults: u64, guards: &[String]) {
    let noted = async {
        let mut transaction = scope::begin(pool, tenant_id).await?;
        mirror::memory::note_refusal(&mut transaction, tenant_id, by, faults, guards).await?;
        transaction.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(tenant = tenant_id, error = %error, "cannot note that a bundle was refused");
    }
}

/// Reads files and loads them as [`import`] does, except that a file which the mirror holds already is compared and no more, unless it
/// is a dry run. Returns what was read with what became of it. `read_file` is called with the name of each file.
pub async fn import_files(
    pool: &PgPool,
    tenant_id: &str,
    files: BundleFiles,
    options: Options<'_>,
    read_file: impl Fn(&str) + Clone + Send + 'static,
) -> Result<(Bundle, Result<Imported, Error>), Error> {
    let known = if options.dry_run {
        // Who tries a bundle out wants to know what is in its files.
        KnownFiles::default()
    } else {
        known_files(pool, tenant_id).await?
    };
    let (files, bundle) = read(files, known, read_file.clone()).await?;
    match import(pool, tenant_id, &bundle, options).await {
        Err(Error::Load(load::Error::MustReadAll)) => {}
        done => return Ok((bundle, done)),
    }
    drop(bundle);
    let (_, bundle) = read(files, KnownFiles::default(), read_file).await?;
    let done = import(pool, tenant_id, &bundle, options).await;
    Ok((bundle, done))
}

/// Returns what the import of a delivery did, if it was loaded: the counts, without remarks and sites.
pub async fn delivered(
    pool: &PgPool,
    tenant_id: &str,
    delivery: Uuid,
) -> Result<Option<Imported>, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let found = load::delivered(&mut transaction, tenant_id, delivery).await?;
    transaction.rollback().await?;
    Ok(found.map(|(loaded, usernames_created)| Imported {
        loaded,
        usernames_created,
        unlisted_sites: Vec::new(),
    }))
}

async fn known_files(pool: &PgPool, tenant_id: &str) -> Result<KnownFiles, sqlx::Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let known = mirror::known_files(&mut transaction, tenant_id).await?;
    transaction.rollback().await?;
    Ok(known)
}

async fn read(
    mut files: BundleFiles,
    known: KnownFiles,
    read_file: impl Fn(&str) + Send + 'static,
) -> Result<(BundleFiles, Bundle), Error> {
    tokio::task::spawn_blocking(move || {
        let bundle = files.read(&known, read_file);
        (files, bundle)
    })
    .await
    .map_err(|_| Error::Interrupted)
}

/// Gives out names unless it is known that nobody needs one, and returns how many.
async fn allocate(
    connection: &mut PgConnection,
    tenant_id: &str,
    inputs: Option<settled::Inputs>,
) -> Result<usize, Error> {
    if let Some(inputs) = inputs
        && settled::is_settled(connection, tenant_id, inputs).await?
    {
        return Ok(0);
    }
    Ok(records::allocate(connection, tenant_id).await?.created)
}

/// Enters the import with its counts and the guards that were accepted.
async fn note(
    connection: &mut PgConnection,
    tenant_id: &str,
    imported: &Imported,
) -> Result<(), sqlx::Error> {
    let loaded = &imported.loaded;
    let detail = json!({
        "inserted": loaded.inserted,
        "updated": loaded.updated,
        "deleted": loaded.deleted,
        "usernames_created": imported.usernames_created,
        "guards": loaded.guards.iter().map(|spoken| spoken.guard.to_string()).collect::<Vec<_>>(),
    });
    audit::note(connection, tenant_id, "bundle_imported", &detail).await
}
