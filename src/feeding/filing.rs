//! Puts a bundle that was dealt with where it stays, with its report beside it. Nothing is ever replaced or deleted.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

/// Who may read a report: its owner, who may write it too, and their group. It may quote cells of a bundle.
const REPORT_MODE: u32 = 0o640;

/// Moves a file into a folder under its own name, or under that with a number if the name is taken, and writes the report beside it as
/// `NAME.json`. The report is there, whole, before the file is.
///
/// On an error the file is where it was, and no report is left.
pub(super) fn file_away(file: &Path, folder: &Path, report: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or(OsStr::new("bundle.zip"));
    for number in 1_u32.. {
        let target = folder.join(numbered(name, number));
        let report_path = with_ending(&target, ".json");
        if target.symlink_metadata().is_ok() {
            continue;
        }
        match write_new(&report_path, report) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            written => written?,
        }
        match rename_new(file, &target) {
            Ok(()) => return Ok(target),
            Err(error) => {
                // Our own, of this moment: the report of a file that is not there would be taken for another's.
                let _ = std::fs::remove_file(&report_path);
                if error.kind() != ErrorKind::AlreadyExists {
                    return Err(error);
                }
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Returns the name for the first file of a name, the second and so on: `a.zip`, `a.2.zip`.
fn numbered(name: &OsStr, number: u32) -> OsString {
    if number == 1 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!(".{number}"));
    if let Some(extension) = path.extension() {
        numbered.push(".");
        numbered.push(extension);
    }
    numbered
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Writes a file that must not be there yet. On an error nothing is left of it.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(REPORT_MODE)
        .open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Renames a file to a name that must not be there yet.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
        // Network shares cannot do it in one step. Nobody else gives names there: the folder is locked.
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {
            if to.symlink_metadata().is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(from, to)
        }
        renamed => renamed.map_err(io::Error::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_nothing_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let (file, done) = (place.path().join("a.zip"), place.path().join("done"));
        for content in ["first", "second", "third"] {
            std::fs::write(&file, content).unwrap();
            file_away(&file, &done, content.as_bytes()).unwrap();
            assert!(!file.exists());
        }
        // A report whose bundle somebody took away keeps its name.
        std::fs::remove_file(done.join("a.2.zip")).unwrap();
        std::fs::write(&file, "fourth").unwrap();
        assert_eq!(file_away(&file, &done, b"fourth").unwrap(), done.join("a.4.zip"));
        assert_eq!(
            names(&done),
            [
                "a.2.zip.json",
                "a.3.zip",
                "a.3.zip.json",
                "a.4.zip",
                "a.4.zip.json",
                "a.zip",
                "a.zip.json"
            ]
        );
        assert_eq!(std::fs::read_to_string(done.join("a.zip")).unwrap(), "first");
        assert_eq!(
            std::fs::read_to_string(done.join("a.2.zip.json")).unwrap(),
            "second"
        );
    }

    #[test]
    fn what_cannot_be_filed_stays_where_it_was_without_a_report() {
        let place = tempfile::tempdir().unwrap();
        let done = place.path().join("done");
        let missing = file_away(&place.path().join("gone.zip"), &done, b"report").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert_eq!(names(&done), [""; 0]);
        let file = place.path().join("a.zip");
        std::fs::write(&file, "a").unwrap();
        // Every write to it fails as on a full disk.
        std::os::unix::fs::symlink("/dev/full", place.path().join("full")).unwrap();
        let full = write_new(&place.path().join("full"), b"x").unwrap_err();
        assert_eq!(full.kind(), ErrorKind::AlreadyExists, "a link is not followed");
        std::fs::write(place.path().join("no-folder"), "").unwrap();
        assert!(file_away(&file, &place.path().join("no-folder"), b"x").is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a");
    }
}
