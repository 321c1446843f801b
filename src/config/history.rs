//! `[history]`: what is kept.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `days` may be.
const DAYS: RangeInclusive<u32> = 31..=3650;

/// Settings of what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// How long superseded versions and the sync log are kept, in days: 31 to 3650. A snapshot in memory is built upon for 30.
    pub days: u32,
}

impl Default for History {
    fn default() -> Self {
        Self { days: 400 }
    }
}

impl History {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { days } = self;
        variables.number("ONEROSTER_HISTORY_DAYS", "history.days", days)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("history.days", self.days, &DAYS)
    }
}
