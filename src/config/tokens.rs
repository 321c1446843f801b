//! `[tokens]`: the tokens of clients.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `lifetime_s` may be.
const LIFETIME_S: RangeInclusive<u32> = 60..=43_200;

/// Settings of the tokens of clients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long a client's token lives unless the client has its own setting, in seconds: 60 to 43200.
    pub lifetime_s: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { lifetime_s: 3600 }
    }
}

impl Tokens {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { lifetime_s } = self;
        variables.number("ONEROSTER_TOKEN_LIFETIME_S", "tokens.lifetime_s", lifetime_s)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("tokens.lifetime_s", self.lifetime_s, &LIFETIME_S)
    }
}
