//! Reads a file back as a consumer does, before it is put in place: what was written is what was meant.

use std::io::Read;

use sha2::{Digest, Sha256};

use super::Error;
use super::table::Table;

/// How much is read at a time, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// A file as it was written.
#[derive(Debug, Clone)]
pub(super) struct WrittenFile {
    /// Which.
    pub(super) table: &'static Table,
    /// How many rows below the header.
    pub(super) rows: u64,
    /// SHA-256 of its bytes.
    pub(super) digest: [u8; 32],
}

/// Reads on, and digests what it reads.
struct Digesting<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Reads a file: its bytes are those that were written, its header is the format's, each row has a cell for each column, each
/// key comes after the one before, and there are as many rows as were written.
pub(super) fn check(file: &WrittenFile, content: impl Read) -> Result<(), Error> {
    let damaged = |what| Error::ReadBack {
        file: file.table.file,
        what,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Digesting {
            inner: content,
            digest: Sha256::new(),
        });
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record)?
        || !record.iter().eq(file.table.header.split(',').map(str::as_bytes))
    {
        return Err(damaged("the header is another"));
    }
    let mut last_key: Vec<Vec<u8>> = Vec::new();
    let mut rows = 0;
    // A row of another length is an error of the reader.
    while reader.read_byte_record(&mut record)? {
        rows += 1;
        let key = file
            .table
            .key
            .iter()
            .map(|index| record.get(*index).unwrap_or_default());
        if !last_key.is_empty() && !key.clone().gt(last_key.iter().map(Vec::as_slice)) {
            return Err(damaged("the rows are not in the order of their key"));
        }
        last_key.clear();
        last_key.extend(key.map(<[u8]>::to_vec));
    }
    if rows != file.rows {
        return Err(damaged("the number of rows is another"));
    }
    let digest: [u8; 32] = reader.into_inner().digest.finalize().into();
    if digest != file.digest {
        return Err(damaged("the bytes are others"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::table::sds_v1;

    fn written(content: &str, rows: u64) -> WrittenFile {
        let mut tables = sds_v1::TABLES.iter();
        WrittenFile {
            table: tables
                .find(|table| table.file == "StudentEnrollment.csv")
                .unwrap(),
            rows,
            digest: Sha256::digest(content).into(),
        }
    }

    #[test]
    fn what_is_not_as_it_was_written_is_seen() {
        let whole = "Section SIS ID,SIS ID\r\na,1\r\na,2\r\n\"b\",1\r\n";
        check(&written(whole, 3), whole.as_bytes()).unwrap();
        for (content, rows) in [
            (whole, 2),
            ("", 0),
            ("section sis id,SIS ID\r\n", 0),
            ("Section SIS ID,SIS ID\r\na,1,2\r\n", 1),
            ("Section SIS ID,SIS ID\r\na,1\r\na,1\r\n", 2),
            ("Section SIS ID,SIS ID\r\nb,1\r\na,1\r\n", 2),
        ] {
            assert!(
                check(&written(content, rows), content.as_bytes()).is_err(),
                "{content:?}"
            );
        }
        let other = whole.replace("\"b\"", "b");
        let error = check(&written(whole, 3), other.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("StudentEnrollment.csv"), "{error}");
    }
}
