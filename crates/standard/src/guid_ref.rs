//! References between objects (OneRoster 1.1 §2.1, `GUIDRef`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// The type word of a reference: the entity referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RefType {
    /// `academicSession`
    AcademicSession,
    /// `class`
    Class,
    /// `course`
    Course,
    /// `org`
    Org,
    /// `user`
    User,
}

impl RefType {
    /// Returns the kind of object referred to; its collection is where `href` points.
    pub const fn kind(self) -> Kind {
        match self {
            Self::AcademicSession => Kind::AcademicSessions,
            Self::Class => Kind::Classes,
            Self::Course => Kind::Courses,
            Self::Org => Kind::Orgs,
            Self::User => Kind::Users,
        }
    }
}

/// A reference to another object. All three members are always present.
///
/// In stored content `href` is relative (`/orgs/001507-1`); the server that emits it puts its own public
/// base address before it, so that content does not depend on where it is served.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuidRef {
    /// Where the object can be read.
    pub href: String,
    /// The object's `sourcedId`.
    pub sourced_id: String,
    /// The kind of object.
    pub r#type: RefType,
}

impl GuidRef {
    /// Refers to the object with this id, with a relative `href`. Ids of this provider need no escaping in a path.
    pub fn new(r#type: RefType, sourced_id: &str) -> Self {
        Self {
            href: format!("/{}/{sourced_id}", r#type.kind().collection()),
            sourced_id: sourced_id.to_owned(),
            r#type,
        }
    }
}
