//! `[audit]`: the files of the audit trail.

use std::path::PathBuf;

use serde::Deserialize;

use super::Variables;

/// Settings of the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// The folder that the audit trail is copied to, outside the database. `None`: beside an embedded database.
    pub dir: Option<PathBuf>,
}

impl Audit {
    pub(super) fn overlay(&mut self, variables: &mut Variables) {
        let Self { dir } = self;
        variables.text("ONEROSTER_AUDIT_DIR", "audit.dir", dir);
    }
}
