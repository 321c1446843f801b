//! Files that the mirror holds already.

use std::collections::HashMap;

use super::fingerprint::Fingerprint;
use super::staged::Staged;
use super::texts::Texts;

/// The files that the tables of a tenant's mirror are just what they say; by default none is known.
#[derive(Debug, Default)]
pub struct KnownFiles(HashMap<String, KnownFile>);

/// A file that the mirror holds, and what is to be said about it.
#[derive(Debug)]
pub(crate) struct KnownFile {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) row_count: u64,
    pub(crate) texts: Texts,
}

impl KnownFiles {
    /// Adds the file of a table.
    pub(in crate::mirror) fn add(&mut self, table: &str, file: KnownFile) {
        self.0.insert(table.to_owned(), file);
    }

    /// Returns what is known of the file of a table if it is this one.
    pub(super) fn find(&self, table: &str, fingerprint: Fingerprint) -> Option<&KnownFile> {
        self.0.get(table).filter(|known| known.fingerprint == fingerprint)
    }

    /// Returns `true` if the mirror still holds a file that was not read for that.
    pub(in crate::mirror) fn still_has(&self, staged: &Staged) -> bool {
        let known = staged
            .fingerprint
            .and_then(|fingerprint| self.find(staged.table.name, fingerprint));
        known.is_some()
    }
}
