//! Which files of a folder were given their name by a rename, as far as the operating system tells: it does for local folders. On a
//! network share nothing is told of what other machines do.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::directory::{Directory, Look};

/// The names that were given since this began, and how their files looked when it was heard.
#[derive(Debug)]
pub(super) struct Renames {
    events: Inotify,
    files: HashMap<OsString, Look>,
}

impl Renames {
    /// Begins to listen; `None` where the operating system does not tell.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let events = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC).ok()?;
        events.add_watch(folder, AddWatchFlags::IN_MOVED_TO).ok()?;
        Some(Self {
            events,
            files: HashMap::new(),
        })
    }

    /// Takes in what happened meanwhile.
    pub(super) fn look(&mut self, folder: &Directory) {
        let mut names = HashSet::new();
        loop {
            match self.events.read_events() {
                Ok(events) => names.extend(events.into_iter().filter_map(|event| event.name)),
                Err(Errno::EINTR) => {}
                Err(_nothing_more) => break,
            }
        }
        for name in names {
            match folder.look(&name) {
                Ok(Some(look)) => self.files.insert(name, look),
                // Its file is then finished once it stands still.
                Ok(None) | Err(_) => self.files.remove(&name),
            };
        }
    }

    /// Returns `true` if the file of this name was given it by a rename, and is what it was then: another may have been written since
    /// under the same name, and this one may be written to yet.
    pub(super) fn has(&self, name: &OsStr, look: Look) -> bool {
        self.files.get(name) == Some(&look)
    }

    /// Forgets all names but those of files that are there.
    pub(super) fn keep(&mut self, is_there: impl Fn(&OsStr) -> bool) {
        self.files.retain(|name, _| is_there(name));
    }
}
