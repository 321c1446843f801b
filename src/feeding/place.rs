//! A folder with what is to be done in it: its bundles are imported one after the other and put away.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use oneroster_school::tenant::TenantId;
use tokio::sync::{Semaphore, watch};

use super::archive::Archive;
use super::beside::report_beside;
use super::failure::Failure;
use super::folder::{Folder, Taken};
use crate::accounts::import::Imported;
use crate::causes;
use crate::mirror::Mode;
use crate::report::import::ImportReport;

/// How often the folder is looked at.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How long it is left alone when something failed.
const PAUSE: Duration = Duration::from_secs(30);

/// How often a bundle is tried that fails.
const TRIES_MAX: u32 = 5;

/// How long an import under way may go on once the process is told to stop. Given up, it leaves everything as it was.
pub(super) const STOP_WAIT: Duration = Duration::from_mins(1);

/// A folder, and what is the matter with it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) tenant: TenantId,
    path: PathBuf,
    mode: Mode,
    still_for: Duration,
    /// `None` while somebody else watches it, or something failed there: it is then opened anew.
    pub(super) folder: Option<Folder>,
    /// A bundle that was dealt with and could not be put away.
    unfiled: Option<Unfiled>,
    rests_until: Option<Instant>,
    ends_when_gone: bool,
}

/// A bundle that was dealt with, and what became of it.
#[derive(Debug, Clone)]
struct Unfiled {
    name: OsString,
    report: ImportReport,
    error: Option<String>,
}

impl Place {
    pub(super) const fn new(tenant: TenantId, path: PathBuf, mode: Mode, still_for: Duration) -> Self {
        Self {
            tenant,
            path,
            mode,
            still_for,
            folder: None,
            unfiled: None,
            rests_until: None,
            ends_when_gone: false,
        }
    }

    /// Has it watched only as long as it is there.
    pub(super) const fn ending_when_gone(mut self) -> Self {
        self.ends_when_gone = true;
        self
    }

    /// Deals with what comes until `stopped` turns true, or the folder is gone, and returns whose it was.
    pub(super) async fn watch(
        mut self,
        import: &impl AsyncFn(&TenantId, Archive) -> Result<ImportReport, Failure>,
        turns: &Semaphore,
        mut stopped: watch::Receiver<bool>,
    ) -> TenantId {
        while !*stopped.borrow() {
            if self.next(import, turns, &mut stopped).await {
                continue;
            }
            let path = self.path.clone();
            if self.ends_when_gone
                && self.folder.is_none()
                && !apart(move || path.is_dir()).await.unwrap_or(true)
            {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
        }
        self.tenant
    }

    /// Deals with the next bundle; `false` if there is none, or it must wait.
    async fn next(
        &mut self,
        import: &impl AsyncFn(&TenantId, Archive) -> Result<ImportReport, Failure>,
        turns: &Semaphore,
        stopped: &mut watch::Receiver<bool>,
    ) -> bool {
        if self.rests_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        self.rests_until = None;
        match self.take().await {
            Ok(Some(taken)) => self.deal_with(taken, import, turns, stopped).await,
            Ok(None) => false,
            Err(causes) => {
                self.rest(&causes);
                false
            }
        }
    }

    /// Puts away what is left to be, and takes the next bundle.
    async fn take(&mut self) -> Result<Option<Taken>, String> {
        self.put_away().await?;
        self.in_folder(Folder::take).await
    }

    async fn deal_with(
        &mut self,
        taken: Taken,
        import: &impl AsyncFn(&TenantId, Archive) -> Result<ImportReport, Failure>,
        turns: &Semaphore,
        stopped: &mut watch::Receiver<bool>,
    ) -> bool {
        let Taken { name, file, note } = taken;
        if note.tries >= TRIES_MAX {
            let why = format!("its import was begun {TRIES_MAX} times and never ended");
            return self.give_up(name, why).await;
        }
        // Noted before: a bundle that ends the process is not tried for ever.
        let tries = note.tries + 1;
        let noted = note.clone();
        if let Err(causes) = self
            .in_folder(move |folder| folder.note_tries(&noted, tries))
            .await
        {
            self.rest(&causes);
            return false;
        }
        let archive = Archive {
            name: name.to_string_lossy().into_owned(),
            file,
            mode: self.mode,
            delivery: Some(note.delivery),
        };
        let stops = stopped.clone();
        let importing = async {
            let _turn = turns.acquire().await;
            if *stops.borrow() {
                return None;
            }
            Some(import(&self.tenant, archive).await)
        };
        match finished(importing, stopped).await.flatten() {
            Some(Ok(report)) => return self.dealt_with(name, report).await,
            Some(Err(Failure::OfBundle(causes))) if tries >= TRIES_MAX => {
                return self.give_up(name, causes).await;
            }
            Some(Err(Failure::OfBundle(causes))) => {
                self.rest(&causes);
                return false;
            }
            Some(Err(Failure::Passing(causes))) => self.rest(&causes),
            None => {
                let file = self.path.join(name);
                tracing::warn!(tenant = %self.tenant, file = %file.display(),
                    "stopped before this import had ended: it is begun anew when this is started again");
            }
        }
        // The bundle had no part in it.
        let untried = move |folder: &mut Folder| folder.note_tries(&note, note.tries);
        if let Err(causes) = self.in_folder(untried).await {
            self.rest(&causes);
        }
        false
    }

    /// Says what became of a bundle, and puts it away.
    async fn dealt_with(&mut self, name: OsString, report: ImportReport) -> bool {
        let (tenant, path) = (&self.tenant, self.path.join(&name));
        let file = path.display();
        if report.accepted {
            tracing::info!(%tenant, %file, "loaded");
        } else {
            let reason = report.refusal();
            tracing::warn!(%tenant, %file, reason, "refused: the report beside it says what is wrong");
        }
        self.file_away(Unfiled {
            name,
            report,
            error: None,
        })
        .await
    }

    /// Puts a bundle that cannot be imported out of the way of others.
    async fn give_up(&mut self, name: OsString, causes: String) -> bool {
        let (tenant, path) = (&self.tenant, self.path.join(&name));
        let file = path.display();
        tracing::error!(%tenant, %file, causes, "given up: it was neither loaded nor refused");
        let report = ImportReport {
            accepted: false,
            ..ImportReport::accepted(Imported::default(), false)
        };
        self.file_away(Unfiled {
            name,
            report,
            error: Some(causes),
        })
        .await
    }

    async fn file_away(&mut self, unfiled: Unfiled) -> bool {
        self.unfiled = Some(unfiled);
        let put = self.put_away().await;
        if let Err(causes) = &put {
            self.rest(causes);
        }
        true
    }

    /// Puts away a bundle that was dealt with, if there is one.
    async fn put_away(&mut self) -> Result<(), String> {
        let Some(unfiled) = self.unfiled.clone() else {
            return Ok(());
        };
        let (tenant, mode) = (self.tenant.clone(), self.mode);
        let filed = self
            .in_folder(move |folder| {
                let Unfiled { name, report, error } = &unfiled;
                folder.put_away(name, report.accepted, |path| {
                    report_beside(path, (&tenant, mode), report, error.as_deref())
                })
            })
            .await?;
        self.unfiled = None;
        if filed.is_none() {
            let folder = self.path.display();
            tracing::warn!(tenant = %self.tenant, %folder, "somebody took the bundle out of working/: it is not put away");
        }
        Ok(())
    }

    /// Does something in the folder, which is opened if need be. What fails has it opened anew the next time.
    async fn in_folder<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Folder) -> io::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let (folder, path, still_for) = (self.folder.take(), self.path.clone(), self.still_for);
        let work = move || {
            let mut folder = match folder {
                Some(folder) => folder,
                None => Folder::open(&path, still_for).map_err(|error| causes::with_causes(&error))?,
            };
            let done = work(&mut folder).map_err(|error| error.to_string())?;
            Ok::<_, String>((folder, done))
        };
        let (folder, done) = apart(work).await.map_err(|error| error.to_string())??;
        self.folder = Some(folder);
        Ok(done)
    }

    /// Says what failed, and leaves the folder alone for a while.
    fn rest(&mut self, causes: &str) {
        let folder = self.path.display().to_string();
        let (tenant, pause_s) = (&self.tenant, PAUSE.as_secs());
        tracing::error!(%tenant, folder, causes, "cannot go on here; tried again every {pause_s} s");
        self.rests_until = Some(Instant::now() + PAUSE);
    }
}

/// Does what may wait for a disk or a network share where it holds up nobody.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
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

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = Result<ImportReport, Failure>;

    struct Case {
        place: tempfile::TempDir,
        watched: Place,
        imports: std::cell::Cell<u32>,
    }

    impl Case {
        fn new() -> Self {
            let place = tempfile::tempdir().unwrap();
            std::fs::write(place.path().join("a.zip"), "a").unwrap();
            Self {
                watched: Self::watched(&place),
                place,
                imports: std::cell::Cell::new(0),
            }
        }

        fn watched(place: &tempfile::TempDir) -> Place {
            let tenant = "t".parse().unwrap();
            Place::new(tenant, place.path().to_owned(), Mode::Full, Duration::ZERO)
        }

        async fn next(&mut self, answer: impl Fn(u32) -> Answer) -> bool {
            let (_say, mut stopped) = watch::channel(false);
            self.watched.rests_until = None;
            let imports = &self.imports;
            let import = async |_: &TenantId, archive: Archive| {
                assert_eq!(archive.name, "a.zip");
                imports.set(imports.get() + 1);
                answer(imports.get())
            };
            self.watched.next(&import, &Semaphore::new(1), &mut stopped).await
        }

        fn has(&self, name: &str) -> bool {
            self.place.path().join(name).is_file()
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as an import answers")]
    fn loaded() -> Answer {
        Ok(ImportReport::accepted(Imported::default(), false))
    }

    /// As when the disk is full, or somebody took the folder away.
    #[tokio::test]
    async fn what_cannot_be_put_away_is_not_imported_again_but_put_away_later() {
        let mut case = Case::new();
        let done = case.place.path().join("done");
        let in_the_way = done.clone();
        let import = move |_| {
            std::fs::remove_dir(&in_the_way).unwrap();
            std::fs::write(&in_the_way, "in the way").unwrap();
            loaded()
        };
        assert!(case.next(import).await);
        assert!(case.watched.unfiled.is_some() && case.watched.rests_until.is_some());
        assert!(!case.next(|_| loaded()).await, "still in the way");
        std::fs::remove_file(&done).unwrap();
        assert!(!case.next(|_| loaded()).await);
        assert!(case.has("done/a.zip") && case.has("done/a.zip.json"));
        assert_eq!(case.imports.get(), 1);
    }

    #[tokio::test]
    async fn a_bundle_that_cannot_be_imported_now_stays_and_is_tried_again_however_often() {
        let mut case = Case::new();
        for _ in 0..TRIES_MAX + 2 {
            assert!(
                !case
                    .next(|_| Err(Failure::Passing("no database".to_owned())))
                    .await
            );
            assert!(case.has("working/a.zip") && case.watched.rests_until.is_some());
        }
        assert!(case.next(|_| loaded()).await);
        assert!(case.has("done/a.zip"));
    }

    #[tokio::test]
    async fn a_bundle_that_fails_again_and_again_makes_room_with_a_report_that_says_why() {
        let mut case = Case::new();
        let fails = |number| Err(Failure::OfBundle(format!("reason {number}")));
        for _ in 1..TRIES_MAX {
            assert!(!case.next(fails).await);
        }
        assert!(case.next(fails).await);
        let report = std::fs::read_to_string(case.place.path().join("refused/a.zip.json")).unwrap();
        assert!(
            report.contains("reason 5") && report.contains("oneroster import --tenant t"),
            "{report}"
        );
        assert_eq!(case.imports.get(), TRIES_MAX);
        // And one that ends the process each time.
        std::fs::write(case.place.path().join("a.zip"), "a").unwrap();
        for _ in 0..TRIES_MAX {
            let taken = case.watched.take().await.unwrap().unwrap();
            let (folder, tries) = (case.watched.folder.as_ref().unwrap(), taken.note.tries + 1);
            folder.note_tries(&taken.note, tries).unwrap();
            case.watched = Case::watched(&case.place);
        }
        assert!(case.next(|_| loaded()).await);
        assert!(case.has("refused/a.2.zip"));
        assert_eq!(case.imports.get(), TRIES_MAX);
    }

    /// A folder that was emptied or made anew is opened anew.
    #[tokio::test]
    async fn a_folder_that_was_made_anew_is_watched_on() {
        let mut case = Case::new();
        assert!(case.next(|_| loaded()).await);
        std::fs::remove_dir_all(case.place.path()).unwrap();
        std::fs::create_dir(case.place.path()).unwrap();
        std::fs::write(case.place.path().join("a.zip"), "a").unwrap();
        assert!(!case.next(|_| loaded()).await, "it is another folder");
        assert!(case.next(|_| loaded()).await);
        assert!(case.has("done/a.zip"));
    }
}
