//! `[feeding]`: bundles that come by themselves.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `import_silence_h` may be.
const IMPORT_SILENCE_H: RangeInclusive<u32> = 13..=720;

/// Settings of bundles that come by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Feeding {
    /// How long a tenant whose bundles used to come daily may go without one before that is reported, in hours: 13 to 720.
    pub import_silence_h: u32,
}

impl Default for Feeding {
    fn default() -> Self {
        Self { import_silence_h: 36 }
    }
}

impl Feeding {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { import_silence_h } = self;
        variables.number(
            "ONEROSTER_IMPORT_SILENCE_H",
            "feeding.import_silence_h",
            import_silence_h,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within(
            "feeding.import_silence_h",
            self.import_silence_h,
            &IMPORT_SILENCE_H,
        )
    }
}
