//! The labels of the objects that history mentions.

use std::collections::{BTreeSet, HashMap};

use oneroster_standard::Kind;

use super::content::{Members, members_of, orgs_of, text};
use super::reason::Reason;
use crate::roster::Version;

/// Names of objects by kind and id, and where they are, as last published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(HashMap<(Kind, String), Named>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    label: String,
    orgs: Vec<String>,
}

impl Names {
    /// Takes over the name of an object.
    pub fn add(&mut self, version: &Version) {
        let (kind, members) = (version.kind, members_of(version));
        if let Some(label) = label(kind, &members) {
            let orgs = orgs_of(version).into_iter().collect();
            self.0
                .insert((kind, version.sourced_id.clone()), Named { label, orgs });
        }
    }

    /// Returns the name of an object; its id when it has none.
    pub fn of(&self, kind: Kind, sourced_id: &str) -> String {
        self.get(kind, sourced_id)
            .map_or_else(|| sourced_id.to_owned(), |named| named.label.clone())
    }

    /// Returns the ids of the orgs that an object belongs to; none of one that is not named.
    pub fn orgs_of(&self, kind: Kind, sourced_id: &str) -> &[String] {
        self.get(kind, sourced_id)
            .map(|named| named.orgs.as_slice())
            .unwrap_or_default()
    }

    fn get(&self, kind: Kind, sourced_id: &str) -> Option<&Named> {
        self.0.get(&(kind, sourced_id.to_owned()))
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
