//! A run: one reading of a roster by a client. Pure.
//!
//! A run has one token. A token that is kept for hours may serve several runs: a long pause ends one, and so does the
//! first page of a collection that was read to its end some time before. A page asked again soon is a retry.

use chrono::{DateTime, TimeDelta, Utc};
use oneroster_standard::query::LIMIT_DEFAULT;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::row_ranges::RowRanges;

/// A pause this long ends a run.
const PAUSE: TimeDelta = TimeDelta::minutes(30);

/// What was read to its end longer ago than this, and is begun again, begins another run.
const REPEAT_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How many questions about one path are followed to their end; further ones only count as pages and rows.
const QUESTIONS_MAX: usize = 64;

/// One reading of a roster by a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The client.
    pub client_id: String,
    /// The `jti` of its token.
    pub token_id: Uuid,
    /// Counts the runs with that token from 1.
    pub run_number: i32,
    /// Number of the generation it read; `None` when there was none.
    pub generation_number: Option<i64>,
    /// When it began.
    pub first_request_at: DateTime<Utc>,
    /// When the last request of it was answered.
    pub last_request_at: DateTime<Utc>,
    /// Whether each collection of which a page was read was read to its last row.
    pub is_complete: bool,
    /// What was read, by path.
    pub readings: Vec<PathReading>,
}

/// What was read at one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathReading {
    /// The path below the OneRoster root, with placeholders instead of ids.
    pub path: String,
    /// Answers with data.
    pub pages: u64,
    /// Rows in them.
    pub rows: u64,
    /// Answers 304: the caller's copy was still current.
    #[serde(default)]
    pub unchanged: u64,
    /// Refusals and failures.
    #[serde(default)]
    pub failures: u64,
    /// The questions asked, each with which of its rows were read.
    pub questions: Vec<Question>,
}

/// A question about a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Whether it asked for what changed since a date.
    pub is_delta: bool,
    /// How many rows it has.
    pub total: u64,
    /// Which of them were read.
    pub read: RowRanges,
    /// When it was last asked.
    pub last_request_at: DateTime<Utc>,
}

/// What kind of sync a run was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// No collection was read.
    None,
    /// Whole collections, or parts of them by other fields than their date.
    Full,
    /// Only what changed since a date.
    Delta,
    /// Both.
    Mixed,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// No collection was read.
    None,
    /// Each collection that was begun was read to its last row.
    Complete,
    /// Each collection not read to its last row was asked for one page of at most the default size: somebody tried it by
    /// hand. Consumers ask for thousands of rows at a time.
    AskedOnce,
    /// A collection was begun and not read to its last row.
    BrokenOff,
}

/// What is written at once: the requests that one token made for one path since the last flush, added up. Made from a
/// [`Note`](super::recorder::Note) when it is written, with times of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestBatch {
    pub(super) generation_number: Option<i64>,
    pub(super) path: &'static str,
    /// Delta or not, and rows in all; `None` for what is no page.
    pub(super) question: Option<(bool, u64)>,
    pub(super) pages: u64,
    pub(super) rows: u64,
    pub(super) unchanged: u64,
    pub(super) failures: u64,
    pub(super) read: RowRanges,
    pub(super) first_at: DateTime<Utc>,
    pub(super) last_at: DateTime<Utc>,
}

impl Question {
    /// Returns `true` if it was read to its last row.
    pub fn is_complete(&self) -> bool {
        self.read.is_whole(self.total)
    }
}

impl Run {
    /// Returns what kind of sync it was.
    pub fn mode(&self) -> Mode {
        let mut questions = self.readings.iter().flat_map(|reading| &reading.questions);
        match (
            questions.clone().any(|question| question.is_delta),
            questions.any(|question| !question.is_delta),
        ) {
            (false, false) => Mode::None,
            (false, true) => Mode::Full,
            (true, false) => Mode::Delta,
            (true, true) => Mode::Mixed,
        }
    }

    /// Returns how it ended, or its state so far.
    pub fn ending(&self) -> Ending {
        let mut incomplete = self
            .readings
            .iter()
            .filter(|reading| reading.is_complete() == Some(false));
        if self.mode() == Mode::None {
            Ending::None
        } else if self.is_complete {
            Ending::Complete
        } else if incomplete.all(PathReading::is_one_look) {
            Ending::AskedOnce
        } else {
            Ending::BrokenOff
        }
    }

    /// Returns `true` if whoever made it knows the whole roster of its generation afterwards: they read users, classes and
    /// memberships, each to its last row, whole or what changed since they read last.
    pub fn is_complete_pull(&self) -> bool {
        let read = |is_wanted: fn(&str, &str) -> bool| {
            self.readings.iter().any(|reading| {
                let collection = reading.path.rsplit('/').next().unwrap_or_default();
                let is_read = !reading.questions.is_empty() || reading.unchanged > 0;
                is_read && is_wanted(&reading.path, collection)
            })
        };
        let users = |_: &str, collection: &str| matches!(collection, "users" | "students");
        let classes = |_: &str, collection: &str| collection == "classes";
        // Members can be read class by class, too.
        let memberships = |path: &str, collection: &str| {
            collection == "enrollments" || (collection == "students" && path.contains("classes/{"))
        };
        self.is_complete && read(users) && read(classes) && read(memberships)
    }

    /// Begins a run.
    pub(super) fn begin(client_id: &str, token_id: Uuid, run_number: i32, batch: &RequestBatch) -> Self {
        let mut run = Self {
            client_id: client_id.to_owned(),
            token_id,
            run_number,
            generation_number: batch.generation_number,
            first_request_at: batch.first_at,
            last_request_at: batch.last_at,
            is_complete: false,
            readings: Vec::new(),
        };
        run.absorb(batch);
        run
    }

    /// Returns `true` if requests belong to this run, which is the newest of their token; if not, they begin another.
    pub(super) fn continues_with(&self, batch: &RequestBatch) -> bool {
        if batch.first_at - self.last_request_at > PAUSE {
            return false;
        }
        let Some((is_delta, total)) = batch.question else {
            return true;
        };
        // `/classes/{id}/students` is one path for all classes: the next class does not begin the run again.
        let has_many_parents = batch.path.contains('{');
        let is_begun_again = !has_many_parents && (batch.read.has_first() || total == 0);
        let mut readings = self.readings.iter();
        let known = readings
            .find(|reading| reading.path == batch.path)
            .and_then(|reading| reading.question(is_delta, total));
        !known.is_some_and(|question| {
            is_begun_again
                && question.is_complete()
                && batch.first_at - question.last_request_at > REPEAT_AFTER
        })
    }

    /// Adds requests to the run.
    pub(super) fn absorb(&mut self, batch: &RequestBatch) {
        self.generation_number = self.generation_number.or(batch.generation_number);
        self.first_request_at = self.first_request_at.min(batch.first_at);
        self.last_request_at = self.last_request_at.max(batch.last_at);
        let place = self
            .readings
            .iter()
            .position(|reading| reading.path == batch.path);
        if let Some(reading) = place.and_then(|place| self.readings.get_mut(place)) {
            reading.absorb(batch);
        } else {
            let mut reading = PathReading {
                path: batch.path.to_owned(),
                pages: 0,
                rows: 0,
                unchanged: 0,
                failures: 0,
                questions: Vec::new(),
            };
            reading.absorb(batch);
            self.readings.push(reading);
        }
        let is_broken_off = |reading: &PathReading| reading.is_complete() == Some(false);
        self.is_complete = self.mode() != Mode::None && !self.readings.iter().any(is_broken_off);
    }
}

impl PathReading {
    fn question(&self, is_delta: bool, total: u64) -> Option<&Question> {
        self.questions
            .iter()
            .find(|question| (question.is_delta, question.total) == (is_delta, total))
    }

    /// Returns `true` if every question about it was read to its last row; `None` for single objects, and if every answer
    /// was 304. A collection that was only refused counts as not read.
    pub fn is_complete(&self) -> Option<bool> {
        let is_single = self.path.ends_with('}');
        if self.questions.is_empty() {
            return (self.failures > 0 && self.unchanged == 0 && !is_single).then_some(false);
        }
        Some(self.questions.iter().all(Question::is_complete))
    }

    /// Returns `true` if only one small page of it was read, once or repeatedly.
    fn is_one_look(&self) -> bool {
        let [question] = self.questions.as_slice() else {
            return false;
        };
        let rows = question.read.count();
        let is_small = usize::try_from(rows).is_ok_and(|rows| rows <= LIMIT_DEFAULT);
        is_small && self.rows == self.pages.saturating_mul(rows)
    }

    fn absorb(&mut self, batch: &RequestBatch) {
        self.pages += batch.pages;
        self.rows += batch.rows;
        self.unchanged += batch.unchanged;
        self.failures += batch.failures;
        let Some((is_delta, total)) = batch.question else {
            return;
        };
        let known = self
            .questions
            .iter_mut()
            .find(|question| (question.is_delta, question.total) == (is_delta, total));
        if let Some(question) = known {
            question.read.merge(&batch.read);
            question.last_request_at = question.last_request_at.max(batch.last_at);
        } else if self.questions.len() < QUESTIONS_MAX {
            self.questions.push(Question {
                is_delta,
                total,
                read: batch.read.clone(),
                last_request_at: batch.last_at,
            });
        }
    }
}

#[cfg(test)]
mod tests;
