//! The closed word lists of OneRoster 1.1 (§2.3), each serialised as the exact token of the standard.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Whether a record is current or logically deleted (OneRoster 1.1 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusType {
    /// Current.
    Active,
    /// Logically deleted: the consumer may remove it.
    ToBeDeleted,
}

impl StatusType {
    /// Returns the word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ToBeDeleted => "tobedeleted",
        }
    }

    /// Reads the word on the wire; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::ToBeDeleted]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// The type of an academic session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SessionType {
    /// `gradingPeriod`
    GradingPeriod,
    /// `semester`
    Semester,
    /// `schoolYear`
    SchoolYear,
    /// `term`
    Term,
}

/// The type of an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OrgType {
    /// `department`
    Department,
    /// `school`
    School,
    /// `district`
    District,
    /// `local`
    Local,
    /// `state`
    State,
    /// `national`
    National,
}

/// The type of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClassType {
    /// `homeroom`
    Homeroom,
    /// `scheduled`
    Scheduled,
}

/// The role of a user, or of a user in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RoleType {
    /// `administrator`
    Administrator,
    /// `aide`
    Aide,
    /// `guardian`
    Guardian,
    /// `parent`
    Parent,
    /// `proctor`
    Proctor,
    /// `relative`
    Relative,
    /// `student`
    Student,
    /// `teacher`
    Teacher,
}

/// A boolean of the standard's tables: the string `"true"` or `"false"` (OneRoster 1.1 §2.4).
/// Reading also takes a native JSON boolean, since providers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Boolean(pub bool);

impl JsonSchema for Boolean {
    fn schema_name() -> Cow<'static, str> {
        "Boolean".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "boolean"],
            "enum": ["true", "false", true, false],
            "description": "The string \"true\" or \"false\"; a JSON boolean for a client with the setting `native_booleans`.",
        })
    }
}

impl Serialize for Boolean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "true" } else { "false" })
    }
}

impl<'de> Deserialize<'de> for Boolean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Native(bool),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Native(value) => Ok(Self(value)),
            Form::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Self(true)),
            Form::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Self(false)),
            Form::Word(word) => Err(de::Error::custom(format!(
                "expected \"true\" or \"false\", found {word:?}"
            ))),
        }
    }
}
