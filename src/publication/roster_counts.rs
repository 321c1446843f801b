//! What the brake and the guard of a school year compare of two rosters: orgs, classes, users and memberships.

use std::collections::BTreeMap;

use futures_util::{Stream, TryStreamExt};
use oneroster_school::projection::ClassFacts;
use oneroster_standard::{Class, Enrollment, Kind, Org, User};
use sqlx::PgConnection;

use super::Error;
use crate::roster;
use crate::roster::{Action, Change, CountedObject, Role, counted};

/// A class as counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedClass {
    /// Its title.
    pub title: String,
    /// Its org.
    pub org: String,
}

/// A user as counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedUser {
    /// Pupil or staff.
    pub role: Role,
    /// The username that is sent.
    pub username: String,
    /// Their given name; [`oneroster_school::projection::NO_NAME`] where there is none.
    pub given_name: String,
    /// Their family name, likewise.
    pub family_name: String,
    /// Each of their orgs.
    pub orgs: Vec<String>,
}

impl CountedUser {
    /// Returns `true` if an org is one of theirs.
    pub fn is_in(&self, org: &str) -> bool {
        self.orgs.iter().any(|other| other == org)
    }
}

/// A user's membership of a class, as counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// What the user is in the class.
    pub role: Role,
    /// The user.
    pub user: String,
    /// The class.
    pub class: String,
    /// The class's org.
    pub org: String,
}

/// The active objects of a roster, each by its `sourcedId`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterCounts {
    /// Names of the orgs.
    pub orgs: BTreeMap<String, String>,
    /// The classes.
    pub classes: BTreeMap<String, CountedClass>,
    /// The users.
    pub users: BTreeMap<String, CountedUser>,
    /// The memberships, by the enrollment's id: one per user and class.
    pub memberships: BTreeMap<String, Membership>,
    /// What is known of classes beside what was published; a class that is missing was published before that was kept.
    pub class_facts: BTreeMap<String, ClassFacts>,
}

/// An object's content is not what this build writes.
#[derive(Debug, thiserror::Error)]
#[error("the content of {}/{sourced_id} cannot be read", kind.collection())]
pub struct Unreadable {
    /// The object's kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// Why.
    #[source]
    pub source: serde_json::Error,
}

/// The kinds that are counted.
const COUNTED_KINDS: [Kind; 4] = [Kind::Orgs, Kind::Classes, Kind::Users, Kind::Enrollments];

/// Counts the active objects of a tenant's newest generation.
pub(super) async fn of_newest(connection: &mut PgConnection, tenant_id: &str) -> Result<RosterCounts, Error> {
    collect(counted::newest(connection, tenant_id, &COUNTED_KINDS)).await
}

/// Counts the active objects of a generation.
pub(super) async fn of_generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<RosterCounts, Error> {
    collect(counted::of_generation(
        connection,
        tenant_id,
        number,
        &COUNTED_KINDS,
    ))
    .await
}

async fn collect(
    objects: impl Stream<Item = Result<CountedObject, roster::Error>> + Send,
) -> Result<RosterCounts, Error> {
    let mut objects = std::pin::pin!(objects);
    let mut counts = RosterCounts::default();
    while let Some(object) = objects.try_next().await? {
        counts.add(object.kind, &object.sourced_id, &object.content)?;
        if let Some(facts) = object.class_facts {
            counts.class_facts.insert(object.sourced_id, facts);
        }
    }
    Ok(counts)
}

impl RosterCounts {
    /// Counts an object, in place of what was counted under its id. Sessions and courses are not counted.
    pub fn add(&mut self, kind: Kind, sourced_id: &str, content: &str) -> Result<(), Unreadable> {
        let id = sourced_id.to_owned();
        self.add_content(kind, id, content).map_err(|source| Unreadable {
            kind,
            sourced_id: sourced_id.to_owned(),
            source,
        })
    }

    fn add_content(&mut self, kind: Kind, id: String, content: &str) -> Result<(), serde_json::Error> {
        match kind {
            Kind::AcademicSessions | Kind::Courses => {}
            Kind::Orgs => {
                let Org { name, .. } = serde_json::from_str(content)?;
                self.orgs.insert(id, name);
            }
            Kind::Classes => {
                let Class { title, school, .. } = serde_json::from_str(content)?;
                let org = school.sourced_id;
                self.classes.insert(id, CountedClass { title, org });
            }
            Kind::Users => {
                let user: User = serde_json::from_str(content)?;
                let counted = CountedUser {
                    role: user.role.into(),
                    username: user.username,
                    given_name: user.given_name,
                    family_name: user.family_name,
                    orgs: user.orgs.into_iter().map(|org| org.sourced_id).collect(),
                };
                self.users.insert(id, counted);
            }
            Kind::Enrollments => {
                let Enrollment {
                    role,
                    user,
                    class,
                    school,
                    ..
                } = serde_json::from_str(content)?;
                let membership = Membership {
                    role: role.into(),
                    user: user.sourced_id,
                    class: class.sourced_id,
                    org: school.sourced_id,
                };
                self.memberships.insert(id, membership);
            }
        }
        Ok(())
    }

    fn remove(&mut self, kind: Kind, sourced_id: &str) {
        match kind {
            Kind::AcademicSessions | Kind::Courses => {}
            Kind::Orgs => drop(self.orgs.remove(sourced_id)),
            Kind::Classes => {
                self.classes.remove(sourced_id);
                self.class_facts.remove(sourced_id);
            }
            Kind::Users => drop(self.users.remove(sourced_id)),
            Kind::Enrollments => drop(self.memberships.remove(sourced_id)),
        }
    }

    /// Returns the roster as it is after changes. The facts about classes that stay are those of before.
    pub fn after(&self, changes: &[Change]) -> Result<Self, Unreadable> {
        let mut after = self.clone();
        for change in changes {
            match (change.action, &change.content) {
                (Action::Removed, _) => after.remove(change.kind, &change.sourced_id),
                (Action::Added | Action::Returned | Action::Changed, Some((content, _))) => {
                    after.add(change.kind, &change.sourced_id, content)?;
                }
                (Action::Added | Action::Returned | Action::Changed, None)
                | (Action::Purged | Action::Redated, _) => {}
            }
        }
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::hash;
    use oneroster_standard::StatusType;

    const USER: &str = r#"{"username":"jan","userIds":[],"enabledUser":"false","givenName":"J","familyName":"J",
        "role":"student","orgs":[{"href":"/orgs/1","sourcedId":"1","type":"org"}],"metadata":{}}"#;

    fn change(action: Action, content: Option<&str>) -> Change {
        Change {
            action,
            kind: Kind::Users,
            sourced_id: "u".to_owned(),
            status: StatusType::Active,
            content: content.map(|content| (content.to_owned(), hash(content, None))),
            email_domain: None,
        }
    }

    #[test]
    fn what_is_counted_follows_the_changes() {
        let empty = RosterCounts::default();
        let one = empty.after(&[change(Action::Added, Some(USER))]).unwrap();
        assert_eq!(one.users["u"].username, "jan");
        assert_eq!(one.users["u"].orgs, ["1"]);
        assert_eq!(one.users["u"].role, Role::Pupils);
        let teacher = USER
            .replace("student", "teacher")
            .replace("\"givenName\":\"J\"", "\"givenName\":\"-\"");
        let teacher = one.after(&[change(Action::Changed, Some(&teacher))]).unwrap();
        assert_eq!(teacher.users["u"].role, Role::Staff);
        assert_eq!(
            (
                teacher.users["u"].given_name.as_str(),
                teacher.users["u"].family_name.as_str()
            ),
            ("-", "J")
        );
        let renamed = USER.replace("jan", "johan");
        let other = one.after(&[change(Action::Changed, Some(&renamed))]).unwrap();
        assert_eq!(other.users["u"].username, "johan");
        for idle in [Action::Redated, Action::Purged] {
            assert_eq!(one.after(&[change(idle, None)]).unwrap(), one);
        }
        assert_eq!(one.after(&[change(Action::Removed, None)]).unwrap(), empty);
        assert_eq!(empty.after(&[change(Action::Returned, Some(USER))]).unwrap(), one);
    }

    #[test]
    fn unreadable_content_is_an_error_that_names_the_object() {
        let error = RosterCounts::default().add(Kind::Users, "u", "{}").unwrap_err();
        assert_eq!(error.to_string(), "the content of users/u cannot be read");
    }
}
