//! Names as somebody may read them: other places have none.

use oneroster_school::rights::{Access, Rights};
use oneroster_standard::Kind;

use crate::desk::language::{Language, text};
use crate::history::Names;

/// Whose eyes it is for.
pub(super) struct Sight<'a> {
    pub(super) language: Language,
    pub(super) rights: &'a Rights,
    pub(super) names: &'a Names,
}

impl Sight<'_> {
    /// Returns `true` for a place that they may see.
    pub(super) fn sees(&self, org: &str) -> bool {
        self.rights.org_access(org) > Access::None
    }

    /// Returns `true` if they may see one of these places; what is at no place, such as a school year, anybody may see.
    pub(super) fn sees_any(&self, orgs: &[String]) -> bool {
        orgs.is_empty() || orgs.iter().any(|org| self.sees(org))
    }

    /// Returns the name of a place.
    pub(super) fn org(&self, id: &str) -> String {
        if self.sees(id) {
            self.names.of(Kind::Orgs, id)
        } else {
            text(self.language, "history-other-place")
        }
    }

    /// Returns the title of a class.
    pub(super) fn class(&self, id: &str) -> String {
        let orgs = self.names.orgs_of(Kind::Classes, id);
        if !orgs.is_empty() && self.sees_any(orgs) {
            self.names.of(Kind::Classes, id)
        } else {
            text(self.language, "history-other-class")
        }
    }
}
