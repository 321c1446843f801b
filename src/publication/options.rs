//! How to publish, and which hold to release.

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Compute and compare only.
    pub dry_run: bool,
    /// Give everything a new date, as after a restore from backup, and take the clock's own day, though it lie before the
    /// last publication's.
    pub redate: bool,
    /// Nobody asked for it, the background looks by itself: so it leaves the tenant to a publication that is under way,
    /// instead of waiting for it, and leaves what was discarded alone until an input changes.
    pub is_background: bool,
}

/// The wish to publish what is held.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    /// Who wishes it.
    pub by: &'a str,
    /// Beginning of the fingerprint of what he saw held; `None` = whatever is held now.
    pub hold: Option<&'a str>,
}
