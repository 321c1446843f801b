//! What must hold of files, or nothing is written.

use std::collections::BTreeMap;

use oneroster_standard::Kind;
use serde::Serialize;

/// A rule that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// An id stands in one row of its file.
    DuplicateId,
    /// An id is not empty and holds nothing that files alter.
    IdForm,
    /// The id of a section holds letters, digits and hyphens only (003).
    SectionIdForm,
    /// What a row refers to stands in the same export.
    UnresolvedReference,
    /// A username is not empty and holds no white space.
    UsernameForm,
    /// A username belongs to one person.
    DuplicateUsername,
    /// What the format requires is there.
    RequiredValue,
    /// A file of V1 has no more rows than its consumer takes.
    TooManyRows,
    /// The orgs that were asked for are published.
    UnknownOrg,
    /// A password is one that Microsoft Entra takes.
    PasswordForm,
}

impl Rule {
    /// Returns what must hold, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::DuplicateId => "an id stands in one row of its file",
            Self::IdForm => "an id is not empty and holds no control characters or blanks at its ends",
            Self::SectionIdForm => "the id of a section holds letters, digits and hyphens only",
            Self::UnresolvedReference => "what a row refers to stands in the same export",
            Self::UsernameForm => "a username is not empty and holds no white space",
            Self::DuplicateUsername => "a username belongs to one person",
            Self::RequiredValue => "a required value is not empty",
            Self::TooManyRows => "a file has no more rows than --max-rows",
            Self::UnknownOrg => "the orgs that are exported are published",
            Self::PasswordForm => "a password is one that Microsoft Entra takes",
        }
    }
}

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The rule that does not hold.
    pub rule: Rule,
    /// The file it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sourced_id: Option<String>,
    /// The kind of object that a reference should lead to, or that has the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// What else there is to know: the other of two objects, the id that leads nowhere, a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of files with too many rows: how many each has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, u64>,
    /// Of the first of them: how many rows each school has in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rows_by_org: BTreeMap<String, u64>,
}

impl Refusal {
    /// Makes a refusal that says its rule only.
    pub(super) const fn new(rule: Rule) -> Self {
        Self {
            rule,
            file: None,
            column: None,
            sourced_id: None,
            kind: None,
            detail: None,
            rows: BTreeMap::new(),
            rows_by_org: BTreeMap::new(),
        }
    }

    /// Says what it is about.
    pub(super) fn of(self, kind: Kind, sourced_id: &str) -> Self {
        Self {
            kind: Some(kind),
            ..self.about(sourced_id)
        }
    }

    /// Says which object it is about.
    pub(super) fn about(self, sourced_id: &str) -> Self {
        Self {
            sourced_id: Some(sourced_id.to_owned()),
            ..self
        }
    }

    /// Says where.
    pub(super) fn at(self, file: &str, column: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            column: Some(column.to_owned()),
            ..self
        }
    }

    /// Says more.
    pub(super) fn saying(self, detail: String) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}
