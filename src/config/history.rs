//! `[history]`: what is kept.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `days` may be.
const DAYS: RangeInclusive<u32> = 31..=3650;

/// What `people_retention_days` may be, apart from 0.
const PEOPLE_RETENTION_DAYS: RangeInclusive<u32> = 365..=36_500;

/// Settings of what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// How long superseded versions and the sync log are kept, in days: 31 to 3650. A snapshot in memory is built upon for 30.
    pub days: u32,
    /// After how many days somebody is erased who is no longer in Informat's data: 0 = never, else 365 to 36500.
    pub people_retention_days: u32,
}

impl Default for History {
    fn default() -> Self {
        Self {
            days: 400,
            people_retention_days: 1826,
        }
    }
}

impl History {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            days,
            people_retention_days,
        } = self;
        variables.number("ONEROSTER_HISTORY_DAYS", "history.days", days)?;
        variables.number(
            "ONEROSTER_HISTORY_PEOPLE_RETENTION_DAYS",
            "history.people_retention_days",
            people_retention_days,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("history.days", self.days, &DAYS)?;
        if self.people_retention_days == 0 {
            return Ok(());
        }
        within(
            "history.people_retention_days",
            self.people_retention_days,
            &PEOPLE_RETENTION_DAYS,
        )
    }
}
