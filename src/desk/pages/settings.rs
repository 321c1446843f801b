//! *Instellingen*: the configuration of a tenant, for operators. The form is made by the page's script over the API.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::db::scope;
use crate::desk::error::DeskError;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::tenants;

const TEXTS: &str = include_str!("../language/nl/settings.ftl");

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    frame: Frame,
    /// The configuration, its revision and the names of sites, as JSON that can stand in HTML.
    data: String,
}

/// Shows the settings. Who is no operator is answered as if there were no such page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    if !asker.user.is_operator {
        return Err(DeskError::NotFound);
    }
    let frame = Frame::of_tenant(&desk, &asker, Screen::Settings)
        .await?
        .with_texts(TEXTS);
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    let configuration = tenants::get(&mut transaction, &asker.tenant_id).await?;
    let revision = tenants::revision(&mut transaction, &asker.tenant_id).await?;
    transaction.commit().await?;
    // Before the first import sites have no names, and an examination that fails is no reason to hide the settings.
    let examination = desk.examinations.of(&desk.pool, &asker.tenant_id).await.ok();
    let site_names = examination.map(|examination| examination.site_names.clone());
    let data = json!({
        "configuration": configuration,
        "revision": revision.number,
        "site_names": site_names.unwrap_or_default(),
    });
    let nonce = frame.nonce.clone();
    let data = data.to_string().replace('<', "\\u003c");
    Ok(page::rendered(StatusCode::OK, &nonce, &Settings { frame, data }))
}
