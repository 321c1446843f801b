//! The note beside the bundle in `working/`: by it a process that is started again knows what the one before it did.

use std::ffi::OsStr;
use std::io;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::directory::Directory;

/// The file in `working/`.
const NOTE: &str = ".note.json";

/// What was tried with the bundle in `working/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    bundle: String,
    /// By which its load is known.
    pub(super) delivery: Uuid,
    /// How often its import was begun and ended neither well nor for a reason that passes.
    pub(super) tries: u32,
}

impl Note {
    pub(super) fn of(name: &OsStr) -> Self {
        Self {
            bundle: name.to_string_lossy().into_owned(),
            delivery: Uuid::from_u128(rand::random()),
            tries: 0,
        }
    }

    pub(super) fn with_tries(&self, tries: u32) -> Self {
        Self {
            tries,
            ..self.clone()
        }
    }

    /// Reads the note of a bundle; a new one if there is none that is of it.
    pub(super) fn read(working: &Directory, name: &OsStr) -> io::Result<Self> {
        let fresh = Self::of(name);
        let read = match working.open_file(OsStr::new(NOTE)) {
            Ok(file) => serde_json::from_reader(io::BufReader::new(file)).ok(),
            Err(_missing) => None,
        };
        if let Some(note) = read.filter(|note: &Self| note.bundle == fresh.bundle) {
            return Ok(note);
        }
        fresh.write(working)?;
        Ok(fresh)
    }

    pub(super) fn write(&self, working: &Directory) -> io::Result<()> {
        working.write(NOTE, &serde_json::to_vec(self)?)
    }

    /// Removes the note of a bundle that is there no longer.
    pub(super) fn remove(working: &Directory) -> io::Result<()> {
        working.remove(OsStr::new(NOTE))
    }
}
