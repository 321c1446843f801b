//! Where files go: a folder or a zip that replaces the one before as a whole, a zip for a response, or nowhere.
//!
//! Files are written one after another to a draft beside the target, read back there, and put in place in one step. Whatever
//! goes wrong before, the target is as it was.

mod folder;
mod leftovers;
mod zipped;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::read_back::WrittenFile;
use super::table::Table;
use super::{Error, Format};
use folder::FolderDraft;
use zipped::ZipDraft;

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A folder; or a zip, if its name ends with `.zip`.
    Path(PathBuf),
    /// A zip in a file without a name, for whoever asked.
    Response,
    /// Nowhere: everything is checked, also whether it could be put at this path, and nothing is written.
    Rehearsal(PathBuf),
}

/// Begins the name of every draft, after a full stop and the name of the target.
const DRAFT_MARK: &str = ".oneroster-export-";

/// A target while it is written.
pub(super) struct Target {
    place: Place,
    /// Of the file that is being written.
    digest: Sha256,
    /// What was written.
    files: Vec<WrittenFile>,
}

enum Place {
    Nowhere,
    Folder(FolderDraft),
    Zip(Box<ZipDraft>),
}

impl Target {
    /// Begins a draft. Refused if the target holds anything that no export of this format writes.
    pub(super) fn begin(destination: &Destination, format: Format) -> Result<Self, Error> {
        let place = match destination {
            Destination::Rehearsal(path) => {
                require_own(path, format)?;
                Place::Nowhere
            }
            Destination::Response => Place::Zip(Box::new(ZipDraft::unnamed()?)),
            Destination::Path(path) if is_zip(path) => Place::Zip(Box::new(ZipDraft::beside(path, format)?)),
            Destination::Path(path) => Place::Folder(FolderDraft::beside(path, format)?),
        };
        Ok(Self {
            place,
            digest: Sha256::new(),
            files: Vec::new(),
        })
    }

    /// Begins a file.
    pub(super) fn begin_file(&mut self, table: &'static Table) -> Result<(), Error> {
        self.digest = Sha256::new();
        match &mut self.place {
            Place::Nowhere => Ok(()),
            Place::Folder(draft) => draft.begin_file(table.file),
            Place::Zip(draft) => draft.begin_file(table.file),
        }
    }

    /// Ends it.
    pub(super) fn end_file(&mut self, table: &'static Table, rows: u64) -> Result<(), Error> {
        if let Place::Folder(draft) = &mut self.place {
            draft.end_file()?;
        }
        let digest = std::mem::take(&mut self.digest).finalize().into();
        self.files.push(WrittenFile { table, rows, digest });
        Ok(())
    }

    /// Reads back everything that was written.
    pub(super) fn read_back(&mut self) -> Result<(), Error> {
        match &mut self.place {
            Place::Nowhere => Ok(()),
            Place::Folder(draft) => draft.read_back(&self.files),
            Place::Zip(draft) => draft.read_back(&self.files),
        }
    }

    /// Puts it in place; returns the file of a response.
    pub(super) fn put_in_place(self) -> Result<Option<File>, Error> {
        match self.place {
            Place::Nowhere => Ok(None),
            Place::Folder(draft) => draft.put_in_place().map(|()| None),
            Place::Zip(draft) => draft.put_in_place(),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = match &mut self.place {
            Place::Nowhere => bytes.len(),
            Place::Folder(draft) => draft.write(bytes)?,
            Place::Zip(draft) => draft.write(bytes)?,
        };
        self.digest.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        // Each file is flushed once, when it ends.
        Ok(())
    }
}

/// Refuses a target that holds anything that the format does not write.
fn require_own(path: &Path, format: Format) -> Result<(), Error> {
    if is_zip(path) {
        zipped::require_own(path, format)
    } else {
        folder::require_own(&folder::resolved(path)?, format)
    }
}

/// Returns `true` if a target is a zip by its name.
fn is_zip(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Returns the error of work on a path.
fn cannot(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { doing, path, source }
}

/// Returns the folder that a target stands in.
fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Returns what the names of the drafts of a target begin with.
fn draft_prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}{DRAFT_MARK}")
}

/// Has what was done in a folder on disk: names, not content.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    let opened = File::open(folder).and_then(|folder| folder.sync_all());
    opened.map_err(cannot("write", folder))
}
