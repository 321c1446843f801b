//! Stands for signing in by OpenID Connect in a program that was built without it: there are local accounts only.

use super::route::Route;
use super::setup::SetupError;
use crate::clock::Clock;
use crate::config;

/// There is none.
#[derive(Debug)]
pub enum OpenId {}

impl OpenId {
    /// Refuses settings that ask for it.
    pub fn new(
        settings: &config::OpenId,
        _base_url: &str,
        _clock: Clock,
    ) -> Result<Option<Self>, SetupError> {
        if settings.issuer.is_some() {
            return Err(SetupError::NotBuilt);
        }
        Ok(None)
    }

    /// Returns the text of the button.
    pub(super) const fn label(&self) -> Option<&str> {
        match *self {}
    }
}

/// There are no routes.
pub(super) const fn routes() -> Vec<Route> {
    Vec::new()
}
