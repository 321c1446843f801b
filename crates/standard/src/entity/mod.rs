//! The entities (OneRoster 1.1 §2.2): one file each, here what all have in common.
//!
//! Scalars without a value are left out, never null or empty; lists and `metadata` are always there.

mod academic_session;
mod class;
mod course;
mod enrollment;
mod org;
mod user;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use academic_session::AcademicSession;
pub use class::Class;
pub use course::Course;
pub use enrollment::Enrollment;
pub use org::Org;
pub use user::{User, UserId};

use super::StatusType;

/// Extension members of an object. This provider has none to say, so it is always `{}`.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// An object as served: the three members that every object begins with, then its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Base<T> {
    /// Unique among the objects of its kind; opaque, case-sensitive.
    pub sourced_id: String,
    /// Current or logically deleted.
    pub status: StatusType,
    /// `YYYY-MM-DDTHH:mm:ss.SSSZ`; absent in a preview, which has no date yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_last_modified: Option<String>,
    /// The rest of the object.
    #[serde(flatten)]
    pub content: T,
}
