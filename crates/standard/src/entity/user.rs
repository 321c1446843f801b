//! Users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Metadata;
use crate::{Boolean, GuidRef, RoleType};

/// A pupil or a member of staff (OneRoster 1.1 §2.2, R124).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Login name: the local part, or `local@domain` when the tenant sends domains.
    pub username: String,
    /// Ids in other systems.
    #[serde(default)]
    pub user_ids: Vec<UserId>,
    /// Always false here (R124); it never means that the account is closed.
    pub enabled_user: Boolean,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// `student` or `teacher`.
    pub role: RoleType,
    /// Human-readable id. Optional in the standard, demanded by School Data Sync.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identifier: Option<String>,
    /// Related users.
    #[serde(default)]
    pub agents: Vec<GuidRef>,
    /// The orgs it belongs to, the home org first: at least one.
    pub orgs: Vec<GuidRef>,
    /// Grades.
    #[serde(default)]
    pub grades: Vec<String>,
    /// Extensions.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A user's id in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserId {
    /// Which system.
    pub r#type: String,
    /// The id there.
    pub identifier: String,
}
