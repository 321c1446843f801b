//! Which files of a folder were given their name by a rename, as far as the operating system tells: it does for local folders. On a
//! network share nothing is told of what other machines do.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

/// How many names are remembered.
const NAMES_MAX: usize = 10_000;

/// The names that were given since this began.
#[derive(Debug)]
pub(super) struct Renames {
    events: Inotify,
    names: HashSet<OsString>,
}

impl Renames {
    /// Begins to listen; `None` where the operating system does not tell.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let events = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC).ok()?;
        events.add_watch(folder, AddWatchFlags::IN_MOVED_TO).ok()?;
        Some(Self {
            events,
            names: HashSet::new(),
        })
    }

    /// Takes in what happened meanwhile.
    pub(super) fn look(&mut self) {
        loop {
            match self.events.read_events() {
                Ok(events) => {
                    let names = events.into_iter().filter_map(|event| event.name);
                    self.names.extend(names);
                }
                Err(Errno::EINTR) => {}
                Err(_nothing_more) => break,
            }
        }
        if self.names.len() > NAMES_MAX {
            // Their files are then finished once they stand still.
            self.names.clear();
        }
    }

    /// Returns `true` if the file of this name was given it by a rename.
    pub(super) fn has(&self, name: &OsStr) -> bool {
        self.names.contains(name)
    }

    /// Forgets a name: its file was taken.
    pub(super) fn forget(&mut self, name: &OsStr) {
        self.names.remove(name);
    }
}
