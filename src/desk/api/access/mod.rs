//! Rights at the schools of a manager: who has what, and giving and taking it.

mod bodies;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::rights::ROLES;
use oneroster_standard::Moment;
use uuid::Uuid;

use super::body::Body;
use crate::access;
use crate::access::grants::{self, Given, Place};
use crate::access::trail::Line;
use crate::desk::error::DeskError;
use crate::desk::grants::{self as rights, NewPerson, Refusal, Seen, Whom};
use crate::desk::language::{self, Language};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
pub(super) use bodies::{
    AccessAnswer, AskedPlace, AskedRight, Copying, GivenAnswer, Giving, MadeAnswer, Making, ResetAnswer,
    Resetting, TakenAnswer, Taking, TrailAnswer,
};
use bodies::{Right, ShownAccount, ShownRole, ShownSchool, ShownSite, TrailLine};

/// Answers who has what.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
) -> Result<Json<AccessAnswer>, ApiError> {
    let seen = rights::seen(&desk, &user)
        .await
        .map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(shown(&seen)))
}

fn shown(seen: &Seen) -> AccessAnswer {
    let schools = seen.schools.iter().map(|school| ShownSchool {
        school: school.number.clone(),
        name: school.name.clone(),
        sites: school
            .sites
            .iter()
            .map(|(site, name)| ShownSite {
                site: *site,
                name: name.clone(),
            })
            .collect(),
    });
    let accounts = seen.accounts.iter().map(|seen| ShownAccount {
        id: seen.account.account_id,
        name: seen.account.login_name.clone(),
        display_name: seen.account.display_name.clone(),
        signs_in_by: if seen.account.is_local() {
            "password"
        } else {
            "openid"
        },
        disabled: seen.account.disabled_at.is_some(),
        may_reset: seen.may_reset,
        rights: seen.rights.iter().map(Right::from).collect(),
    });
    let roles = ROLES.iter().map(|role| ShownRole {
        role: role.to_string(),
        access: grants::access_word(role.access),
    });
    AccessAnswer {
        schools: schools.collect(),
        accounts: accounts.collect(),
        roles: roles.collect(),
    }
}

/// Gives rights.
pub(super) async fn give(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Giving>,
) -> Result<Json<GivenAnswer>, ApiError> {
    let whom = whom(&asked.accounts, &asked.names);
    let given = given(&asked.places, &asked.rights).map_err(|refusal| refused(&user, refusal))?;
    let count = rights::give(&desk, &user, &whom, &given).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(GivenAnswer { given: count }))
}

/// Takes rights.
pub(super) async fn take(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Taking>,
) -> Result<Json<TakenAnswer>, ApiError> {
    let count = rights::take(&desk, &user, &asked.grants).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(TakenAnswer { taken: count }))
}

/// Copies the rights of a colleague.
pub(super) async fn copy(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Copying>,
) -> Result<Json<GivenAnswer>, ApiError> {
    let to = whom(&asked.accounts, &asked.names);
    let count = rights::copy(&desk, &user, asked.from, &to).await;
    let count = count.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(GivenAnswer { given: count }))
}

/// Makes a local account, and answers its password this once.
pub(super) async fn make(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Making>,
) -> Result<Json<MadeAnswer>, ApiError> {
    let given = given(&asked.places, &asked.rights).map_err(|refusal| refused(&user, refusal))?;
    let new = NewPerson {
        login_name: asked.name.trim(),
        display_name: asked.display_name.trim(),
        rights: &given,
    };
    let made = rights::make(&desk, &user, &new).await;
    let (account, password) = made.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(MadeAnswer {
        id: account.account_id,
        name: account.login_name,
        password,
    }))
}

/// Resets the password of a local account, and answers it this once.
pub(super) async fn reset(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(asked): Body<Resetting>,
) -> Result<Json<ResetAnswer>, ApiError> {
    let password = rights::reset(&desk, &user, asked.account).await;
    let password = password.map_err(|refusal| refused(&user, refusal))?;
    Ok(Json(ResetAnswer { password }))
}

/// Answers what was done with rights, the newest first.
pub(super) async fn trail(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
) -> Result<Json<TrailAnswer>, ApiError> {
    let lines = rights::lines(&desk, &user)
        .await
        .map_err(|refusal| refused(&user, refusal))?;
    let lines = lines.into_iter().map(|line: Line| TrailLine {
        at: Moment::from(line.at),
        by: line.by,
        kind: line.kind,
        account: line.account,
        school: line.school,
        site: line.site,
        role: line.role,
    });
    Ok(Json(TrailAnswer {
        lines: lines.collect(),
    }))
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
