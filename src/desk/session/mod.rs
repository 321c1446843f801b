//! Who asks: the session of a request, and the rights of its user in a tenant.
//!
//! Both are read from the database with every request, which costs two look-ups by key: what was taken, and an account that was
//! disabled or signed out everywhere, holds at once.

mod cookie;
mod csrf;
mod next;
mod password;
mod place;
mod sign_in;
mod sign_out;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use oneroster_school::rights::{Grant, Rights};
use uuid::Uuid;

use super::error::DeskError;
use super::language::Language;
use super::state::Desk;
use crate::access::claims::Claims;
use crate::access::sessions::{self, Way};
use crate::access::{self, grants};
use crate::accounts::Author;
use crate::tenants;
pub(super) use csrf::is_forged;
#[cfg(feature = "openid")]
pub(super) use next::own_path;
pub(super) use password::{page as password_page, submit as change_password};
#[cfg(feature = "openid")]
pub(super) use place::{SignInPlace, sign_in_place};
pub(super) use sign_in::{ClientAddress, page as sign_in_page, submit as sign_in};
pub(super) use sign_out::{everywhere as sign_out_everywhere, language as choose_language, sign_out};

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// Their account.
    pub(super) account_id: Uuid,
    /// The name they sign in with: the audit trail names them by it.
    pub(super) name: String,
    /// What they are called on pages.
    pub(super) display_name: String,
    /// The language of their pages.
    pub(super) language: Language,
    /// Whether they are the vendor's operator.
    pub(super) is_operator: bool,
    /// Whether they signed in by a password here.
    pub(super) is_local: bool,
    /// What the word of a provider gives them in this session.
    pub(super) claims: Option<Claims>,
}

impl User {
    /// Returns who acts, for operations.
    pub(super) fn author(&self) -> Result<Author, DeskError> {
        Author::new(&self.name).map_err(|_| DeskError::SignedOut)
    }
}

/// Somebody who is signed in and has rights in the tenant of the path.
#[derive(Debug, Clone)]
pub(super) struct TenantUser {
    /// Who.
    pub(super) user: User,
    /// The tenant.
    pub(super) tenant_id: String,
    /// What they may see and change there.
    pub(super) rights: Rights,
}

/// Begins a session of an account and returns the `Set-Cookie` of it, which goes with the answer; `None` if the account is
/// disabled. A session that the request had before is ended: its cookie is worth nothing more.
pub(super) async fn begin(
    desk: &Desk,
    account_id: Uuid,
    way: Way,
    request: &HeaderMap,
) -> Result<Option<HeaderValue>, access::Error> {
    if let Some(before) = cookie::token(desk, request) {
        sessions::end(&desk.pool, before).await?;
    }
    let token = sessions::begin(&desk.pool, account_id, way, desk.clock.now()).await?;
    Ok(token.and_then(|token| cookie::set(desk, token.as_str())))
}

/// Begins a session of an account that a provider vouches for, as [`begin`] does, with what its word gives.
#[cfg(feature = "openid")]
pub(super) async fn begin_with(
    desk: &Desk,
    account_id: Uuid,
    claims: &Claims,
    request: &HeaderMap,
) -> Result<Option<HeaderValue>, access::Error> {
    if let Some(before) = cookie::token(desk, request) {
        sessions::end(&desk.pool, before).await?;
    }
    let token = sessions::begin_with(&desk.pool, account_id, claims, desk.clock.now()).await?;
    Ok(token.and_then(|token| cookie::set(desk, token.as_str())))
}

impl FromRequestParts<Arc<Desk>> for User {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, DeskError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let found = match cookie::token(desk, &parts.headers) {
            Some(token) => sessions::find(&desk.pool, token, desk.clock.now()).await?,
            None => None,
        };
        let Some(found) = found else {
            return Err(signed_out(parts, desk));
        };
        let user = Self {
            account_id: found.account_id,
            name: found.login_name,
            display_name: found.display_name,
            language: found
                .language
                .as_deref()
                .and_then(Language::of_code)
                .unwrap_or_default(),
            is_operator: found.is_operator,
            is_local: found.is_local,
            claims: found.claims,
        };
        parts.extensions.insert(user.clone());
        Ok(user)
    }
}

/// What somebody without a session is told: a page leads to the sign-in, an answer of the API says so.
fn signed_out(parts: &Parts, desk: &Desk) -> DeskError {
    let path = parts.uri.path();
    if path.starts_with("/desk/api/") {
        return DeskError::SignedOut;
    }
    let wanted = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
    let next = (parts.method == axum::http::Method::GET).then(|| format!("{}{wanted}", desk.base_path()));
    DeskError::SignInFirst(next::sign_in_path(desk, next.as_deref()))
}

impl FromRequestParts<Arc<Desk>> for TenantUser {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, DeskError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let user = User::from_request_parts(parts, desk).await?;
        let path = RawPathParams::from_request_parts(parts, desk)
            .await
            .map_err(|_| DeskError::NotFound)?;
        let tenant_id = path
            .iter()
            .find(|(name, _)| *name == "tenant")
            .map(|(_, value)| value.to_owned())
            .ok_or(DeskError::NotFound)?;
        let rights = rights_of(desk, &user, &tenant_id).await?;
        let rights = rights.ok_or(DeskError::NotFound)?;
        let user = Self {
            user,
            tenant_id,
            rights,
        };
        parts.extensions.insert(user.clone());
        Ok(user)
    }
}

/// Returns the rights of somebody in a tenant, as they are now; `None` if they have none there, or it does not exist.
async fn rights_of(desk: &Desk, user: &User, tenant_id: &str) -> Result<Option<Rights>, DeskError> {
    let mut connection = desk.pool.acquire().await?;
    if user.is_operator {
        let is_there = tenants::exists(&mut connection, tenant_id).await?;
        return Ok(is_there.then(Rights::operator));
    }
    let given = grants::of_account(&mut connection, user.account_id).await?;
    let here = given.iter().filter(|grant| grant.tenant_id == tenant_id);
    let by_claims = match &user.claims {
        Some(claims) => match tenants::get(&mut connection, tenant_id).await {
            Ok(tenant) => claims.grants(&tenant),
            Err(tenants::Error::Unknown { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
        None => Vec::new(),
    };
    let rights = Rights::of(grants::opened(here).chain(by_claims));
    Ok(opens_something(&rights).then_some(rights))
}

/// Returns `true` if rights open any page: a role that opens nothing (R85) is as none.
pub(super) fn opens_something(rights: &Rights) -> bool {
    rights.is_manager() || rights.strongest() > oneroster_school::rights::Access::None
}

/// Returns the tenants that somebody has rights in, each with them, by id.
pub(super) async fn tenants_of(desk: &Desk, user: &User) -> Result<Vec<(String, Rights)>, DeskError> {
    let mut connection = desk.pool.acquire().await?;
    if user.is_operator {
        let all = tenants::list(&mut connection).await?;
        let all = all
            .into_iter()
            .map(|tenant| (tenant.id.as_str().to_owned(), Rights::operator()));
        return Ok(all.collect());
    }
    let mut by_tenant: BTreeMap<String, Vec<Grant>> = BTreeMap::new();
    for stored in grants::of_account(&mut connection, user.account_id).await? {
        let opened = grants::opened([&stored]);
        by_tenant
            .entry(stored.tenant_id.clone())
            .or_default()
            .extend(opened);
    }
    if let Some(claims) = &user.claims {
        for tenant in tenants::list(&mut connection).await? {
            let by_claims = claims.grants(&tenant);
            by_tenant
                .entry(tenant.id.as_str().to_owned())
                .or_default()
                .extend(by_claims);
        }
    }
    let rights = by_tenant
        .into_iter()
        .map(|(tenant, grants)| (tenant, Rights::of(grants)));
    Ok(rights.filter(|(_, rights)| opens_something(rights)).collect())
}
