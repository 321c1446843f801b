//! Academic sessions.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{GuidRef, SessionType};

/// A school year or a part of one (OneRoster 1.1 §2.2, R122).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcademicSession {
    /// Name for people.
    pub title: String,
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub end_date: NaiveDate,
    /// What part of the year it is.
    pub r#type: SessionType,
    /// The session this one is part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<GuidRef>,
    /// The sessions that are part of this one.
    #[serde(default)]
    pub children: Vec<GuidRef>,
    /// `YYYY`: the calendar year in which the school year ends.
    pub school_year: String,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}
