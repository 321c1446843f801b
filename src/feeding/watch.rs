//! Watches folders, and has each bundle that comes imported, one at a time.
//!
//! It looks every few seconds rather than being told: what other machines do on a network share, nobody tells.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use oneroster_school::tenant::TenantId;
use tokio::sync::watch;

use super::folder::{Folder, OpenError};
use crate::causes;
use crate::report::import::ImportReport;

/// How long a file that was written under its own name must stand still to be finished.
pub const STILL_FOR: Duration = Duration::from_secs(30);

/// How often folders are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How long a folder is left alone in which something failed.
const PAUSE: Duration = Duration::from_secs(30);

/// How long an import under way may go on once the process is told to stop. Given up, it leaves everything as it was.
const STOP_WAIT: Duration = Duration::from_mins(1);

/// What is watched.
#[derive(Debug, Clone)]
pub enum Watched {
    /// A folder, whose bundles are of one tenant.
    OfTenant(TenantId, PathBuf),
    /// The folders in a folder, each called like the tenant whose bundles come there.
    PerTenant(PathBuf),
}

/// A folder cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WatchError(#[from] OpenError);

/// The folders that are watched.
#[derive(Debug)]
pub struct Watch {
    watched: Watched,
    still_for: Duration,
    folders: BTreeMap<TenantId, Place>,
}

/// A folder, and what is the matter with it.
#[derive(Debug)]
struct Place {
    /// `None` while somebody else watches it, or it cannot be used.
    folder: Option<Folder>,
    path: PathBuf,
    /// A bundle that was dealt with and could not be put away.
    unfiled: Option<Unfiled>,
    rests_until: Option<Instant>,
}

#[derive(Debug)]
struct Unfiled {
    taken: PathBuf,
    is_loaded: bool,
    report: Vec<u8>,
}

impl Watch {
    /// Begins to watch. The folder of one tenant, or that around all, must be there.
    pub fn begin(watched: Watched, still_for: Duration) -> Result<Self, WatchError> {
        let mut folders = BTreeMap::new();
        match &watched {
            Watched::OfTenant(tenant, path) => {
                let mut place = Place::at(path.clone());
                place.folder = Some(Folder::open(path, still_for)?);
                folders.insert(tenant.clone(), place);
            }
            Watched::PerTenant(path) => {
                std::fs::read_dir(path).map_err(|error| OpenError::Unusable(path.clone(), error))?;
            }
        }
        Ok(Self {
            watched,
            still_for,
            folders,
        })
    }

    /// Has bundles imported by `import`, which is given the tenant and the file, until `stop` is there. An import under way is let
    /// finish, for a minute at the most.
    pub async fn run<E: Display>(
        mut self,
        import: impl AsyncFn(&TenantId, &Path) -> Result<ImportReport, E>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) {
        let (say, mut stopped) = watch::channel(false);
        // On its own, so that it is heard while a folder on a network share does not answer.
        tokio::spawn(async move {
            stop.await;
            say.send_replace(true);
        });
        while !*stopped.borrow() {
            let mut has_worked = false;
            for tenant in self.tenants() {
                if *stopped.borrow() {
                    return;
                }
                let Some(place) = self.folders.get_mut(&tenant) else {
                    continue;
                };
                has_worked |= place.next(&tenant, self.still_for, &import, &mut stopped).await;
            }
            if !has_worked {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_INTERVAL) => {}
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                }
            }
        }
    }

    /// Returns the tenants whose folders are there.
    fn tenants(&mut self) -> Vec<TenantId> {
        if let Watched::PerTenant(path) = &self.watched {
            match folders_in(path) {
                Ok(found) => {
                    for (tenant, path) in found {
                        self.folders.entry(tenant).or_insert_with(|| Place::at(path));
                    }
                }
                Err(error) => {
                    tracing::warn!(folder = %path.display(), %error, "cannot look for folders of tenants");
                }
            }
        }
        self.folders.keys().cloned().collect()
    }
}

impl Place {
    const fn at(path: PathBuf) -> Self {
        Self {
            folder: None,
            path,
            unfiled: None,
            rests_until: None,
        }
    }

    /// Deals with the next bundle; `false` if there is none, or it must wait.
    async fn next<E: Display>(
        &mut self,
        tenant: &TenantId,
        still_for: Duration,
        import: &impl AsyncFn(&TenantId, &Path) -> Result<ImportReport, E>,
        stopped: &mut watch::Receiver<bool>,
    ) -> bool {
        if self.rests_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        self.rests_until = None;
        let taken = match self.take(still_for) {
            Ok(Some(taken)) => taken,
            Ok(None) => return false,
            Err(error) => {
                let causes = causes::with_causes(&*error);
                self.rest(tenant, &causes);
                return false;
            }
        };
        let Some(imported) = finished(import(tenant, &taken), stopped).await else {
            let file = taken.display();
            tracing::warn!(%tenant, %file, "stopped in the middle of an import: it is begun anew when this is started again");
            return false;
        };
        match imported {
            Ok(report) => self.dealt_with(tenant, taken, &report),
            Err(error) => {
                self.rest(tenant, &format!("{error:#}"));
                return false;
            }
        }
        true
    }

    /// Says what became of a bundle, and puts it away.
    fn dealt_with(&mut self, tenant: &TenantId, taken: PathBuf, report: &ImportReport) {
        let file = taken.display();
        if report.accepted {
            tracing::info!(%tenant, %file, "loaded");
        } else {
            let reason = report.refusal();
            tracing::warn!(%tenant, %file, reason, "refused: the report beside it says what is wrong");
        }
        self.unfiled = Some(Unfiled::new(taken, report));
        if let Err(error) = self.put_away() {
            self.rest(tenant, &error.to_string());
        }
    }

    /// Opens the folder if need be, puts away what is left to be, and takes the next bundle.
    fn take(&mut self, still_for: Duration) -> Result<Option<PathBuf>, Box<dyn std::error::Error>> {
        if self.folder.is_none() {
            self.folder = Some(Folder::open(&self.path, still_for)?);
        }
        self.put_away()?;
        let Some(folder) = &mut self.folder else {
            return Ok(None);
        };
        Ok(folder.take()?)
    }

    /// Puts away a bundle that was dealt with, if there is one.
    fn put_away(&mut self) -> std::io::Result<()> {
        if let (Some(folder), Some(unfiled)) = (&self.folder, &self.unfiled) {
            folder.put_away(&unfiled.taken, unfiled.is_loaded, &unfiled.report)?;
        }
        self.unfiled = None;
        Ok(())
    }

    /// Says what failed, and leaves the folder alone for a while.
    fn rest(&mut self, tenant: &TenantId, causes: &str) {
        let folder = self.path.display().to_string();
        let pause_s = PAUSE.as_secs();
        tracing::error!(%tenant, folder, causes, "cannot go on here; tried again every {pause_s} s");
        self.rests_until = Some(Instant::now() + PAUSE);
    }
}

/// Waits for an import, but no longer than it may take once the process is told to stop.
async fn finished<T>(import: impl Future<Output = T>, stopped: &mut watch::Receiver<bool>) -> Option<T> {
    let mut import = std::pin::pin!(import);
    tokio::select! {
        biased;
        imported = &mut import => Some(imported),
        _ = stopped.wait_for(|stopped| *stopped) => tokio::time::timeout(STOP_WAIT, import).await.ok(),
    }
}

impl Unfiled {
    fn new(taken: PathBuf, report: &ImportReport) -> Self {
        Self {
            taken,
            is_loaded: report.accepted,
            // A report is always JSON.
            report: serde_json::to_vec_pretty(report).unwrap_or_default(),
        }
    }
}

/// Returns the folders that are called like a tenant.
fn folders_in(path: &Path) -> std::io::Result<Vec<(TenantId, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let tenant = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(tenant) = tenant
            && entry.file_type()?.is_dir()
        {
            found.push((tenant, entry.path()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::import::Imported;

    /// As when the disk is full, or somebody took the folder away.
    #[tokio::test]
    async fn what_cannot_be_put_away_is_not_imported_again_but_put_away_later() {
        let place = tempfile::tempdir().unwrap();
        let tenant: TenantId = "t".parse().unwrap();
        let mut watched = Place::at(place.path().to_owned());
        let (_say, mut stopped) = watch::channel(false);
        assert!(watched.take(Duration::ZERO).unwrap().is_none());
        std::fs::write(place.path().join("a.zip"), "a").unwrap();
        std::fs::remove_dir(place.path().join("done")).unwrap();
        std::fs::write(place.path().join("done"), "in the way").unwrap();
        let imports = std::cell::Cell::new(0);
        let import = async |_: &TenantId, _: &Path| {
            imports.set(imports.get() + 1);
            Ok::<_, String>(ImportReport::accepted(Imported::default(), false))
        };
        assert!(watched.next(&tenant, Duration::ZERO, &import, &mut stopped).await);
        assert!(watched.unfiled.is_some() && watched.rests_until.is_some());
        assert!(
            !watched.next(&tenant, Duration::ZERO, &import, &mut stopped).await,
            "it rests"
        );
        watched.rests_until = None;
        assert!(
            !watched.next(&tenant, Duration::ZERO, &import, &mut stopped).await,
            "still in the way"
        );
        std::fs::remove_file(place.path().join("done")).unwrap();
        watched.rests_until = None;
        assert!(!watched.next(&tenant, Duration::ZERO, &import, &mut stopped).await);
        assert!(place.path().join("done/a.zip").is_file() && place.path().join("done/a.zip.json").is_file());
        assert_eq!(imports.get(), 1);
    }

    #[tokio::test]
    async fn a_bundle_that_cannot_be_imported_now_stays_and_is_tried_again() {
        let place = tempfile::tempdir().unwrap();
        let tenant: TenantId = "t".parse().unwrap();
        let mut watched = Place::at(place.path().to_owned());
        let (_say, mut stopped) = watch::channel(false);
        std::fs::write(place.path().join("a.zip"), "a").unwrap();
        let fails = async |_: &TenantId, _: &Path| Err::<ImportReport, _>("no database");
        assert!(!watched.next(&tenant, Duration::ZERO, &fails, &mut stopped).await);
        assert!(place.path().join("working/a.zip").is_file() && watched.rests_until.is_some());
        watched.rests_until = None;
        let works = async |_: &TenantId, _: &Path| {
            Ok::<_, String>(ImportReport::accepted(Imported::default(), false))
        };
        assert!(watched.next(&tenant, Duration::ZERO, &works, &mut stopped).await);
        assert!(place.path().join("done/a.zip").is_file());
    }
}
