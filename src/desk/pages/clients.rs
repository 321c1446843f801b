//! *Koppelingen*: the API clients of a tenant.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::auth::ClientSettings;
use crate::auth::client::{self, ClientRecord};
use crate::desk::api::clients::{CLIENT_SETTINGS, refused, require_clients};
use crate::desk::dates;
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text, text_with};
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::synclog;

const TEXTS: &str = include_str!("../language/nl/clients.ftl");

#[derive(Template)]
#[template(path = "clients.html")]
struct Clients {
    frame: Frame,
    /// Where the sheet for the wizard is.
    sheet_path: String,
    rows: Vec<Row>,
}

/// A client in words.
struct Row {
    name: String,
    client_id: String,
    created: String,
    last_read: String,
    /// What differs from the defaults.
    settings: Vec<String>,
    /// The same for the page's script.
    settings_json: String,
    /// Since when it may no longer read, in words.
    revoked: Option<String>,
    /// That two of its secrets are valid, in words.
    rotating: Option<String>,
}

/// Shows the clients. Who may not make any is answered as if there were no such page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    require_clients(&desk, &asker)?;
    let frame = Frame::of_tenant(&desk, &asker, Screen::Clients)
        .await?
        .with_texts(TEXTS);
    let records = client::list(&desk.pool, &asker.tenant_id)
        .await
        .map_err(refused)?;
    let last_read = synclog::last_read_by_client(&desk.pool, &asker.tenant_id).await?;
    let language = asker.user.language;
    let mut rows: Vec<Row> = records
        .into_iter()
        .map(|record| row(language, record, &last_read))
        .collect();
    // Those that may read first; each of both in the order in which they were made.
    rows.sort_by_key(|row| row.revoked.is_some());
    let nonce = frame.nonce.clone();
    let clients = Clients {
        frame,
        sheet_path: format!(
            "{}{}/blad",
            desk.base_path(),
            Screen::Clients.path(&asker.tenant_id)
        ),
        rows,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &clients))
}

fn row(language: Language, record: ClientRecord, last_read: &HashMap<String, DateTime<Utc>>) -> Row {
    let settings = ClientSettings::deserialize(&record.settings).unwrap_or_default();
    let set = serde_json::to_value(settings).unwrap_or_default();
    let in_words = CLIENT_SETTINGS.iter().filter_map(|(key, _)| {
        let value = set.get(key)?;
        let value = match value.as_bool() {
            Some(true) => text(language, "clients-yes"),
            Some(false) => text(language, "clients-no"),
            None => value.to_string(),
        };
        Some(format!(
            "{}: {value}",
            text(language, &format!("clients-setting-{key}"))
        ))
    });
    let read = last_read.get(&record.client_id).copied();
    Row {
        created: dates::moment(record.created_at),
        last_read: read.map_or_else(|| text(language, "clients-never"), dates::moment),
        settings: in_words.collect(),
        settings_json: set.to_string(),
        revoked: record.revoked_at.map(|at| {
            text_with(
                language,
                "clients-revoked-since",
                [("at", dates::moment(at).into())],
            )
        }),
        rotating: (record.valid_secrets > 1).then(|| text(language, "clients-rotating")),
        name: record.name,
        client_id: record.client_id,
    }
}
