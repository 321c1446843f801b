//! Orgs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{GuidRef, OrgType};

/// A school site (OneRoster 1.1 §2.2, R123).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Org {
    /// Name for people.
    pub name: String,
    /// Always `school` here.
    pub r#type: OrgType,
    /// Human-readable id. Optional in the standard, demanded by School Data Sync.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identifier: Option<String>,
    /// The org this one is part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<GuidRef>,
    /// The orgs that are part of this one.
    #[serde(default)]
    pub children: Vec<GuidRef>,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}
