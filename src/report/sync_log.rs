//! The report of `oneroster synclog`: what consumers read, and when.

use std::fmt::{Display, Formatter};

use chrono::{DateTime, Utc};
use oneroster_standard::Moment;
use serde::Serialize;
use uuid::Uuid;

use super::words::{counted, lines};
use crate::synclog::{Ending, Mode, PathReading, Run};

/// The runs of a tenant's consumers, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncLogReport {
    /// The tenant.
    pub tenant: String,
    /// Since when nobody reads it who used to about twice a day; `null` if that is not so.
    pub silent_since: Option<Moment>,
    /// The runs.
    pub runs: Vec<RunReport>,
}

/// One reading of a roster by a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// The client.
    pub client_id: String,
    /// The `jti` of its token.
    pub token_id: Uuid,
    /// Counts the runs with that token from 1.
    pub run: i32,
    /// Number of the generation it read; `null` when there was none.
    pub generation: Option<i64>,
    /// What kind of sync it was.
    pub mode: Mode,
    /// Whether each collection that was begun was read to its last row.
    pub complete: bool,
    /// How it ended: `complete`, `broken_off`, `asked_once` for somebody who looked by hand, `none` if no collection was read.
    pub ending: Ending,
    /// When it began.
    pub first_request_at: Moment,
    /// When the last request of it was answered.
    pub last_request_at: Moment,
    /// How long it took, in seconds.
    #[serde(skip)]
    pub duration_s: i64,
    /// Answers with data.
    pub pages: u64,
    /// Rows in them.
    pub rows: u64,
    /// Refusals and failures.
    pub failures: u64,
    /// What was read, by path.
    pub readings: Vec<ReadingReport>,
}

/// What was read at one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingReport {
    /// The path below the `OneRoster` root, with placeholders instead of ids.
    pub path: String,
    /// Answers with data.
    pub pages: u64,
    /// Rows in them.
    pub rows: u64,
    /// Answers that what the caller had was still so (304).
    pub unchanged: u64,
    /// Refusals and failures.
    pub failures: u64,
    /// Whether every question about it was read to its last row; `null` where there is nothing to complete.
    pub complete: Option<bool>,
    /// The questions asked.
    pub questions: Vec<QuestionReport>,
}

/// A question about a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionReport {
    /// Whether it asked for what changed since a date.
    pub delta: bool,
    /// How many rows it has.
    pub total: u64,
    /// How many of them were read.
    pub read: u64,
    /// Whether it was read to its last row.
    pub complete: bool,
}

impl SyncLogReport {
    /// Reports the runs of a tenant.
    pub fn new(tenant_id: &str, silent_since: Option<DateTime<Utc>>, runs: &[Run]) -> Self {
        Self {
            tenant: tenant_id.to_owned(),
            silent_since: silent_since.map(Moment::from),
            runs: runs.iter().map(RunReport::from).collect(),
        }
    }
}

impl From<&Run> for RunReport {
    fn from(run: &Run) -> Self {
        let sum = |of: fn(&PathReading) -> u64| run.readings.iter().map(of).sum();
        Self {
            client_id: run.client_id.clone(),
            token_id: run.token_id,
            run: run.run_number,
            generation: run.generation_number,
            mode: run.mode(),
            complete: run.is_complete,
            ending: run.ending(),
            first_request_at: run.first_request_at.into(),
            last_request_at: run.last_request_at.into(),
            duration_s: (run.last_request_at - run.first_request_at).num_seconds(),
            pages: sum(|reading| reading.pages),
            rows: sum(|reading| reading.rows),
            failures: sum(|reading| reading.failures),
            readings: run.readings.iter().map(ReadingReport::from).collect(),
        }
    }
}

impl From<&PathReading> for ReadingReport {
    fn from(reading: &PathReading) -> Self {
        let questions = reading.questions.iter().map(|question| QuestionReport {
            delta: question.is_delta,
            total: question.total,
            read: question.read.count(),
            complete: question.is_complete(),
        });
        Self {
            path: reading.path.clone(),
            pages: reading.pages,
            rows: reading.rows,
            unchanged: reading.unchanged,
            failures: reading.failures,
            complete: reading.is_complete(),
            questions: questions.collect(),
        }
    }
}

impl Display for SyncLogReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let silent = self
            .silent_since
            .map(|since| format!("not read since {since}, though it used to be twice a day"));
        let runs = self.runs.iter().map(ToString::to_string);
        lines(formatter, silent.into_iter().chain(runs))
    }
}

impl Display for RunReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let generation = match self.generation {
            Some(number) => format!("generation {number}"),
            None => "nothing published".to_owned(),
        };
        let mode = match self.mode {
            Mode::None => "no collection",
            Mode::Full => "full",
            Mode::Delta => "delta",
            Mode::Mixed => "full and delta",
        };
        let end = match self.ending {
            Ending::None => "",
            Ending::Complete => "  complete",
            Ending::AskedOnce => "  asked once",
            Ending::BrokenOff => "  BROKEN OFF",
        };
        write!(
            formatter,
            "{}  {} s  {}  {generation}  {mode}{end}",
            self.first_request_at, self.duration_s, self.client_id
        )?;
        self.readings
            .iter()
            .try_for_each(|reading| write!(formatter, "\n  {reading}"))
    }
}

impl Display for ReadingReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let pages = counted(self.pages, "page", "pages");
        let rows = counted(self.rows, "row", "rows");
        write!(formatter, "{}: {pages}, {rows}", self.path)?;
        if self.complete == Some(false) {
            if self.questions.is_empty() {
                formatter.write_str(", never read")?;
            } else {
                let read: u64 = self.questions.iter().map(|question| question.read).sum();
                let total: u64 = self.questions.iter().map(|question| question.total).sum();
                write!(formatter, ", {read} of {total} read")?;
            }
        }
        if self.unchanged > 0 {
            write!(formatter, ", {} unchanged", self.unchanged)?;
        }
        if self.failures > 0 {
            write!(formatter, ", {} refused or failed", self.failures)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot::{self, instant};
    use crate::synclog::{Question, RowRanges};

    fn reading(path: &str, questions: Vec<Question>) -> PathReading {
        PathReading {
            path: path.to_owned(),
            pages: 1,
            rows: 1,
            unchanged: 0,
            failures: 0,
            questions,
        }
    }

    fn question(total: u64, read: u64) -> Question {
        let mut ranges = RowRanges::default();
        ranges.add(0, read);
        Question {
            is_delta: false,
            total,
            read: ranges,
            last_request_at: instant(0),
        }
    }

    #[test]
    fn runs_are_listed_with_what_was_read_and_how_they_ended() {
        let run = |is_complete, readings| Run {
            client_id: "zandpoort.h3".to_owned(),
            token_id: Uuid::from_u128(0x57),
            run_number: 1,
            generation_number: Some(57),
            first_request_at: instant(0),
            last_request_at: instant(41),
            is_complete,
            readings,
        };
        let refused = PathReading {
            pages: 0,
            rows: 0,
            unchanged: 1,
            failures: 2,
            ..reading("/orgs/{sourcedId}", Vec::new())
        };
        let look = || {
            let mut look = reading("/users", vec![question(200, 2)]);
            look.rows = 2;
            look
        };
        let mut broken_off = reading("/users", vec![question(200, 100)]);
        (broken_off.pages, broken_off.rows) = (2, 100);
        let runs = [
            run(true, vec![reading("/orgs", vec![question(1, 1)])]),
            run(false, vec![broken_off]),
            run(false, vec![look()]),
            Run {
                generation_number: None,
                ..run(false, vec![refused])
            },
        ];
        snapshot::assert(
            "synclog",
            &SyncLogReport::new("zandpoort", Some(instant(0)), &runs),
        );
    }
}
