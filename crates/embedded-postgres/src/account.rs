//! Who Postgres runs as: it refuses to run as root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{User, geteuid};

use super::Error;

/// Used when the system has no user `nobody`.
const NOBODY: u32 = 65_534;

/// Who Postgres runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// The user who runs us.
    Own,
    /// Another user, as we are root.
    Other {
        /// Its id.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// Root, who is someone else inside a user namespace: files stay root's, and root's own folders can be reached.
    Namespace,
}

impl Account {
    /// Chooses the account that runs Postgres: the owner of the data, else one that can reach all of `paths`.
    pub(super) fn choose(cluster: Option<&Path>, paths: &[&Path]) -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self::Own);
        }
        let (name, uid, gid) = match cluster.and_then(|path| std::fs::metadata(path).ok()) {
            Some(metadata) if metadata.uid() == 0 => return Ok(Self::Namespace),
            Some(metadata) => (metadata.uid().to_string(), metadata.uid(), metadata.gid()),
            None => service_user(),
        };
        let Some(path) = paths.iter().find_map(|path| obstacle(path, uid, gid)) else {
            return Ok(Self::Other { uid, gid });
        };
        // Data that belong to another user cannot move into a namespace of root's.
        if cluster.is_none() && namespace_works() {
            return Ok(Self::Namespace);
        }
        Err(Error::Unreachable { path, account: name })
    }

    /// Makes a command that runs as this account, from a working directory everyone can reach.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Own => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new(program);
                command.uid(*uid).gid(*gid);
                command
            }
            Self::Namespace => {
                let mut command = unshare();
                command.arg("--").arg(program);
                command
            }
        };
        command.current_dir("/").env("LC_ALL", "C").env("TZ", "UTC");
        command
    }

    /// Gives a file or directory to this account.
    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own | Self::Namespace => Ok(()),
            Self::Other { uid, gid } => {
                chown(path, Some(*uid), Some(*gid)).map_err(|source| Error::DataDir {
                    path: path.to_owned(),
                    source,
                })
            }
        }
    }
}

/// The user that services without one of their own run as.
fn service_user() -> (String, u32, u32) {
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = User::from_name(name) {
            return (user.name, user.uid.as_raw(), user.gid.as_raw());
        }
    }
    (NOBODY.to_string(), NOBODY, NOBODY)
}

/// The first folder on the way to `path` that the user may not pass through; one that cannot be read counts.
fn obstacle(path: &Path, uid: u32, gid: u32) -> Option<PathBuf> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let passable = |directory: &Path| {
        std::fs::metadata(directory).is_ok_and(|metadata| {
            let bit = if metadata.uid() == uid {
                0o100
            } else if metadata.gid() == gid {
                0o010
            } else {
                0o001
            };
            metadata.mode() & bit != 0
        })
    };
    path.ancestors()
        .find(|ancestor| !passable(ancestor))
        .map(Path::to_owned)
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-user=1000", "--map-group=1000"]);
    command
}

fn namespace_works() -> bool {
    let tried = unshare()
        .arg("true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_folder_in_the_way_is_the_one_a_stranger_may_not_pass() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        std::fs::set_permissions(&inner, Permissions::from_mode(0o711)).unwrap();
        assert_eq!(
            obstacle(&inner, 4242, 4242),
            Some(directory.path().canonicalize().unwrap())
        );
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o711)).unwrap();
        std::fs::set_permissions(&inner, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(obstacle(&inner, 4242, 4242), Some(inner.canonicalize().unwrap()));
    }
}
