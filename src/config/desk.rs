//! `[desk]`: the pages of schools' admins.

use serde::Deserialize;

use super::{Error, OpenId, Variables};

/// Settings of the desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Desk {
    /// Whether the manager of a school may make, rotate and revoke its API clients; else the operator alone.
    pub managers_create_clients: bool,
    /// Signing in by OpenID Connect.
    pub openid: OpenId,
}

impl Desk {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            managers_create_clients,
            openid,
        } = self;
        variables.flag(
            "ONEROSTER_DESK_MANAGERS_CREATE_CLIENTS",
            "desk.managers_create_clients",
            managers_create_clients,
        )?;
        openid.overlay(variables)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.openid.check()
    }
}
