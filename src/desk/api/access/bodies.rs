//! What is asked and answered about rights.

use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::grants::{self, Given, StoredGrant};

/// A school, or one site of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct AskedPlace {
    /// The school, by its number.
    pub(super) school: String,
    /// The site, by its number; none = every site.
    #[serde(default)]
    pub(super) site: Option<i32>,
}

/// What is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(in crate::desk) enum AskedRight {
    /// A role of Informat.
    Standard {
        /// As Informat writes it: `iLeerlingen: Alles schrijven`.
        role: String,
    },
    /// A role of the school group's own.
    Custom {
        /// Its name.
        role: String,
        /// The standard role it is based on.
        #[serde(default)]
        based_on: Option<String>,
        /// What it opens: `none`, unless said otherwise, `read` or `write`.
        #[serde(default)]
        access: Option<String>,
    },
    /// Manager of the school.
    Manager,
}

/// Rights to give.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Giving {
    /// Accounts that are listed.
    #[serde(default)]
    pub(super) accounts: Vec<Uuid>,
    /// Accounts by the names they sign in with.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// Where.
    pub(super) places: Vec<AskedPlace>,
    /// What.
    pub(super) rights: Vec<AskedRight>,
}

/// Rights to take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Taking {
    /// By their ids.
    pub(super) grants: Vec<Uuid>,
}

/// Rights to copy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Copying {
    /// The colleague who has them.
    pub(super) from: Uuid,
    /// Accounts that are listed.
    #[serde(default)]
    pub(super) accounts: Vec<Uuid>,
    /// Accounts by the names they sign in with.
    #[serde(default)]
    pub(super) names: Vec<String>,
}

/// A local account to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Making {
    /// What it signs in with.
    pub(super) name: String,
    /// What it is called on pages.
    pub(super) display_name: String,
    /// Where it gets rights.
    pub(super) places: Vec<AskedPlace>,
    /// Which.
    pub(super) rights: Vec<AskedRight>,
}

/// An account whose password is reset.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Resetting {
    /// By its id.
    pub(super) account: Uuid,
}

/// A right that somebody has.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct Right {
    /// Its id, by which it is taken.
    id: Uuid,
    /// The school, by its number.
    school: String,
    /// The site, by its number; none = every site.
    site: Option<i32>,
    /// `standard`, `custom` or `manager`.
    kind: &'static str,
    /// The role.
    role: String,
    /// What it opens: `none`, `read` or `write`.
    access: &'static str,
    /// Who gave it.
    given_by: String,
    /// When.
    #[schemars(with = "String")]
    given_at: Moment,
}

impl From<&StoredGrant> for Right {
    fn from(grant: &StoredGrant) -> Self {
        let kind = match &grant.given {
            Some(Given::Manager) => "manager",
            Some(Given::Custom { .. }) => "custom",
            Some(Given::Standard(_)) | None => "standard",
        };
        let access = grant.given.as_ref().map(Given::access).unwrap_or_default();
        Self {
            id: grant.grant_id,
            school: grant.place.school.clone(),
            site: grant.place.site,
            kind,
            role: grant.role.clone(),
            access: grants::access_word(access),
            given_by: grant.given_by.clone(),
            given_at: grant.given_at.into(),
        }
    }
}

/// A site.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct ShownSite {
    /// Its number.
    pub(super) site: i32,
    /// Its name.
    pub(super) name: String,
}

/// A school of a manager.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct ShownSchool {
    /// Its number.
    pub(super) school: String,
    /// Its name.
    pub(super) name: String,
    /// Its sites.
    pub(super) sites: Vec<ShownSite>,
}

/// An account with what it was given at the schools of a manager.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct ShownAccount {
    /// Its id.
    pub(super) id: Uuid,
    /// What it signs in with.
    pub(super) name: String,
    /// What it is called on pages.
    pub(super) display_name: String,
    /// `password` or `openid`.
    pub(super) signs_in_by: &'static str,
    /// Whether it may no longer sign in.
    pub(super) disabled: bool,
    /// Whether who asks may reset its password.
    pub(super) may_reset: bool,
    /// What it was given.
    pub(super) rights: Vec<Right>,
}

/// A standard role.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct ShownRole {
    /// As Informat writes it.
    pub(super) role: String,
    /// What it opens: `none`, `read` or `write`.
    pub(super) access: &'static str,
}

/// Who has what at the schools of a manager.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct AccessAnswer {
    /// The schools.
    pub(super) schools: Vec<ShownSchool>,
    /// The accounts.
    pub(super) accounts: Vec<ShownAccount>,
    /// The standard roles.
    pub(super) roles: Vec<ShownRole>,
}

/// How many rights were given.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct GivenAnswer {
    /// That many.
    pub(super) given: usize,
}

/// How many rights were taken.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct TakenAnswer {
    /// That many.
    pub(super) taken: usize,
}

/// An account that was made.
#[derive(Serialize, JsonSchema)]
pub(in crate::desk) struct MadeAnswer {
    /// Its id.
    pub(super) id: Uuid,
    /// What it signs in with.
    pub(super) name: String,
    /// Its password, shown this once.
    pub(super) password: String,
}

/// A password that was reset.
#[derive(Serialize, JsonSchema)]
pub(in crate::desk) struct ResetAnswer {
    /// It, shown this once.
    pub(super) password: String,
}

/// Something that was done with a right or an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct TrailLine {
    /// When.
    #[schemars(with = "String")]
    pub(super) at: Moment,
    /// By whom.
    pub(super) by: String,
    /// What, in a word.
    pub(super) kind: String,
    /// With whose account.
    pub(super) account: String,
    /// At which school.
    pub(super) school: Option<String>,
    /// At which site.
    pub(super) site: Option<i32>,
    /// Which role.
    pub(super) role: Option<String>,
}

/// What was done with rights, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct TrailAnswer {
    /// The lines.
    pub(super) lines: Vec<TrailLine>,
}
