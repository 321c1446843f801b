//! Who is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::rights::{Access, Rights};
use schemars::JsonSchema;
use serde::Serialize;

use crate::desk::error::DeskError;
use crate::desk::menu;
use crate::desk::refusal::ApiError;
use crate::desk::session::{self, User};
use crate::desk::state::Desk;
use crate::tenants;

/// A tenant that somebody has rights in.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct OwnTenant {
    /// Its id.
    id: String,
    /// Its name.
    name: Option<String>,
    /// The strongest of what they may do there: `none`, `read` or `write`.
    access: &'static str,
    /// Whether they are manager of a school there.
    is_manager: bool,
    /// The paths of the screens they can use.
    entries: Vec<String>,
}

/// Who is signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct MeAnswer {
    /// The name they sign in with.
    name: String,
    /// What they are called on pages.
    display_name: String,
    /// The code of the language of their pages.
    language: &'static str,
    /// Whether they are the vendor's operator.
    is_operator: bool,
    /// Whether they have a password here.
    has_password: bool,
    /// The tenants they have rights in.
    tenants: Vec<OwnTenant>,
}

/// Answers who asks, and the tenants they have rights in with the screens they can use there.
pub(super) async fn me(State(desk): State<Arc<Desk>>, user: User) -> Result<Json<MeAnswer>, ApiError> {
    let tenants = session::tenants_of(&desk, &user).await?;
    let mut connection = desk.pool.acquire().await.map_err(DeskError::from)?;
    let all = tenants::list(&mut connection).await.map_err(DeskError::from)?;
    drop(connection);
    let tenants = tenants.into_iter().map(|(tenant_id, rights)| {
        let tenant = all.iter().find(|tenant| tenant.id.as_str() == tenant_id);
        let managers_create_clients = desk.settings.managers_create_clients;
        OwnTenant {
            name: tenant.map(|tenant| tenant.name.clone()),
            access: word(&rights),
            is_manager: rights.is_manager(),
            entries: menu::paths(&rights, managers_create_clients, desk.base_path(), &tenant_id),
            id: tenant_id,
        }
    });
    Ok(Json(MeAnswer {
        name: user.name,
        display_name: user.display_name,
        language: user.language.code(),
        is_operator: user.is_operator,
        has_password: user.is_local,
        tenants: tenants.collect(),
    }))
}

fn word(rights: &Rights) -> &'static str {
    match rights.strongest() {
        Access::None => "none",
        Access::Read => "read",
        Access::Write => "write",
    }
}
