//! The encryption key as a process holds it: read at the start, and again when what the database has does not open with it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::Error;
use super::encryption::{self, EncryptionKey, KeyFileError};
use crate::causes;
use crate::config::Settings;

/// What was said of making a key, among the ids.
const ENSURING: &str = "making a key";

/// Seals signing keys, and opens sealed ones.
#[derive(Debug)]
pub struct Keyring {
    file: PathBuf,
    key: RwLock<Arc<EncryptionKey>>,
    rotate_days: u32,
    /// What was logged already, each once: signing keys that did not open, encryption keys that are not here.
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
    pub(super) fn read_again(&self) -> Result<bool, KeyFileError> {
        let read = EncryptionKey::read(&self.file)?;
        let is_another = read.id() != self.key().id();
        if is_another {
            *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
            self.said().clear();
        }
        Ok(is_another)
    }

    /// Looks at the file again if a signing key that is known here is sealed with another key, and warns, once, if the file has not got it:
    /// the change of the encryption key is not finished on this machine.
    pub(super) fn follow(&self, sealed_with: &str) {
        if self.key().id() == sealed_with {
            return;
        }
        let failure = self.read_again().err();
        let key = self.key();
        if key.id() == sealed_with || !self.is_said_first(sealed_with) {
            return;
        }
        let error = failure.map_or_else(
            || format!("it has the key with id {}", key.id()),
            |error| causes::with_causes(&error),
        );
        tracing::warn!(
            error,
            "the signing keys are encrypted with the key with id {sealed_with}, which the encryption key file {} has not got: this server \
             goes on with those it knows, and cannot start again or make the next. Put the new file in place, with the owner and mode of \
             the old one",
            self.file.display()
        );
    }

    /// Logs why nothing could be done about the signing keys, once until it can be done again.
    pub(super) fn note_ensured(&self, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => {
                self.said().remove(ENSURING);
            }
            Err(error) if self.is_said_first(ENSURING) => {
                tracing::error!(error = error.with_causes(), "cannot see to the signing keys");
            }
            Err(_) => {}
        }
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
    fn is_said_first(&self, what: &str) -> bool {
        self.said().insert(what.to_owned())
    }

    fn said(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
