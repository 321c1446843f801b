//! Whether a disk is nearly full.

use std::path::PathBuf;

use nix::sys::statvfs::statvfs;

use super::kind::{AlarmKind, Standing};

/// An alarm begins where less than so much of a disk is free, in percent.
const BEGINS_BELOW: u64 = 5;

/// It ends where more than so much is, in percent: a disk about the other does not ring at each look.
const ENDS_ABOVE: u64 = 8;

/// What was seen of the disks of this machine. One that cannot be looked at is in none.
#[derive(Debug, Default)]
pub(super) struct Disks {
    /// Alarms of those that are nearly full.
    pub(super) full: Vec<Standing>,
    /// The subjects of those that have room again.
    pub(super) roomy: Vec<String>,
    /// The subjects of all that were looked at.
    pub(super) seen: Vec<String>,
}

/// Looks at the disks of these folders.
pub(super) fn look(folders: &[PathBuf]) -> Disks {
    let host = host();
    let mut disks = Disks::default();
    for folder in folders {
        let Ok(disk) = statvfs(folder.as_path()) else {
            continue;
        };
        let subject = format!("{} on {host}", folder.display());
        disks.seen.push(subject.clone());
        // As `df` counts it: what is kept for root, and what a quota leaves out, is for nobody here.
        let used = disk.blocks().saturating_sub(disk.blocks_free());
        let free = disk.blocks_available();
        match is_full(used.saturating_add(free), free) {
            Some(true) => disks.full.push(Standing {
                subject,
                ..Standing::of(
                    AlarmKind::Disk,
                    format!("Less than {BEGINS_BELOW} % of the disk is free."),
                )
            }),
            Some(false) => disks.roomy.push(subject),
            None => {}
        }
    }
    disks
}

/// Returns whether a disk is nearly full; `None` where it stays as it was.
fn is_full(all: u64, free: u64) -> Option<bool> {
    let is_below = |percent: u64| free.saturating_mul(100) < all.saturating_mul(percent);
    if is_below(BEGINS_BELOW) {
        Some(true)
    } else if all == 0 || free.saturating_mul(100) > all.saturating_mul(ENDS_ABOVE) {
        Some(false)
    } else {
        None
    }
}

fn host() -> String {
    let host = nix::unistd::gethostname().ok();
    host.map_or_else(
        || "unknown host".to_owned(),
        |host| host.to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_below_5_percent_and_no_longer_above_8() {
        assert_eq!(is_full(1000, 49), Some(true));
        assert_eq!((is_full(1000, 50), is_full(1000, 80)), (None, None));
        assert_eq!(is_full(1000, 81), Some(false));
        assert_eq!(is_full(0, 0), Some(false), "a file system that has no size");
    }

    #[test]
    fn a_folder_is_named_and_one_that_is_not_there_is_not_looked_at() {
        let place = tempfile::tempdir().unwrap();
        let (there, gone) = (place.path().to_owned(), place.path().join("gone"));
        let disks = look(&[there.clone(), gone]);
        assert_eq!(disks.seen.len(), 1);
        assert!(
            disks.seen[0].starts_with(&there.display().to_string()),
            "{disks:?}"
        );
    }
}
