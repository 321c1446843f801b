//! Reads a bundle and checks all that can be checked without the database (`docs/bundle.md`).

mod cell;
mod delta_cells;
mod file;
mod fingerprint;
mod header;
mod known_files;
mod manifest;
mod opening;
mod source;
mod staged;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use oneroster_standard::counted;
use serde::Serialize;

pub(crate) use fingerprint::Fingerprint;
pub(crate) use known_files::KnownFile;
pub use known_files::KnownFiles;
pub(crate) use manifest::Manifest;
pub(crate) use staged::Staged;
pub(crate) use texts::{NAME_COLUMNS, ReplacedCell, Texts};

use super::layout::{MANIFEST, TABLES, Table};
use super::rule::{Fault, Faults, Rule};
use crate::tabular::csv::line_ends;
use source::Source;

/// How many files a bundle may hold.
pub const FILES_LIMIT: usize = 100;

/// How large a bundle may be, unpacked, in bytes.
pub const BYTES_LIMIT: u64 = 512 << 20;

/// How many lines the files of a bundle may have that are read: a row takes several times as much memory as its file.
const LINES_LIMIT: u64 = 3_000_000;

/// What a bundle says about the rows it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are deleted: the bundle is the whole state of every table in it.
    Full,
    /// Nothing: its rows are upserts, and deletes where `verwijderd` says so.
    Delta,
}

/// A bundle that cannot be opened at all. What is wrong inside one is a [`Fault`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing there, or it may not be read.
    #[error("cannot open the bundle {path}")]
    Open {
        /// The bundle.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is a pipe or a device, which would be waited for.
    #[error(
        "{path} is neither a folder nor a file: an archive is read from its end. Save it as a file first, or give it on \
         standard input, with - as the path"
    )]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// It is a file of another kind.
    #[error("{path} is no bundle: it must be a folder or a .zip file")]
    NotABundle {
        /// The file.
        path: PathBuf,
    },
    /// It is called .zip but is none, or is damaged.
    #[error("cannot read the archive {path}")]
    Zip {
        /// The archive.
        path: PathBuf,
        /// Why.
        #[source]
        source: zip::result::ZipError,
    },
}

/// The files of a bundle that was opened: a folder or a .zip. They may be read more than once.
pub struct BundleFiles {
    source: Source,
    mode: Mode,
    faults: Faults,
}

/// A bundle that was read: its good rows, ready to be loaded, and what is wrong with the others.
#[derive(Debug)]
pub struct Bundle {
    pub(super) mode: Mode,
    pub(super) manifest: Option<Manifest>,
    /// The tables the bundle holds; what is referred to comes first.
    pub(super) tables: Vec<Staged>,
    pub(super) faults: Faults,
    remarks: Vec<String>,
    /// How many lines were read.
    line_count: u64,
}

/// How full a column of a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnFill {
    /// The column.
    pub column: &'static str,
    /// In how many rows it is filled in, rightly or not.
    pub filled: u64,
}

impl BundleFiles {
    /// Opens a folder or a .zip and lists what it holds. Blocks.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, Error> {
        let mut faults = Faults::default();
        let source = Source::open(path, &mut faults)?;
        Ok(Self { source, mode, faults })
    }

    /// Lists what a .zip holds that is open already; `name` is what it is called in messages. Blocks.
    pub fn of_archive(name: &str, file: File, mode: Mode) -> Result<Self, Error> {
        let mut faults = Faults::default();
        let source = Source::of_archive(name, file, &mut faults)?;
        Ok(Self { source, mode, faults })
    }

    /// Reads them, and calls `read_file` with the name of each file it begins to read. Of a file that the mirror holds already, the
    /// bytes are compared and nothing else is done.
    ///
    /// Blocks. Faults do not end it: they are kept, and [`super::load()`] adds those that only the database shows.
    pub fn read(&mut self, known: &KnownFiles, mut read_file: impl FnMut(&str)) -> Bundle {
        let mut bundle = Bundle {
            mode: self.mode,
            manifest: None,
            tables: Vec::new(),
            faults: self.faults.clone(),
            remarks: Vec::new(),
            line_count: 0,
        };
        self.source.begin();
        let names: Vec<String> = self.source.names().map(str::to_owned).collect();
        bundle.check_names(&names, self.source.name());
        for table in &TABLES {
            if !names.iter().any(|name| name == table.file) {
                continue;
            }
            read_file(table.file);
            if let Some(bytes) = self.source.bytes(table.file) {
                let staged = bundle.read_table(table, &bytes, known);
                bundle.tables.push(staged);
            }
        }
        if let Some(bytes) = self.source.bytes(MANIFEST) {
            match bytes
                .as_deref()
                .map_err(Clone::clone)
                .and_then(|bytes| header::decode(MANIFEST, bytes))
            {
                Ok(text) => bundle.manifest = Some(manifest::read(text, &mut bundle.faults)),
                Err(fault) => bundle.faults.push(fault),
            }
            bundle.check_counts(&names);
        }
        bundle
    }
}

impl Bundle {
    /// Reads every file of a folder or a .zip, and calls `read_file` with the name of each file it begins to read. Blocks.
    pub fn read(path: &Path, mode: Mode, read_file: impl FnMut(&str)) -> Result<Self, Error> {
        Ok(BundleFiles::open(path, mode)?.read(&KnownFiles::default(), read_file))
    }

    /// Notes files that are none of a bundle, and that there is none that is.
    fn check_names(&mut self, names: &[String], bundle_name: &str) {
        for name in names {
            if name != MANIFEST && !TABLES.iter().any(|table| table.file == name) {
                self.remarks
                    .push(format!("{name} is no file of a bundle and was ignored"));
            }
        }
        if !TABLES
            .iter()
            .any(|table| names.iter().any(|name| table.file == name))
            && self.faults.is_empty()
        {
            let known: Vec<&str> = TABLES.iter().map(|table| table.file).collect();
            let message = format!("holds none of the files of a bundle: {}", known.join(", "));
            self.faults
                .push(Fault::of_file(bundle_name, Rule::NoKnownFile, message));
        }
    }

    fn read_table(
        &mut self,
        table: &'static Table,
        bytes: &Result<Vec<u8>, Fault>,
        known: &KnownFiles,
    ) -> Staged {
        let fingerprint = match bytes {
            Ok(bytes) if self.mode == Mode::Full => Some(Fingerprint::of(table.name, bytes)),
            _ => None,
        };
        if let Some(file) = fingerprint.and_then(|fingerprint| known.find(table.name, fingerprint)) {
            return Staged {
                row_count: file.row_count,
                complete: true,
                texts: file.texts.clone(),
                fingerprint,
                is_held: true,
                ..Staged::nothing(table)
            };
        }
        match bytes
            .as_deref()
            .map_err(Clone::clone)
            .and_then(|bytes| header::decode(table.file, bytes))
            .and_then(|text| self.count_lines(table, text).map(|()| text))
        {
            Ok(text) => Staged {
                fingerprint,
                ..file::read(table, text, self.mode, &mut self.faults)
            },
            Err(fault) => {
                self.faults.push(fault);
                Staged::nothing(table)
            }
        }
    }

    /// Refuses a file with which the bundle has more lines than it may have.
    fn count_lines(&mut self, table: &Table, text: &str) -> Result<(), Fault> {
        self.line_count = self.line_count.saturating_add(line_ends(text));
        if self.line_count <= LINES_LIMIT {
            return Ok(());
        }
        let message = format!("the bundle has more than {LINES_LIMIT} lines up to this file");
        Err(Fault::of_file(table.file, Rule::TooLarge, message))
    }

    /// Returns `true` if some of its files were not read, since the mirror holds them already.
    pub(super) fn has_held_files(&self) -> bool {
        self.tables.iter().any(|staged| staged.is_held)
    }

    /// Returns the number of rows per file, faulty ones too.
    pub fn rows(&self) -> BTreeMap<&'static str, u64> {
        self.tables
            .iter()
            .map(|staged| (staged.table.file, staged.row_count))
            .collect()
    }

    /// Returns per file that was read to its end how full its columns are; of one that the mirror held already nothing is known.
    pub fn columns(&self) -> BTreeMap<&'static str, Vec<ColumnFill>> {
        let read = self
            .tables
            .iter()
            .filter(|staged| staged.complete && !staged.is_held);
        read.map(|staged| {
            let columns = staged.table.columns.iter().zip(&staged.filled);
            let fills = columns.map(|(column, filled)| ColumnFill {
                column: column.name,
                filled: *filled,
            });
            (staged.table.file, fills.collect())
        })
        .collect()
    }

    /// Returns what is wrong with the files by themselves.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Returns what a person should know but is no fault.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    fn check_counts(&mut self, names: &[String]) {
        let Some(manifest) = &self.manifest else {
            return;
        };
        for (file, count, line) in &manifest.counts {
            if !names.contains(file) {
                let fault = Fault::of_file(
                    MANIFEST,
                    Rule::MissingFile,
                    format!("{file} is not in the bundle"),
                );
                self.faults.push(fault.on_line(*line).in_column("bestand", file));
            } else if let Some(staged) = self.tables.iter().find(|staged| staged.table.file == file)
                && staged.complete
                && staged.row_count != *count
            {
                let message = format!("{file} has {}", counted(staged.row_count, "row", "rows"));
                let fault = Fault::of_file(MANIFEST, Rule::RowCount, message);
                self.faults
                    .push(fault.on_line(*line).in_column("rijen", &count.to_string()));
            }
        }
        for staged in &self.tables {
            let file = staged.table.file;
            if !manifest.counts.iter().any(|(named, _, _)| named == file) {
                self.remarks.push(format!(
                    "{file} is not in the manifest: its rows were not counted"
                ));
            }
        }
    }
}
