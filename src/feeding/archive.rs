//! Imports one .zip, and answers with the report of the command.

use std::error::Error as StdError;
use std::fs::File;
use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;
use zip::result::ZipError;

use crate::accounts::import::{self, Options, import_files};
use crate::db;
use crate::mirror::bundle;
use crate::mirror::load;
use crate::mirror::{Acceptance, BundleFiles, Fault, Mode, Rule};
use crate::report::import::ImportReport;

/// How long an import waits for others who work on the tenant, in milliseconds: other tenants wait for it.
const LOCK_WAIT_MS: u32 = 30_000;

/// How long an import may take. Given up, it leaves everything as it was.
const IMPORT_TIMEOUT: Duration = Duration::from_mins(15);

/// A bundle that was neither loaded nor refused: the same may be tried again. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the bundle")]
    Read(#[source] bundle::Error),
    /// It cannot be imported.
    #[error("cannot import the bundle")]
    Import(#[source] import::Error),
    /// Reading it broke off: a fault of this program.
    #[error("reading the bundle was interrupted")]
    Interrupted,
    /// It took too long.
    #[error("importing the bundle took longer than {} min and was given up", IMPORT_TIMEOUT.as_secs() / 60)]
    TooLong,
}

impl Error {
    /// Returns `true` if the database was out of reach or could not serve just now.
    pub fn is_unavailable(&self) -> bool {
        let causes = std::iter::successors(self.source(), |cause| StdError::source(*cause));
        causes
            .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
            .any(db::is_transient)
    }
}

/// A .zip that was received.
#[derive(Debug)]
pub struct Archive {
    /// What it is called in messages.
    pub name: String,
    /// It.
    pub file: File,
    /// How it is meant.
    pub mode: Mode,
    /// What it is known by if it is found again after the process ended.
    pub delivery: Option<Uuid>,
}

/// Imports a .zip in the name of `by`, and accepts no guard. An archive that cannot be read is refused like any bundle with faults. A
/// delivery that was loaded before is not loaded again; the report then has the counts of that load.
pub async fn import_archive(
    pool: &PgPool,
    tenant_id: &str,
    archive: Archive,
    by: &str,
) -> Result<ImportReport, Error> {
    let importing = import(pool, tenant_id, archive, by);
    tokio::time::timeout(IMPORT_TIMEOUT, importing)
        .await
        .unwrap_or(Err(Error::TooLong))
}

async fn import(pool: &PgPool, tenant_id: &str, archive: Archive, by: &str) -> Result<ImportReport, Error> {
    let Archive {
        name,
        file,
        mode,
        delivery,
    } = archive;
    if let Some(delivery) = delivery {
        let delivered = import::delivered(pool, tenant_id, delivery).await;
        if let Some(imported) = delivered.map_err(|error| Error::Import(error.into()))? {
            tracing::info!(
                tenant = tenant_id,
                "loaded before this process was started: not loaded again"
            );
            return Ok(ImportReport::accepted(imported, false));
        }
    }
    let opened = {
        let name = name.clone();
        tokio::task::spawn_blocking(move || BundleFiles::of_archive(&name, file, mode))
    };
    let files = match opened.await.map_err(|_panic| Error::Interrupted)? {
        Ok(files) => files,
        Err(bundle::Error::Zip { source, .. }) if is_damage(&source) => {
            let message = format!("is no whole .zip archive of a bundle: {source}");
            let fault = Fault::of_file(&name.to_lowercase(), Rule::Unreadable, message);
            import::note_refused(pool, tenant_id, by, 1, &[]).await;
            return Ok(ImportReport::of_no_bundle(fault));
        }
        Err(error) => return Err(Error::Read(error)),
    };
    let acceptance = Acceptance::new([], by);
    let options = Options {
        load: load::Options {
            acceptance: &acceptance,
            ..load::Options::default()
        },
        dry_run: false,
        delivery,
        lock_wait_ms: Some(LOCK_WAIT_MS),
    };
    let imported = import_files(pool, tenant_id, files, options, |_: &str| ()).await;
    let (bundle, imported) = imported.map_err(Error::Import)?;
    match imported {
        Ok(imported) => Ok(ImportReport::accepted(imported, false)),
        Err(import::Error::Load(load::Error::Refused(refusal))) => {
            Ok(ImportReport::refused(&bundle, *refusal, false))
        }
        Err(error) => Err(Error::Import(error)),
    }
}

/// Returns `true` if reading the archive again would show the same.
fn is_damage(error: &ZipError) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    !matches!(error, ZipError::Io(error) if !matches!(error.kind(), UnexpectedEof | InvalidData))
}
