//! A folder of files, replaced as a whole.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::super::read_back::{WrittenFile, check};
use super::super::{Error, Format};
use super::{cannot, draft_prefix, leftovers, parent, sync_folder};

/// Rights of the folder: its owner's only.
const FOLDER_MODE: u32 = 0o700;

/// Rights of a file.
const FILE_MODE: u32 = 0o600;

/// A folder beside the target. Dropped before it is put in place, it is deleted.
pub(super) struct FolderDraft {
    draft: tempfile::TempDir,
    /// Kept for its lock, which says that the draft is in use.
    _lock: File,
    target: PathBuf,
    format: Format,
    file: Option<BufWriter<File>>,
}

impl FolderDraft {
    /// Makes a draft beside a target, once what an earlier export left behind there is gone.
    pub(super) fn beside(target: &Path, format: Format) -> Result<Self, Error> {
        let target = resolved(target)?;
        leftovers::clear(&target, format)?;
        require_own(&target, format)?;
        let draft = tempfile::Builder::new()
            .prefix(&draft_prefix(&target))
            .permissions(Permissions::from_mode(FOLDER_MODE))
            .tempdir_in(parent(&target))
            .map_err(cannot("write beside", &target))?;
        let lock = leftovers::lock(draft.path())?;
        Ok(Self {
            draft,
            _lock: lock,
            target,
            format,
            file: None,
        })
    }

    pub(super) fn begin_file(&mut self, name: &str) -> Result<(), Error> {
        let path = self.draft.path().join(name);
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&path);
        self.file = Some(BufWriter::new(opened.map_err(cannot("write", &path))?));
        Ok(())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn end_file(&mut self) -> Result<(), Error> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let ended = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all());
        ended.map_err(cannot("write", self.draft.path()))
    }

    pub(super) fn read_back(&self, files: &[WrittenFile]) -> Result<(), Error> {
        for file in files {
            let path = self.draft.path().join(file.table.file);
            let content = File::open(&path).map_err(cannot("read", &path))?;
            check(file, content)?;
        }
        sync_folder(self.draft.path())
    }

    /// Puts the draft where the target is, and deletes what was there.
    pub(super) fn put_in_place(self) -> Result<(), Error> {
        // Somebody may have put a file there meanwhile.
        require_own(&self.target, self.format)?;
        let draft = self.draft.keep();
        if let Err(error) = replace(&draft, &self.target) {
            leftovers::delete(&draft, self.format);
            return Err(error);
        }
        sync_folder(parent(&self.target))?;
        // The draft is now what was there before, if anything was.
        leftovers::delete(&draft, self.format);
        Ok(())
    }
}

/// Puts a folder where another is or is not. What was there is afterwards where the folder was.
fn replace(draft: &Path, target: &Path) -> Result<(), Error> {
    match exchange(draft, target) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::fs::rename(draft, target).map_err(cannot("write", target))
        }
        Err(error) if is_not_offered(&error) => replace_in_two_steps(draft, target),
        Err(error) => Err(cannot("write", target)(error)),
    }
}

/// Exchanges two folders in one step.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn exchange(draft: &Path, target: &Path) -> std::io::Result<()> {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    renameat2(AT_FDCWD, draft, AT_FDCWD, target, RenameFlags::RENAME_EXCHANGE).map_err(std::io::Error::from)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn exchange(_: &Path, target: &Path) -> std::io::Result<()> {
    // What is not there is renamed to; what is there is replaced in two steps.
    std::fs::symlink_metadata(target)?;
    Err(ErrorKind::Unsupported.into())
}

/// Returns `true` if the file system or the system does not exchange folders in one step.
fn is_not_offered(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput)
        || error.raw_os_error() == Some(nix::errno::Errno::ENOSYS as i32)
}

/// Replaces a folder where that takes two steps. After a crash in between the next export puts what was there back
/// ([`leftovers::clear`]).
fn replace_in_two_steps(draft: &Path, target: &Path) -> Result<(), Error> {
    let before = leftovers::old_place(target);
    std::fs::rename(target, &before).map_err(cannot("write", target))?;
    if let Err(error) = std::fs::rename(draft, target) {
        // There is nothing more to do if that fails too: the next export tries again.
        let _ = std::fs::rename(&before, target);
        return Err(cannot("write", target)(error));
    }
    std::fs::rename(&before, draft).map_err(cannot("write", &before))
}

/// Returns where a target really is: a link is followed, so that it stays one.
pub(super) fn resolved(target: &Path) -> Result<PathBuf, Error> {
    match target.canonicalize() {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(target.to_owned()),
        Err(error) => Err(cannot("write", target)(error)),
    }
}

/// Refuses a target that is there and is no folder, or holds anything that the format does not write.
pub(super) fn require_own(target: &Path, format: Format) -> Result<(), Error> {
    let entries = match std::fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(Error::NotAFolder(target.to_owned()));
        }
        Err(error) => return Err(cannot("read", target)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(cannot("read", target))?;
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !name.to_str().is_some_and(|name| format.has_file(name)) {
            return Err(Error::Foreign {
                path: target.to_owned(),
                name: name.to_string_lossy().into_owned(),
                format,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_in_one_step_or_in_two() {
        for two_steps in [false, true] {
            let place = tempfile::tempdir().unwrap();
            let (draft, target) = (place.path().join("draft"), place.path().join("target"));
            for (folder, name) in [(&draft, "new"), (&target, "old")] {
                std::fs::create_dir(folder).unwrap();
                std::fs::write(folder.join(name), name).unwrap();
            }
            if two_steps {
                replace_in_two_steps(&draft, &target).unwrap();
            } else {
                replace(&draft, &target).unwrap();
            }
            assert!(
                target.join("new").exists() && draft.join("old").exists(),
                "{two_steps}"
            );
            std::fs::remove_dir_all(&target).unwrap();
            replace(&draft, &target).unwrap();
            assert!(target.join("old").exists() && !draft.exists());
        }
    }

    #[test]
    fn what_the_format_does_not_write_is_foreign() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("t");
        require_own(&target, Format::Clever).unwrap();
        std::fs::create_dir(&target).unwrap();
        require_own(&target, Format::Clever).unwrap();
        std::fs::write(target.join("schools.csv"), "").unwrap();
        require_own(&target, Format::Clever).unwrap();
        assert!(require_own(&target, Format::SdsV1).is_err(), "another format's");
        std::fs::create_dir(target.join("sections.csv")).unwrap();
        assert!(
            require_own(&target, Format::Clever).is_err(),
            "a folder of a file's name"
        );
        let file = place.path().join("f");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(
            require_own(&file, Format::Clever),
            Err(Error::NotAFolder(_))
        ));
    }
}
