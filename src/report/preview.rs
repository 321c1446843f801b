//! The report of `oneroster preview`: the roster of a day.

use std::fmt::{Display, Formatter};

use oneroster_school::projection::{self, Roster};
use oneroster_standard::Kind;
use serde::Serialize;

use super::words::{counted_objects, printable};

/// The roster that would be served on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PreviewReport {
    /// The day, and the objects as they would be served but for their dates, by collection.
    document: serde_json::Value,
    #[serde(skip)]
    text: String,
}

impl PreviewReport {
    /// Reports a roster as a server at `base_url` would serve it.
    pub fn new(roster: &Roster, base_url: &str) -> Self {
        Self {
            document: projection::preview_document(roster, base_url),
            text: text(roster),
        }
    }
}

impl Display for PreviewReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Counts a roster, by org and as a whole.
fn text(roster: &Roster) -> String {
    let mut lines = vec![format!("reference date {}", roster.reference_date)];
    for org in &roster.orgs {
        let is_here = |id: &str| id == org.sourced_id;
        let classes = roster
            .classes
            .iter()
            .filter(|class| is_here(&class.content.school.sourced_id));
        let users = roster
            .users
            .iter()
            .filter(|user| user.content.orgs.iter().any(|org| is_here(&org.sourced_id)));
        lines.push(format!(
            "{}\t{}\t{}\t{}",
            org.sourced_id,
            counted_objects(classes.count(), Kind::Classes),
            counted_objects(users.count(), Kind::Users),
            printable(&org.content.name)
        ));
    }
    let counts = [
        (roster.orgs.len(), Kind::Orgs),
        (roster.classes.len(), Kind::Classes),
        (roster.users.len(), Kind::Users),
        (roster.enrollments.len(), Kind::Enrollments),
    ]
    .map(|(count, kind)| counted_objects(count, kind));
    lines.push(counts.join(", "));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use oneroster_school::projection::Identified;
    use oneroster_standard::OrgType;
    use oneroster_standard::entity::Org;

    use super::*;
    use crate::report::snapshot;

    #[test]
    fn a_roster_is_reported_as_it_would_be_served_and_counted_by_org() {
        let org = Org {
            name: "001507 - Zandpoort - Markt".to_owned(),
            r#type: OrgType::School,
            identifier: Some("001507-1".to_owned()),
            parent: None,
            children: Vec::new(),
            metadata: oneroster_standard::entity::Metadata::default(),
        };
        let roster = Roster {
            reference_date: "2027-09-01".parse().unwrap(),
            academic_sessions: Vec::new(),
            orgs: vec![Identified {
                sourced_id: "001507-1".to_owned(),
                content: org,
            }],
            courses: Vec::new(),
            classes: Vec::new(),
            users: Vec::new(),
            enrollments: Vec::new(),
            email_domains: std::collections::BTreeMap::new(),
        };
        snapshot::assert("preview", &PreviewReport::new(&roster, "https://roster.example/"));
    }
}
