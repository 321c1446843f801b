//! Opens an archive without reading more of it than a bundle needs, whatever its list of files says.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipResult;

/// How much may be read to list the files, in bytes: room for thousands of them. Each that is listed takes several times as much memory.
const LIST_BYTES_MAX: u64 = 4 << 20;

/// The file of an archive.
pub(super) type ArchiveFile = BufReader<Bounded>;

/// A file of which so much may be read.
pub(super) struct Bounded {
    file: File,
    /// `None` once the files are listed: what they unpack to has a limit of its own.
    bytes_left: Option<u64>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.bytes_left else {
            return self.file.read(buffer);
        };
        let count = self.file.read(buffer)?;
        let left = left.checked_sub(count as u64).ok_or_else(|| {
            let message = format!("its list of files is larger than {} MiB", LIST_BYTES_MAX >> 20);
            io::Error::new(ErrorKind::InvalidData, message)
        })?;
        self.bytes_left = Some(left);
        Ok(count)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Opens an archive and lists its files.
pub(super) fn open_archive(file: File) -> ZipResult<ZipArchive<ArchiveFile>> {
    let bounded = |file, bytes_left| BufReader::new(Bounded { file, bytes_left });
    let listed = file.try_clone()?;
    ZipArchive::new(bounded(listed, Some(LIST_BYTES_MAX)))?;
    // The same once more, now that it is known to be small.
    ZipArchive::new(bounded(file, None))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn archive(file_count: usize) -> File {
        let mut writer = ZipWriter::new(tempfile::tempfile().unwrap());
        for number in 0..file_count {
            writer
                .start_file(format!("{number:0200}.txt"), SimpleFileOptions::default())
                .unwrap();
        }
        writer.write_all(b"x").unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn an_archive_whose_list_is_larger_than_any_bundle_needs_is_not_listed() {
        assert_eq!(open_archive(archive(2_000)).unwrap().len(), 2_000);
        let Err(error) = open_archive(archive(20_000)) else {
            panic!("it was listed");
        };
        assert!(error.to_string().contains("list of files is larger"), "{error}");
    }
}
