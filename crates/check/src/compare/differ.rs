//! What differs between two rosters.

use std::collections::BTreeMap;

use oneroster_standard::Kind;

use super::object::{KINDS, Object, Objects, Roster};

/// What differs about an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Only the old server has it.
    OnlyOld,
    /// Only the new server has it.
    OnlyNew,
    /// Both have it, with an id that is written otherwise.
    IdForm,
    /// A server has it twice.
    Repeated,
    /// A member has another value.
    Member(&'static str),
}

impl Aspect {
    /// Returns the word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnlyOld => "only_old",
            Self::OnlyNew => "only_new",
            Self::IdForm => "sourcedId",
            Self::Repeated => "repeated",
            Self::Member(name) => name,
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The id, as the old server writes it if it has it.
    pub id: String,
    /// What people call the object.
    pub label: String,
    /// The value on the old server; empty if it has none.
    pub old: String,
    /// The value on the new server; empty if it has none.
    pub new: String,
}

/// All differences, by kind in the order of a report, and by what differs.
pub type Differences = Vec<((Kind, Aspect), Vec<Difference>)>;

/// Compares two rosters.
pub fn differences(old: &Roster, new: &Roster) -> Differences {
    let mut all = Differences::new();
    let none = Objects::new();
    for kind in KINDS {
        let (old_objects, new_objects) = (
            old.objects(kind).unwrap_or(&none),
            new.objects(kind).unwrap_or(&none),
        );
        let mut found: BTreeMap<Aspect, Vec<Difference>> = BTreeMap::new();
        for (key, object) in old_objects {
            match new_objects.get(key) {
                None => found
                    .entry(Aspect::OnlyOld)
                    .or_default()
                    .push(alone(object, true)),
                Some(other) => compare(object, other, &mut found),
            }
        }
        let added = new_objects
            .iter()
            .filter(|(key, _)| !old_objects.contains_key(*key));
        for (_, object) in added {
            found
                .entry(Aspect::OnlyNew)
                .or_default()
                .push(alone(object, false));
        }
        for (roster, is_old) in [(old, true), (new, false)] {
            let repeated = roster.repeated.iter().filter(|(of, _)| *of == kind);
            found_repeated(repeated.map(|(_, id)| id), is_old, &mut found);
        }
        all.extend(
            found
                .into_iter()
                .map(|(aspect, differences)| ((kind, aspect), differences)),
        );
    }
    all
}

/// An object that one server has: its id is the value there.
fn alone(object: &Object, is_old: bool) -> Difference {
    let (old, new) = if is_old {
        (object.id.clone(), String::new())
    } else {
        (String::new(), object.id.clone())
    };
    Difference {
        id: object.id.clone(),
        label: object.label.clone(),
        old,
        new,
    }
}

fn found_repeated<'a>(
    ids: impl Iterator<Item = &'a String>,
    is_old: bool,
    found: &mut BTreeMap<Aspect, Vec<Difference>>,
) {
    for id in ids {
        let twice = "twice".to_owned();
        let (old, new) = if is_old {
            (twice, String::new())
        } else {
            (String::new(), twice)
        };
        found.entry(Aspect::Repeated).or_default().push(Difference {
            id: id.clone(),
            label: String::new(),
            old,
            new,
        });
    }
}

fn compare(old: &Object, new: &Object, found: &mut BTreeMap<Aspect, Vec<Difference>>) {
    let mut note = |aspect, (old_value, new_value): (&str, &str)| {
        if old_value != new_value {
            found.entry(aspect).or_default().push(Difference {
                id: old.id.clone(),
                label: old.label.clone(),
                old: old_value.to_owned(),
                new: new_value.to_owned(),
            });
        }
    };
    note(Aspect::IdForm, (&old.id, &new.id));
    for ((name, old_value), (_, new_value)) in old.members.iter().zip(&new.members) {
        note(Aspect::Member(name), (old_value, new_value));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const JAN: &str = "5F9C6A58-7d0f-4a27-9d4e-0d8a7c1a0b11";

    fn user(id: &str, username: &str, change: fn(&mut Value)) -> Value {
        let mut user = json!({
            "sourcedId": id, "status": "active", "username": username, "givenName": "Jan", "familyName": "Maes",
            "role": "student", "orgs": [{ "sourcedId": "A-1" }, { "sourcedId": "A-2" }], "enabledUser": "true",
        });
        change(&mut user);
        user
    }

    fn roster(users: &[Value], enrollments: &[Value]) -> Roster {
        Roster::of_document(&json!({ "users": users, "enrollments": enrollments }))
    }

    /// Each difference as `kind aspect id old>new`.
    fn told(old: &Roster, new: &Roster) -> Vec<String> {
        let of = |((kind, aspect), list): ((Kind, Aspect), Vec<Difference>)| {
            let line = move |one: Difference| {
                format!(
                    "{} {} {} {}>{}",
                    kind.collection(),
                    aspect.as_str(),
                    one.id,
                    one.old,
                    one.new
                )
            };
            list.into_iter().map(line).collect::<Vec<_>>()
        };
        differences(old, new).into_iter().flat_map(of).collect()
    }

    #[test]
    fn what_says_the_same_in_other_words_is_no_difference() {
        let old = roster(&[user(JAN, "jan", |_| ())], &[]);
        let same = user(JAN, "jan", |user| {
            user["orgs"] = json!([{ "sourcedId": "a-2" }, { "sourcedId": "A-1" }]);
            user["enabledUser"] = json!(true);
            user["email"] = Value::Null;
            user["identifier"] = json!("");
            user["phone"] = json!("not compared");
        });
        let gone = user("x", "gone", |user| user["status"] = json!("tobedeleted"));
        assert_eq!(told(&old, &roster(&[same, gone], &[])), [""; 0]);
    }

    #[test]
    fn each_member_that_differs_is_told_with_both_values() {
        let old = roster(&[user(JAN, "jan.maes", |_| ()), user("only", "o", |_| ())], &[]);
        let changed = user(&JAN.to_lowercase(), "Jan.Maes", |user| {
            user["role"] = json!("teacher");
            user["orgs"] = json!([{ "sourcedId": "A-1" }]);
            user["grades"] = json!(["2", "1"]);
            user["userIds"] = json!([{ "type": "Fed", "identifier": "7" }]);
        });
        let new = roster(
            &[changed, user("new", "n", |_| ()), user("NEW", "n", |_| ())],
            &[],
        );
        let jan = JAN.to_lowercase();
        assert_eq!(
            told(&old, &new),
            [
                "users only_old only only>".to_owned(),
                "users only_new NEW >NEW".to_owned(),
                format!("users sourcedId {JAN} {JAN}>{jan}"),
                "users repeated new >twice".to_owned(),
                format!("users grades {JAN} >1 2"),
                format!("users orgs {JAN} a-1 a-2>a-1"),
                format!("users role {JAN} student>teacher"),
                format!("users userIds {JAN} >Fed:7"),
                format!("users username {JAN} jan.maes>Jan.Maes"),
            ]
        );
    }

    #[test]
    fn enrollments_are_known_by_who_in_what_as_what() {
        let enrollment = |id: &str, class: &str, begin: &str| {
            json!({
                "sourcedId": id, "status": "active", "role": "student", "user": { "sourcedId": JAN },
                "class": { "sourcedId": class }, "school": { "sourcedId": "A-1" }, "beginDate": begin,
            })
        };
        let old = roster(
            &[],
            &[
                enrollment("1", "c", "2026-09-01"),
                enrollment("2", "d", "2026-09-01"),
            ],
        );
        let new = roster(
            &[],
            &[
                enrollment("x", "C", "2026-09-02"),
                enrollment("y", "e", "2026-09-01"),
            ],
        );
        assert_eq!(
            told(&old, &new),
            [
                "enrollments only_old 2 2>",
                "enrollments only_new y >y",
                "enrollments sourcedId 1 1>x",
                "enrollments beginDate 1 2026-09-01>2026-09-02",
            ]
        );
    }
}
