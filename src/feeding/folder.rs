//! One folder that bundles come to: which of them is finished and the oldest, taken out of the others' reach, and put away.
//!
//! A bundle is taken by moving it to `working/`. There nobody writes to it or gives another file its name, and a process that is
//! killed finds it again when it is started next, with the note beside it of what was tried.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::directory::{Directory, Look};
use super::filing::{file_away, shortened};
use super::note::Note;
use super::renames::Renames;

/// The file whose lock says that somebody watches the folder.
pub(super) const LOCK: &str = ".watch.lock";

/// Where the bundle stands that is being imported.
pub(super) const WORKING: &str = "working";

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
    /// Its folders are called like tenants by accident.
    #[error(
        "bundles of one tenant come to the folder {0}: it has {WORKING}/ or {LOCK}. Say which with --tenant ID, or watch the folder \
         around the folders of tenants"
    )]
    OfOneTenant(PathBuf),
}

/// A folder that is watched, by nobody else.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held until this is dropped, or the process ends.
    lock: File,
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

/// A bundle that was taken.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) name: OsString,
    pub(super) file: File,
    pub(super) note: Note,
}

impl Folder {
    /// Takes a folder over, and makes those in it that bundles go to. `still_for` is how long a file must not change to be finished.
    pub(super) fn open(path: &Path, still_for: Duration) -> Result<Self, OpenError> {
        let unusable = |error| OpenError::Unusable(path.to_owned(), error);
        let folder = Directory::open(path).map_err(unusable)?;
        for name in [WORKING, DONE, REFUSED] {
            folder.inner(name).map_err(unusable)?;
        }
        let lock = folder.open_lock(LOCK).map_err(unusable)?;
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
            lock,
            still_for,
            seen: HashMap::new(),
            told: HashMap::new(),
        })
    }

    /// Opens the folder under its path. It must be the one that is locked: it may have been deleted and made anew.
    fn directory(&self) -> io::Result<Directory> {
        let folder = Directory::open(&self.path)?;
        let lock = folder.look(OsStr::new(LOCK))?;
        if lock.map(|look| look.id) != Some(Look::of(&self.lock)?.id) {
            return Err(io::Error::other(format!(
                "{LOCK} is not the file that this process has locked: the folder was made anew, or emptied"
            )));
        }
        Ok(folder)
    }

    /// Takes the next bundle: one that was taken before and not put away, else the oldest, if it is finished.
    ///
    /// After an error the folder must be opened anew.
    pub(super) fn take(&mut self) -> io::Result<Option<Taken>> {
        let folder = self.directory()?;
        let working = folder.inner(WORKING)?;
        for (name, _) in self.bundles(&working)? {
            match working.open_file(&name) {
                Ok(file) => {
                    let note = Note::read(&working, &name)?;
                    return Ok(Some(Taken { name, file, note }));
                }
                Err(error) => self.tell(&name, &format!("it is in {WORKING}/ and cannot be read: {error}")),
            }
        }
        // Before the folder is listed: a name that is given meanwhile is then listed without being known, and waits for its turn.
        if let Some(renames) = &mut self.renames {
            renames.look(&folder);
        }
        let bundles = self.bundles(&folder)?;
        self.note(&bundles);
        for (name, look) in bundles {
            if !self.is_finished(&name, look) {
                // Those behind it are younger: they may build upon it.
                return Ok(None);
            }
            if let Some(taken) = self.take_one(&folder, &working, &name)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Moves a bundle to `working/`; `None` if that cannot be, which holds nobody up.
    fn take_one(
        &mut self,
        folder: &Directory,
        working: &Directory,
        name: &OsStr,
    ) -> io::Result<Option<Taken>> {
        let file = match folder.open_file(name) {
            Ok(file) => file,
            Err(error) => {
                self.tell(name, &format!("it cannot be read: {error}"));
                return Ok(None);
            }
        };
        let taken = shortened(name);
        let note = Note::of(&taken);
        note.write(working)?;
        match folder.move_new(name, working, &taken) {
            Ok(()) => {
                self.seen.remove(name);
                self.told.remove(name);
                Ok(Some(Taken {
                    name: taken,
                    file,
                    note,
                }))
            }
            // Whoever put it there took it away again.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                self.tell(name, &format!("it cannot be moved to {WORKING}/: {error}"));
                Ok(None)
            }
        }
    }

    /// Notes what was tried with the bundle in `working/`.
    pub(super) fn note_tries(&self, note: &Note, tries: u32) -> io::Result<()> {
        let note = note.with_tries(tries);
        note.write(&self.directory()?.inner(WORKING)?)
    }

    /// Puts a bundle that was taken where it stays, with what `report` says of it under that path beside it; `None` if somebody took it
    /// away.
    ///
    /// After an error the folder must be opened anew.
    pub(super) fn put_away(
        &self,
        taken: &OsStr,
        is_loaded: bool,
        report: impl Fn(&Path) -> Vec<u8>,
    ) -> io::Result<Option<PathBuf>> {
        let folder = self.directory()?;
        let working = folder.inner(WORKING)?;
        if working.look(taken)?.is_none() {
            Note::remove(&working)?;
            return Ok(None);
        }
        let place = if is_loaded { DONE } else { REFUSED };
        let path = std::path::absolute(&self.path)?.join(place);
        let name = file_away(&working, taken, &folder.inner(place)?, |name| {
            report(&path.join(name))
        })?;
        Note::remove(&working)?;
        Ok(Some(path.join(name)))
    }

    /// Lists the files that are called `.zip`, the oldest first. What is none, but called so, is told of.
    fn bundles(&mut self, folder: &Directory) -> io::Result<Vec<(OsString, Look)>> {
        let mut bundles = Vec::new();
        for name in folder.names()? {
            if !is_called_zip(&name) {
                continue;
            }
            match folder.look(&name)? {
                Some(look) if look.is_file => bundles.push((name, look)),
                Some(_) => self.tell(&name, "it is no file but a folder, a link, a pipe or a device"),
                None => {}
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
        if let Some(renames) = &mut self.renames {
            renames.keep(|name| seen.contains_key(name));
        }
        self.seen = seen;
    }

    fn is_finished(&self, name: &OsStr, look: Look) -> bool {
        let was_renamed = self
            .renames
            .as_ref()
            .is_some_and(|renames| renames.has(name, look));
        let stands_still = |seen: &Seen| seen.since.elapsed() >= self.still_for;
        was_renamed || self.seen.get(name).is_some_and(stands_still)
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

/// Refuses a folder as the one around those of tenants if it is one of them.
pub(super) fn refuse_folder_of_one_tenant(path: &Path) -> Result<(), OpenError> {
    let unusable = |error| OpenError::Unusable(path.to_owned(), error);
    let folder = Directory::open(path).map_err(unusable)?;
    folder.names().map_err(unusable)?;
    for name in [LOCK, WORKING] {
        if folder.look(OsStr::new(name)).map_err(unusable)?.is_some() {
            return Err(OpenError::OfOneTenant(path.to_owned()));
        }
    }
    Ok(())
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
mod tests;
