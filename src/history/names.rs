//! The labels of the objects that history mentions.

use std::collections::{BTreeSet, HashMap};

use oneroster_standard::Kind;

use super::content::{Members, text};
use super::reason::Reason;

/// Names of objects by kind and id, as last published.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<(Kind, String), String>);

impl Names {
    /// Takes over the name of an object.
    pub(super) fn add(&mut self, kind: Kind, sourced_id: &str, content: &Members) {
        if let Some(label) = label(kind, content) {
            self.0.insert((kind, sourced_id.to_owned()), label);
        }
    }

    /// Returns the name of an object; its id when it has none.
    pub(super) fn of(&self, kind: Kind, sourced_id: &str) -> String {
        self.0
            .get(&(kind, sourced_id.to_owned()))
            .cloned()
            .unwrap_or_else(|| sourced_id.to_owned())
    }
}

/// Returns the label of an object by its own content; `None` for an enrollment, which is labelled by others.
pub(super) fn label(kind: Kind, content: &Members) -> Option<String> {
    match kind {
        Kind::AcademicSessions | Kind::Courses | Kind::Classes => text(content, "title"),
        Kind::Orgs => text(content, "name"),
        Kind::Users => Some(format!(
            "{} {} ({})",
            text(content, "givenName")?,
            text(content, "familyName")?,
            text(content, "username")?
        )),
        Kind::Enrollments => None,
    }
}

/// Adds the objects that a reason names.
pub(super) fn mentioned(reason: &Reason, ids: &mut BTreeSet<(Kind, String)>) {
    let mut add = |kind, id: &str| {
        ids.insert((kind, id.to_owned()));
    };
    match reason {
        Reason::SitePublished { org } | Reason::OrgJoined { org } | Reason::OrgLeft { org } => {
            add(Kind::Orgs, org);
        }
        Reason::Moved { from, to, .. } => {
            add(Kind::Orgs, from);
            add(Kind::Orgs, to);
        }
        Reason::Joined { class, .. } | Reason::WentTo { class } => add(Kind::Classes, class),
        Reason::Found(cause) => {
            if let Some(org) = cause.org() {
                add(Kind::Orgs, org);
            }
        }
        Reason::FirstPublication
        | Reason::New
        | Reason::SchoolYearActivated { .. }
        | Reason::SyncOn { .. }
        | Reason::SyncOff { .. }
        | Reason::UsernameGiven { .. }
        | Reason::UserPublished
        | Reason::Renamed { .. }
        | Reason::DomainChanged { .. }
        | Reason::NameChanged { .. }
        | Reason::Retitled { .. }
        | Reason::FieldChanged { .. }
        | Reason::NewerProgram
        | Reason::Redated
        | Reason::TombstoneOver
        | Reason::NoLongerPublished => {}
    }
}
