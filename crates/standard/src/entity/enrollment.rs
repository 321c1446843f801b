//! Enrollments.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{Boolean, GuidRef, RoleType};

/// A user's place in a class (OneRoster 1.1 §2.2, R126).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrollment {
    /// Who.
    pub user: GuidRef,
    /// In which class.
    pub class: GuidRef,
    /// The class's org.
    pub school: GuidRef,
    /// `student` or `teacher`.
    pub role: RoleType,
    /// Whether this is the class's first teacher; teachers only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub primary: Option<Boolean>,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub begin_date: Option<NaiveDate>,
    /// Last day, as Informat stores it (R126).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_date: Option<NaiveDate>,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}
