//! `[tokens]`: the tokens of clients.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Error, Variables, within};

/// What `lifetime_s` may be.
const LIFETIME_S: RangeInclusive<u32> = 60..=43_200;

/// What `failures_per_minute` may be.
const FAILURES_PER_MINUTE: RangeInclusive<u32> = 1..=1_000_000;

/// Settings of the tokens of clients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long a client's token lives unless the client has its own setting, in seconds: 60 to 43200.
    pub lifetime_s: u32,
    /// How many sign-ins of one address may fail in a minute: 1 to 1000000.
    pub failures_per_minute: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            lifetime_s: 3600,
            failures_per_minute: 60,
        }
    }
}

impl Tokens {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            lifetime_s,
            failures_per_minute,
        } = self;
        variables.number("ONEROSTER_TOKEN_LIFETIME_S", "tokens.lifetime_s", lifetime_s)?;
        variables.number(
            "ONEROSTER_TOKEN_FAILURES_PER_MINUTE",
            "tokens.failures_per_minute",
            failures_per_minute,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("tokens.lifetime_s", self.lifetime_s, &LIFETIME_S)?;
        within(
            "tokens.failures_per_minute",
            self.failures_per_minute,
            &FAILURES_PER_MINUTE,
        )
    }
}
