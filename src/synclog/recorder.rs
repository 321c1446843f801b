//! Notes of requests in memory until they are written; those of one token for one question about one path are added up.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use uuid::Uuid;

use super::row_ranges::RowRanges;

/// A request with a token, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The tenant the token opens.
    pub tenant_id: String,
    /// The client it was issued to.
    pub client_id: String,
    /// Its `jti`.
    pub token_id: Uuid,
    /// The generation it reads; `None` when there was none.
    pub generation: Option<i64>,
    /// The path, with placeholders instead of ids.
    pub path: &'static str,
    /// What it was answered.
    pub answer: NotedAnswer,
}

/// What a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotedAnswer {
    /// A page of a collection.
    Page(Page),
    /// One object.
    Single,
    /// 304: the caller's copy is still current.
    Unchanged,
    /// A refusal or a failure.
    Failure,
}

/// A page of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows before it.
    pub offset: usize,
    /// Rows in it.
    pub rows: usize,
    /// Rows that the question has in all.
    pub total: usize,
    /// Whether the request filtered by `dateLastModified`.
    pub is_delta: bool,
}

/// The key by which notes are added up. A token reads one generation, so two questions about one path with the same number
/// of rows are usually the same question; telling them apart would need the values of their filters, which are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct NoteKey {
    pub(super) tenant_id: String,
    pub(super) client_id: String,
    pub(super) token_id: Uuid,
    pub(super) path: &'static str,
    /// Delta or not, and rows in all; `None` for what is no page.
    pub(super) question: Option<(bool, u64)>,
}

/// The requests with one key, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) generation: Option<i64>,
    pub(super) pages: u64,
    pub(super) rows: u64,
    pub(super) unchanged: u64,
    pub(super) failures: u64,
    pub(super) read: RowRanges,
    pub(super) first: Instant,
    pub(super) last: Instant,
}

impl Note {
    fn of(reading: &Reading, now: Instant) -> Self {
        let mut note = Self {
            generation: reading.generation,
            pages: 0,
            rows: 0,
            unchanged: 0,
            failures: 0,
            read: RowRanges::default(),
            first: now,
            last: now,
        };
        match reading.answer {
            NotedAnswer::Page(page) => {
                let (offset, rows) = (page.offset as u64, page.rows as u64);
                note.pages = 1;
                note.rows = rows;
                note.read.add(offset, offset.saturating_add(rows));
            }
            NotedAnswer::Single => {
                note.pages = 1;
                note.rows = 1;
            }
            NotedAnswer::Unchanged => note.unchanged = 1,
            NotedAnswer::Failure => note.failures = 1,
        }
        note
    }

    fn merge(&mut self, other: &Self) {
        self.generation = self.generation.or(other.generation);
        self.pages += other.pages;
        self.rows += other.rows;
        self.unchanged += other.unchanged;
        self.failures += other.failures;
        self.read.merge(&other.read);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// The notes that are not written yet, oldest first.
#[derive(Debug)]
pub(super) struct Recorder {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    notes: HashMap<NoteKey, Note>,
    order: VecDeque<NoteKey>,
    dropped: u64,
}

impl Recorder {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, reading: Reading) {
        let note = Note::of(&reading, Instant::now());
        let question = match reading.answer {
            NotedAnswer::Page(page) => Some((page.is_delta, page.total as u64)),
            NotedAnswer::Single | NotedAnswer::Unchanged | NotedAnswer::Failure => None,
        };
        let key = NoteKey {
            tenant_id: reading.tenant_id,
            client_id: reading.client_id,
            token_id: reading.token_id,
            path: reading.path,
            question,
        };
        self.state().add(key, &note, self.capacity);
    }

    /// Takes all notes out, the oldest first.
    pub(super) fn take(&self) -> Vec<(NoteKey, Note)> {
        let mut state = self.state();
        let order = std::mem::take(&mut state.order);
        let mut notes = std::mem::take(&mut state.notes);
        order
            .into_iter()
            .filter_map(|key| notes.remove_entry(&key))
            .collect()
    }

    /// Puts back notes that could not be written: they are older than those added meanwhile.
    pub(super) fn give_back(&self, notes: Vec<(NoteKey, Note)>) {
        let newer = self.take();
        let mut state = self.state();
        for (key, note) in notes.into_iter().chain(newer) {
            state.add(key, &note, self.capacity);
        }
    }

    /// Counts notes that will never be written.
    pub(super) fn count_dropped(&self, notes: u64) {
        self.state().dropped += notes;
    }

    /// Returns how many notes wait, and how many were dropped.
    pub(super) fn figures(&self) -> (usize, u64) {
        let state = self.state();
        (state.notes.len(), state.dropped)
    }
}

impl State {
    fn add(&mut self, key: NoteKey, note: &Note, capacity: usize) {
        if let Some(existing) = self.notes.get_mut(&key) {
            existing.merge(note);
            return;
        }
        while self.notes.len() >= capacity.max(1) {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.notes.remove(&oldest);
            self.dropped += 1;
        }
        self.order.push_back(key.clone());
        self.notes.insert(key, note.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(client: &str, path: &'static str, answer: NotedAnswer) -> Reading {
        Reading {
            tenant_id: "t".to_owned(),
            client_id: client.to_owned(),
            token_id: Uuid::from_u128(1),
            generation: Some(3),
            path,
            answer,
        }
    }

    fn page(offset: usize, rows: usize) -> NotedAnswer {
        NotedAnswer::Page(Page {
            offset,
            rows,
            total: 12,
            is_delta: false,
        })
    }

    #[test]
    fn pages_of_one_question_are_one_note() {
        let recorder = Recorder::new(10);
        for offset in [0, 5, 10] {
            recorder.note(reading("c", "/users", page(offset, 5.min(12 - offset))));
        }
        recorder.note(reading("c", "/users", NotedAnswer::Failure));
        recorder.note(reading("c", "/users/{id}", NotedAnswer::Single));
        recorder.note(reading("d", "/users", page(0, 12)));
        let notes = recorder.take();
        let counts: Vec<_> = notes
            .iter()
            .map(|(key, note)| (key.client_id.as_str(), note.pages, note.rows, note.failures))
            .collect();
        assert_eq!(
            counts,
            [("c", 3, 12, 0), ("c", 0, 0, 1), ("c", 1, 1, 0), ("d", 1, 12, 0)]
        );
        assert!(notes[0].1.read.is_whole(12));
        assert_eq!(recorder.figures(), (0, 0));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_notes_are_dropped() {
        let recorder = Recorder::new(3);
        for client in ["a", "b", "c", "d", "e"] {
            recorder.note(reading(client, "/users", page(0, 5)));
        }
        assert_eq!(recorder.figures(), (3, 2));
        let taken = recorder.take();
        assert_eq!(taken[0].0.client_id, "c");
        for client in ["f", "g"] {
            recorder.note(reading(client, "/users", page(0, 5)));
        }
        // What could not be written is older than what was added meanwhile, and is dropped first.
        recorder.give_back(taken);
        let clients: Vec<String> = recorder
            .take()
            .into_iter()
            .map(|(key, _)| key.client_id)
            .collect();
        assert_eq!(clients, ["e", "f", "g"]);
        assert_eq!(recorder.figures(), (0, 4));
    }

    #[test]
    fn what_is_put_back_is_added_to_newer_notes() {
        let recorder = Recorder::new(3);
        recorder.note(reading("c", "/users", page(0, 5)));
        let taken = recorder.take();
        recorder.note(reading("c", "/users", page(5, 7)));
        recorder.give_back(taken);
        let notes = recorder.take();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].1.read.is_whole(12));
    }
}
