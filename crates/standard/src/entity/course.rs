//! Courses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::GuidRef;

/// A course. Informat has none: each class has a fictive one of its own (OneRoster 1.1 §2.2, R125).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// Name for people.
    pub title: String,
    /// The school year it is given in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub school_year: Option<GuidRef>,
    /// Code for people.
    pub course_code: String,
    /// Grades it is meant for.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Subject names.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// The org that gives it.
    pub org: GuidRef,
    /// Subject codes, in the order of `subjects`.
    #[serde(default)]
    pub subject_codes: Vec<String>,
    /// Learning resources.
    #[serde(default)]
    pub resources: Vec<GuidRef>,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}
