//! What a rule about one object looks at, and what it is made of.

use std::collections::HashSet;

use oneroster_standard::Kind;
use serde_json::Value;

use crate::answer::ReceivedRow;
use crate::client::clip;
use crate::evidence::Evidence;

/// A rule about one object. `check` returns what is wrong with it.
pub(super) struct RecordRule {
    pub(super) id: &'static str,
    /// The collections it concerns.
    pub(super) kinds: &'static [Kind],
    /// Whether it holds for deleted objects too.
    pub(super) inactive: bool,
    pub(super) expected: &'static str,
    pub(super) check: fn(&Subject<'_>) -> Option<String>,
}

/// An object, and what it is judged against.
pub(super) struct Subject<'a> {
    pub(super) kind: Kind,
    pub(super) value: &'a Value,
    pub(super) index: &'a Index<'a>,
    /// Whether another rule has already found fault with it.
    pub(super) is_faulty: bool,
}

impl Subject<'_> {
    /// Returns a member if it is a string that is not blank.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        text(self.value, member)
    }

    /// Names the members that are missing or blank.
    pub(super) fn missing(&self, members: &[&str]) -> Option<String> {
        let missing: Vec<&str> = members
            .iter()
            .copied()
            .filter(|member| self.text(member).is_none())
            .collect();
        (!missing.is_empty()).then(|| format!("no {}", missing.join(", no ")))
    }
}

/// Returns a member of an object if it is a string that is not blank.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value
        .get(member)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

/// Shows a member in a report.
pub(super) fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "missing".to_owned(), |value| clip(&value.to_string()))
}

/// The ids of everything pulled; `None` for a collection that could not be pulled.
pub(super) struct Index<'a> {
    ids: Vec<(Kind, Option<HashSet<&'a str>>)>,
}

impl<'a> Index<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        let ids = |rows: &'a [ReceivedRow]| rows.iter().filter_map(|row| row.id.as_deref()).collect();
        let of = |kind| {
            evidence
                .of(kind)
                .filter(|collection| collection.full.broken.is_none())
        };
        Self {
            ids: Kind::ALL
                .into_iter()
                .map(|kind| (kind, of(kind).map(|collection| ids(&collection.full.rows))))
                .collect(),
        }
    }

    /// Returns `true` if the object was pulled; yes if its collection could not be.
    pub(super) fn has(&self, kind: Kind, id: &str) -> bool {
        let found = self.ids.iter().find(|(known, _)| *known == kind);
        found
            .and_then(|(_, ids)| ids.as_ref())
            .is_none_or(|ids| ids.contains(id))
    }
}
