//! `[synclog]`: what consumers read.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `poll_silence_h` may be.
const POLL_SILENCE_H: RangeInclusive<u32> = 13..=720;

/// Settings of what consumers read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Synclog {
    /// How long a tenant that used to be read twice a day may go unread before that is reported, in hours: 13 to 720.
    pub poll_silence_h: u32,
}

impl Default for Synclog {
    fn default() -> Self {
        Self { poll_silence_h: 36 }
    }
}

impl Synclog {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { poll_silence_h } = self;
        variables.number(
            "ONEROSTER_POLL_SILENCE_H",
            "synclog.poll_silence_h",
            poll_silence_h,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("synclog.poll_silence_h", self.poll_silence_h, &POLL_SILENCE_H)
    }
}
