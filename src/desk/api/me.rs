//! Who is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::rights::{Access, Rights};
use serde_json::{Value, json};

use crate::desk::error::DeskError;
use crate::desk::menu;
use crate::desk::refusal::ApiError;
use crate::desk::session::{self, User};
use crate::desk::state::Desk;
use crate::tenants;

/// Answers who asks, and the tenants they have rights in with the screens they can use there.
pub(super) async fn me(State(desk): State<Arc<Desk>>, user: User) -> Result<Json<Value>, ApiError> {
    let tenants = session::tenants_of(&desk, &user).await?;
    let mut connection = desk.pool.acquire().await.map_err(DeskError::from)?;
    let all = tenants::list(&mut connection).await.map_err(DeskError::from)?;
    drop(connection);
    let tenants = tenants.iter().map(|(tenant_id, rights)| {
        let tenant = all.iter().find(|tenant| tenant.id.as_str() == tenant_id);
        let managers_create_clients = desk.settings.managers_create_clients;
        let entries = menu::paths(rights, managers_create_clients, desk.base_path(), tenant_id);
        json!({
            "id": tenant_id,
            "name": tenant.map(|tenant| tenant.name.as_str()),
            "access": word(rights),
            "is_manager": rights.is_manager(),
            "entries": entries,
        })
    });
    Ok(Json(json!({
        "name": user.name,
        "display_name": user.display_name,
        "language": user.language.code(),
        "is_operator": user.is_operator,
        "has_password": user.is_local,
        "tenants": tenants.collect::<Vec<_>>(),
    })))
}

fn word(rights: &Rights) -> &'static str {
    match rights.strongest() {
        Access::None => "none",
        Access::Read => "read",
        Access::Write => "write",
    }
}
