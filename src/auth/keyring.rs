//! The encryption key as a process holds it: read at the start, and again when what the database has does not open with it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sqlx::PgPool;

use super::Error;
use crate::causes;
use crate::config::Settings;
use crate::encryption::{self, EncryptionKey, KeyFileError};

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
    /// Reads the encryption key of the settings, as [`Self::of`] does. Beside an embedded database the file is made if it is not there, unless
    /// the database has keys that were encrypted with it: [`KeyFileError::Lost`].
    pub async fn open(settings: &Settings, pool: &PgPool) -> Result<Self, Error> {
        let place = encryption::file_of(settings)?;
        // The file is looked for once more: another process may have made it, and then a key.
        if place.is_beside && !place.path.exists() && has_sealed(pool).await? && !place.path.exists() {
            return Err(KeyFileError::Lost { path: place.path }.into());
        }
        if place.is_beside {
            encryption::make(&place.path)?;
        }
        Ok(Self::of(settings)?)
    }

    /// Reads the encryption key of the settings.
    pub fn of(settings: &Settings) -> Result<Self, KeyFileError> {
        let file = encryption::file_of(settings)?.path;
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

/// Returns whether something is sealed that is still needed, a signing key or the key of names of erased people: only the encryption key
/// that it was sealed with opens it.
async fn has_sealed(pool: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from auth.signing_key where sealed_key is not null and verifies_until > clock_timestamp())
                  or exists (select from username.name_key)
              as "has_sealed!""#
    )
    .fetch_one(pool)
    .await
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::os::unix::fs::PermissionsExt;

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Memory {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn said(work: impl FnOnce()) -> String {
        let memory = Memory::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(memory.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(memory.0.lock().unwrap().clone()).unwrap()
    }

    fn put(path: &Path, text: &str) -> String {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        EncryptionKey::read(path).unwrap().id().to_owned()
    }

    #[test]
    fn an_unfinished_change_of_the_encryption_key_is_warned_of_once_and_a_finished_one_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let new = put(&file, "YW5vdGhlciBrZXkgb2YgdGhlIHRlc3RzLCAzMiBieS4=");
        let old = put(&file, "dGhlIGZpcnN0IGtleSBvZiBhbGwsIDMyIGJ5dGVzLi4=");
        let mut settings = Settings::default();
        settings.keys.encryption_key_file = Some(file.clone());
        let keyring = Keyring::of(&settings).unwrap();
        assert_eq!(said(|| keyring.follow(&old)), "", "nothing was changed");
        let warned = said(|| keyring.follow(&new));
        for part in [
            "WARN",
            &new,
            &file.display().to_string(),
            &format!("it has the key with id {old}"),
            "Put the new file in place",
        ] {
            assert!(warned.contains(part), "{part}: {warned}");
        }
        assert_eq!(said(|| keyring.follow(&new)), "", "once");
        put(&file, "YW5vdGhlciBrZXkgb2YgdGhlIHRlc3RzLCAzMiBieS4=");
        assert_eq!(said(|| keyring.follow(&new)), "");
        assert_eq!(keyring.key().id(), new, "the file that was put in place is read");
        std::fs::remove_file(&file).unwrap();
        assert!(said(|| keyring.follow(&old)).contains("is not there"));
    }
}
