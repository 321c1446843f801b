//! The files of a bundle, in a folder or a .zip.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::opening::{ArchiveFile, open_archive};
use super::{BYTES_LIMIT, Error, FILES_LIMIT};
use crate::mirror::rule::{Fault, Faults, Rule};

/// An archive may unpack to so many bytes whatever its own size, and to [`UNPACKED_RATIO_MAX`] times its size beyond.
const UNPACKED_BYTES_FREE: u64 = 16 << 20;

/// How many times smaller packing may have made the files. Rosters become about ten times smaller; one that is made of
/// nothing but the same byte, a thousand times.
const UNPACKED_RATIO_MAX: u64 = 100;

/// The files of a bundle, by name in lower case.
pub(super) struct Source {
    name: String,
    entries: Vec<(String, EntrySource)>,
    archive: Option<ZipArchive<ArchiveFile>>,
    /// How much may be read of it in all, and how much of that is left, in bytes.
    bytes_limit: u64,
    bytes_left: u64,
}

enum EntrySource {
    Path(PathBuf),
    Index(usize),
}

impl Source {
    /// Opens a folder or a .zip and lists what it holds. A bad list is a fault, an unreadable place an error.
    pub(super) fn open(path: &Path, faults: &mut Faults) -> Result<Self, Error> {
        let failed = |source| Error::Open {
            path: path.to_owned(),
            source,
        };
        let name = path
            .file_name()
            .map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().to_lowercase());
        let mut source = Self::empty(name);
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            for entry in std::fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                source.add(
                    &entry.file_name().to_string_lossy(),
                    EntrySource::Path(entry.path()),
                    faults,
                );
            }
        } else if !metadata.is_file() {
            return Err(Error::NotAFile {
                path: path.to_owned(),
            });
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
        {
            let file = File::open(path).map_err(failed)?;
            source.take_archive(path, file, faults)?;
        } else {
            return Err(Error::NotABundle {
                path: path.to_owned(),
            });
        }
        source.close_list(faults);
        Ok(source)
    }

    /// Lists what a .zip holds that was opened already, and is called so in messages.
    pub(super) fn of_archive(name: &str, file: File, faults: &mut Faults) -> Result<Self, Error> {
        let mut source = Self::empty(name.to_lowercase());
        source.take_archive(Path::new(name), file, faults)?;
        source.close_list(faults);
        Ok(source)
    }

    const fn empty(name: String) -> Self {
        Self {
            name,
            entries: Vec::new(),
            archive: None,
            bytes_limit: BYTES_LIMIT,
            bytes_left: BYTES_LIMIT,
        }
    }

    fn take_archive(&mut self, path: &Path, file: File, faults: &mut Faults) -> Result<(), Error> {
        let failed = |source| Error::Open {
            path: path.to_owned(),
            source,
        };
        self.bytes_limit = unpacked_limit(file.metadata().map_err(failed)?.len());
        self.bytes_left = self.bytes_limit;
        let archive = open_archive(file).map_err(|source| Error::Zip {
            path: path.to_owned(),
            source,
        })?;
        self.list_zip(&archive, faults);
        self.archive = Some(archive);
        Ok(())
    }

    /// Refuses too many files, and puts the others in order.
    fn close_list(&mut self, faults: &mut Faults) {
        if self.entries.len() > FILES_LIMIT {
            let message = format!("holds more than {FILES_LIMIT} files");
            faults.push(Fault::of_file(&self.name, Rule::TooManyFiles, message));
            self.entries.clear();
        }
        self.entries.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// Returns the bundle's own name, in lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names of the files, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// Forgets how much was read before.
    pub(super) const fn begin(&mut self) {
        self.bytes_left = self.bytes_limit;
    }

    /// Reads a file, or says why that cannot be. None = the bundle has no such file.
    pub(super) fn bytes(&mut self, name: &str) -> Option<Result<Vec<u8>, Fault>> {
        let (_, place) = self.entries.iter().find(|(entry, _)| entry == name)?;
        let unreadable = |why: String| Fault::of_file(name, Rule::Unreadable, why);
        let limit = self.bytes_left;
        let bytes = match (place, &mut self.archive) {
            (EntrySource::Path(path), _) => read_file(path, limit),
            (EntrySource::Index(index), Some(archive)) => archive
                .by_index(*index)
                .map_err(|error| format!("cannot be unpacked: {error}"))
                .and_then(|entry| {
                    read_at_most(entry, limit).map_err(|error| format!("cannot be unpacked: {error}"))
                }),
            (EntrySource::Index(_), None) => Err("is not in the archive".to_owned()),
        };
        Some(match bytes {
            Err(why) => Err(unreadable(why)),
            Ok(None) => {
                let mut message = format!(
                    "the bundle is larger than {} MiB, unpacked",
                    self.bytes_limit >> 20
                );
                if self.bytes_limit < BYTES_LIMIT {
                    message.push_str(": no roster becomes so small in an archive");
                }
                Err(Fault::of_file(name, Rule::TooLarge, message))
            }
            Ok(Some(bytes)) => {
                self.bytes_left = limit.saturating_sub(bytes.len() as u64);
                Ok(bytes)
            }
        })
    }

    fn add(&mut self, name: &str, place: EntrySource, faults: &mut Faults) {
        let name = name.to_lowercase();
        // One too many is enough to know that there are too many.
        if name.starts_with('.') || self.entries.len() > FILES_LIMIT {
            return;
        }
        if self.entries.iter().any(|(other, _)| *other == name) {
            faults.push(Fault::of_file(
                &name,
                Rule::DuplicateFile,
                "is in the bundle twice (case does not count)",
            ));
            return;
        }
        self.entries.push((name, place));
    }

    fn list_zip(&mut self, archive: &ZipArchive<ArchiveFile>, faults: &mut Faults) {
        if archive.has_duplicate_names() {
            faults.push(Fault::of_file(
                &self.name,
                Rule::DuplicateFile,
                "holds two files of the same name",
            ));
        }
        let mut names = Vec::new();
        for (index, name) in archive.file_names().enumerate() {
            match name {
                Ok(name) => names.push((index, name.replace('\\', "/"))),
                Err(error) => {
                    let message = format!("the name of file {} cannot be read: {error}", index + 1);
                    faults.push(Fault::of_file(&self.name, Rule::ZipPath, message));
                }
            }
        }
        // Folders themselves hold nothing; what macOS adds is nobody's data.
        names.retain(|(_, name)| !name.ends_with('/') && !name.starts_with("__MACOSX/"));
        let folder = common_folder(names.iter().map(|(_, name)| name.as_str()));
        for (index, name) in names {
            let inside = folder
                .as_deref()
                .and_then(|folder| name.strip_prefix(folder))
                .unwrap_or(&name);
            if inside.contains('/') {
                let message = "lies in a folder; only one folder around all files is allowed";
                faults.push(Fault::of_file(&name.to_lowercase(), Rule::ZipPath, message));
            } else {
                self.add(inside, EntrySource::Index(index), faults);
            }
        }
    }
}

/// Returns the one folder, with its slash, that every name begins with: people zip the folder, not its files.
fn common_folder<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    let (first, _) = names.next()?.split_once('/')?;
    let folder = format!("{first}/");
    let proper = !matches!(first, "" | "." | "..");
    (proper && names.all(|name| name.starts_with(&folder))).then_some(folder)
}

/// Returns how many bytes an archive of this size may unpack to.
fn unpacked_limit(archive_bytes: u64) -> u64 {
    let plausible = archive_bytes
        .saturating_mul(UNPACKED_RATIO_MAX)
        .saturating_add(UNPACKED_BYTES_FREE);
    plausible.min(BYTES_LIMIT)
}

fn read_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    // Asked before it is opened: opening a pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("is not a file".to_owned());
    }
    File::open(path)
        .and_then(|file| read_at_most(file, limit))
        .map_err(cannot)
}

/// Reads to the end, or gives up after `limit` bytes, whatever length was promised.
fn read_at_most(reader: impl Read, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_around_all_files_is_seen_through() {
        for (names, expected) in [
            (vec!["export/a.csv", "export/b.csv"], Some("export/")),
            (vec!["export/a.csv", "b.csv"], None),
            (vec!["a.csv"], None),
            (vec!["../a.csv"], None),
            (vec!["/a.csv"], None),
            (vec![], None),
        ] {
            assert_eq!(
                common_folder(names.iter().copied()).as_deref(),
                expected,
                "{names:?}"
            );
        }
    }

    #[test]
    fn reading_stops_at_the_limit() {
        assert_eq!(
            read_at_most(&b"12345"[..], 5).unwrap().as_deref(),
            Some(&b"12345"[..])
        );
        assert_eq!(read_at_most(std::io::repeat(0), 5).unwrap(), None);
    }
}
