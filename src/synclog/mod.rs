//! The sync log: what consumers read, and when; and who has stopped reading (`docs/history.md`).
//!
//! Requests are noted in memory, bounded, and written to the database every few seconds. Answering one never waits for
//! it: with the database away the oldest notes are dropped and counted, and a crash loses those of the last seconds.
//! Ids, paths without ids, and counts only: never what a filter looks for.

mod background;
mod complete;
mod recorder;
mod row_ranges;
mod run;
mod silence;
mod store;

use std::sync::{Arc, PoisonError, RwLock};

use oneroster_standard::Moment;
use serde::Serialize;

pub use background::{flush, run};
pub use complete::was_read_completely;
pub use recorder::{NotedAnswer, Page, Reading};
pub use row_ranges::RowRanges;
pub use run::{Ending, Mode, PathReading, Question, Run};
pub use store::{
    CompletePull, Error, complete_pulls, first_complete_pull, is_read_within, last_complete_pull,
    last_read_by_client, purge, refresh_silent, runs, silent_since, silent_since_within,
};

use recorder::Recorder;

/// How many notes are kept in memory until they are written; when there are more, the oldest are dropped.
pub const NOTES_MAX: usize = 20_000;

/// The sync log of a server. Clones are the same log.
#[derive(Debug, Clone)]
pub struct SyncLog {
    recorder: Arc<Recorder>,
    silent: Arc<RwLock<Arc<[SilentTenant]>>>,
}

/// A tenant that used to be read regularly and no longer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SilentTenant {
    /// The tenant.
    #[serde(rename = "tenant")]
    pub tenant_id: String,
    /// When it was last read.
    pub since: Moment,
}

/// Counts of a server's sync log, for monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Notes not written yet.
    pub waiting: usize,
    /// Notes dropped since the server began, because there were too many or their tenant was deleted.
    pub dropped: u64,
    /// Tenants that are no longer read, when last looked for.
    pub silent_tenants: usize,
}

impl Default for SyncLog {
    fn default() -> Self {
        Self::with_capacity(NOTES_MAX)
    }
}

impl SyncLog {
    /// Makes an empty log that keeps so many notes in memory.
    pub fn with_capacity(notes_max: usize) -> Self {
        Self {
            recorder: Arc::new(Recorder::new(notes_max)),
            silent: Arc::new(RwLock::new(Arc::new([]))),
        }
    }

    /// Notes a request that was answered. Never waits for anything but another note.
    pub fn note(&self, reading: Reading) {
        self.recorder.note(reading);
    }

    /// Returns the tenants that are no longer read, by id, when last looked for.
    pub fn silent(&self) -> Arc<[SilentTenant]> {
        Arc::clone(&self.silent.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns figures for monitoring.
    pub fn figures(&self) -> Figures {
        let (waiting, dropped) = self.recorder.figures();
        Figures {
            waiting,
            dropped,
            silent_tenants: self.silent().len(),
        }
    }
}
