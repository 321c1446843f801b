//! The data directory: whose it is, what it holds, its locks.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Error, poll_until};

const START_LOCK: &str = "start.lock";
const USERS_LOCK: &str = "users.lock";
const SERVER_LOCK: &str = "server.lock";
const PASSWORD: &str = "password";
const CLUSTER_PREFIX: &str = "postgres-";

/// Returns where data live unless a setting says otherwise: `/var/lib/oneroster` for root, else
/// `$XDG_DATA_HOME/oneroster` or `~/.local/share/oneroster`.
pub fn default_data_dir() -> Result<PathBuf, Error> {
    own_dir("/var/lib", "XDG_DATA_HOME", ".local/share").ok_or(Error::NoHome)
}

/// Returns `true` if the data directory holds a database, or cannot be looked into: opening it then says why.
pub fn holds_database(data_dir: &Path) -> bool {
    match std::fs::read_dir(data_dir) {
        Ok(mut entries) => entries.any(|entry| {
            entry.is_ok_and(|entry| {
                entry
                    .file_name()
                    .to_str()
                    .and_then(major_of_cluster_name)
                    .is_some()
            })
        }),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// A directory of ours: under `system` for root, else under the XDG variable or `fallback` in the home directory.
pub(super) fn own_dir(system: &str, variable: &str, fallback: &str) -> Option<PathBuf> {
    let parent = if nix::unistd::geteuid().is_root() {
        PathBuf::from(system)
    } else if let Some(directory) = environment(variable).filter(|text| text.starts_with('/')) {
        PathBuf::from(directory)
    } else {
        Path::new(&environment("HOME")?).join(fallback)
    };
    Some(parent.join("oneroster"))
}

/// The data of one Postgres major version.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    /// Postgres' own data directory.
    pub(super) path: PathBuf,
    /// Its major version.
    pub(super) major: u32,
}

/// A data directory that is ours.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Makes the directory or recognises it; refuses one that holds something else.
    pub(super) fn claim(path: &Path) -> Result<Self, Error> {
        let fail = |source| Error::DataDir {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(parent_of(path))
            .map_err(fail)?;
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(fail(error)),
            Ok(()) | Err(_) => {}
        }
        let path = path.canonicalize().map_err(fail)?;
        let claimed = Self { path };
        if !claimed.join(START_LOCK).exists() {
            claimed.refuse_foreign()?;
        }
        claimed.open_lock(START_LOCK)?;
        Ok(claimed)
    }

    fn refuse_foreign(&self) -> Result<(), Error> {
        let fail = |source| Error::DataDir {
            path: self.path.clone(),
            source,
        };
        for entry in std::fs::read_dir(&self.path).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            // A file system made for us has this one; our lock may have come into being since we looked.
            if name == "lost+found" || name == START_LOCK || self.join(START_LOCK).exists() {
                continue;
            }
            return Err(Error::Foreign {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    /// Returns the directory, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of something in it.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Returns the file that holds the password.
    pub(super) fn password_path(&self) -> PathBuf {
        self.join(PASSWORD)
    }

    /// Returns where Postgres logs.
    pub(super) fn log_path(&self) -> PathBuf {
        self.join("postgres.log")
    }

    /// Returns where the data of one version are, or will be.
    pub(super) fn cluster_path(&self, major: u32) -> PathBuf {
        self.join(format!("{CLUSTER_PREFIX}{major}"))
    }

    /// Finds the data of an earlier start; more than one version is refused.
    pub(super) fn cluster(&self) -> Result<Option<Cluster>, Error> {
        let fail = |source| Error::DataDir {
            path: self.path.clone(),
            source,
        };
        let mut found: Option<Cluster> = None;
        for entry in std::fs::read_dir(&self.path).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let major = entry.file_name().to_str().and_then(major_of_cluster_name);
            let Some(major) = major else { continue };
            let path = entry.path();
            if let Some(other) = found.replace(Cluster { path, major }) {
                return Err(Error::SeveralVersions {
                    path: self.path.clone(),
                    found: format!("{} and {}", other.major.min(major), other.major.max(major)),
                });
            }
        }
        Ok(found)
    }

    /// Lets other users pass through the directory, not look into it. Only ours is changed, never one above it.
    pub(super) fn let_through(&self) -> Result<(), Error> {
        let fail = |source| Error::DataDir {
            path: self.path.clone(),
            source,
        };
        let mode = std::fs::metadata(&self.path).map_err(fail)?.permissions().mode();
        if mode & 0o011 != 0o011 {
            std::fs::set_permissions(&self.path, Permissions::from_mode((mode & 0o7777) | 0o011))
                .map_err(fail)?;
        }
        Ok(())
    }

    /// Reads the password of our role.
    pub(super) fn read_password(&self) -> Result<String, Error> {
        let path = self.password_path();
        let text = std::fs::read_to_string(&path).map_err(|source| Error::DataDir { path, source })?;
        Ok(text.trim().to_owned())
    }

    /// Writes a new random password, readable for its owner only, unless there is one.
    pub(super) fn ensure_password(&self) -> Result<(), Error> {
        let path = self.password_path();
        if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0) {
            return Ok(());
        }
        let password = uuid::Uuid::from_u128(rand::random()).simple().to_string();
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path);
        written
            .and_then(|mut file| file.write_all(password.as_bytes()))
            .map_err(|source| Error::DataDir { path, source })
    }

    /// Opens the file whose lock Postgres holds while any process of it lives.
    pub(super) fn open_server_lock(&self) -> Result<File, Error> {
        self.open_lock(SERVER_LOCK)
    }

    /// Opens the file whose lock users share.
    pub(super) fn open_users_lock(&self) -> Result<File, Error> {
        self.open_lock(USERS_LOCK)
    }

    /// Waits for the right to start or stop Postgres.
    pub(super) async fn lock_start(&self, patience: Duration) -> Result<File, Error> {
        let file = self.open_lock(START_LOCK)?;
        let locked = poll_until(
            "another process that starts or stops the embedded Postgres",
            patience,
            || self.taken(file.try_lock()),
        )
        .await?;
        locked.map(|()| file).ok_or_else(|| Error::Busy {
            path: self.path.clone(),
        })
    }

    /// Becomes a user of the database; waits while the guard is stopping Postgres.
    pub(super) async fn lock_users(&self, patience: Duration) -> Result<File, Error> {
        let file = self.open_users_lock()?;
        let locked = poll_until(
            "the embedded Postgres to be stopped by its last user",
            patience,
            || self.taken(file.try_lock_shared()),
        )
        .await?;
        locked.map(|()| file).ok_or_else(|| Error::Busy {
            path: self.path.clone(),
        })
    }

    /// Returns `true` if any process of Postgres lives, in whatever container.
    pub(super) fn server_lives(&self) -> Result<bool, Error> {
        let file = self.open_server_lock()?;
        Ok(self.taken(file.try_lock())?.is_none())
    }

    /// Reads the outcome of a lock attempt: taken, or held by someone else.
    pub(super) fn taken(&self, outcome: Result<(), TryLockError>) -> Result<Option<()>, Error> {
        match outcome {
            Ok(()) => Ok(Some(())),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::DataDir {
                path: self.path.clone(),
                source,
            }),
        }
    }

    fn open_lock(&self, name: &str) -> Result<File, Error> {
        let path = self.join(name);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        opened.map_err(|source| Error::DataDir { path, source })
    }
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

fn major_of_cluster_name(name: &str) -> Option<u32> {
    name.strip_prefix(CLUSTER_PREFIX)?.parse().ok()
}

/// Reads an environment variable; an empty one counts as unset.
pub(super) fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the system keeps data and programs is not a setting of ours"
    )]
    let value = std::env::var(name).ok();
    value.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_something_else_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("thesis.txt"), "x").unwrap();
        assert!(matches!(
            DataDir::claim(directory.path()),
            Err(Error::Foreign { .. })
        ));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_claimed_directory_is_recognised_again() {
        let directory = tempfile::tempdir().unwrap();
        DataDir::claim(directory.path()).unwrap();
        std::fs::write(directory.path().join("demo.json"), "{}").unwrap();
        DataDir::claim(directory.path()).unwrap();
    }

    #[test]
    fn data_of_two_versions_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let data_dir = DataDir::claim(directory.path()).unwrap();
        for name in ["postgres-15", "postgres-18", "postgres-18.new"] {
            std::fs::create_dir(data_dir.join(name)).unwrap();
        }
        let error = data_dir.cluster().unwrap_err().to_string();
        assert!(error.contains("15 and 18"), "{error}");
    }

    #[test]
    fn a_password_is_kept_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let data_dir = DataDir::claim(directory.path()).unwrap();
        data_dir.ensure_password().unwrap();
        let password = data_dir.read_password().unwrap();
        data_dir.ensure_password().unwrap();
        assert_eq!(data_dir.read_password().unwrap(), password);
        assert_eq!(
            std::fs::metadata(data_dir.password_path())
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
    }
}
