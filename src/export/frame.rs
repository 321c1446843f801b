//! What is kept at hand of a generation: its orgs and its sessions. There are as many as a group has schools, however many
//! people are in them.

use std::collections::BTreeMap;

use oneroster_standard::Kind;
use sqlx::PgConnection;

use super::content::{self, Org, Session, User};
use super::rule::{Refusal, Rule};
use super::{Error, refused};
use crate::roster::files::{self, Part, PersonRow};

/// The orgs and sessions of an export.
#[derive(Debug)]
pub(super) struct Frame {
    /// The orgs that are exported, by id.
    pub(super) orgs: BTreeMap<String, Org>,
    /// The sessions, by id.
    pub(super) sessions: BTreeMap<String, Session>,
    /// Whether these are some orgs of more.
    pub(super) is_part: bool,
}

impl Frame {
    /// Reads them. Refused if an org that was asked for is not published.
    pub(super) async fn read(connection: &mut PgConnection, part: Part<'_>) -> Result<Self, Error> {
        let mut orgs = BTreeMap::new();
        for version in files::all_of_kind(connection, part, Kind::Orgs).await? {
            let org: Org = content::read(version.kind, &version.sourced_id, &version.content)?;
            orgs.insert(version.sourced_id, org);
        }
        let mut sessions = BTreeMap::new();
        for version in files::all_of_kind(connection, part, Kind::AcademicSessions).await? {
            let session: Session = content::read(version.kind, &version.sourced_id, &version.content)?;
            sessions.insert(version.sourced_id, session);
        }
        if let Some(asked) = part.org_ids {
            if let Some(unknown) = asked.iter().find(|asked| !orgs.contains_key(*asked)) {
                let published: Vec<String> = orgs.into_keys().collect();
                let refusal = Refusal::new(Rule::UnknownOrg).of(Kind::Orgs, unknown);
                return Err(refused(
                    refusal.saying(format!("published are {}", published.join(", "))),
                ));
            }
            orgs.retain(|id, _| asked.contains(id));
        }
        Ok(Self {
            orgs,
            sessions,
            is_part: part.org_ids.is_some(),
        })
    }

    /// Returns `true` if an org is exported.
    pub(super) fn has_org(&self, id: &str) -> bool {
        self.orgs.contains_key(id)
    }

    /// Returns the orgs of a person that their rows name, the home org first: their own; of an export of some schools those of
    /// these, and if there are none, where they are in classes.
    pub(super) fn orgs_of<'p>(&self, row: &'p PersonRow, user: &'p User<'_>) -> Vec<&'p str> {
        let own = user.orgs.iter().map(|org| org.id.as_ref());
        if !self.is_part {
            return own.collect();
        }
        let own: Vec<&str> = own.filter(|id| self.has_org(id)).collect();
        if own.is_empty() {
            return row.class_org_ids.iter().map(String::as_str).collect();
        }
        own
    }
}

/// Returns the number of the institution that an org is a site of: what its id begins with.
pub(super) fn institution_number<'o>(id: &'o str, org: &'o Org) -> &'o str {
    let identifier = org.identifier.as_deref().unwrap_or(id);
    identifier.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(orgs: &[&str], is_part: bool) -> Frame {
        let org = Org {
            name: "n".to_owned(),
            r#type: "school".to_owned(),
            identifier: Some("001507-2".to_owned()),
            parent: None,
        };
        Frame {
            orgs: orgs.iter().map(|id| ((*id).to_owned(), org.clone())).collect(),
            sessions: BTreeMap::new(),
            is_part,
        }
    }

    fn orgs_of(frame: &Frame, class_org_ids: &[&str]) -> Vec<String> {
        let content = r#"{"username":"j","givenName":"J","familyName":"P","role":"student","enabledUser":"false",
                          "orgs":[{"sourcedId":"b"},{"sourcedId":"a"}]}"#;
        let user: User<'_> = content::read(Kind::Users, "u", content).unwrap();
        let row = PersonRow {
            sourced_id: "u".to_owned(),
            content: String::new(),
            class_org_ids: class_org_ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        frame
            .orgs_of(&row, &user)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_home_org_is_the_first_that_is_exported() {
        assert_eq!(orgs_of(&frame(&["a", "b"], false), &[]), ["b", "a"]);
        assert_eq!(orgs_of(&frame(&["a"], true), &["a"]), ["a"]);
        assert_eq!(orgs_of(&frame(&["c", "d"], true), &["c", "d"]), ["c", "d"]);
    }

    #[test]
    fn an_org_knows_the_number_of_its_institution() {
        let org = frame(&["x"], false).orgs["x"].clone();
        assert_eq!(institution_number("other-1", &org), "001507");
        let unnamed = Org {
            identifier: None,
            ..org
        };
        assert_eq!(institution_number("123-1-211", &unnamed), "123");
    }
}
