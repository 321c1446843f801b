//! `[keys]`: the keys that sign tokens.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `rotate_days` may be.
const ROTATE_DAYS: RangeInclusive<u32> = 1..=365;

/// Settings of the keys that sign tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The file with the key that they are encrypted with in the database. `None`: beside an embedded database.
    pub encryption_key_file: Option<PathBuf>,
    /// How many days a key signs: 1 to 365.
    pub rotate_days: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            encryption_key_file: None,
            rotate_days: 90,
        }
    }
}

impl Keys {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            encryption_key_file,
            rotate_days,
        } = self;
        variables.text(
            "ONEROSTER_ENCRYPTION_KEY_FILE",
            "keys.encryption_key_file",
            encryption_key_file,
        );
        variables.number("ONEROSTER_KEYS_ROTATE_DAYS", "keys.rotate_days", rotate_days)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("keys.rotate_days", self.rotate_days, &ROTATE_DAYS)
    }
}
