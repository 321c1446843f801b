//! Who asks: the session of a request, and the rights of its user in a tenant.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use oneroster_school::rights::Rights;
use uuid::Uuid;

use super::error::DeskError;
use super::language::Language;
use super::state::Desk;
use crate::accounts::Author;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// Their account.
    pub(super) account_id: Uuid,
    /// The name they sign in with: the audit trail names them by it.
    pub(super) name: String,
    /// The language of their pages.
    pub(super) language: Language,
    /// Whether they are the vendor's operator.
    pub(super) is_operator: bool,
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

impl FromRequestParts<Arc<Desk>> for User {
    type Rejection = DeskError;

    async fn from_request_parts(_parts: &mut Parts, _desk: &Arc<Desk>) -> Result<Self, DeskError> {
        // STUB: replaced by sessions.
        Ok(Self {
            account_id: Uuid::nil(),
            name: "operator".to_owned(),
            language: Language::Dutch,
            is_operator: true,
        })
    }
}

impl FromRequestParts<Arc<Desk>> for TenantUser {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, DeskError> {
        let user = User::from_request_parts(parts, desk).await?;
        let path = RawPathParams::from_request_parts(parts, desk)
            .await
            .map_err(|_| DeskError::NotFound)?;
        let tenant_id = path
            .iter()
            .find(|(name, _)| *name == "tenant")
            .map(|(_, value)| value.to_owned())
            .ok_or(DeskError::NotFound)?;
        // STUB: replaced by grants.
        Ok(Self {
            user,
            tenant_id,
            rights: Rights::operator(),
        })
    }
}
