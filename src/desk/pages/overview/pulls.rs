//! The last readings of consumers: a chart made here, and its numbers.

use crate::desk::dates;
use crate::desk::language::{Language, text, text_with};
use crate::synclog::{Ending, Mode, Run};

/// How many readings are shown.
const SHOWN_MAX: usize = 20;

/// Width and height of the chart, in its own units.
const CHART: (usize, usize) = (400, 90);

/// The least height of a bar: one that read nothing can be seen too.
const BAR_MIN: usize = 2;

/// The last readings.
pub(super) struct Pulls {
    /// The view box of the chart.
    pub(super) view_box: String,
    /// A bar for each reading, the oldest first.
    pub(super) bars: Vec<Bar>,
    /// A row for each reading, the newest first.
    pub(super) rows: Vec<Row>,
}

/// A bar of the chart.
pub(super) struct Bar {
    /// Its place and size, in units of the chart.
    pub(super) x: usize,
    /// See `x`.
    pub(super) y: usize,
    /// See `x`.
    pub(super) width: usize,
    /// See `x`.
    pub(super) height: usize,
    /// Whether it was broken off.
    pub(super) is_broken: bool,
    /// What it stands for, in words.
    pub(super) title: String,
}

/// The numbers of a reading.
pub(super) struct Row {
    /// When it began.
    pub(super) at: String,
    /// What kind it was.
    pub(super) kind: String,
    /// How many rows it read.
    pub(super) rows: u64,
    /// How long it took.
    pub(super) duration: String,
    /// How it ended.
    pub(super) ending: String,
    /// Whether it was broken off.
    pub(super) is_broken: bool,
}

/// Returns what is shown of readings, given the newest first. One that read no collection is left out.
pub(super) fn pulls(language: Language, runs: &[Run]) -> Pulls {
    let shown: Vec<&Run> = runs
        .iter()
        .filter(|run| run.mode() != Mode::None)
        .take(SHOWN_MAX)
        .collect();
    let rows: Vec<Row> = shown.iter().map(|run| row(language, run)).collect();
    let most = rows.iter().map(|row| row.rows).max().unwrap_or_default().max(1);
    let (chart_width, chart_height) = CHART;
    let step = chart_width / SHOWN_MAX;
    let bars = rows.iter().rev().enumerate().map(|(index, row)| {
        let share = row.rows.saturating_mul(as_u64(chart_height)) / most;
        let height = usize::try_from(share).unwrap_or(chart_height).max(BAR_MIN);
        Bar {
            x: index * step,
            y: chart_height.saturating_sub(height),
            width: step.saturating_sub(4),
            height,
            is_broken: row.is_broken,
            title: format!("{}: {} ({})", row.at, row.rows, row.ending),
        }
    });
    Pulls {
        view_box: format!("0 0 {chart_width} {chart_height}"),
        bars: bars.collect(),
        rows,
    }
}

fn as_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn row(language: Language, run: &Run) -> Row {
    let mode = match run.mode() {
        Mode::None => "none",
        Mode::Full => "full",
        Mode::Delta => "delta",
        Mode::Mixed => "mixed",
    };
    let ending = match run.ending() {
        Ending::None => "none",
        Ending::Complete => "complete",
        Ending::AskedOnce => "asked_once",
        Ending::BrokenOff => "broken_off",
    };
    let seconds = (run.last_request_at - run.first_request_at).num_seconds();
    Row {
        at: dates::moment(run.first_request_at),
        kind: text(language, &format!("overview-mode-{mode}")),
        rows: run.readings.iter().map(|reading| reading.rows).sum(),
        duration: text_with(language, "overview-seconds", [("count", seconds.into())]),
        ending: text(language, &format!("overview-ending-{ending}")),
        is_broken: run.ending() == Ending::BrokenOff,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;
    use crate::synclog::{PathReading, Question, RowRanges};

    fn run(hours: i64, rows: u64, total: u64) -> Run {
        let mut read = RowRanges::default();
        read.add(0, rows);
        let at = DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        Run {
            client_id: "zand.a".to_owned(),
            token_id: Uuid::nil(),
            run_number: 1,
            generation_number: Some(1),
            first_request_at: at,
            last_request_at: at + TimeDelta::seconds(7),
            is_complete: rows == total,
            readings: vec![PathReading {
                path: "/users".to_owned(),
                pages: 2,
                rows,
                unchanged: 0,
                failures: 0,
                questions: vec![Question {
                    is_delta: false,
                    total,
                    read,
                    last_request_at: at,
                }],
            }],
        }
    }

    #[test]
    fn bars_stand_from_old_to_new_and_the_longest_fills_the_chart() {
        let shown = pulls(
            Language::Dutch,
            &[run(24, 5000, 10_000), run(12, 10_000, 10_000), run(0, 0, 0)],
        );
        let heights: Vec<usize> = shown.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [BAR_MIN, 90, 45]);
        assert!(shown.bars.iter().all(|bar| bar.y + bar.height == 90));
        assert!(
            shown
                .bars
                .windows(2)
                .all(|two| two[0].x + two[0].width < two[1].x)
        );
        assert_eq!(shown.rows[0].ending, "afgebroken");
        assert_eq!(shown.rows[1].kind, "volledig");
        assert_eq!(shown.rows[0].duration, "7 s");
        assert_eq!(shown.bars[2].title, "02/01/1970 01:00: 5000 (afgebroken)");
        assert!(pulls(Language::Dutch, &[]).bars.is_empty());
    }
}
