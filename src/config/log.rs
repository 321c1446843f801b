//! `[log]`: the form of the log. Which events it has, `ONEROSTER_LOG` says.

use serde::Deserialize;

use super::{Error, Variables};

/// Settings of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Lines as JSON instead of text.
    pub json: bool,
}

impl Log {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self { json } = self;
        variables.flag("ONEROSTER_LOG_JSON", "log.json", json)
    }
}
