//! What SDS keeps of the roster: records it has read, active or not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The role group of a person or of a membership (R102).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Student,
    Staff,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) title: String,
    pub(crate) school_year: String,
    pub(crate) start_date: String,
    pub(crate) end_date: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Org {
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) role: Role,
    pub(crate) orgs: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) title: String,
    pub(crate) code: String,
    pub(crate) org: String,
    pub(crate) terms: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enrollment {
    pub(crate) user: String,
    pub(crate) class: String,
    pub(crate) role: Role,
}

/// A record that SDS can read from JSON; an error names the member that is missing or wrong.
pub(crate) trait Record: Sized {
    /// The collection, which is the path and the key of the envelope.
    const COLLECTION: &str;
    fn read(object: &Value) -> Result<Self, String>;
}

impl Record for Session {
    const COLLECTION: &str = "academicSessions";

    fn read(object: &Value) -> Result<Self, String> {
        one_of(
            object,
            "type",
            &["schoolYear", "semester", "term", "gradingPeriod"],
        )?;
        Ok(Self {
            title: text(object, "title")?,
            school_year: text(object, "schoolYear")?,
            start_date: text(object, "startDate")?,
            end_date: text(object, "endDate")?,
        })
    }
}

impl Record for Org {
    const COLLECTION: &str = "orgs";

    fn read(object: &Value) -> Result<Self, String> {
        text(object, "identifier")?;
        text(object, "type")?;
        Ok(Self {
            name: text(object, "name")?,
        })
    }
}

impl Record for User {
    const COLLECTION: &str = "users";

    fn read(object: &Value) -> Result<Self, String> {
        text(object, "identifier")?;
        let role = one_of(object, "role", &["student", "teacher"])?;
        let orgs = references(object, "orgs")?;
        if orgs.is_empty() {
            return Err("orgs: empty".to_owned());
        }
        Ok(Self {
            username: text(object, "username")?,
            given_name: text(object, "givenName")?,
            family_name: text(object, "familyName")?,
            role: role_group(&role),
            orgs,
        })
    }
}

impl Record for Class {
    const COLLECTION: &str = "classes";

    fn read(object: &Value) -> Result<Self, String> {
        let terms = references(object, "terms")?;
        if terms.is_empty() {
            return Err("terms: empty".to_owned());
        }
        Ok(Self {
            title: text(object, "title")?,
            code: text(object, "classCode")?,
            org: reference(object, "school")?,
            terms,
        })
    }
}

impl Record for Enrollment {
    const COLLECTION: &str = "enrollments";

    fn read(object: &Value) -> Result<Self, String> {
        reference(object, "school")?;
        let role = one_of(object, "role", &["student", "teacher"])?;
        Ok(Self {
            user: reference(object, "user")?,
            class: reference(object, "class")?,
            role: role_group(&role),
        })
    }
}

fn role_group(role: &str) -> Role {
    if role == "student" {
        Role::Student
    } else {
        Role::Staff
    }
}

fn text(object: &Value, member: &str) -> Result<String, String> {
    match object[member].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        Some(_) | None => Err(format!("{member}: {} is no text", object[member])),
    }
}

/// A date and time with milliseconds and a zone, `YYYY-MM-DDTHH:mm:ss.SSS` and `Z` or `±hh:mm`.
fn date_time(object: &Value, member: &str) -> Result<(), String> {
    let written = text(object, member)?;
    let is_shaped = written.as_bytes().get(19) == Some(&b'.')
        && written.len() > 23
        && written.bytes().skip(20).take(3).all(|byte| byte.is_ascii_digit())
        && matches!(written.as_bytes().get(23), Some(b'Z' | b'+' | b'-'));
    if is_shaped && chrono::DateTime::parse_from_rfc3339(&written).is_ok() {
        return Ok(());
    }
    Err(format!("{member}: {written:?} is no date and time"))
}

fn wrong_status<T: Record>(row: &Value) -> String {
    format!("{} {}: status {}", T::COLLECTION, row["sourcedId"], row["status"])
}

fn one_of(object: &Value, member: &str, allowed: &[&str]) -> Result<String, String> {
    let word = text(object, member)?;
    if allowed.contains(&word.as_str()) {
        return Ok(word);
    }
    Err(format!("{member}: {word:?} is none of {allowed:?}"))
}

fn reference(object: &Value, member: &str) -> Result<String, String> {
    text(&object[member], "type").map_err(|problem| format!("{member}.{problem}"))?;
    text(&object[member], "sourcedId").map_err(|problem| format!("{member}.{problem}"))
}

fn references(object: &Value, member: &str) -> Result<BTreeSet<String>, String> {
    let list = object[member]
        .as_array()
        .ok_or_else(|| format!("{member}: no list"))?;
    list.iter()
        .map(|entry| {
            text(entry, "type").map_err(|problem| format!("{member}: {problem}"))?;
            text(entry, "sourcedId").map_err(|problem| format!("{member}: {problem}"))
        })
        .collect()
}

/// The records of one collection by id. What was seen once is never forgotten, only inactive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records<T> {
    active: BTreeMap<String, T>,
    inactive: BTreeSet<String>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self {
            active: BTreeMap::new(),
            inactive: BTreeSet::new(),
        }
    }
}

impl<T: Record> Records<T> {
    /// Takes the rows of a full pull: presence decides. A row that cannot be read counts as absent and is an error.
    pub(crate) fn replace(&mut self, rows: &[Value], errors: &mut Vec<String>) {
        let before = std::mem::take(&mut self.active);
        self.inactive.extend(before.into_keys());
        for row in rows {
            if row["status"] == "active" {
                self.take(row, errors);
            } else {
                errors.push(wrong_status::<T>(row));
            }
        }
    }

    /// Takes the rows of a delta pull: only what changed.
    pub(crate) fn merge(&mut self, rows: &[Value], errors: &mut Vec<String>) {
        for row in rows {
            if row["status"] == "tobedeleted" {
                let Some(id) = row["sourcedId"].as_str() else {
                    errors.push(format!("{}: {row} has no id", T::COLLECTION));
                    continue;
                };
                self.active.remove(id);
                self.inactive.insert(id.to_owned());
            } else if row["status"] == "active" {
                self.take(row, errors);
            } else {
                errors.push(wrong_status::<T>(row));
            }
        }
    }

    fn take(&mut self, row: &Value, errors: &mut Vec<String>) {
        let record = text(row, "sourcedId")
            .and_then(|id| date_time(row, "dateLastModified").map(|()| id))
            .and_then(|id| T::read(row).map(|record| (id, record)));
        match record {
            Ok((id, record)) => {
                self.inactive.remove(&id);
                self.active.insert(id, record);
            }
            Err(problem) => errors.push(format!("{} {}: {problem}", T::COLLECTION, row["sourcedId"])),
        }
    }
}

impl<T> Records<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.active.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.active.iter()
    }

    /// Everything ever seen.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &String> {
        self.active.keys().chain(&self.inactive)
    }
}

/// The roster as SDS knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sis {
    pub(crate) sessions: Records<Session>,
    pub(crate) orgs: Records<Org>,
    pub(crate) users: Records<User>,
    pub(crate) classes: Records<Class>,
    pub(crate) enrollments: Records<Enrollment>,
}

impl Sis {
    /// The active records only, to compare what was learnt in different ways.
    pub(crate) fn present(&self) -> Self {
        let mut present = self.clone();
        present.sessions.inactive.clear();
        present.orgs.inactive.clear();
        present.users.inactive.clear();
        present.classes.inactive.clear();
        present.enrollments.inactive.clear();
        present
    }

    /// The username of a person; `None` for someone who is not there.
    pub(crate) fn username(&self, sis_id: &str) -> Option<&str> {
        self.users.get(sis_id).map(|user| user.username.as_str())
    }

    /// The orgs of a person.
    pub(crate) fn orgs_of(&self, sis_id: &str) -> Vec<&str> {
        let user = self.users.get(sis_id);
        user.into_iter()
            .flat_map(|user| user.orgs.iter().map(String::as_str))
            .collect()
    }

    /// The titles of the classes a person is in, sorted.
    pub(crate) fn classes_of(&self, sis_id: &str) -> Vec<&str> {
        let mut titles: Vec<&str> = self
            .enrollments
            .iter()
            .filter(|(_, enrollment)| enrollment.user == sis_id)
            .filter_map(|(_, enrollment)| self.classes.get(&enrollment.class))
            .map(|class| class.title.as_str())
            .collect();
        titles.sort_unstable();
        titles
    }
}
