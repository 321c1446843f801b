//! A zip with the files at its root. The same files give the same bytes: no time of the clock is in it.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::super::read_back::{WrittenFile, check};
use super::super::{Error, Format};
use super::{cannot, draft_prefix, leftovers, parent, sync_folder};

/// Rights of a file in it, and of itself.
const FILE_MODE: u32 = 0o600;

/// A zip that is written beside its target, or in a file without a name. Dropped before it is put in place, it is deleted.
pub(super) struct ZipDraft {
    writer: Option<ZipWriter<BufWriter<File>>>,
    /// Once everything is written.
    file: Option<File>,
    place: Option<ZipPlace>,
}

struct ZipPlace {
    draft: TempPath,
    target: PathBuf,
    format: Format,
}

impl ZipDraft {
    /// Makes one that has no name.
    pub(super) fn unnamed() -> Result<Self, Error> {
        let file = tempfile::tempfile().map_err(cannot("write in", &std::env::temp_dir()))?;
        Ok(Self::new(file, None))
    }

    /// Makes one beside a target, once what an earlier export left behind there is gone.
    pub(super) fn beside(target: &Path, format: Format) -> Result<Self, Error> {
        require_own(target, format)?;
        // A link stays one.
        let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
        leftovers::clear(&target, format)?;
        let draft = tempfile::Builder::new()
            .prefix(&draft_prefix(&target))
            .tempfile_in(parent(&target))
            .map_err(cannot("write beside", &target))?;
        let (file, draft) = draft.into_parts();
        // So that nobody takes it for left behind.
        file.lock().map_err(cannot("lock", &target))?;
        let place = ZipPlace {
            draft,
            target,
            format,
        };
        Ok(Self::new(file, Some(place)))
    }

    fn new(file: File, place: Option<ZipPlace>) -> Self {
        Self {
            writer: Some(ZipWriter::new(BufWriter::new(file))),
            file: None,
            place,
        }
    }

    pub(super) fn begin_file(&mut self, name: &str) -> Result<(), Error> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(FILE_MODE);
        match &mut self.writer {
            Some(writer) => Ok(writer.start_file(name, options)?),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn read_back(&mut self, files: &[WrittenFile]) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let file = writer.finish()?.into_inner();
        let file = file.map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let mut archive = ZipArchive::new(&file)?;
        for written in files {
            check(written, archive.by_name(written.table.file)?)?;
        }
        drop(archive);
        self.file = Some(file);
        Ok(())
    }

    /// Puts it in place; returns the file, at its beginning, of one without a name.
    pub(super) fn put_in_place(self) -> Result<Option<File>, Error> {
        let Some(place) = self.place else {
            let mut file = self.file;
            if let Some(file) = &mut file {
                file.rewind()?;
            }
            return Ok(file);
        };
        require_own(&place.target, place.format)?;
        let persisted = place.draft.persist(&place.target);
        persisted.map_err(|error| cannot("write", &place.target)(error.error))?;
        sync_folder(parent(&place.target))?;
        Ok(None)
    }
}

/// Refuses a target that is there and is no zip with files of the format alone.
pub(super) fn require_own(target: &Path, format: Format) -> Result<(), Error> {
    let foreign = |name: String| Error::Foreign {
        path: target.to_owned(),
        name,
        format,
    };
    let file = match File::open(target) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(cannot("read", target)(error)),
    };
    let own = || {
        foreign(
            target
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        )
    };
    let is_empty = file
        .metadata()
        .is_ok_and(|data| data.is_file() && data.len() == 0);
    if is_empty {
        return Ok(());
    }
    let archive = ZipArchive::new(file).map_err(|_| own())?;
    for name in archive.file_names() {
        let name = name.map_err(|_| own())?;
        if !format.has_file(&name) {
            return Err(foreign(name.into_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_export_is_never_replaced() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out.zip");
        require_own(&target, Format::Clever).unwrap();
        std::fs::write(&target, "a letter to somebody").unwrap();
        assert!(require_own(&target, Format::Clever).is_err());
        let mut zip = ZipWriter::new(File::create(&target).unwrap());
        zip.start_file("schools.csv", SimpleFileOptions::default())
            .unwrap();
        zip.finish().unwrap();
        require_own(&target, Format::Clever).unwrap();
        assert!(require_own(&target, Format::SdsV1).is_err());
    }
}
