//! `[desk]`: the pages of schools' admins.

use serde::Deserialize;

use super::{Error, Variables};

/// Settings of the desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Desk {
    /// Whether the manager of a school may make, rotate and revoke its API clients; else the operator alone.
    pub managers_create_clients: bool,
}

impl Desk {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            managers_create_clients,
        } = self;
        variables.flag(
            "ONEROSTER_DESK_MANAGERS_CREATE_CLIENTS",
            "desk.managers_create_clients",
            managers_create_clients,
        )
    }
}
