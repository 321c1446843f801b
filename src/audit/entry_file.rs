//! One file of entries: its last line, and appending to it while no other process does.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Entry, Error};

/// How long another process is waited for that uses a file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// How much of the end of a file is read at first to find its last line.
const TAIL_BYTES: u64 = 16 << 10;

/// How the name of a file ends that is written anew.
const DRAFT: &str = "anew";

/// What tells a line from others.
#[derive(serde::Deserialize)]
struct Id {
    entry_id: Uuid,
}

/// The last entry of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    /// Its position.
    pub(super) position: i64,
    /// Its id.
    pub(super) entry_id: Uuid,
}

/// A file of entries that no other process writes to meanwhile.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
    path: PathBuf,
    /// The last entry in it.
    pub(super) last: Option<Last>,
}

impl Locked {
    /// Opens a file, which is made where there is none, and takes away what a crash cut off.
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let mut file = open_locked(&path)?;
        let (last, whole) = last_line(&mut file, &path)?;
        let length = file.metadata().map_err(|source| file_error(&path, source))?.len();
        if whole < length {
            file.set_len(whole).map_err(|source| file_error(&path, source))?;
        }
        Ok(Self { file, path, last })
    }

    /// Writes the file anew with these entries in the place of the lines that had them, and puts it in place as a whole.
    pub(super) fn rewrite(mut self, entries: &HashMap<Uuid, Entry>) -> Result<Self, Error> {
        let draft = self.path.with_extension(DRAFT);
        let error = |source| file_error(&draft, source);
        // Locked before it has the name that others open.
        let written = open_locked(&draft)?;
        written.set_len(0).map_err(error)?;
        let mut writer = BufWriter::new(&written);
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(|source| file_error(&self.path, source))?;
        for (line, text) in (1..).zip(BufReader::new(&self.file).split(b'\n')) {
            let text = text.map_err(|source| file_error(&self.path, source))?;
            let Id { entry_id } = serde_json::from_slice(&text).map_err(|source| Error::Damaged {
                path: self.path.clone(),
                line,
                source,
            })?;
            match entries.get(&entry_id) {
                Some(entry) => {
                    serde_json::to_writer(&mut writer, entry).map_err(|source| error(source.into()))?;
                }
                None => writer.write_all(&text).map_err(error)?,
            }
            writer.write_all(b"\n").map_err(error)?;
        }
        writer.flush().map_err(error)?;
        drop(writer);
        written.sync_all().map_err(error)?;
        std::fs::rename(&draft, &self.path).map_err(error)?;
        if let Some(folder) = self.path.parent() {
            sync_folder(folder)?;
        }
        self.file = written;
        Ok(self)
    }

    /// Appends entries; they are on disk when it returns.
    pub(super) fn append(mut self, entries: &[Entry]) -> Result<Self, Error> {
        let mut text = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut text, entry)
                .map_err(|source| file_error(&self.path, source.into()))?;
            text.push(b'\n');
            self.last = Some(Last {
                position: entry.position,
                entry_id: entry.entry_id,
            });
        }
        let written = self
            .file
            .seek(SeekFrom::End(0))
            .and_then(|_| self.file.write_all(&text))
            .and_then(|()| self.file.sync_data());
        written.map_err(|source| file_error(&self.path, source))?;
        Ok(self)
    }
}

/// Writes entries to a new file that only its owner may read, a line of JSON each; they are on disk when it returns. Fails if the file is there.
pub fn write_down(path: &Path, entries: &[Entry]) -> std::io::Result<()> {
    let file = private().create_new(true).open(path)?;
    let mut writer = BufWriter::new(&file);
    for entry in entries {
        serde_json::to_writer(&mut writer, entry)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    drop(writer);
    file.sync_all()
}

/// Says which file failed.
pub(super) fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}

/// How files are opened that only their owner may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}

/// Opens a file and keeps other processes from it until it is closed.
pub(super) fn open_locked(path: &Path) -> Result<File, Error> {
    let open = || {
        let opened = private().truncate(false).open(path);
        opened.map_err(|source| file_error(path, source))
    };
    let mut file = open()?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) if is_at(&file, path) => return Ok(file),
            // It was written anew, and another one is in its place.
            Ok(()) => file = open()?,
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_TIMEOUT => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Held {
                    path: path.to_owned(),
                    seconds: LOCK_TIMEOUT.as_secs(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(file_error(path, source)),
        }
    }
}

/// Returns whether an open file is the one that has this name now.
fn is_at(file: &File, path: &Path) -> bool {
    let inode =
        |metadata: std::io::Result<std::fs::Metadata>| metadata.map(|found| (found.dev(), found.ino())).ok();
    inode(file.metadata()) == inode(std::fs::metadata(path))
}

/// Puts the names of a folder's files on disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    // A relative path of one name has an empty parent: the folder of the process.
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| file_error(path, source))
}

/// Reads the last whole line of a file, and where it ends.
pub(super) fn last_line(file: &mut File, path: &Path) -> Result<(Option<Last>, u64), Error> {
    let error = |source| file_error(path, source);
    let length = file.metadata().map_err(error)?.len();
    let mut bytes = TAIL_BYTES;
    loop {
        let start = length.saturating_sub(bytes);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(start)).map_err(error)?;
        Read::by_ref(file)
            .take(length - start)
            .read_to_end(&mut tail)
            .map_err(error)?;
        let end = tail.iter().rposition(|byte| *byte == b'\n');
        let line = end.and_then(|end| {
            let before = tail.get(..end)?;
            let begin = before.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
            let begin = begin.or((start == 0).then_some(0))?;
            before.get(begin..).map(|line| (line, end + 1))
        });
        if let Some((line, end)) = line {
            let entry: Entry = serde_json::from_slice(line).map_err(|source| Error::Damaged {
                path: path.to_owned(),
                line: 0,
                source,
            })?;
            let last = Last {
                position: entry.position,
                entry_id: entry.entry_id,
            };
            let end = u64::try_from(end).unwrap_or(u64::MAX);
            return Ok((Some(last), start.saturating_add(end)));
        }
        if start == 0 {
            return Ok((None, 0));
        }
        bytes = bytes.saturating_mul(4);
    }
}
