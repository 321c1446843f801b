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
use nix::unistd::{UnlinkatFlags, unlinkat};

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
        // Of a process that was killed. Nobody else writes one: the folder is locked.
        self.remove(OsStr::new(DRAFT))?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut file = File::from(openat(&self.0, DRAFT, flags, FILE_MODE)?);
        file.write_all(content)?;
        file.sync_all()
    }

    /// Removes what we wrote ourselves, if it is there.
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        match unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a file another name, in this folder or another, which must not be taken.
    pub(super) fn rename_new(&self, from: &OsStr, folder: &Self, to: &OsStr) -> io::Result<()> {
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
