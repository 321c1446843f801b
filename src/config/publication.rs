//! `[publication]`: the background publisher.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `interval_s` may be.
const INTERVAL_S: RangeInclusive<u32> = 1..=10;

/// Settings of the background publisher.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Publication {
    /// How often it looks for changes, in seconds: 1 to 10.
    pub interval_s: u32,
}

impl Default for Publication {
    fn default() -> Self {
        Self { interval_s: 3 }
    }
}

impl Publication {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { interval_s } = self;
        variables.number(
            "ONEROSTER_PUBLISH_INTERVAL_S",
            "publication.interval_s",
            interval_s,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("publication.interval_s", self.interval_s, &INTERVAL_S)
    }
}
