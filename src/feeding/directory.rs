//! A folder that is open. What is done in it follows no link and waits for no pipe, whoever may write there.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, RenameFlags, openat, renameat, renameat2};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

/// Who may read what is written: its owner, who may write it too, and their group. A report may quote cells of a bundle.
const FILE_MODE: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR).union(Mode::S_IRGRP);

/// What a file is called until it is whole.
const DRAFT: &str = ".draft";

/// What is there under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// When it was written to last: seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    pub(super) length: i64,
    /// Which it is, whatever it is called: file system and number.
    pub(super) id: (u64, u64),
    pub(super) is_file: bool,
}

impl From<FileStat> for Look {
    fn from(about: FileStat) -> Self {
        let kind = SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT;
        Self {
            modified: (about.st_mtime, about.st_mtime_nsec),
            length: about.st_size,
            id: (about.st_dev, about.st_ino),
            is_file: kind == SFlag::S_IFREG,
        }
    }
}

impl Look {
    /// Looks at a file that is open.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        Ok(fstat(file)?.into())
    }
}

/// A folder that is open, wherever its name leads meanwhile.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

impl Directory {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        Ok(Self(openat(AT_FDCWD, path, flags, Mode::empty())?))
    }

    /// Opens a folder in it, which is made if it is not there.
    pub(super) fn inner(&self, name: &str) -> io::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let open = || openat(&self.0, name, flags, Mode::empty());
        let opened = match open() {
            Err(Errno::ENOENT) => {
                mkdirat(
                    &self.0,
                    name,
                    Mode::S_IRWXU | Mode::S_IRWXG | Mode::S_IROTH | Mode::S_IXOTH,
                )?;
                open()
            }
            opened => opened,
        };
        opened.map(Self).map_err(|errno| {
            let error = io::Error::from(errno);
            io::Error::new(
                error.kind(),
                format!("{name}/ must be a folder, and no link: {error}"),
            )
        })
    }

    /// Lists the names in it.
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut listed = Dir::openat(&self.0, ".", flags, Mode::empty())?;
        let mut names = Vec::new();
        for entry in listed.iter() {
            let entry = entry?;
            names.push(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned());
        }
        Ok(names)
    }

    /// Looks at what is there under a name; of a link, at the link.
    pub(super) fn look(&self, name: &OsStr) -> io::Result<Option<Look>> {
        match fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(about) => Ok(Some(about.into())),
            Err(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a file to read it.
    pub(super) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        self.open_only_file(name, OFlag::O_RDONLY)
    }

    /// Opens a file to lock it, which is made if it is not there.
    pub(super) fn open_lock(&self, name: &str) -> io::Result<File> {
        self.open_only_file(OsStr::new(name), OFlag::O_WRONLY | OFlag::O_CREAT)
    }

    fn open_only_file(&self, name: &OsStr, flags: OFlag) -> io::Result<File> {
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = File::from(openat(&self.0, name, flags, FILE_MODE)?);
        if !Look::of(&file)?.is_file {
            let message = format!("{} is no file", name.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(file)
    }

    /// Writes a file whole, in place of one of its name.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.write_draft(content)?;
        Ok(renameat(&self.0, DRAFT, &self.0, name)?)
    }

    /// Writes a file whole, whose name must not be taken.
    pub(super) fn write_new(&self, name: &OsStr, content: &[u8]) -> io::Result<()> {
        self.write_draft(content)?;
        self.rename_new(OsStr::new(DRAFT), self, name)
    }

    fn write_draft(&self, content: &[u8]) -> io::Result<()> {
        let mut file = self.new_draft()?;
        file.write_all(content)?;
        file.sync_all()
    }

    fn new_draft(&self) -> io::Result<File> {
        // Of a process that was killed. Nobody else writes one: the folder is locked.
        self.remove(OsStr::new(DRAFT))?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(File::from(openat(&self.0, DRAFT, flags, FILE_MODE)?))
    }

    /// Removes what we wrote ourselves, if it is there.
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        match unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Moves a file to another name, in this folder or another, which must not be taken. Another file system may be mounted on that: then the
    /// file is copied, and deleted once the copy is on the disk. A process that is killed in between leaves both.
    pub(super) fn move_new(&self, from: &OsStr, folder: &Self, to: &OsStr) -> io::Result<()> {
        match self.rename_new(from, folder, to) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let copied = self.copy_new(from, folder, to);
                if copied.is_err() {
                    // The disk may be full.
                    let _ = folder.remove(OsStr::new(DRAFT));
                }
                copied?;
                self.remove(from)
            }
            moved => moved,
        }
    }

    /// Copies a file, with the time it was written at: the order of bundles follows it.
    fn copy_new(&self, from: &OsStr, folder: &Self, to: &OsStr) -> io::Result<()> {
        let mut source = self.open_file(from)?;
        let mut draft = folder.new_draft()?;
        io::copy(&mut source, &mut draft)?;
        if let Ok(modified) = source.metadata()?.modified() {
            draft.set_modified(modified)?;
        }
        draft.sync_all()?;
        folder.rename_new(OsStr::new(DRAFT), folder, to)?;
        // The name as well, before the other one goes.
        Ok(fsync(&folder.0)?)
    }

    /// Gives a file another name, in this folder or another of the same file system, which must not be taken.
    fn rename_new(&self, from: &OsStr, folder: &Self, to: &OsStr) -> io::Result<()> {
        match renameat2(&self.0, from, &folder.0, to, RenameFlags::RENAME_NOREPLACE) {
            // Network shares cannot do it in one step. Nobody else gives names there: the folder is locked.
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {
                if folder.look(to)?.is_some() {
                    return Err(ErrorKind::AlreadyExists.into());
                }
                Ok(renameat(&self.0, from, &folder.0, to)?)
            }
            renamed => Ok(renamed?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    /// Two folders on different file systems of this machine.
    fn across() -> (tempfile::TempDir, tempfile::TempDir) {
        let here = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let there = tempfile::tempdir_in("/dev/shm").unwrap();
        let device = |place: &tempfile::TempDir| std::fs::metadata(place.path()).unwrap().dev();
        assert_ne!(
            device(&here),
            device(&there),
            "/dev/shm is a file system of its own"
        );
        (here, there)
    }

    #[test]
    fn a_file_is_moved_to_another_file_system_whole_with_its_time_and_replaces_nothing() {
        let (here, there) = across();
        let name = OsStr::new("a.zip");
        let (from, to) = (here.path().join("a.zip"), there.path().join("a.zip"));
        let content = vec![7; 3 << 20];
        std::fs::write(&from, &content).unwrap();
        let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        File::options()
            .write(true)
            .open(&from)
            .unwrap()
            .set_modified(written)
            .unwrap();
        let folders = [here.path(), there.path()].map(|path| Directory::open(path).unwrap());
        folders[0].move_new(name, &folders[1], name).unwrap();
        assert!(!from.exists());
        assert_eq!(std::fs::read(&to).unwrap(), content);
        assert_eq!(std::fs::metadata(&to).unwrap().modified().unwrap(), written);

        std::fs::write(&from, "another").unwrap();
        let taken = folders[0].move_new(name, &folders[1], name).unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&from).unwrap(), "another");
        assert_eq!(std::fs::read(&to).unwrap(), content);
        let left: Vec<OsString> = folders[1].names().unwrap();
        assert!(!left.contains(&DRAFT.into()), "{left:?}");
    }

    #[test]
    fn what_cannot_be_copied_stays_where_it_is_and_leaves_nothing() {
        let (here, there) = across();
        let folders = [here.path(), there.path()].map(|path| Directory::open(path).unwrap());
        // No link is followed to another file system either.
        std::os::unix::fs::symlink("/etc/hostname", here.path().join("link")).unwrap();
        assert!(
            folders[0]
                .move_new(OsStr::new("link"), &folders[1], OsStr::new("link"))
                .is_err()
        );
        let missing = folders[0].move_new(OsStr::new("gone"), &folders[1], OsStr::new("gone"));
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 0);
        assert!(here.path().join("link").is_symlink());
    }
}
