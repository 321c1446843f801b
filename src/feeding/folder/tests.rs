//! What is taken, in which order, and that nothing gets out of the folder.

use super::*;
use std::time::SystemTime;

const STILL_FOR: Duration = Duration::from_millis(80);

fn taken(folder: &mut Folder) -> Option<String> {
    let taken = folder.take().unwrap()?;
    Some(taken.name.into_string().unwrap())
}

fn done(folder: &mut Folder) -> Option<String> {
    let taken = folder.take().unwrap()?;
    let put = folder.put_away(&taken.name, true, |_| b"{}".to_vec()).unwrap()?;
    Some(put.file_name().unwrap().to_str().unwrap().to_owned())
}

fn write(place: &Path, name: &str, seconds: u64) {
    let file = File::create(place.join(name)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .unwrap();
}

#[test]
fn a_file_is_taken_once_it_stands_still_the_oldest_first() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), STILL_FOR).unwrap();
    write(place.path(), "b.zip", 2000);
    write(place.path(), "a.ZIP", 3000);
    write(place.path(), "c.csv", 1000);
    write(place.path(), ".hidden.zip", 1000);
    assert_eq!(taken(&mut folder), None, "only just seen");
    std::thread::sleep(STILL_FOR);
    write(place.path(), "b.zip", 2001);
    assert_eq!(
        taken(&mut folder),
        None,
        "it was written to again, and the other is younger"
    );
    std::thread::sleep(STILL_FOR);
    let two: Vec<_> = (0..3).map(|_| done(&mut folder)).collect();
    assert_eq!(two, [Some("b.zip".to_owned()), Some("a.ZIP".to_owned()), None]);
    assert!(place.path().join("c.csv").exists() && place.path().join(".hidden.zip").exists());
}

#[test]
fn a_file_that_grows_is_never_taken_and_one_that_is_renamed_at_once() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::from_hours(1)).unwrap();
    std::fs::write(place.path().join("a.zip.part"), "a").unwrap();
    assert_eq!(taken(&mut folder), None);
    std::fs::rename(place.path().join("a.zip.part"), place.path().join("a.zip")).unwrap();
    assert_eq!(taken(&mut folder).as_deref(), Some("a.zip"));
    // Another of the same name does not get in its way.
    std::fs::write(place.path().join("b"), "b").unwrap();
    std::fs::rename(place.path().join("b"), place.path().join("a.zip")).unwrap();
    assert_eq!(done(&mut folder).as_deref(), Some("a.zip"));
    assert_eq!(done(&mut folder).as_deref(), Some("a.2.zip"));
    std::fs::write(place.path().join("c.zip"), "c").unwrap();
    assert_eq!(taken(&mut folder), None, "it was written under its own name");
}

#[test]
fn what_was_taken_before_the_process_was_killed_is_taken_first() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    write(place.path(), "b.zip", 2000);
    assert_eq!(taken(&mut folder).as_deref(), Some("b.zip"));
    drop(folder);
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    write(place.path(), "a.zip", 1000);
    assert_eq!(done(&mut folder).as_deref(), Some("b.zip"));
    assert_eq!(done(&mut folder).as_deref(), Some("a.zip"));
}

#[test]
fn what_is_no_file_stays_and_holds_nobody_up() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    std::fs::create_dir(place.path().join("a.zip")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.path().join("b.zip")).unwrap();
    nix::unistd::mkfifo(&place.path().join("c.zip"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    write(place.path(), "d.zip", 1000);
    assert_eq!(done(&mut folder).as_deref(), Some("d.zip"));
    assert_eq!(taken(&mut folder), None);
    assert!(place.path().join("b.zip").is_symlink());
}

#[test]
fn a_folder_is_watched_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    let second = Folder::open(place.path(), Duration::ZERO);
    assert!(matches!(second, Err(OpenError::Watched(_))));
    drop(folder);
    Folder::open(place.path(), Duration::ZERO).unwrap();
    let missing = Folder::open(Path::new("/proc/nothing"), Duration::ZERO);
    assert!(matches!(missing, Err(OpenError::Unusable(..))));
}

/// Whoever may write in the folder of one tenant must not reach the bundles of another.
#[test]
fn links_and_pipes_in_the_folder_are_refused_and_followed_nowhere() {
    let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(elsewhere.path(), "theirs.zip", 1000);
    for name in [WORKING, DONE, REFUSED] {
        std::os::unix::fs::symlink(elsewhere.path(), place.path().join(name)).unwrap();
        let refused = Folder::open(place.path(), Duration::ZERO);
        assert!(matches!(refused, Err(OpenError::Unusable(..))), "{name}");
        std::fs::remove_file(place.path().join(name)).unwrap();
    }
    let lock = place.path().join(LOCK);
    nix::unistd::mkfifo(&lock, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let pipe = Folder::open(place.path(), Duration::ZERO);
    assert!(matches!(pipe, Err(OpenError::Unusable(..))));
    std::fs::remove_file(&lock).unwrap();

    // Also later.
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    let working = place.path().join(WORKING);
    std::fs::remove_dir(&working).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), &working).unwrap();
    assert!(folder.take().is_err());
    assert!(elsewhere.path().join("theirs.zip").exists());
}

#[test]
fn a_folder_that_was_made_anew_is_not_taken_for_the_one_that_is_locked() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("inbox");
    std::fs::create_dir(&path).unwrap();
    let mut folder = Folder::open(&path, Duration::ZERO).unwrap();
    // What is missing in it is made again.
    for name in [WORKING, DONE, REFUSED] {
        std::fs::remove_dir(path.join(name)).unwrap();
    }
    write(&path, "a.zip", 1000);
    assert_eq!(done(&mut folder).as_deref(), Some("a.zip"));
    std::fs::remove_dir_all(&path).unwrap();
    assert!(folder.take().is_err(), "it is gone");
    std::fs::create_dir(&path).unwrap();
    write(&path, "b.zip", 1000);
    assert!(folder.take().is_err(), "it is another one");
    let mut folder = Folder::open(&path, Duration::ZERO).unwrap();
    assert_eq!(done(&mut folder).as_deref(), Some("b.zip"));
}

#[test]
fn what_somebody_took_out_of_working_is_done_with_and_what_cannot_be_moved_holds_nobody_up() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    write(place.path(), "a.zip", 1000);
    let gone = folder.take().unwrap().unwrap();
    std::fs::remove_file(place.path().join("working/a.zip")).unwrap();
    assert_eq!(folder.put_away(&gone.name, true, |_| Vec::new()).unwrap(), None);
    assert_eq!(std::fs::read_dir(place.path().join(DONE)).unwrap().count(), 0);
    // Something of its name is in the way.
    std::fs::create_dir(place.path().join("working/b.zip")).unwrap();
    write(place.path(), "b.zip", 1000);
    let long = format!("{}.zip", "x".repeat(251));
    write(place.path(), &long, 2000);
    let name = done(&mut folder).unwrap();
    assert!(name.starts_with("xxx") && name.len() < 251, "{name}");
    assert!(place.path().join("b.zip").exists());
}

#[test]
fn the_note_of_a_bundle_outlives_the_process_and_is_of_no_other() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    write(place.path(), "a.zip", 1000);
    let first = folder.take().unwrap().unwrap();
    folder.note_tries(&first.note, 3).unwrap();
    drop(folder);
    let mut folder = Folder::open(place.path(), Duration::ZERO).unwrap();
    let again = folder.take().unwrap().unwrap();
    assert_eq!((again.note.delivery, again.note.tries), (first.note.delivery, 3));
    folder.put_away(&again.name, true, |_| Vec::new()).unwrap();
    write(place.path(), "a.zip", 2000);
    let other = folder.take().unwrap().unwrap();
    assert_eq!(other.note.tries, 0);
    assert_ne!(other.note.delivery, first.note.delivery);
}

/// A name that is known from a rename is of the file that had it then.
#[test]
fn a_file_written_under_a_name_that_was_given_before_must_stand_still() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = Folder::open(place.path(), Duration::from_hours(1)).unwrap();
    // An older one holds it up, so that it is known and not taken.
    write(place.path(), "old.zip", 1000);
    std::fs::write(place.path().join("part"), "whole").unwrap();
    std::fs::rename(place.path().join("part"), place.path().join("a.zip")).unwrap();
    assert_eq!(taken(&mut folder), None);
    std::fs::remove_file(place.path().join("a.zip")).unwrap();
    std::fs::remove_file(place.path().join("old.zip")).unwrap();
    std::fs::write(place.path().join("a.zip"), "half").unwrap();
    assert_eq!(taken(&mut folder), None, "it is another file");
    // Renamed, and written to after that.
    std::fs::write(place.path().join("part"), "half").unwrap();
    write(place.path(), "old.zip", 1000);
    std::fs::rename(place.path().join("part"), place.path().join("a.zip")).unwrap();
    assert_eq!(taken(&mut folder), None);
    std::fs::write(place.path().join("a.zip"), "half and more").unwrap();
    std::fs::remove_file(place.path().join("old.zip")).unwrap();
    assert_eq!(taken(&mut folder), None, "it was written to");
}
