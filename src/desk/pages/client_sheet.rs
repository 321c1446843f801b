//! The sheet of *Koppelingen*, to print: what the wizard of School Data Sync asks (R144).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::auth::client;
use crate::db::scope;
use crate::desk::api::clients::{refused, require_clients};
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::sheet::{SheetClient, SheetSource, sheet};
use crate::desk::state::Desk;
use crate::tenants;

/// Shows the sheet of a tenant; `client` names the one whose id stands on it. No secret does: it was shown once. Who may not make
/// clients is answered as if there were no such page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    RawQuery(query): RawQuery,
) -> Result<Response, DeskError> {
    require_clients(&desk, &asker)?;
    let form = Form::read(query.unwrap_or_default().as_bytes())?;
    let client_id = form.get("client").unwrap_or_default();
    if !client_id.is_empty() {
        let known = client::list(&desk.pool, &asker.tenant_id)
            .await
            .map_err(refused)?;
        let mut readers = known.iter().filter(|record| record.revoked_at.is_none());
        if !readers.any(|record| record.client_id == client_id) {
            return Err(DeskError::NotFound);
        }
    }
    let mut transaction = scope::begin_look(&desk.pool, &asker.tenant_id).await?;
    let configuration = tenants::get(&mut transaction, &asker.tenant_id).await?;
    transaction.commit().await?;
    let Frame { nonce, .. } = Frame::new(asker.user.language, desk.base_path());
    let source = SheetSource {
        configuration: &configuration,
        server_url: &desk.base_url,
        client: (!client_id.is_empty()).then_some(SheetClient {
            client_id,
            client_secret: None,
        }),
        nonce: &nonce,
    };
    let html = sheet(&source).map_err(|_| DeskError::Failed)?;
    Ok(page::answered(StatusCode::OK, &nonce, html))
}
