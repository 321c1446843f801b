//! Classes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{ClassType, GuidRef};

/// A class or subgroup (OneRoster 1.1 §2.2, R125).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Class {
    /// Name for people: the Team's name.
    pub title: String,
    /// Code for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class_code: Option<String>,
    /// Always `homeroom` here.
    pub class_type: ClassType,
    /// Grades of its pupils.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Subject names.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Its fictive course.
    pub course: GuidRef,
    /// Its org.
    pub school: GuidRef,
    /// The sessions it is given in: at least one.
    pub terms: Vec<GuidRef>,
    /// Subject codes, in the order of `subjects`.
    #[serde(default)]
    pub subject_codes: Vec<String>,
    /// Time slots in the day.
    #[serde(default)]
    pub periods: Vec<String>,
    /// Learning resources.
    #[serde(default)]
    pub resources: Vec<GuidRef>,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}
