//! The key that signing keys are encrypted with in the database, and its file.
//!
//! AES-256-GCM with a random nonce; the id of the signing key is authenticated with it, so that a sealed key is good in its own row
//! only. The file is outside the database: who has a dump and not the file mints no token.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::config::Settings;
#[cfg(feature = "demo")]
use crate::db;

/// Name of the file beside an embedded database.
#[cfg(feature = "demo")]
const BESIDE: &str = "encryption-key";

/// Length of the key, in bytes.
const KEY_LENGTH: usize = 32;

/// A file of a key is no longer than this, in bytes.
const FILE_LENGTH_MAX: u64 = 1024;

/// How many bytes of the digest an id shows.
const ID_BYTES: usize = 6;

/// What others than its owner and its group may not do with the file, nor its group: be let in at all, write.
const TOO_OPEN: u32 = 0o027;

/// The file of the encryption key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// No file is named, and there is no embedded database that one would be beside.
    #[error(
        "`keys.encryption_key_file` (ONEROSTER_ENCRYPTION_KEY_FILE) is not set: signing keys are encrypted in the database with a key \
         that it does not have. Make one, then name it there: (umask 077; head -c 32 /dev/urandom | base64 > \
         /etc/oneroster/encryption-key)"
    )]
    NotNamed,
    /// It is not there.
    #[error(
        "the encryption key file {path} is not there. Put it back from its backup; for a first start make one: (umask 077; head -c 32 \
         /dev/urandom | base64 > {path})"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It is not there, though keys in the database are encrypted with it: another would open none of them.
    #[error(
        "the encryption key file {path} is not there, and the database has keys that are encrypted with it. Put it back from its backup. If \
         it is lost for good: make a new one, (umask 077; head -c 32 /dev/urandom | base64 > {path}), then `oneroster keys list`, and \
         `oneroster keys retire ID` for each; consumers then ask for new tokens"
    )]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error(
        "cannot read the encryption key file {path}: the user that runs this needs to (chown, chmod 600)"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others may read it.
    #[error(
        "the encryption key file {path} may be read by others, or written by its group (mode {mode:o}): chmod 600 {path}"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It holds something else.
    #[error(
        "the encryption key file {path} holds no key: it must hold 32 random bytes in base64, 44 characters. A new one is made by: \
         (umask 077; head -c 32 /dev/urandom | base64 > {path})"
    )]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be made.
    #[error("cannot make the encryption key file {path}")]
    Make {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no place for it.
    #[cfg(feature = "demo")]
    #[error("cannot tell where the encryption key file is")]
    Place(#[source] Box<db::Error>),
    /// No randomness to be had.
    #[error("the system gives no random bytes")]
    Random,
}

/// Where the key is.
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Whether it lies beside an embedded database: then the program makes the first one by itself.
    pub is_beside: bool,
}

/// Returns the file that the settings name, else the one beside an embedded database.
pub fn file_of(settings: &Settings) -> Result<Place, KeyFileError> {
    if let Some(path) = &settings.keys.encryption_key_file {
        return Ok(Place {
            path: path.clone(),
            is_beside: false,
        });
    }
    if settings.database.url.is_some() {
        return Err(KeyFileError::NotNamed);
    }
    beside(settings).map(|path| Place {
        path,
        is_beside: true,
    })
}

/// Returns the file that the settings name or that is beside an embedded database, whether or not it is there; `None` without one.
pub fn file(settings: &Settings) -> Option<PathBuf> {
    file_of(settings).ok().map(|place| place.path)
}

#[cfg(feature = "demo")]
fn beside(settings: &Settings) -> Result<PathBuf, KeyFileError> {
    let directory = db::data_dir(&settings.database).map_err(|error| KeyFileError::Place(Box::new(error)))?;
    Ok(directory.join(BESIDE))
}

/// A build without the embedded Postgres has nothing to be beside.
#[cfg(not(feature = "demo"))]
fn beside(_settings: &Settings) -> Result<PathBuf, KeyFileError> {
    Err(KeyFileError::NotNamed)
}

/// Makes a file with a new key, for its owner only, unless there is one. It is there as a whole or not at all, and stays after a power cut.
pub fn make(path: &Path) -> Result<(), KeyFileError> {
    if path.exists() {
        return Ok(());
    }
    let mut bytes = [0_u8; KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyFileError::Random)?;
    let text = format!("{}\n", STANDARD.encode(bytes));
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        // Fails if another process was faster: its key is the one.
        .and_then(|()| match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        })
        // What is encrypted with it next must not outlive it.
        .and_then(|()| std::fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all()));
    let _ = std::fs::remove_file(&draft);
    written.map_err(|source| KeyFileError::Make {
        path: path.to_owned(),
        source,
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A key that signing keys are sealed with.
pub struct EncryptionKey {
    id: String,
    key: RandomizedNonceKey,
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EncryptionKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl EncryptionKey {
    /// Reads the key of a file that only its owner may write, and others not read.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let unreadable = |source: std::io::Error| {
            let path = path.to_owned();
            if source.kind() == std::io::ErrorKind::NotFound {
                KeyFileError::Missing { path }
            } else {
                KeyFileError::Unreadable { path, source }
            }
        };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & TOO_OPEN != 0 {
            return Err(KeyFileError::TooOpen {
                path: path.to_owned(),
                mode,
            });
        }
        let form = || KeyFileError::Form {
            path: path.to_owned(),
        };
        if !metadata.is_file() || metadata.len() > FILE_LENGTH_MAX {
            return Err(form());
        }
        let text = std::fs::read(path).map_err(unreadable)?;
        let bytes = STANDARD.decode(text.trim_ascii()).map_err(|_| form())?;
        Self::from_bytes(&bytes).ok_or_else(form)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY_LENGTH {
            return None;
        }
        let digest = Sha256::new()
            .chain_update("oneroster encryption key ")
            .chain_update(bytes);
        let mut id = String::new();
        for byte in digest.finalize().iter().take(ID_BYTES) {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        Some(Self {
            id,
            key: RandomizedNonceKey::new(&AES_256_GCM, bytes).ok()?,
        })
    }

    /// Returns what tells it from another: no part of the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts a private key, bound to its id: nonce, text, tag. `None` if the system gives no randomness.
    pub fn seal(&self, key_id: &str, private_key: &[u8]) -> Option<Vec<u8>> {
        let mut text = private_key.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(key_id.as_bytes()), &mut text)
            .ok()?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Some(sealed)
    }

    /// Decrypts what [`Self::seal`] made for the same id; `None` if it was made with another key, for another id, or changed.
    pub fn open(&self, key_id: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(key_id.as_bytes()), &mut text)
            .ok()?;
        Some(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_sealed_key_opens_with_its_key_in_its_row_and_unchanged_only() {
        let one = EncryptionKey::from_bytes(&[1; 32]).unwrap();
        let other = EncryptionKey::from_bytes(&[2; 32]).unwrap();
        assert_ne!(one.id(), other.id());
        let sealed = one.seal("k1", b"private").unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"private"));
        assert_eq!(one.open("k1", &sealed).unwrap(), b"private");
        assert_eq!(one.open("k2", &sealed), None, "another row");
        assert_eq!(other.open("k1", &sealed), None, "another key");
        for place in [0, 15, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(one.open("k1", &changed), None, "changed at {place}");
        }
        for short in 0..sealed.len() {
            assert_eq!(one.open("k1", &sealed[..short]), None);
        }
        assert_ne!(sealed, one.seal("k1", b"private").unwrap(), "a nonce of its own");
        assert!(!format!("{one:?}").contains("[1, 1"));
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("encryption-key");
        make(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let id = EncryptionKey::read(&path).unwrap().id().to_owned();
        make(&path).unwrap();
        assert_eq!(EncryptionKey::read(&path).unwrap().id(), id);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_folder_of_a_file_is_where_it_is() {
        for (path, folder) in [("/a/b", "/a"), ("a/b", "a"), ("b", "."), ("/b", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder), "{path}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_with_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let refused = || EncryptionKey::read(&path).unwrap_err().to_string();
        assert!(refused().contains("is not there") && refused().contains("head -c 32"));
        let good = format!("{}\n", STANDARD.encode([7; 32]));
        for mode in [0o644, 0o604, 0o620, 0o601] {
            write(&path, &good, mode);
            assert!(refused().contains(&format!("mode {mode:o}")) && refused().contains("chmod 600"));
        }
        // Container tools give a secret to the group of the process.
        for mode in [0o600, 0o400, 0o440] {
            write(&path, &good, mode);
            assert!(EncryptionKey::read(&path).is_ok(), "{mode:o}");
        }
        for text in [
            "",
            "secret",
            &STANDARD.encode([7; 31]),
            &STANDARD.encode([7; 33]),
            &good.repeat(20),
        ] {
            write(&path, text, 0o600);
            assert!(refused().contains("32 random bytes in base64"), "{text}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(refused().contains("holds no key"));
    }
}
