//! A run: one reading of a roster by a client. Pure.
//!
//! A run has one token. A token that is kept for hours may serve several runs: a long pause ends one, and so does the
//! first page of what was read to its end some time before. A page asked again soon is a retry.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::spans::Spans;

/// A pause this long ends a run.
const PAUSE: TimeDelta = TimeDelta::minutes(30);

/// What was read to its end longer ago than this, and is begun again, begins another run.
const REPEAT_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How many questions about one path are followed to their end; further ones only count as pages and rows.
const QUESTIONS_MAX: usize = 64;

/// One reading of a roster by a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Whether each collection that was begun was read to its last row.
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
    /// Answers that what the caller had was still so (304).
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
    pub read: Spans,
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

/// Requests of one token about one path, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) generation_number: Option<i64>,
    pub(super) path: &'static str,
    /// Delta or not, and rows in all; `None` for what is no page.
    pub(super) question: Option<(bool, u64)>,
    pub(super) pages: u64,
    pub(super) rows: u64,
    pub(super) unchanged: u64,
    pub(super) failures: u64,
    pub(super) read: Spans,
    pub(super) first_at: DateTime<Utc>,
    pub(super) last_at: DateTime<Utc>,
}

impl Question {
    /// Tells whether it was read to its last row.
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

    /// Begins a run.
    pub(super) fn begin(client_id: &str, token_id: Uuid, run_number: i32, stretch: &Stretch) -> Self {
        let mut run = Self {
            client_id: client_id.to_owned(),
            token_id,
            run_number,
            generation_number: stretch.generation_number,
            first_request_at: stretch.first_at,
            last_request_at: stretch.last_at,
            is_complete: false,
            readings: Vec::new(),
        };
        run.absorb(stretch);
        run
    }

    /// Tells whether requests belong to this run, which is the newest of their token; if not, they begin another.
    pub(super) fn continues_with(&self, stretch: &Stretch) -> bool {
        if stretch.first_at - self.last_request_at > PAUSE {
            return false;
        }
        let Some((is_delta, total)) = stretch.question else {
            return true;
        };
        let is_begun_again = stretch.read.has_first() || total == 0;
        let mut readings = self.readings.iter();
        let known = readings
            .find(|reading| reading.path == stretch.path)
            .and_then(|reading| reading.question(is_delta, total));
        !known.is_some_and(|question| {
            is_begun_again
                && question.is_complete()
                && stretch.first_at - question.last_request_at > REPEAT_AFTER
        })
    }

    /// Takes requests in.
    pub(super) fn absorb(&mut self, stretch: &Stretch) {
        self.generation_number = self.generation_number.or(stretch.generation_number);
        self.first_request_at = self.first_request_at.min(stretch.first_at);
        self.last_request_at = self.last_request_at.max(stretch.last_at);
        let place = self
            .readings
            .iter()
            .position(|reading| reading.path == stretch.path);
        if let Some(reading) = place.and_then(|place| self.readings.get_mut(place)) {
            reading.absorb(stretch);
        } else {
            let mut reading = PathReading {
                path: stretch.path.to_owned(),
                pages: 0,
                rows: 0,
                unchanged: 0,
                failures: 0,
                questions: Vec::new(),
            };
            reading.absorb(stretch);
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

    /// Tells whether every question about it was read to its last row; `None` for single objects, and where all there was
    /// to say is that nothing changed. A collection that was only refused was begun and not read.
    pub fn is_complete(&self) -> Option<bool> {
        let is_single = self.path.ends_with('}');
        if self.questions.is_empty() {
            return (self.failures > 0 && self.unchanged == 0 && !is_single).then_some(false);
        }
        Some(self.questions.iter().all(Question::is_complete))
    }

    fn absorb(&mut self, stretch: &Stretch) {
        self.pages += stretch.pages;
        self.rows += stretch.rows;
        self.unchanged += stretch.unchanged;
        self.failures += stretch.failures;
        let Some((is_delta, total)) = stretch.question else {
            return;
        };
        let known = self
            .questions
            .iter_mut()
            .find(|question| (question.is_delta, question.total) == (is_delta, total));
        if let Some(question) = known {
            question.read.merge(&stretch.read);
            question.last_request_at = question.last_request_at.max(stretch.last_at);
        } else if self.questions.len() < QUESTIONS_MAX {
            self.questions.push(Question {
                is_delta,
                total,
                read: stretch.read.clone(),
                last_request_at: stretch.last_at,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

    fn at(minutes: i64) -> DateTime<Utc> {
        NOON + TimeDelta::minutes(minutes)
    }

    /// Rows of one path, read at one minute.
    fn pages(path: &'static str, minute: i64, rows: std::ops::Range<u64>, total: u64) -> Stretch {
        let mut read = Spans::default();
        read.add(rows.start, rows.end);
        Stretch {
            generation_number: Some(7),
            path,
            question: Some((false, total)),
            pages: 1,
            rows: rows.end - rows.start,
            unchanged: 0,
            failures: 0,
            read,
            first_at: at(minute),
            last_at: at(minute),
        }
    }

    fn delta(path: &'static str, minute: i64, rows: u64) -> Stretch {
        Stretch {
            question: Some((true, rows)),
            ..pages(path, minute, 0..rows, rows)
        }
    }

    fn failure(path: &'static str, minute: i64) -> Stretch {
        Stretch {
            question: None,
            pages: 0,
            failures: 1,
            ..pages(path, minute, 0..0, 0)
        }
    }

    /// Makes the runs of one token, as the store does.
    fn runs(stretches: &[Stretch]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for stretch in stretches {
            match runs.last_mut() {
                Some(run) if run.continues_with(stretch) => run.absorb(stretch),
                _ => {
                    let number = i32::try_from(runs.len()).unwrap() + 1;
                    runs.push(Run::begin("c", Uuid::nil(), number, stretch));
                }
            }
        }
        runs
    }

    fn outlines(stretches: &[Stretch]) -> Vec<(bool, Mode, usize)> {
        let runs = runs(stretches);
        runs.iter()
            .map(|run| (run.is_complete, run.mode(), run.readings.len()))
            .collect()
    }

    #[test]
    fn a_full_sync_is_complete_once_every_collection_is_read_to_its_last_row() {
        let mut sync = vec![
            pages("/orgs", 0, 0..12, 12),
            pages("/users", 1, 0..5000, 11_000),
            pages("/users", 3, 5000..10_000, 11_000),
        ];
        assert_eq!(outlines(&sync), [(false, Mode::Full, 2)], "users were broken off");
        sync.push(pages("/users", 5, 10_000..11_000, 11_000));
        assert_eq!(outlines(&sync), [(true, Mode::Full, 2)]);
        let run = runs(&sync).remove(0);
        let users = &run.readings[1];
        assert_eq!(
            (users.pages, users.rows, users.is_complete()),
            (3, 11_000, Some(true))
        );
        assert_eq!((run.first_request_at, run.last_request_at), (at(0), at(5)));
        assert_eq!(run.generation_number, Some(7));
    }

    #[test]
    fn a_page_that_is_missing_in_the_middle_is_missing() {
        let sync = [pages("/users", 0, 0..10, 30), pages("/users", 0, 20..30, 30)];
        assert_eq!(outlines(&sync), [(false, Mode::Full, 1)]);
    }

    #[test]
    fn a_delta_in_one_piece_is_complete_also_when_nothing_changed() {
        let sync = [delta("/users", 0, 3), delta("/orgs", 0, 0)];
        assert_eq!(outlines(&sync), [(true, Mode::Delta, 2)]);
        let mixed = [delta("/users", 0, 3), pages("/orgs", 0, 0..2, 2)];
        assert_eq!(outlines(&mixed), [(true, Mode::Mixed, 2)]);
    }

    #[test]
    fn failures_and_single_objects_make_no_sync() {
        assert_eq!(outlines(&[failure("/users", 0)]), [(false, Mode::None, 1)]);
        let single = Stretch {
            question: None,
            ..pages("/users/{sourcedId}", 0, 0..1, 1)
        };
        assert_eq!(outlines(&[single]), [(false, Mode::None, 1)]);
        let after_a_failure = [failure("/users", 0), pages("/users", 1, 0..3, 3)];
        assert_eq!(outlines(&after_a_failure), [(true, Mode::Full, 1)]);
        let given_up = [pages("/orgs", 0, 0..3, 3), failure("/users", 1)];
        assert_eq!(
            outlines(&given_up),
            [(false, Mode::Full, 2)],
            "users were begun and never read"
        );
        let unknown_user = [pages("/orgs", 0, 0..3, 3), failure("/users/{sourcedId}", 1)];
        assert_eq!(outlines(&unknown_user), [(true, Mode::Full, 2)]);
    }

    #[test]
    fn a_long_pause_ends_a_run_of_a_token_that_is_kept() {
        let two = [pages("/users", 0, 0..10, 20), pages("/users", 31, 10..20, 20)];
        assert_eq!(outlines(&two), [(false, Mode::Full, 1), (false, Mode::Full, 1)]);
        let one = [pages("/users", 0, 0..10, 20), pages("/users", 30, 10..20, 20)];
        assert_eq!(outlines(&one), [(true, Mode::Full, 1)], "a slow consumer");
    }

    #[test]
    fn beginning_anew_what_was_read_to_its_end_begins_another_run() {
        let poll = |minute| [pages("/orgs", minute, 0..2, 2), delta("/users", minute, 0)];
        let twice = [poll(0), poll(10)].concat();
        assert_eq!(outlines(&twice), [(true, Mode::Mixed, 2), (true, Mode::Mixed, 2)]);
        let runs = runs(&twice);
        assert_eq!((runs[0].run_number, runs[1].run_number), (1, 2));
    }

    #[test]
    fn a_retry_is_no_new_run_nor_is_going_on_after_a_break() {
        let retry = [pages("/users", 0, 0..20, 20), pages("/users", 4, 0..20, 20)];
        assert_eq!(outlines(&retry), [(true, Mode::Full, 1)]);
        let from_the_start = [pages("/users", 0, 0..10, 20), pages("/users", 9, 0..20, 20)];
        assert_eq!(
            outlines(&from_the_start),
            [(true, Mode::Full, 1)],
            "it was not complete before"
        );
        let last_page_again = [pages("/users", 0, 0..20, 20), pages("/users", 9, 10..20, 20)];
        assert_eq!(outlines(&last_page_again), [(true, Mode::Full, 1)]);
    }

    #[test]
    fn pages_that_two_servers_answered_make_one_run_in_any_order() {
        let sync = [
            pages("/users", 2, 10..20, 30),
            pages("/users", 0, 0..10, 30),
            pages("/users", 1, 20..30, 30),
        ];
        assert_eq!(outlines(&sync), [(true, Mode::Full, 1)]);
        assert_eq!(runs(&sync)[0].first_request_at, at(0));
    }

    #[test]
    fn questions_are_bounded() {
        let many: Vec<Stretch> = (1..200)
            .map(|total| pages("/users", 0, 0..total, total))
            .collect();
        let run = runs(&many).remove(0);
        assert_eq!(run.readings[0].questions.len(), QUESTIONS_MAX);
        assert_eq!(run.readings[0].pages, 199);
    }
}
