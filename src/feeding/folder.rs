//! One folder that bundles come to: which of them is finished and the oldest, taken out of the others' reach, and put away.
//!
//! A bundle is taken by moving it to `working/`. There nobody writes to it or gives another file its name, and a process that is
//! killed finds it again when it is started next.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::filing::{file_away, rename_new};
use super::renames::Renames;

/// The file whose lock says that somebody watches the folder.
const LOCK: &str = ".watch.lock";

/// Where the bundle stands that is being imported.
const WORKING: &str = "working";

/// Where bundles go that were loaded.
pub(super) const DONE: &str = "done";

/// Where bundles go that were refused.
pub(super) const REFUSED: &str = "refused";

/// What is not taken is told of again after so long.
const TOLD_AGAIN_AFTER: Duration = Duration::from_hours(1);

/// A folder cannot be watched.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// It is not there, or may not be read or written.
    #[error("cannot watch the folder {0}: it must exist, and be readable and writable")]
    Unusable(PathBuf, #[source] io::Error),
    /// Somebody else does.
    #[error(
        "the folder {0} is watched by another process already: stop that one first, or watch another folder"
    )]
    Watched(PathBuf),
}

/// A folder that is watched, by nobody else.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held until this is dropped, or the process ends.
    _lock: File,
    renames: Option<Renames>,
    still_for: Duration,
    /// How each file looked when it was seen first, or changed last.
    seen: HashMap<OsString, Seen>,
    told: HashMap<OsString, Instant>,
}

/// How a file looked, and since when.
#[derive(Debug, Clone, Copy)]
struct Seen {
    look: Look,
    since: Instant,
}

/// By what a file that is written to is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    length: u64,
    modified: SystemTime,
}

impl Folder {
    /// Takes a folder over, and makes those in it that bundles go to. `still_for` is how long a file must not change to be finished.
    pub(super) fn open(path: &Path, still_for: Duration) -> Result<Self, OpenError> {
        let unusable = |error| OpenError::Unusable(path.to_owned(), error);
        for folder in [WORKING, DONE, REFUSED] {
            std::fs::create_dir_all(path.join(folder)).map_err(unusable)?;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Watched(path.to_owned())),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                tracing::warn!(folder = %path.display(), "the folder knows no locks: see to it that no other process watches it");
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        Ok(Self {
            renames: Renames::of(path),
            path: path.to_owned(),
            _lock: lock,
            still_for,
            seen: HashMap::new(),
            told: HashMap::new(),
        })
    }

    /// Takes the next bundle: one that was taken before and not put away, else the oldest, if it is finished.
    pub(super) fn take(&mut self) -> io::Result<Option<PathBuf>> {
        if let Some((name, _)) = self.bundles(&self.path.join(WORKING))?.into_iter().next() {
            return Ok(Some(self.path.join(WORKING).join(name)));
        }
        // Before the folder is listed: a name that is given meanwhile is then listed without being known, and waits for its turn.
        if let Some(renames) = &mut self.renames {
            renames.look();
        }
        let path = self.path.clone();
        let bundles = self.bundles(&path)?;
        self.note(&bundles);
        for (name, _) in bundles {
            if !self.is_finished(&name) {
                // Those behind it are younger: they may build upon it.
                return Ok(None);
            }
            let path = self.path.join(&name);
            if let Err(error) = File::open(&path) {
                self.tell(&name, &format!("it cannot be read: {error}"));
                continue;
            }
            let taken = self.path.join(WORKING).join(&name);
            match rename_new(&path, &taken) {
                Ok(()) => {
                    self.forget(&name);
                    return Ok(Some(taken));
                }
                // Whoever put it there took it away again.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Puts a bundle that was taken where it stays, with its report beside it.
    pub(super) fn put_away(&self, taken: &Path, is_loaded: bool, report: &[u8]) -> io::Result<PathBuf> {
        let folder = if is_loaded { DONE } else { REFUSED };
        file_away(taken, &self.path.join(folder), report)
    }

    /// Lists the files that are called `.zip`, the oldest first. What is none, but called so, is told of.
    fn bundles(&mut self, folder: &Path) -> io::Result<Vec<(OsString, Look)>> {
        let mut bundles = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            if !is_called_zip(&name) {
                continue;
            }
            // Of a link, what the link is.
            let about = match folder.join(&name).symlink_metadata() {
                Ok(about) => about,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if about.is_file() {
                let look = Look {
                    length: about.len(),
                    modified: about.modified()?,
                };
                bundles.push((name, look));
            } else {
                self.tell(&name, "it is no file but a folder, a link, a pipe or a device");
            }
        }
        bundles.sort_by(|(a, one), (b, other)| (one.modified, a).cmp(&(other.modified, b)));
        Ok(bundles)
    }

    /// Notes how the files look now.
    fn note(&mut self, bundles: &[(OsString, Look)]) {
        let now = Instant::now();
        let mut seen = HashMap::new();
        for (name, look) in bundles {
            let before = self.seen.get(name).filter(|seen| seen.look == *look);
            let since = before.map_or(now, |seen| seen.since);
            seen.insert(name.clone(), Seen { look: *look, since });
        }
        self.seen = seen;
    }

    fn is_finished(&self, name: &OsStr) -> bool {
        let was_renamed = self.renames.as_ref().is_some_and(|renames| renames.has(name));
        let stands_still = |seen: &Seen| seen.since.elapsed() >= self.still_for;
        was_renamed || self.seen.get(name).is_some_and(stands_still)
    }

    fn forget(&mut self, name: &OsStr) {
        self.seen.remove(name);
        self.told.remove(name);
        if let Some(renames) = &mut self.renames {
            renames.forget(name);
        }
    }

    /// Says why something called like a bundle is not taken; not at every look.
    fn tell(&mut self, name: &OsStr, why: &str) {
        let is_told = self
            .told
            .get(name)
            .is_some_and(|at| at.elapsed() < TOLD_AGAIN_AFTER);
        if !is_told {
            let file = self.path.join(name);
            tracing::warn!(file = %file.display(), "not imported: {why}");
            self.told.insert(name.to_owned(), Instant::now());
        }
    }
}

/// Returns `true` for names of bundles; hidden files are of programs that are still writing.
fn is_called_zip(name: &OsStr) -> bool {
    let path = Path::new(name);
    let is_hidden = name.as_encoded_bytes().starts_with(b".");
    !is_hidden
        && path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL_FOR: Duration = Duration::from_millis(80);

    fn taken(folder: &mut Folder) -> Option<String> {
        let taken = folder.take().unwrap()?;
        assert!(taken.exists());
        Some(taken.file_name().unwrap().to_str().unwrap().to_owned())
    }

    fn done(folder: &mut Folder) -> Option<String> {
        let taken = folder.take().unwrap()?;
        let put = folder.put_away(&taken, true, b"{}").unwrap();
        Some(put.file_name().unwrap().to_str().unwrap().to_owned())
    }

    fn write(place: &Path, name: &str, seconds: u64) {
        let file = File::create(place.join(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn a_file_is_taken_once_it_stands_still_the_oldest_first() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path(), STILL_FOR).unwrap();
        write(place.path(), "b.zip", 2000);
        write(place.path(), "a.ZIP", 3000);
        write(place.path(), "c.csv", 1000);
        write(place.path(), ".hidden.zip", 1000);
        assert_eq!(taken(&mut folder), None, "only just seen");
        std::thread::sleep(STILL_FOR);
        write(place.path(), "b.zip", 2001);
        assert_eq!(
            taken(&mut folder),
            None,
            "it was written to again, and the other is younger"
        );
        std::thread::sleep(STILL_FOR);
        let two: Vec<_> = (0..3).map(|_| done(&mut folder)).collect();
        assert_eq!(two, [Some("b.zip".to_owned()), Some("a.ZIP".to_owned()), None]);
        assert!(place.path().join("c.csv").exists() && place.path().join(".hidden.zip").exists());
    }

    #[test]
    fn a_file_that_grows_is_never_taken_and_one_that_is_renamed_at_once() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path(), Duration::from_hours(1)).unwrap();
        std::fs::write(place.path().join("a.zip.part"), "a").unwrap();
        assert_eq!(taken(&mut folder), None);
        std::fs::rename(place.path().join("a.zip.part"), place.path().join("a.zip")).unwrap();
        assert_eq!(taken(&mut folder).as_deref(), Some("a.zip"));
        // Another of the same name does not get in its way.
        std::fs::write(place.path().join("b"), "b").unwrap();
        std::fs::rename(place.path().join("b"), place.path().join("a.zip")).unwrap();
        assert_eq!(done(&mut folder).as_deref(), Some("a.zip"));
        assert_eq!(done(&mut folder).as_deref(), Some("a.2.zip"));
        std::fs::write(place.path().join("c.zip"), "c").unwrap();
        assert_eq!(taken(&mut folder), None, "it was written under its own name");
    }

    #[test]
    fn what_was_taken_before_the_process_was_killed_is_taken_first() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
        write(place.path(), "b.zip", 2000);
        assert_eq!(taken(&mut folder).as_deref(), Some("b.zip"));
        drop(folder);
        let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
        write(place.path(), "a.zip", 1000);
        assert_eq!(done(&mut folder).as_deref(), Some("b.zip"));
        assert_eq!(done(&mut folder).as_deref(), Some("a.zip"));
    }

    #[test]
    fn what_is_no_file_stays_and_holds_nobody_up() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
        std::fs::create_dir(place.path().join("a.zip")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", place.path().join("b.zip")).unwrap();
        nix::unistd::mkfifo(&place.path().join("c.zip"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        write(place.path(), "d.zip", 1000);
        assert_eq!(done(&mut folder).as_deref(), Some("d.zip"));
        assert_eq!(taken(&mut folder), None);
        assert!(place.path().join("b.zip").is_symlink());
    }

    #[test]
    fn a_folder_is_watched_once() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path(), Duration::ZERO).unwrap();
        let second = Folder::open(place.path(), Duration::ZERO);
        assert!(matches!(second, Err(OpenError::Watched(_))));
        drop(folder);
        Folder::open(place.path(), Duration::ZERO).unwrap();
        let missing = Folder::open(Path::new("/proc/nothing"), Duration::ZERO);
        assert!(matches!(missing, Err(OpenError::Unusable(..))));
    }
}
