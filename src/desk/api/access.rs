//! Rights at the schools of a manager: who has what, and giving and taking it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::rights::ROLES;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::Body;
use crate::access;
use crate::access::grants::{self, Given, Place, StoredGrant};
use crate::access::trail::Line;
use crate::desk::error::DeskError;
use crate::desk::grants::{self as rights, NewPerson, Refusal, Seen, Whom};
use crate::desk::language::{self, Language};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// A school, or one site of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct AskedPlace {
    /// The school, by its number.
    school: String,
    /// The site, by its number; none = every site.
    #[serde(default)]
    site: Option<i32>,
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
    accounts: Vec<Uuid>,
    /// Accounts by the names they sign in with.
    #[serde(default)]
    names: Vec<String>,
    /// Where.
    places: Vec<AskedPlace>,
    /// What.
    rights: Vec<AskedRight>,
}

/// Rights to take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Taking {
    /// By their ids.
    grants: Vec<Uuid>,
}

/// Rights to copy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Copying {
    /// The colleague who has them.
    from: Uuid,
    /// Accounts that are listed.
    #[serde(default)]
    accounts: Vec<Uuid>,
    /// Accounts by the names they sign in with.
    #[serde(default)]
    names: Vec<String>,
}

/// A local account to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Making {
    /// What it signs in with.
    name: String,
    /// What it is called on pages.
    display_name: String,
    /// Where it gets rights.
    places: Vec<AskedPlace>,
    /// Which.
    rights: Vec<AskedRight>,
}

/// An account whose password is reset.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct Resetting {
    /// By its id.
    account: Uuid,
}

/// A right that somebody has.
#[derive(Debug, Serialize)]
struct Right {
    id: Uuid,
    school: String,
    site: Option<i32>,
    kind: &'static str,
    role: String,
    access: &'static str,
    given_by: String,
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

/// Answers who has what.
pub(super) async fn list(State(desk): State<Arc<Desk>>, user: TenantUser) -> Result<Json<Value>, ApiError> {
    let seen = rights::seen(&desk, &user)
        .await
        .map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(shown(&seen)))
}

fn shown(seen: &Seen) -> Value {
    let schools = seen.schools.iter().map(|school| {
        let sites = school.sites.iter();
        let sites: Vec<Value> = sites
            .map(|(site, name)| json!({ "site": site, "name": name }))
            .collect();
        json!({ "school": school.number, "name": school.name, "sites": sites })
    });
    let accounts = seen.accounts.iter().map(|seen| {
        let rights: Vec<Right> = seen.rights.iter().map(Right::from).collect();
        json!({
            "id": seen.account.account_id,
            "name": seen.account.login_name,
            "display_name": seen.account.display_name,
            "signs_in_by": if seen.account.is_local() { "password" } else { "openid" },
            "disabled": seen.account.disabled_at.is_some(),
            "may_reset": seen.may_reset,
            "rights": rights,
        })
    });
    let roles = ROLES
        .iter()
        .map(|role| json!({ "role": role.to_string(), "access": grants::access_word(role.access) }));
    json!({
        "schools": schools.collect::<Vec<_>>(),
        "accounts": accounts.collect::<Vec<_>>(),
        "roles": roles.collect::<Vec<_>>(),
    })
}

/// Gives rights.
pub(super) async fn give(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Giving>,
) -> Result<Json<Value>, ApiError> {
    let whom = whom(&asked.accounts, &asked.names);
    let given = given(&asked.places, &asked.rights).map_err(|refusal| refused(&user, refusal))?;
    let count = rights::give(&desk, &user, &whom, &given).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(json!({ "given": count })))
}

/// Takes rights.
pub(super) async fn take(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Taking>,
) -> Result<Json<Value>, ApiError> {
    let count = rights::take(&desk, &user, &asked.grants).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(json!({ "taken": count })))
}

/// Copies the rights of a colleague.
pub(super) async fn copy(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Copying>,
) -> Result<Json<Value>, ApiError> {
    let to = whom(&asked.accounts, &asked.names);
    let count = rights::copy(&desk, &user, asked.from, &to).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(json!({ "given": count })))
}

/// Makes a local account, and answers its password this once.
pub(super) async fn make(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Making>,
) -> Result<Json<Value>, ApiError> {
    let given = given(&asked.places, &asked.rights).map_err(|refusal| refused(&user, refusal))?;
    let new = NewPerson {
        login_name: asked.name.trim(),
        display_name: asked.display_name.trim(),
        rights: &given,
    };
    let made = rights::make(&desk, &user, &new).await;
    let (account, password) = made.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(
        json!({ "id": account.account_id, "name": account.login_name, "password": password }),
    ))
}

/// Resets the password of a local account, and answers it this once.
pub(super) async fn reset(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Resetting>,
) -> Result<Json<Value>, ApiError> {
    let password = rights::reset(&desk, &user, asked.account).await;
    let password = password.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(json!({ "password": password })))
}

/// Answers what was done with rights, the newest first.
pub(super) async fn trail(State(desk): State<Arc<Desk>>, user: TenantUser) -> Result<Json<Value>, ApiError> {
    let lines = rights::lines(&desk, &user)
        .await
        .map_err(|refusal| refused(&user, refusal))?;
    let lines = lines.into_iter().map(|line: Line| {
        json!({
            "at": Moment::from(line.at), "by": line.by, "kind": line.kind, "account": line.account,
            "school": line.school, "site": line.site, "role": line.role,
        })
    });
    Ok(Json(json!({ "lines": lines.collect::<Vec<_>>() })))
}

fn whom(accounts: &[Uuid], names: &[String]) -> Vec<Whom> {
    let names = names.iter().map(|name| Whom::Name(name.clone()));
    accounts.iter().map(|id| Whom::Id(*id)).chain(names).collect()
}

fn given(places: &[AskedPlace], asked: &[AskedRight]) -> Result<Vec<(Place, Given)>, Refusal> {
    let mut given = Vec::new();
    for place in places {
        for right in asked {
            let right = match right {
                AskedRight::Standard { role } => Given::standard(role)?,
                AskedRight::Custom {
                    role,
                    based_on,
                    access,
                } => {
                    let word = access.as_deref().unwrap_or("none");
                    let access = grants::access_of_word(word).ok_or(Refusal::NotFound)?;
                    Given::custom(role, based_on.as_deref(), access)?
                }
                AskedRight::Manager => Given::Manager,
            };
            let place = Place {
                school: place.school.clone(),
                site: place.site,
            };
            given.push((place, right));
        }
    }
    Ok(given)
}

/// Says in the language of who asks why something is refused.
fn refused(user: &TenantUser, refusal: Refusal) -> ApiError {
    let words = |key: &str| language::text(user.user.language, key);
    let (code, message) = match refusal {
        Refusal::NotFound | Refusal::Access(access::Error::Place { .. }) => {
            return DeskError::NotFound.into();
        }
        Refusal::UnknownAccount(name) => (
            "unknown-account",
            named(user.user.language, "access-unknown", &name),
        ),
        Refusal::Wait(seconds) => {
            let wait = [("seconds", seconds.into())];
            let message = language::text_with(user.user.language, "access-wait", wait);
            return Refused::too_early("wait", message).into();
        }
        Refusal::TooMuch => ("too-much", words("access-too-much")),
        Refusal::NotTheirs => ("not-yours", words("access-not-yours")),
        Refusal::Access(access::Error::NameTaken(name)) => {
            let message = named(user.user.language, "access-name-taken", &name);
            return Refused::conflict("name-taken", message).into();
        }
        Refusal::Access(access::Error::Name) => ("name", words("access-name-form")),
        Refusal::Access(access::Error::Role(role)) => {
            ("role", named(user.user.language, "access-role", &role))
        }
        Refusal::Access(access::Error::ManagerOfSite) => ("manager-of-site", words("access-manager-of-site")),
        Refusal::Access(other) => return DeskError::from(other).into(),
    };
    let refused = if code == "not-yours" {
        Refused::forbidden(code, message, None)
    } else {
        Refused::unprocessable(code, message, None)
    };
    refused.into()
}

fn named(language: Language, key: &str, name: &str) -> String {
    language::text_with(language, key, [("name", name.into())])
}
