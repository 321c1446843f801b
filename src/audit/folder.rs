//! The folder of the audit trail: for each tenant a file of entries, a line of JSON each, and one with the sign for tickets.
//!
//! What is written is on disk when a function returns. Only the owner of the files may read them: they hold usernames and names.

use std::collections::{BTreeSet, HashMap};
use std::fs::{DirBuilder, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User, geteuid};
use uuid::Uuid;

use super::entry_file::{Last, Locked, file_error, last_line, open_locked, private, sync_folder};
use super::{Entry, Error, Sign};
#[cfg(not(feature = "demo"))]
use crate::config;
use crate::config::Settings;
#[cfg(feature = "demo")]
use crate::{config, db};

/// How the names of files of entries end.
const ENTRIES: &str = "jsonl";

/// How the names of files of signs end.
const SIGN: &str = "tickets";

/// The folder. It need not exist before something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder of the settings: the one they name, else one beside an embedded database. With an address there is none.
    pub fn of(settings: &Settings) -> Result<Self, Error> {
        if let Some(path) = &settings.audit.dir {
            return Self::open(path);
        }
        if settings.database.url.is_some() {
            return Err(Error::NoFolder);
        }
        Self::open(&beside(&settings.database)?)
    }

    /// Returns the folder that these settings name if it is there, for commands that only read: it makes none, and asks not whose it is.
    pub fn existing(settings: &Settings) -> Option<Self> {
        let path = match (&settings.audit.dir, &settings.database.url) {
            (Some(path), _) => path.clone(),
            (None, Some(_)) => return None,
            (None, None) => beside(&settings.database).ok()?,
        };
        path.is_dir().then_some(Self { path })
    }

    /// Makes the folder where there is none, and returns it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let folder = Self {
            path: path.to_owned(),
        };
        if !path.is_dir() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(|source| folder.error(source))?;
            if let Some(parent) = path.parent() {
                sync_folder(parent)?;
            }
        }
        if let Some(owner) = folder.other_owner()? {
            let path = folder.path;
            return Err(Error::OfAnotherUser { path, owner });
        }
        Ok(folder)
    }

    /// Returns whose folder it is, if this is root and that is somebody else. Anybody else cannot write there anyway.
    fn other_owner(&self) -> Result<Option<String>, Error> {
        let metadata = std::fs::metadata(&self.path).map_err(|source| self.error(source))?;
        let owner = Uid::from_raw(metadata.uid());
        if !geteuid().is_root() || owner.is_root() {
            return Ok(None);
        }
        let user = User::from_uid(owner).ok().flatten();
        Ok(Some(user.map_or_else(|| owner.to_string(), |user| user.name)))
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn error(&self, source: std::io::Error) -> Error {
        file_error(&self.path, source)
    }

    fn entries_of(&self, tenant_id: &str) -> PathBuf {
        self.path.join(format!("{tenant_id}.{ENTRIES}"))
    }

    fn sign_of(&self, tenant_id: &str) -> PathBuf {
        self.path.join(format!("{tenant_id}.{SIGN}"))
    }

    /// Returns the tenants it has something of.
    pub fn tenants(&self) -> Result<BTreeSet<String>, Error> {
        let mut tenants = BTreeSet::new();
        for file in std::fs::read_dir(&self.path).map_err(|source| self.error(source))? {
            let path = file.map_err(|source| self.error(source))?.path();
            let is_ours = path
                .extension()
                .is_some_and(|extension| extension == ENTRIES || extension == SIGN);
            if let Some(name) = path.file_stem().and_then(|name| name.to_str())
                && is_ours
            {
                tenants.insert(name.to_owned());
            }
        }
        Ok(tenants)
    }

    /// Reads the entries of a tenant in order. An entry that was written again stands where it was written last; a last line
    /// that was cut off by a crash was acknowledged to nobody and is left out.
    pub fn read(&self, tenant_id: &str) -> Result<Vec<Entry>, Error> {
        let path = self.entries_of(tenant_id);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file_error(&path, source)),
        };
        let mut entries: Vec<Option<Entry>> = Vec::new();
        let mut places: HashMap<Uuid, usize> = HashMap::new();
        let mut reader = BufReader::new(file);
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            let read = reader.read_until(b'\n', &mut text);
            if read.map_err(|source| file_error(&path, source))? == 0 || text.last() != Some(&b'\n') {
                break;
            }
            let entry: Entry = serde_json::from_slice(&text).map_err(|source| Error::Damaged {
                path: path.clone(),
                line,
                source,
            })?;
            if let Some(place) = places.insert(entry.entry_id, entries.len())
                && let Some(before) = entries.get_mut(place)
            {
                *before = None;
            }
            entries.push(Some(entry));
        }
        Ok(entries.into_iter().flatten().collect())
    }

    /// Returns the length of a tenant's file of entries.
    pub(super) fn length(&self, tenant_id: &str) -> u64 {
        std::fs::metadata(self.entries_of(tenant_id)).map_or(0, |metadata| metadata.len())
    }

    /// Returns when the sign of a tenant was last raised.
    pub(super) fn signed_at(&self, tenant_id: &str) -> Option<std::time::SystemTime> {
        std::fs::metadata(self.sign_of(tenant_id))
            .and_then(|metadata| metadata.modified())
            .ok()
    }

    /// Returns the last whole line of a tenant's file of entries.
    pub(super) fn last(&self, tenant_id: &str) -> Result<Option<Last>, Error> {
        let path = self.entries_of(tenant_id);
        match File::open(&path) {
            Ok(mut file) => Ok(last_line(&mut file, &path)?.0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(file_error(&path, source)),
        }
    }

    /// Opens a tenant's file of entries to write to it; waits for others that do, for 30 s. What a crash cut off is taken away.
    pub(super) fn lock(&self, tenant_id: &str) -> Result<Locked, Error> {
        let path = self.entries_of(tenant_id);
        let is_new = !path.exists();
        let locked = Locked::open(path)?;
        if is_new {
            sync_folder(&self.path)?;
        }
        Ok(locked)
    }

    /// Reads the sign for tickets of a tenant.
    pub fn sign(&self, tenant_id: &str) -> Result<Option<Sign>, Error> {
        let path = self.sign_of(tenant_id);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(file_error(&path, source)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|source| Error::Damaged {
                path,
                line: 1,
                source,
            })
    }

    /// Raises the sign for tickets of a tenant, as far as it does not say so already, and returns it.
    pub fn raise_sign(&self, tenant_id: &str, sign: Sign) -> Result<Sign, Error> {
        let _turn = open_locked(&self.path.join("tickets.lock"))?;
        let raised = match self.sign(tenant_id)? {
            Some(before) if before.covers(&sign) => return Ok(before),
            Some(before) => before.followed_by(sign),
            None => sign,
        };
        self.write_sign(tenant_id, raised)
    }

    /// Lets another sign follow one for a generation that is gone, unless somebody else has raised it since.
    pub(super) fn follow_sign(&self, tenant_id: &str, lost: Sign, next: Sign) -> Result<(), Error> {
        let _turn = open_locked(&self.path.join("tickets.lock"))?;
        if self.sign(tenant_id)? == Some(lost) {
            self.write_sign(tenant_id, lost.followed_by(next))?;
        }
        Ok(())
    }

    /// Takes the sign for tickets of a tenant away.
    pub(super) fn forget_sign(&self, tenant_id: &str) -> Result<(), Error> {
        let _turn = open_locked(&self.path.join("tickets.lock"))?;
        let path = self.sign_of(tenant_id);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error(&path, error)),
            _ => sync_folder(&self.path),
        }
    }

    fn write_sign(&self, tenant_id: &str, sign: Sign) -> Result<Sign, Error> {
        let path = self.sign_of(tenant_id);
        let draft = self.path.join(format!("{tenant_id}.draft"));
        let error = |source| file_error(&draft, source);
        let mut file = private().truncate(true).open(&draft).map_err(error)?;
        let text = serde_json::to_vec(&sign).map_err(|source| error(source.into()))?;
        file.write_all(&text).map_err(error)?;
        file.sync_all().map_err(error)?;
        std::fs::rename(&draft, &path).map_err(error)?;
        sync_folder(&self.path)?;
        Ok(sign)
    }
}

/// The name of the folder beside an embedded database.
#[cfg(feature = "demo")]
const BESIDE: &str = "audit";

#[cfg(feature = "demo")]
fn beside(settings: &config::Database) -> Result<PathBuf, Error> {
    let directory = db::data_dir(settings).map_err(|error| Error::Place(Box::new(error)))?;
    Ok(directory.join(BESIDE))
}

/// A build without the embedded Postgres has nothing to be beside.
#[cfg(not(feature = "demo"))]
fn beside(_settings: &config::Database) -> Result<PathBuf, Error> {
    Err(Error::NoFolder)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn entry(position: i64) -> Entry {
        Entry {
            tenant_id: "t".to_owned(),
            entry_id: Uuid::from_u128(u128::try_from(position).unwrap()),
            position,
            at: DateTime::UNIX_EPOCH,
            by: "os:root".to_owned(),
            origin: "test".to_owned(),
            kind: "import".to_owned(),
            detail: Some(serde_json::json!({ "text": "x".repeat(40_000) })),
            source: None,
            key: None,
            before: None,
            after: None,
            rows: None,
            erased_at: None,
        }
    }

    #[test]
    fn root_does_not_write_in_the_folder_of_another_user() {
        let place = tempfile::tempdir().unwrap();
        assert!(Folder::open(place.path()).is_ok());
        if !geteuid().is_root() {
            return;
        }
        std::os::unix::fs::chown(place.path(), Some(65_533), None).unwrap();
        let refused = Folder::open(place.path()).unwrap_err().to_string();
        assert!(refused.contains("`runuser -u 65533 -- oneroster …`"), "{refused}");
    }

    #[test]
    fn what_was_appended_is_read_back_and_what_a_crash_cut_off_is_not() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("a/b")).unwrap();
        assert_eq!(folder.last("t").unwrap(), None);
        assert_eq!(folder.read("t").unwrap(), []);
        let locked = folder.lock("t").unwrap();
        assert!(locked.append(&[entry(1), entry(2)]).is_ok());
        let path = folder.path().join("t.jsonl");
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(folder.last("t").unwrap().unwrap().position, 2);
        let mut torn = whole.clone();
        torn.extend_from_slice(b"{\"tenant_id\":");
        std::fs::write(&path, torn).unwrap();
        assert_eq!(folder.last("t").unwrap().unwrap().position, 2);
        assert_eq!(folder.read("t").unwrap(), [entry(1), entry(2)]);
        let locked = folder.lock("t").unwrap();
        assert_eq!(locked.last.unwrap().position, 2);
        drop(locked.append(&[entry(3), entry(2)]).unwrap());
        assert_eq!(folder.read("t").unwrap(), [entry(1), entry(3), entry(2)]);
        assert_eq!(folder.tenants().unwrap(), BTreeSet::from(["t".to_owned()]));
        std::fs::write(&path, [b"x\n", whole.as_slice()].concat()).unwrap();
        assert!(matches!(folder.read("t"), Err(Error::Damaged { line: 1, .. })));
    }

    #[test]
    fn a_file_is_written_anew_with_the_lock_that_others_wait_for() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("audit")).unwrap();
        let locked = folder.lock("t").unwrap().append(&[entry(1), entry(2)]).unwrap();
        let waiting = std::thread::spawn({
            let folder = folder.clone();
            move || folder.lock("t").unwrap().append(&[entry(4)]).map(drop).unwrap()
        });
        std::thread::sleep(std::time::Duration::from_millis(100));
        let erased = Entry {
            detail: Some(serde_json::json!({ "erased": "username.record" })),
            erased_at: Some(DateTime::UNIX_EPOCH),
            ..entry(1)
        };
        let anew = locked
            .rewrite(&HashMap::from([(erased.entry_id, erased.clone())]))
            .unwrap();
        drop(anew.append(&[entry(3)]).unwrap());
        waiting.join().unwrap();
        assert_eq!(folder.read("t").unwrap(), [erased, entry(2), entry(3), entry(4)]);
        assert_eq!(folder.tenants().unwrap(), BTreeSet::from(["t".to_owned()]));
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn only_the_owner_may_read_and_a_sign_never_goes_back() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("audit")).unwrap();
        drop(folder.lock("t").unwrap().append(&[entry(1)]).unwrap());
        let sign = |seconds, generation| Sign {
            until: DateTime::from_timestamp(seconds, 0).unwrap(),
            number: 1,
            generation_id: Uuid::from_u128(generation),
        };
        assert_eq!(folder.sign("t").unwrap(), None);
        assert_eq!(folder.raise_sign("t", sign(9, 1)).unwrap(), sign(9, 1));
        assert_eq!(folder.raise_sign("t", sign(5, 1)).unwrap(), sign(9, 1));
        assert_eq!(folder.raise_sign("t", sign(7, 2)).unwrap(), sign(9, 2));
        assert_eq!(folder.sign("t").unwrap(), Some(sign(9, 2)));
        folder.follow_sign("t", sign(9, 1), sign(8, 3)).unwrap();
        assert_eq!(folder.sign("t").unwrap(), Some(sign(9, 2)));
        folder.follow_sign("t", sign(9, 2), sign(8, 3)).unwrap();
        assert_eq!(folder.sign("t").unwrap(), Some(sign(9, 3)));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        for name in ["t.jsonl", "t.tickets"] {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
    }
}
