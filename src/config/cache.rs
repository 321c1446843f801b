//! `[cache]`: the rosters in memory.

use serde::Deserialize;

use super::{Error, Variables};

/// How much memory loaded generations may take unless a setting says otherwise, in bytes.
const DEFAULT_BYTES: usize = 512 << 20;

/// Settings of the rosters in memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// How much memory loaded generations may take, in bytes.
    pub bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { bytes: DEFAULT_BYTES }
    }
}

impl Cache {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { bytes } = self;
        variables.number("ONEROSTER_CACHE_BYTES", "cache.bytes", bytes)
    }
}
