//! How to publish, and which hold to release.

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Compute and compare only.
    pub dry_run: bool,
    /// Give everything a new date, as after a restore from backup, and take the clock's own day, even one before the last
    /// publication's.
    pub redate: bool,
    /// The background publisher asks for it, not a person: it does not wait for a publication of the tenant that is under
    /// way, and does not judge again what was discarded until an input changes.
    pub is_background: bool,
}

/// A request to publish what is held.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    /// The account that releases it, for the record.
    pub by: &'a str,
    /// Beginning of the fingerprint of the hold they looked at; `None` = the one there is.
    pub hold: Option<&'a str>,
}
