//! Watches folders, and has each bundle that comes imported, one at a time.
//!
//! It looks every few seconds rather than being told: what other machines do on a network share, nobody tells. Each folder is looked
//! after by itself, so that one that does not answer holds up no other.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use oneroster_school::tenant::TenantId;
use tokio::sync::{Semaphore, watch};

use super::archive::Archive;
use super::failure::Failure;
use super::folder::{DONE, Folder, OpenError, REFUSED, WORKING, refuse_folder_of_one_tenant};
use super::place::{LOOK_INTERVAL, Place, STOP_WAIT, apart};
use crate::mirror::Mode;
use crate::report::import::ImportReport;

/// How long a file that was written under its own name must stand still to be finished.
pub const STILL_FOR: Duration = Duration::from_secs(30);

/// How often it is asked whether there is a tenant by now that a folder is called like.
const ASK_INTERVAL: Duration = Duration::from_secs(30);

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
    mode: Mode,
    still_for: Duration,
    /// The place of the folder of one tenant.
    first: Option<Place>,
    /// The tenants whose folders are watched.
    tenants: HashSet<TenantId>,
    /// The folders that are called like no tenant, and when it was asked.
    strange: HashMap<TenantId, Instant>,
}

impl Watch {
    /// Begins to watch; `mode` is how all bundles are meant. The folder of one tenant, or that around all, must be there.
    pub fn begin(watched: Watched, mode: Mode, still_for: Duration) -> Result<Self, WatchError> {
        let mut first = None;
        match &watched {
            Watched::OfTenant(tenant, path) => {
                let mut place = Place::new(tenant.clone(), path.clone(), mode, still_for);
                place.folder = Some(Folder::open(path, still_for)?);
                first = Some(place);
            }
            Watched::PerTenant(path) => refuse_folder_of_one_tenant(path)?,
        }
        Ok(Self {
            watched,
            mode,
            still_for,
            first,
            tenants: HashSet::new(),
            strange: HashMap::new(),
        })
    }

    /// Has bundles imported by `import`, until `stop` is there. An import under way is let finish, for a minute at the most.
    /// `is_tenant` says whether there is a tenant that a folder is called like.
    pub async fn run<E: std::fmt::Display>(
        mut self,
        is_tenant: impl AsyncFn(&TenantId) -> Result<bool, E>,
        import: impl AsyncFn(&TenantId, Archive) -> Result<ImportReport, Failure>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) {
        let (say, mut stopped) = watch::channel(false);
        // On its own, so that it is heard while a folder on a network share does not answer.
        tokio::spawn(async move {
            stop.await;
            say.send_replace(true);
        });
        // Each import is in memory.
        let turns = Semaphore::new(1);
        let mut watching = FuturesUnordered::new();
        if let Some(place) = self.first.take() {
            watching.push(place.watch(&import, &turns, stopped.clone()));
        }
        while !*stopped.borrow() {
            let places = tokio::select! {
                places = self.new_places(&is_tenant) => places,
                _ = stopped.wait_for(|stopped| *stopped) => break,
            };
            for place in places {
                watching.push(place.watch(&import, &turns, stopped.clone()));
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
                Some(gone) = watching.next(), if !watching.is_empty() => {
                    self.tenants.remove(&gone);
                }
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
        }
        let ended = async { while watching.next().await.is_some() {} };
        if tokio::time::timeout(STOP_WAIT + LOOK_INTERVAL, ended)
            .await
            .is_err()
        {
            tracing::warn!("a folder does not answer: stopped without waiting for it");
        }
    }

    /// Returns the folders of tenants that are not watched yet.
    async fn new_places<E: std::fmt::Display>(
        &mut self,
        is_tenant: &impl AsyncFn(&TenantId) -> Result<bool, E>,
    ) -> Vec<Place> {
        let Watched::PerTenant(around) = &self.watched else {
            return Vec::new();
        };
        let around = around.clone();
        let found = {
            let around = around.clone();
            apart(move || folders_in(&around)).await
        };
        let found = found.flatten().unwrap_or_else(|error| {
            tracing::warn!(folder = %around.display(), %error, "cannot look for folders of tenants");
            Vec::new()
        });
        let mut places = Vec::new();
        for (tenant, path) in found {
            let asked = self.strange.get(&tenant);
            if self.tenants.contains(&tenant) || asked.is_some_and(|at| at.elapsed() < ASK_INTERVAL) {
                continue;
            }
            let is_first = self.strange.insert(tenant.clone(), Instant::now()).is_none();
            match is_tenant(&tenant).await {
                Ok(true) => {
                    self.strange.remove(&tenant);
                    self.tenants.insert(tenant.clone());
                    places.push(Place::new(tenant, path, self.mode, self.still_for).ending_when_gone());
                }
                Ok(false) if is_first => {
                    tracing::warn!(folder = %path.display(), "not watched: no tenant is called like this folder");
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%tenant, %error, "cannot ask whether there is a tenant");
                }
            }
        }
        places
    }
}

/// Returns the folders that are called like a tenant might be, but for those that are made in every folder that is watched.
fn folders_in(path: &Path) -> std::io::Result<Vec<(TenantId, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let tenant = name
            .to_str()
            .filter(|name| ![WORKING, DONE, REFUSED].contains(name))
            .and_then(|name| name.parse().ok());
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

    #[tokio::test]
    async fn only_folders_of_tenants_that_there_are_are_watched_as_soon_as_there_are() {
        let place = tempfile::tempdir().unwrap();
        for name in ["a", "b", "done", "refused", "working", "Not one"] {
            std::fs::create_dir(place.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(place.path().join("a"), place.path().join("c")).unwrap();
        let watched = Watched::PerTenant(place.path().to_owned());
        let begun = Watch::begin(watched.clone(), Mode::Full, STILL_FOR);
        let error = begun.unwrap_err().to_string();
        assert!(error.contains("--tenant ID"), "a folder of one tenant: {error}");
        std::fs::remove_dir(place.path().join("working")).unwrap();
        let mut watch = Watch::begin(watched, Mode::Full, STILL_FOR).unwrap();
        let asked = std::cell::RefCell::new(Vec::new());
        let there = async |tenant: &TenantId| {
            asked.borrow_mut().push(tenant.to_string());
            Ok::<_, String>(tenant.as_str() == "a")
        };
        let names = |places: Vec<Place>| -> Vec<String> {
            places.iter().map(|place| place.tenant.to_string()).collect()
        };
        assert_eq!(names(watch.new_places(&there).await), ["a"]);
        assert_eq!(names(watch.new_places(&there).await), [""; 0]);
        asked.borrow_mut().sort_unstable();
        assert_eq!(*asked.borrow(), ["a", "b"]);
        // As if the time had passed.
        watch.strange.clear();
        let all = async |_: &TenantId| Ok::<_, String>(true);
        assert_eq!(names(watch.new_places(&all).await), ["b"]);
    }
}
