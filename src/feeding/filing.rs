//! Puts a bundle that was dealt with where it stays, with its report beside it. Nothing is ever replaced or deleted.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::directory::Directory;

/// How long the name of a bundle may be, in bytes: with a number and `.json` behind it, it is a name yet.
const NAME_BYTES_MAX: usize = 230;

/// Moves a file from one folder into another under its own name, or under that with a number if the name is taken, and writes what
/// `report` says of it beside it as `NAME.json`. The report is there, whole, before the file is. Returns the name it got.
///
/// On an error the file is where it was, and no report is left.
pub(super) fn file_away(
    from: &Directory,
    name: &OsStr,
    folder: &Directory,
    report: impl Fn(&OsStr) -> Vec<u8>,
) -> io::Result<OsString> {
    let short = shortened(name);
    for number in 1_u32.. {
        let target = numbered(&short, number);
        let mut report_name = target.clone();
        report_name.push(".json");
        if folder.look(&target)?.is_some() {
            continue;
        }
        match folder.write_new(&report_name, &report(&target)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            written => written?,
        }
        match from.move_new(name, folder, &target) {
            Ok(()) => return Ok(target),
            Err(error) => {
                // Our own, of this moment: the report of a file that is not there would be taken for another's.
                let _ = folder.remove(&report_name);
                if error.kind() != ErrorKind::AlreadyExists {
                    return Err(error);
                }
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Cuts a name so that something may be added to it; its ending stays.
pub(super) fn shortened(name: &OsStr) -> OsString {
    let bytes = name.as_bytes();
    if bytes.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let ending = Path::new(name).extension().map_or(&b""[..], OsStrExt::as_bytes);
    let kept = NAME_BYTES_MAX.saturating_sub(ending.len() + 1);
    let mut stem = bytes.get(..kept).unwrap_or(bytes);
    // Not in the middle of a letter.
    if let Err(error) = std::str::from_utf8(stem)
        && error.error_len().is_none()
    {
        stem = stem.get(..error.valid_up_to()).unwrap_or(stem);
    }
    OsString::from_vec([stem, b".", ending].concat())
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

    fn file_in(place: &Path, name: &str, report: &str) -> io::Result<OsString> {
        let folder = Directory::open(place)?;
        file_away(&folder, OsStr::new(name), &folder.inner("done")?, |_| {
            report.into()
        })
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_nothing_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let (file, done) = (place.path().join("a.zip"), place.path().join("done"));
        for content in ["first", "second", "third"] {
            std::fs::write(&file, content).unwrap();
            file_in(place.path(), "a.zip", content).unwrap();
            assert!(!file.exists());
        }
        // A report whose bundle somebody took away keeps its name.
        std::fs::remove_file(done.join("a.2.zip")).unwrap();
        std::fs::write(&file, "fourth").unwrap();
        assert_eq!(file_in(place.path(), "a.zip", "fourth").unwrap(), "a.4.zip");
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
        let missing = file_in(place.path(), "gone.zip", "report").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        let done = place.path().join("done");
        assert_eq!(names(&done), [""; 0]);
        let file = place.path().join("a.zip");
        std::fs::write(&file, "a").unwrap();
        std::fs::remove_dir(&done).unwrap();
        std::fs::write(&done, "").unwrap();
        assert!(file_in(place.path(), "a.zip", "x").is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a");
    }

    /// Whoever may write here must reach nothing elsewhere.
    #[test]
    fn a_link_in_the_place_of_a_folder_a_report_or_a_draft_is_not_followed() {
        let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let done = place.path().join("done");
        std::fs::write(place.path().join("a.zip"), "a").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &done).unwrap();
        let linked = file_in(place.path(), "a.zip", "x").unwrap_err();
        assert!(
            linked.to_string().contains("done/ must be a folder, and no link"),
            "{linked}"
        );
        std::fs::remove_file(&done).unwrap();
        std::fs::create_dir(&done).unwrap();
        for name in ["a.zip.json", ".draft"] {
            std::os::unix::fs::symlink(elsewhere.path().join("x"), done.join(name)).unwrap();
        }
        assert_eq!(file_in(place.path(), "a.zip", "x").unwrap(), "a.2.zip");
        assert_eq!(names(elsewhere.path()), [""; 0]);
    }

    #[test]
    fn a_name_of_any_length_is_filed() {
        let place = tempfile::tempdir().unwrap();
        for length in [226, 251, 255] {
            let name = format!("{}.zip", "é".repeat((length - 4) / 2));
            std::fs::write(place.path().join(&name), "a").unwrap();
            let filed = file_in(place.path(), &name, "x").unwrap();
            let text = filed.to_str().unwrap();
            assert!(
                Path::new(&filed).extension() == Some(OsStr::new("zip")) && text.len() + ".json".len() <= 255,
                "{text}"
            );
        }
        assert_eq!(names(&place.path().join("done")).len(), 6);
        assert_eq!(shortened(OsStr::from_bytes(&[0xff; 255])).len(), NAME_BYTES_MAX);
    }
}
