//! One file of a bundle, read.

use super::fingerprint::Fingerprint;
use super::texts::Texts;
use crate::mirror::layout::Table;

/// The rows of a file, ready for its staging table.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) table: &'static Table,
    /// How many rows the file has, faulty ones too.
    pub(crate) row_count: u64,
    /// In how many rows each column of the table is filled in, in the order of the columns.
    pub(super) filled: Vec<u64>,
    /// Per row with a key: its cells (one that is faulty or was not read is null), its line, whether it is to be
    /// deleted, whether it is faulty; as COPY takes them in text format.
    pub(crate) copy: String,
    /// Whether the file could be read to its end. If not, nothing can be said about references to it.
    pub(crate) complete: bool,
    /// What the texts in it look like.
    pub(crate) texts: Texts,
    /// What it is recognised by when it comes again, unless it is a delta.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// Whether the mirror held just these rows already when the file was looked at, so that none was read.
    pub(crate) is_held: bool,
}

impl Staged {
    /// Nothing of a file yet.
    pub(super) fn nothing(table: &'static Table) -> Self {
        Self {
            table,
            row_count: 0,
            filled: vec![0; table.columns.len()],
            copy: String::new(),
            complete: false,
            texts: Texts::default(),
            fingerprint: None,
            is_held: false,
        }
    }

    /// Counts a cell that is filled in.
    pub(super) fn note_filled(&mut self, column: usize) {
        if let Some(count) = self.filled.get_mut(column) {
            *count += 1;
        }
    }
}
