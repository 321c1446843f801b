//! The difference of two rosters by org and class, for a person to review. The names of the fields are those of the JSON
//! reports: `come` is added, `go` removed. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::roster_counts::RosterCounts;
use crate::roster::Role;

/// What is added to and removed from an org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgMovement {
    /// The org.
    pub org: String,
    /// Its new name; of one that is removed, its old name.
    pub name: String,
    /// Its users.
    pub users: UserMovement,
    /// Its classes.
    pub classes: ClassesMovement,
    /// Memberships in its classes.
    pub memberships: Counts,
}

/// How many there are and will be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In the last generation.
    pub before: usize,
    /// In the one that would follow.
    pub after: usize,
}

/// The users of an org that are added, removed and renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserMovement {
    /// How many.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many of them are pupils.
    pub pupils: Counts,
    /// How many of them are staff.
    pub staff: Counts,
    /// Users that are added to the org, by id.
    pub come: Vec<NamedUser>,
    /// Users that leave the org or are no longer published.
    pub go: Vec<NamedUser>,
    /// Users that stay and get another username, with the new one.
    pub renamed: Vec<NamedUser>,
}

impl UserMovement {
    /// Returns how many there are and will be of a role.
    pub const fn of(&self, role: Role) -> Counts {
        match role {
            Role::Pupils => self.pupils,
            Role::Staff => self.staff,
        }
    }
}

/// A user with the username that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedUser {
    /// Its id.
    pub sourced_id: String,
    /// Pupil or staff.
    pub role: Role,
    /// Its username.
    pub username: String,
}

/// The classes of an org that are added, removed, or get other members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassesMovement {
    /// How many.
    #[serde(flatten)]
    pub counts: Counts,
    /// Classes that are added; every list is in the order of titles.
    pub come: Vec<ClassMovement>,
    /// Classes that are removed.
    pub go: Vec<ClassMovement>,
    /// Classes that stay, with other members.
    pub changed: Vec<ClassMovement>,
}

/// How the members of a class change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassMovement {
    /// The class.
    pub sourced_id: String,
    /// Its title.
    pub title: String,
    /// Members that are added.
    pub members_come: usize,
    /// Members that are removed.
    pub members_go: usize,
}

/// Lists the difference of two rosters by org; orgs without one are listed too.
pub fn movements(before: &RosterCounts, after: &RosterCounts) -> Vec<OrgMovement> {
    let (old, new) = (ByOrg::new(before), ByOrg::new(after));
    let orgs: BTreeSet<&str> = old.orgs().chain(new.orgs()).collect();
    orgs.into_iter()
        .map(|org| {
            let name = after.orgs.get(org).or_else(|| before.orgs.get(org));
            OrgMovement {
                org: org.to_owned(),
                name: name.cloned().unwrap_or_default(),
                users: users(before, after, &old.users(org), &new.users(org)),
                classes: classes(before, after, &old, &new, org),
                memberships: Counts {
                    before: old.memberships(org),
                    after: new.memberships(org),
                },
            }
        })
        .collect()
}

/// A roster with its users and classes by org, and the members by class.
struct ByOrg<'a> {
    counts: &'a RosterCounts,
    users: BTreeMap<&'a str, BTreeSet<&'a str>>,
    classes: BTreeMap<&'a str, BTreeSet<&'a str>>,
    members: BTreeMap<&'a str, BTreeSet<&'a str>>,
    memberships: BTreeMap<&'a str, usize>,
}

impl<'a> ByOrg<'a> {
    fn new(counts: &'a RosterCounts) -> Self {
        let mut by_org = Self {
            counts,
            users: BTreeMap::new(),
            classes: BTreeMap::new(),
            members: BTreeMap::new(),
            memberships: BTreeMap::new(),
        };
        for (id, user) in &counts.users {
            for org in &user.orgs {
                by_org.users.entry(org).or_default().insert(id);
            }
        }
        for (id, class) in &counts.classes {
            by_org.classes.entry(&class.org).or_default().insert(id);
        }
        for membership in counts.memberships.values() {
            by_org
                .members
                .entry(&membership.class)
                .or_default()
                .insert(&membership.user);
            *by_org.memberships.entry(&membership.org).or_default() += 1;
        }
        by_org
    }

    fn orgs(&self) -> impl Iterator<Item = &'a str> {
        self.counts.orgs.keys().map(String::as_str)
    }

    fn users(&self, org: &str) -> BTreeSet<&'a str> {
        self.users.get(org).cloned().unwrap_or_default()
    }

    fn classes(&self, org: &str) -> BTreeSet<&'a str> {
        self.classes.get(org).cloned().unwrap_or_default()
    }

    fn members(&self, class: &str) -> BTreeSet<&'a str> {
        self.members.get(class).cloned().unwrap_or_default()
    }

    fn memberships(&self, org: &str) -> usize {
        self.memberships.get(org).copied().unwrap_or_default()
    }
}

fn users(
    before: &RosterCounts,
    after: &RosterCounts,
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
) -> UserMovement {
    let named = |counts: &RosterCounts, id: &str| {
        counts.users.get(id).map(|user| NamedUser {
            sourced_id: id.to_owned(),
            role: user.role,
            username: user.username.clone(),
        })
    };
    let of_role = |role: Role| {
        let count = |counts: &RosterCounts, ids: &BTreeSet<&str>| {
            let users = ids.iter().filter_map(|id| counts.users.get(*id));
            users.filter(|user| user.role == role).count()
        };
        Counts {
            before: count(before, old),
            after: count(after, new),
        }
    };
    let name_of = |counts: &RosterCounts, id: &str| counts.users.get(id).map(|user| user.username.clone());
    UserMovement {
        counts: Counts {
            before: old.len(),
            after: new.len(),
        },
        pupils: of_role(Role::Pupils),
        staff: of_role(Role::Staff),
        come: new.difference(old).filter_map(|id| named(after, id)).collect(),
        go: old.difference(new).filter_map(|id| named(before, id)).collect(),
        renamed: old
            .intersection(new)
            .filter(|id| name_of(before, id) != name_of(after, id))
            .filter_map(|id| named(after, id))
            .collect(),
    }
}

fn classes(
    before: &RosterCounts,
    after: &RosterCounts,
    old: &ByOrg<'_>,
    new: &ByOrg<'_>,
    org: &str,
) -> ClassesMovement {
    let movement = |counts: &RosterCounts, id: &str| {
        let (left, right) = (old.members(id), new.members(id));
        counts.classes.get(id).map(|class| ClassMovement {
            sourced_id: id.to_owned(),
            title: class.title.clone(),
            members_come: right.difference(&left).count(),
            members_go: left.difference(&right).count(),
        })
    };
    let (left, right) = (old.classes(org), new.classes(org));
    let listed = |counts: &RosterCounts, ids: Vec<&&str>| {
        let mut list: Vec<ClassMovement> = ids.into_iter().filter_map(|id| movement(counts, id)).collect();
        list.sort_by(|a, b| (&a.title, &a.sourced_id).cmp(&(&b.title, &b.sourced_id)));
        list
    };
    let mut changed = listed(after, left.intersection(&right).collect());
    changed.retain(|class| class.members_come + class.members_go > 0);
    ClassesMovement {
        counts: Counts {
            before: left.len(),
            after: right.len(),
        },
        come: listed(after, right.difference(&left).collect()),
        go: listed(before, left.difference(&right).collect()),
        changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::roster_counts::{CountedClass, CountedUser, Membership};
    use crate::roster::Role;

    fn counts(
        users: &[(&str, &str, &[&str])],
        classes: &[(&str, &str)],
        members: &[(&str, &str)],
    ) -> RosterCounts {
        let mut counts = RosterCounts::default();
        for org in ["a", "b"] {
            counts.orgs.insert(org.to_owned(), format!("Org {org}"));
        }
        for (id, username, orgs) in users {
            let orgs = orgs.iter().map(|org| (*org).to_owned()).collect();
            let username = (*username).to_owned();
            counts.users.insert(
                (*id).to_owned(),
                CountedUser {
                    role: Role::Pupils,
                    username,
                    given_name: "J".to_owned(),
                    family_name: "J".to_owned(),
                    orgs,
                },
            );
        }
        for (id, org) in classes {
            let (title, org) = (format!("Class {id}"), (*org).to_owned());
            counts
                .classes
                .insert((*id).to_owned(), CountedClass { title, org });
        }
        for (user, class) in members {
            let org = counts.classes[*class].org.clone();
            let (user, class) = ((*user).to_owned(), (*class).to_owned());
            counts.memberships.insert(
                format!("{user}-{class}"),
                Membership {
                    role: Role::Pupils,
                    user,
                    class,
                    org,
                },
            );
        }
        counts
    }

    #[test]
    fn added_removed_and_renamed_users_are_listed_by_org_and_class() {
        let before = counts(
            &[
                ("1", "one", &["a"]),
                ("2", "two", &["a"]),
                ("3", "three", &["a", "b"]),
            ],
            &[("old", "a"), ("stays", "a"), ("same", "b")],
            &[("1", "old"), ("2", "old"), ("2", "stays"), ("3", "same")],
        );
        let after = counts(
            &[
                ("2", "two", &["b"]),
                ("3", "drie", &["a", "b"]),
                ("4", "four", &["a"]),
            ],
            &[("new", "a"), ("stays", "a"), ("same", "b")],
            &[("4", "new"), ("4", "stays"), ("3", "same")],
        );
        let mut after = after;
        after.users.get_mut("4").unwrap().role = Role::Staff;
        let found = movements(&before, &after);
        let named =
            |list: &[NamedUser]| -> Vec<String> { list.iter().map(|user| user.username.clone()).collect() };
        let [a, b] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((a.org.as_str(), a.name.as_str()), ("a", "Org a"));
        assert_eq!(a.users.counts, Counts { before: 3, after: 2 });
        assert_eq!(a.users.of(Role::Pupils), Counts { before: 3, after: 1 });
        assert_eq!(a.users.of(Role::Staff), Counts { before: 0, after: 1 });
        assert_eq!(a.users.come[0].role, Role::Staff);
        assert_eq!(named(&a.users.come), ["four"]);
        assert_eq!(named(&a.users.go), ["one", "two"]);
        assert_eq!(named(&a.users.renamed), ["drie"]);
        assert_eq!(a.memberships, Counts { before: 3, after: 2 });
        let class = |list: &[ClassMovement]| -> Vec<(String, usize, usize)> {
            list.iter()
                .map(|class| (class.sourced_id.clone(), class.members_come, class.members_go))
                .collect()
        };
        assert_eq!(class(&a.classes.come), [("new".to_owned(), 1, 0)]);
        assert_eq!(class(&a.classes.go), [("old".to_owned(), 0, 2)]);
        assert_eq!(class(&a.classes.changed), [("stays".to_owned(), 1, 1)]);
        assert_eq!(
            named(&b.users.come),
            ["two"],
            "a move to another site adds the user there"
        );
        assert!(
            b.classes.changed.is_empty(),
            "a class with the same members did not change"
        );
    }

    #[test]
    fn an_org_that_is_added_or_removed_is_listed_too() {
        let empty = RosterCounts::default();
        let full = counts(&[("1", "one", &["a"])], &[], &[]);
        let come = movements(&empty, &full);
        assert_eq!(come.len(), 2);
        assert_eq!(come[0].users.come.len(), 1);
        let go = movements(&full, &empty);
        assert_eq!((go[0].name.as_str(), go[0].users.go.len()), ("Org a", 1));
    }
}
