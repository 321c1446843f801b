//! What an export that was killed left beside its target: found and taken away by the next one.
//!
//! A draft in use is locked by its process; the lock of a process that ended is free.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::{Error, Format};
use super::{cannot, draft_prefix, parent};

/// A draft younger than this may belong to an export that is about to lock it.
const AGE_MIN: Duration = Duration::from_mins(1);

/// Ends the name of what was there before, where it is replaced in two steps.
const OLD: &str = "old";

/// Locks a draft until the file that is returned is dropped.
pub(super) fn lock(draft: &Path) -> Result<File, Error> {
    let file = File::open(draft).map_err(cannot("read", draft))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(cannot("lock", draft)(error)),
        Err(TryLockError::WouldBlock) => Err(cannot("lock", draft)(std::io::ErrorKind::WouldBlock.into())),
    }
}

/// Returns where a target stands while it is replaced in two steps.
pub(super) fn old_place(target: &Path) -> PathBuf {
    let mut name = OsString::from(draft_prefix(target));
    name.push(OLD);
    parent(target).join(name)
}

/// Takes away what earlier exports left beside a target; puts back what was there before one that ended between two steps.
pub(super) fn clear(target: &Path, format: Format) -> Result<(), Error> {
    let old = old_place(target);
    if old.exists() && !target.exists() {
        std::fs::rename(&old, target).map_err(cannot("write", target))?;
    }
    let prefix = draft_prefix(target);
    // A folder that cannot be read may still be written to.
    let Ok(entries) = std::fs::read_dir(parent(target)) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let is_draft = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(&prefix));
        if is_draft && is_old(&entry.path()) && lock(&entry.path()).is_ok() {
            delete(&entry.path(), format);
        }
    }
    Ok(())
}

fn is_old(path: &Path) -> bool {
    let modified = std::fs::symlink_metadata(path).and_then(|data| data.modified());
    // One from the future is as good as old: nobody is about to lock it.
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > AGE_MIN))
}

/// Deletes a draft, or a folder that a draft replaced: only files that the format writes. What else is there stays.
pub(super) fn delete(path: &Path, format: Format) {
    if path.is_file() {
        let _ = std::fs::remove_file(path);
        return;
    }
    for table in format.tables() {
        let _ = std::fs::remove_file(path.join(table.file));
    }
    if let Err(error) = std::fs::remove_dir(path)
        && path.exists()
    {
        tracing::warn!(%error, "an earlier export could not be deleted: {}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// Makes a draft as a process that was killed leaves it.
    fn draft(place: &Path, name: &str, age: Duration) -> PathBuf {
        let draft = place.join(name);
        std::fs::create_dir(&draft).unwrap();
        std::fs::write(draft.join("School.csv"), "x").unwrap();
        let folder = File::open(&draft).unwrap();
        folder.set_modified(SystemTime::now() - age).unwrap();
        draft
    }

    #[test]
    fn only_what_nobody_uses_is_taken_away() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        let long = AGE_MIN * 2;
        let left = draft(place.path(), ".out.oneroster-export-a", long);
        let young = draft(place.path(), ".out.oneroster-export-b", Duration::ZERO);
        let used = draft(place.path(), ".out.oneroster-export-c", long);
        let _lock = lock(&used).unwrap();
        let others = draft(place.path(), ".other.oneroster-export-d", long);
        clear(&target, Format::SdsV1).unwrap();
        assert!(!left.exists());
        for kept in [young, used, others] {
            assert!(kept.join("School.csv").exists(), "{}", kept.display());
        }
    }

    #[test]
    fn what_was_there_comes_back_after_a_crash_between_two_steps() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("out");
        draft(place.path(), ".out.oneroster-export-old", Duration::ZERO);
        clear(&target, Format::SdsV1).unwrap();
        assert!(target.join("School.csv").exists());
    }
}
