//! The API clients of a tenant: create, rotate, revoke, set. A secret is answered once and stored nowhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use crate::auth::client::{self, NewSecret};
use crate::auth::{self, ClientSettings, Preset};
use crate::db::scope::Acting;
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

/// The settings of a client, each with whether it is a number.
pub(in crate::desk) const CLIENT_SETTINGS: [(&str, bool); 11] = [
    ("token_lifetime_s", true),
    ("include_tombstones", false),
    ("unpaged_delta", false),
    ("native_booleans", false),
    ("unknown_parent_404", false),
    ("email", false),
    ("enabled_users", false),
    ("ended_enrollments", false),
    ("district_org", false),
    ("unpaged_full", false),
    ("files", false),
];

/// The setting that lets a client bring bundles; no page offers it.
const IMPORT_SETTING: &str = "import";

/// A new client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct NewClient {
    /// What to call it.
    name: String,
    /// Which consumer it is for, for the settings that this one needs.
    preset: Option<Preset>,
}

/// Which client is meant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct WhichClient {
    /// Its id.
    client_id: String,
}

/// What the wizard of School Data Sync asks for.
#[derive(Serialize, JsonSchema)]
pub(in crate::desk) struct Credentials {
    /// Base URL.
    base_url: String,
    /// Token URL.
    token_url: String,
    /// Id of the client.
    client_id: String,
    /// Its secret, shown this once.
    client_secret: String,
}

/// Since when a client may no longer read.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct Revoked {
    /// The moment.
    revoked_at: String,
}

/// Settings to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct ChangedSettings {
    /// The client.
    client_id: String,
    /// Values by key; an empty one is the default again.
    settings: BTreeMap<String, String>,
}

/// The settings of a client after a change; those at their default are left out.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct SettingsAnswer {
    /// By key.
    settings: ClientSettings,
}

/// Returns whether somebody may make and change clients: operators, and managers where the operator allows it.
pub(in crate::desk) fn may_use_clients(desk: &Desk, is_operator: bool, is_manager: bool) -> bool {
    is_operator || (is_manager && desk.settings.managers_create_clients)
}

/// Refuses everybody else, as if there were no clients.
pub(in crate::desk) fn require_clients(desk: &Desk, asker: &TenantUser) -> Result<(), DeskError> {
    if may_use_clients(desk, asker.user.is_operator, asker.rights.is_manager()) {
        Ok(())
    } else {
        Err(DeskError::NotFound)
    }
}

/// Makes a client with its first secret (R18).
pub(super) async fn create(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(new): Body<NewClient>,
) -> Result<Json<Credentials>, ApiError> {
    require_clients(&desk, &asker)?;
    let by = asker.user.author()?;
    let acting = Acting::by(&desk.pool, by.as_str());
    let settings = new.preset.map(Preset::settings).unwrap_or_default();
    let made = client::create_with(acting, &asker.tenant_id, new.name.trim(), settings).await;
    Ok(Json(credentials(
        &desk,
        made.map_err(|error| in_words(asker.user.language, error))?,
    )))
}

/// Makes a new secret; the one before stays valid for seven days.
pub(super) async fn rotate(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(which): Body<WhichClient>,
) -> Result<Json<Credentials>, ApiError> {
    require_clients(&desk, &asker)?;
    let by = asker.user.author()?;
    let acting = Acting::by(&desk.pool, by.as_str());
    let made = client::rotate(acting, &asker.tenant_id, &which.client_id).await;
    Ok(Json(credentials(
        &desk,
        made.map_err(|error| in_words(asker.user.language, error))?,
    )))
}

/// Ends a client.
pub(super) async fn revoke(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(which): Body<WhichClient>,
) -> Result<Json<Revoked>, ApiError> {
    require_clients(&desk, &asker)?;
    let by = asker.user.author()?;
    let acting = Acting::by(&desk.pool, by.as_str());
    let revoked_at = client::revoke(acting, &asker.tenant_id, &which.client_id)
        .await
        .map_err(|error| in_words(asker.user.language, error))?;
    Ok(Json(Revoked {
        revoked_at: Moment::from(revoked_at).rfc3339(),
    }))
}

/// Changes settings: all of them or, if one is refused, none.
pub(super) async fn set(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(changed): Body<ChangedSettings>,
) -> Result<Json<SettingsAnswer>, ApiError> {
    require_clients(&desk, &asker)?;
    // Bringing data in is for the operator to allow.
    if changed.settings.contains_key(IMPORT_SETTING) && !asker.user.is_operator {
        let said = text(asker.user.language, "clients-error-setting");
        return Err(Refused::unprocessable("client-setting", said, None).into());
    }
    let by = asker.user.author()?;
    let acting = Acting::by(&desk.pool, by.as_str());
    let entries: Vec<String> = changed
        .settings
        .iter()
        .map(|(key, value)| format!("{key}={}", value.trim()))
        .collect();
    let settings = client::set(acting, &asker.tenant_id, &changed.client_id, &entries)
        .await
        .map_err(|error| in_words(asker.user.language, error))?;
    Ok(Json(SettingsAnswer { settings }))
}

fn credentials(desk: &Desk, made: NewSecret) -> Credentials {
    let base_url = &desk.base_url;
    Credentials {
        base_url: format!("{base_url}/ims/oneroster/v1p1"),
        token_url: format!("{base_url}/connect/token"),
        client_id: made.client_id,
        client_secret: made.client_secret,
    }
}

/// Returns why an operation on clients failed, as of any page.
pub(in crate::desk) fn refused(error: auth::Error) -> DeskError {
    match error {
        auth::Error::Database(error) => DeskError::Database(error),
        auth::Error::UnknownTenant(_) | auth::Error::UnknownClient { .. } => DeskError::NotFound,
        other @ (auth::Error::Random
        | auth::Error::Key { .. }
        | auth::Error::KeyFile(_)
        | auth::Error::WrongEncryptionKey { .. }
        | auth::Error::UnknownKey(_)
        | auth::Error::Sign(_)
        | auth::Error::Revoked { .. }
        | auth::Error::Name
        | auth::Error::ClientId(_)
        | auth::Error::ClientIdTaken(_)
        | auth::Error::EmptySecret
        | auth::Error::Setting(_)) => {
            tracing::error!(error = ?other, "an operation on clients failed");
            DeskError::Failed
        }
    }
}

fn in_words(language: Language, error: auth::Error) -> ApiError {
    let said = |key| text(language, key);
    match error {
        auth::Error::Name => Refused::unprocessable("client-name", said("clients-error-name"), None).into(),
        auth::Error::Revoked { .. } => {
            Refused::conflict("client-revoked", said("clients-error-revoked")).into()
        }
        auth::Error::Setting(_) => {
            Refused::unprocessable("client-setting", said("clients-error-setting"), None).into()
        }
        other @ (auth::Error::Database(_)
        | auth::Error::Random
        | auth::Error::Key { .. }
        | auth::Error::KeyFile(_)
        | auth::Error::WrongEncryptionKey { .. }
        | auth::Error::UnknownKey(_)
        | auth::Error::Sign(_)
        | auth::Error::ClientId(_)
        | auth::Error::ClientIdTaken(_)
        | auth::Error::EmptySecret
        | auth::Error::UnknownTenant(_)
        | auth::Error::UnknownClient { .. }) => refused(other).into(),
    }
}
