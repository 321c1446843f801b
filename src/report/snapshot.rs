//! Snapshots of reports: the JSON that programs read, and the text that people read, in one file each (`snapshots/`).

use std::fmt::Display;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Compares a report with its snapshot. `INSTA_UPDATE=always cargo test --lib report::` writes them again.
pub(super) fn assert<R: Serialize + Display>(name: &str, report: &R) {
    let json = serde_json::to_string_pretty(report).unwrap();
    let settings = || {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings().bind(|| insta::assert_snapshot!(name, format!("{json}\n\n{report}")));
}

/// Returns a moment of the tests, so many seconds after 26 November 2026, 21:02:32 in Brussels.
pub(super) fn instant(seconds: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-26T20:02:32.123456Z".parse().unwrap();
    noon + TimeDelta::seconds(seconds)
}
