//! The encryption key as a process holds it: read at the start, and again when what the database has does not open with it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::encryption::{self, EncryptionKey, KeyFileError};
use crate::config::Settings;

/// Seals signing keys, and opens sealed ones.
#[derive(Debug)]
pub struct Keyring {
    file: PathBuf,
    key: RwLock<Arc<EncryptionKey>>,
    rotate_days: u32,
    /// What was logged already, each once: signing keys that did not open.
    said: Mutex<HashSet<String>>,
}

impl Keyring {
    /// Reads the encryption key of the settings. Beside an embedded database it is made if it is not there.
    pub fn of(settings: &Settings) -> Result<Self, KeyFileError> {
        let file = encryption::file_of(settings)?;
        Ok(Self {
            key: RwLock::new(Arc::new(EncryptionKey::read(&file)?)),
            file,
            rotate_days: settings.keys.rotate_days,
            said: Mutex::default(),
        })
    }

    /// Returns the file that it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns for how many days a new key signs.
    pub(super) fn rotate_days(&self) -> i32 {
        i32::try_from(self.rotate_days).unwrap_or(i32::MAX)
    }

    pub(super) fn key(&self) -> Arc<EncryptionKey> {
        Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again: somebody may have put another key there. Returns whether it is another one.
    pub(super) fn read_again(&self) -> bool {
        let Ok(read) = EncryptionKey::read(&self.file) else {
            return false;
        };
        let is_another = read.id() != self.key().id();
        if is_another {
            *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
            self.said().clear();
        }
        is_another
    }

    /// Logs that a signing key does not open, once for each.
    pub(super) fn say_shut(&self, key_id: &str) {
        if self.is_said_first(key_id) {
            tracing::error!(
                key_id,
                "a signing key does not open with the encryption key file: it signs and verifies nothing here. Another encryption key \
                 was put in use, or the row is not this program's (docs/security.md)"
            );
        }
    }

    /// Returns `true` the first time something is said, and again after another encryption key was read.
    pub(super) fn is_said_first(&self, what: &str) -> bool {
        self.said().insert(what.to_owned())
    }

    fn said(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
