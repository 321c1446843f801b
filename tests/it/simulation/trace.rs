//! What happened: counted always, told line by line when asked for.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) is_on: bool,
    pub(super) lines: Vec<String>,
    pub(super) counts: BTreeMap<&'static str, u64>,
}

impl Trace {
    pub(super) fn told() -> Self {
        Self {
            is_on: true,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, at: DateTime<Utc>, line: &str) {
        self.lines
            .push(format!("{}  {line}", at.format("%Y-%m-%d %H:%M:%S%.6f")));
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}
