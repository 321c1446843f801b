//! Whether a disk is nearly full.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::kind::{AlarmKind, Standing};

/// A disk with less than one part in so many free is nearly full.
const FREE_PART: u64 = 20;

/// Looks at the disks of these folders, each called so. One that cannot be looked at is left out.
pub(super) fn nearly_full(folders: &[(&str, &Path)]) -> Vec<Standing> {
    let host = host();
    let full = folders.iter().filter_map(|(name, folder)| {
        let disk = statvfs(*folder).ok()?;
        let (all, free) = (disk.blocks(), disk.blocks_available());
        (all > 0 && free < all / FREE_PART).then(|| Standing {
            subject: format!("{name} on {host}"),
            ..Standing::of(
                AlarmKind::Disk,
                format!(
                    "Less than {} % of the disk of {} is free.",
                    100 / FREE_PART,
                    folder.display()
                ),
            )
        })
    });
    full.collect()
}

/// Returns `true` if an alarm about a disk is of this machine.
pub(super) fn is_of_this_machine(subject: &str) -> bool {
    subject
        .split_once(" on ")
        .is_some_and(|(_, machine)| machine == host())
}

fn host() -> String {
    let host = nix::unistd::gethostname().ok();
    host.map_or_else(
        || "unknown host".to_owned(),
        |host| host.to_string_lossy().into_owned(),
    )
}
