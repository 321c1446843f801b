//! Who belongs to what, by the active rows of the pulled collections: what associations must agree with.

use std::collections::{BTreeMap, HashMap, HashSet};

use oneroster_standard::Kind;
use serde_json::Value;

use super::collection::Collection;

/// What is known of one active object.
#[derive(Debug)]
struct ActiveObject {
    /// Its id; empty if it has none, and it may still link others.
    id: String,
    /// Its role or type.
    word: String,
    /// The ids it refers to, by member.
    references: Vec<(&'static str, String)>,
}

impl ActiveObject {
    fn refers_to<'a>(&'a self, member: &'a str) -> impl Iterator<Item = &'a str> {
        self.references
            .iter()
            .filter(move |(name, _)| *name == member)
            .map(|(_, id)| id.as_str())
    }
}

/// The active objects of all collections, and the forms in which booleans were received.
#[derive(Debug)]
pub(super) struct Relations {
    objects: Vec<(Kind, Vec<ActiveObject>)>,
    places: HashMap<(Kind, String), usize>,
    /// What is named as a term by a class, as a student or teacher by an enrollment, be those removed: the word, then ids.
    named: HashMap<&'static str, HashSet<String>>,
    /// Booleans that are JSON booleans, with the first object that has one.
    pub(super) native_booleans: (usize, Option<String>),
    /// Booleans that are strings, with the first object that has one.
    pub(super) text_booleans: (usize, Option<String>),
}

/// How objects belong to a parent (OneRoster 1.1 §3.2).
#[derive(Debug, Clone, Copy)]
pub(super) enum Belonging {
    /// A member of theirs refers to it; they have this role or type, if one is named.
    Member(&'static str, Option<&'static str>),
    /// Rows of this kind refer by the first member to it and by the second to them; they have this role, if one is named.
    Through(Kind, &'static str, &'static str, Option<&'static str>),
}

/// Which kind each member that holds references refers to.
pub(super) fn referred(kind: Kind) -> &'static [(&'static str, Kind)] {
    match kind {
        Kind::AcademicSessions => &[
            ("parent", Kind::AcademicSessions),
            ("children", Kind::AcademicSessions),
        ],
        Kind::Orgs => &[("parent", Kind::Orgs), ("children", Kind::Orgs)],
        Kind::Courses => &[("org", Kind::Orgs), ("schoolYear", Kind::AcademicSessions)],
        Kind::Classes => &[
            ("school", Kind::Orgs),
            ("course", Kind::Courses),
            ("terms", Kind::AcademicSessions),
        ],
        Kind::Users => &[("orgs", Kind::Orgs), ("agents", Kind::Users)],
        Kind::Enrollments => &[
            ("user", Kind::Users),
            ("class", Kind::Classes),
            ("school", Kind::Orgs),
        ],
    }
}

impl Relations {
    /// Reads every row once.
    pub(super) fn new(collections: &[Collection]) -> Self {
        let mut relations = Self {
            objects: Vec::new(),
            places: HashMap::new(),
            named: HashMap::new(),
            native_booleans: (0, None),
            text_booleans: (0, None),
        };
        for collection in collections {
            let kind = collection.kind;
            let mut objects: Vec<ActiveObject> = Vec::new();
            for row in &collection.full.rows {
                let value = row.value();
                relations.note_named(kind, &value);
                if !row.is_active() {
                    continue;
                }
                relations.note_boolean(&value, &row.label(kind));
                let id = row.id.clone().unwrap_or_default();
                relations.places.insert((kind, id.clone()), objects.len());
                objects.push(object(kind, id, &value));
            }
            relations.objects.push((kind, objects));
        }
        relations
    }

    fn note_named(&mut self, kind: Kind, value: &Value) {
        let role = value.get("role").and_then(Value::as_str);
        let (word, member) = match (kind, role) {
            (Kind::Classes, _) => ("term", "terms"),
            (Kind::Enrollments, Some("student")) => ("student", "user"),
            (Kind::Enrollments, Some("teacher")) => ("teacher", "user"),
            (Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Users | Kind::Enrollments, _) => {
                return;
            }
        };
        let ids = ids_in(value, member).map(str::to_owned);
        self.named.entry(word).or_default().extend(ids);
    }

    /// Returns `true` if an object is there and counts as this: by its role or type, or because it is named so.
    pub(super) fn counts_as(&self, kind: Kind, id: &str, word: &str) -> bool {
        let is_named = self.named.get(word).is_some_and(|ids| ids.contains(id));
        self.has(kind, id, Some(word)) || (is_named && self.has(kind, id, None))
    }

    fn note_boolean(&mut self, value: &Value, label: &str) {
        for member in ["enabledUser", "primary"] {
            let seen = match value.get(member) {
                Some(Value::Bool(_)) => &mut self.native_booleans,
                Some(Value::String(_)) => &mut self.text_booleans,
                Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => continue,
            };
            seen.0 += 1;
            seen.1.get_or_insert_with(|| format!("{label} {member}"));
        }
    }

    fn of(&self, kind: Kind) -> &[ActiveObject] {
        let found = self.objects.iter().find(|(known, _)| *known == kind);
        found.map_or(&[], |(_, objects)| objects)
    }

    fn find(&self, kind: Kind, id: &str) -> Option<&ActiveObject> {
        let place = self.places.get(&(kind, id.to_owned()))?;
        self.of(kind).get(*place)
    }

    /// Returns which objects of a kind refer to which ids by a member.
    pub(super) fn references<'a>(
        &'a self,
        kind: Kind,
        member: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let objects = self.of(kind).iter().filter(|object| !object.id.is_empty());
        objects.flat_map(move |object| object.refers_to(member).map(|other| (object.id.as_str(), other)))
    }

    /// Returns the ids of the objects of a kind that have this role or type, if one is named.
    pub(super) fn ids(&self, kind: Kind, word: Option<&str>) -> impl Iterator<Item = &str> {
        self.of(kind)
            .iter()
            .filter(move |object| !object.id.is_empty() && word.is_none_or(|word| object.word == word))
            .map(|object| object.id.as_str())
    }

    /// Returns `true` if an object is there with this role or type, if one is named.
    pub(super) fn has(&self, kind: Kind, id: &str, word: Option<&str>) -> bool {
        self.find(kind, id)
            .is_some_and(|object| word.is_none_or(|word| object.word == word))
    }

    /// Returns the school of a class, if it is an org of type school.
    pub(super) fn school_of_class(&self, class: &str) -> Option<&str> {
        let school = self.find(Kind::Classes, class)?.refers_to("school").next()?;
        self.has(Kind::Orgs, school, Some("school")).then_some(school)
    }

    /// Returns what belongs to each parent to which anything does: ids of this kind, in order.
    pub(super) fn members(&self, kind: Kind, belonging: Belonging) -> BTreeMap<&str, Vec<&str>> {
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        match belonging {
            Belonging::Member(member, word) => {
                let rows = self.of(kind).iter();
                for object in rows.filter(|object| word.is_none_or(|word| object.word == word)) {
                    for parent in object.refers_to(member) {
                        members.entry(parent).or_default().push(&object.id);
                    }
                }
            }
            Belonging::Through(between, from, to, role) => {
                let rows = self.of(between).iter();
                for object in rows.filter(|object| role.is_none_or(|role| object.word == role)) {
                    for parent in object.refers_to(from) {
                        let found = object.refers_to(to).filter(|id| self.has(kind, id, None));
                        members.entry(parent).or_default().extend(found);
                    }
                }
            }
        }
        for ids in members.values_mut() {
            ids.retain(|id| !id.is_empty());
            ids.sort_unstable();
            ids.dedup();
        }
        members.retain(|_, ids| !ids.is_empty());
        members
    }
}

/// Returns the ids in a member that holds a reference or a list of them.
fn ids_in<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    let held = value.get(member);
    let references = held.map_or(&[][..], |held| {
        held.as_array().map_or(std::slice::from_ref(held), Vec::as_slice)
    });
    references
        .iter()
        .filter_map(|reference| reference.get("sourcedId")?.as_str())
}

fn object(kind: Kind, id: String, value: &Value) -> ActiveObject {
    let word = if matches!(kind, Kind::Users | Kind::Enrollments) {
        "role"
    } else {
        "type"
    };
    let mut references = Vec::new();
    for &(member, _) in referred(kind) {
        references.extend(ids_in(value, member).map(|id| (member, id.to_owned())));
    }
    ActiveObject {
        id,
        word: value
            .get(word)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        references,
    }
}
