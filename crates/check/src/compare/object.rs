//! Objects of a roster as far as two servers are compared: their members as texts, references by id.

use std::collections::BTreeMap;

use oneroster_standard::Kind;
use serde_json::Value;

/// The kinds that a consumer keeps, in the order of a report.
pub const KINDS: [Kind; 5] = [
    Kind::Users,
    Kind::Orgs,
    Kind::Classes,
    Kind::Enrollments,
    Kind::AcademicSessions,
];

/// How a member is read.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A text, a number or a word for true and false.
    Scalar,
    /// Texts, in any order.
    Set,
    /// A reference to an object, or several in any order.
    Reference,
    /// `userIds`: type and identifier of each, in any order.
    UserIds,
}

/// The members that are compared, by kind.
const fn members(kind: Kind) -> &'static [(&'static str, Form)] {
    use Form::{Reference, Scalar, Set, UserIds};
    match kind {
        Kind::Users => &[
            ("username", Scalar),
            ("givenName", Scalar),
            ("familyName", Scalar),
            ("role", Scalar),
            ("orgs", Reference),
            ("grades", Set),
            ("enabledUser", Scalar),
            ("identifier", Scalar),
            ("userIds", UserIds),
            ("email", Scalar),
        ],
        Kind::Orgs => &[
            ("name", Scalar),
            ("type", Scalar),
            ("identifier", Scalar),
            ("parent", Reference),
        ],
        Kind::Classes => &[
            ("title", Scalar),
            ("classCode", Scalar),
            ("classType", Scalar),
            ("school", Reference),
            ("terms", Reference),
            ("grades", Set),
        ],
        Kind::Enrollments => &[
            ("school", Reference),
            ("primary", Scalar),
            ("beginDate", Scalar),
            ("endDate", Scalar),
        ],
        Kind::AcademicSessions => &[
            ("title", Scalar),
            ("type", Scalar),
            ("startDate", Scalar),
            ("endDate", Scalar),
            ("schoolYear", Scalar),
            ("parent", Reference),
        ],
        Kind::Courses => &[],
    }
}

/// An object of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// `sourcedId` as sent.
    pub(super) id: String,
    /// What people call it.
    pub(super) label: String,
    /// Its members in the order they are compared, absent ones empty.
    pub(super) members: Vec<(&'static str, String)>,
}

/// The objects of one kind, by what two servers know them by.
pub(super) type Objects = BTreeMap<String, Object>;

/// A roster as a server gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    of_kind: BTreeMap<Kind, Objects>,
    /// Objects that came twice.
    pub(super) repeated: Vec<(Kind, String)>,
}

impl Roster {
    /// Reads the collections of one document, such as `oneroster preview --json` prints.
    pub fn of_document(document: &Value) -> Self {
        let mut roster = Self::default();
        for kind in KINDS {
            let rows = document.get(kind.collection()).and_then(Value::as_array);
            for row in rows.into_iter().flatten() {
                roster.add(kind, row);
            }
        }
        roster
    }

    /// Adds an object, unless it is deleted or has no id.
    pub(super) fn add(&mut self, kind: Kind, row: &Value) {
        if row.get("status").and_then(Value::as_str) == Some("tobedeleted") {
            return;
        }
        let Some(id) = row.get("sourcedId").and_then(Value::as_str) else {
            return;
        };
        let object = Object {
            id: id.to_owned(),
            label: label(kind, row),
            members: members(kind)
                .iter()
                .map(|(name, form)| (*name, read(row.get(*name), *form)))
                .collect(),
        };
        let before = self
            .of_kind
            .entry(kind)
            .or_default()
            .insert(key(kind, row, id), object);
        if let Some(before) = before {
            self.repeated.push((kind, before.id));
        }
    }

    /// Returns the objects of a kind.
    pub(super) fn objects(&self, kind: Kind) -> Option<&Objects> {
        self.of_kind.get(&kind)
    }

    /// Returns how many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.objects(kind).map_or(0, Objects::len)
    }
}

/// Returns what two servers know an object by: its id, however a UUID is written; of an enrollment who, in what, as what, since each server
/// makes its ids.
fn key(kind: Kind, row: &Value, id: &str) -> String {
    if kind != Kind::Enrollments {
        return canonical(id);
    }
    let of = |name: &str| read(row.get(name), Form::Reference);
    format!(
        "{} {} {}",
        of("user"),
        of("class"),
        read(row.get("role"), Form::Scalar)
    )
}

/// Returns an id in the form in which ids are compared: in lower case, without braces.
fn canonical(id: &str) -> String {
    id.trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .to_lowercase()
}

fn label(kind: Kind, row: &Value) -> String {
    let text = |name: &str| read(row.get(name), Form::Scalar);
    match kind {
        Kind::Users => format!("{} {}", text("givenName"), text("familyName"))
            .trim()
            .to_owned(),
        Kind::Orgs => text("name"),
        Kind::Enrollments => {
            let of = |name: &str| read(row.get(name), Form::Reference);
            format!("{} in {} as {}", of("user"), of("class"), text("role"))
        }
        Kind::Classes | Kind::AcademicSessions | Kind::Courses => text("title"),
    }
}

fn read(member: Option<&Value>, form: Form) -> String {
    let Some(member) = member else {
        return String::new();
    };
    match form {
        Form::Scalar => scalar(member),
        Form::Set => joined(each(member).map(scalar)),
        Form::Reference => joined(each(member).map(|reference| {
            let id = reference.get("sourcedId").map(scalar);
            canonical(&id.unwrap_or_default())
        })),
        Form::UserIds => joined(each(member).map(|user_id| {
            let of = |name: &str| user_id.get(name).map(scalar).unwrap_or_default();
            format!("{}:{}", of("type"), of("identifier"))
        })),
    }
}

/// Returns the items of a list, or the one thing that is no list.
fn each(member: &Value) -> impl Iterator<Item = &Value> {
    let list = member.as_array().map(Vec::as_slice);
    list.unwrap_or(std::slice::from_ref(member)).iter()
}

fn scalar(member: &Value) -> String {
    match member {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => member.to_string(),
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    texts.sort_unstable();
    texts.join(" ")
}
