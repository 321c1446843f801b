//! Imports one .zip, and answers with the report of the command.

use std::path::Path;

use sqlx::PgPool;
use zip::result::ZipError;

use crate::accounts::import::{self, Options, import_files};
use crate::db;
use crate::mirror::bundle;
use crate::mirror::load;
use crate::mirror::{Acceptance, BundleFiles, Fault, Mode, Rule};
use crate::report::import::ImportReport;

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
}

impl Error {
    /// Returns `true` if the database was out of reach or could not serve just now.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Import(
                import::Error::Database(error) | import::Error::Load(load::Error::Database(error)),
            ) => db::is_transient(error),
            Self::Import(_) | Self::Read(_) | Self::Interrupted => false,
        }
    }
}

/// Imports a .zip in the name of `by`, and accepts no guard. An archive that cannot be read is refused like any bundle with faults.
pub async fn import_archive(
    pool: &PgPool,
    tenant_id: &str,
    path: &Path,
    mode: Mode,
    by: &str,
) -> Result<ImportReport, Error> {
    let opened = {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || BundleFiles::open(&path, mode))
    };
    let files = match opened.await.map_err(|_panic| Error::Interrupted)? {
        Ok(files) => files,
        Err(bundle::Error::Zip { source, .. }) if is_damage(&source) => {
            let name = path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
            let message = format!("is no whole .zip archive: {source}");
            let fault = Fault::of_file(&name, Rule::Unreadable, message);
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
    !matches!(error, ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof)
}
