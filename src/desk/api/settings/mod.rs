//! The settings of a tenant: what a change would do, and the change itself. For operators.

mod effects;
mod formats;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::tenant::change::difference;
use oneroster_school::tenant::{Configuration, file};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::Body;
use crate::db::scope::{self, Acting};
use crate::desk::error::DeskError;
use crate::desk::language::{Language, text};
use crate::desk::refusal::{ApiError, Refused};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication::configure::{self, Configured, Options};
use crate::tenants::{self, Source};
pub(super) use formats::{FormatsAnswer, WantedFormats, formats};

/// Settings as somebody wants them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct WantedSettings {
    /// The revision that the page showed: of two people who change the settings the second is told.
    revision: i64,
    /// All settings, with the keys of a tenant file.
    configuration: Value,
}

/// What a change would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct SettingsPreview {
    /// What differs, a line for each value.
    difference: Vec<String>,
    /// What that does to people, classes and schools, in words.
    effects: Vec<String>,
    /// Why the next publication would be held, in words; empty if it would not.
    held: Vec<String>,
}

/// What was stored.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct StoredSettings {
    /// The revision then.
    revision: i64,
}

/// Says what a change would do, and stores nothing.
pub(super) async fn preview(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(wanted): Body<WantedSettings>,
) -> Result<Json<SettingsPreview>, ApiError> {
    require_operator(&asker)?;
    let before = stored(&desk, &asker).await?;
    let configuration = parsed(&asker, wanted.configuration)?;
    let configured = configured(&desk, &asker, &configuration, wanted.revision, true).await?;
    let site_names = match desk.examinations.of(&desk.pool, &asker.tenant_id).await {
        Ok(examination) => examination.site_names.clone(),
        // Before the first import sites have no names.
        Err(_) => std::collections::BTreeMap::new(),
    };
    let language = asker.user.language;
    Ok(Json(SettingsPreview {
        difference: difference(&before, &configuration),
        effects: effects::effects(language, &site_names, &configured),
        held: effects::held(language, &site_names, &configured),
    }))
}

/// Changes the settings, as `oneroster tenant apply` does.
pub(super) async fn apply(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(wanted): Body<WantedSettings>,
) -> Result<Json<StoredSettings>, ApiError> {
    require_operator(&asker)?;
    let configuration = parsed(&asker, wanted.configuration)?;
    let configured = configured(&desk, &asker, &configuration, wanted.revision, false).await?;
    Ok(Json(StoredSettings {
        revision: configured.revision,
    }))
}

fn require_operator(asker: &TenantUser) -> Result<(), DeskError> {
    if asker.user.is_operator {
        Ok(())
    } else {
        Err(DeskError::NotFound)
    }
}

async fn stored(desk: &Desk, asker: &TenantUser) -> Result<Configuration, DeskError> {
    let mut transaction = scope::begin(&desk.pool, &asker.tenant_id).await?;
    let configuration = match tenants::get(&mut transaction, &asker.tenant_id).await {
        Err(tenants::Error::Unknown(_)) => return Err(DeskError::NotFound),
        other => other?,
    };
    transaction.commit().await?;
    Ok(configuration)
}

/// Reads settings by the rules of a tenant file. What is left empty is not set.
fn parsed(asker: &TenantUser, mut wanted: Value) -> Result<Configuration, ApiError> {
    let invalid = |problems: String| {
        let message = text(asker.user.language, "settings-error-invalid");
        Refused::unprocessable("settings-invalid", message, Some(problems))
    };
    drop_empty(&mut wanted);
    let document = toml::to_string(&wanted).map_err(|error| invalid(error.to_string()))?;
    let configuration = file::parse(&document).map_err(|error| invalid(problems(&error)))?;
    if configuration.id.as_str() == asker.tenant_id {
        Ok(configuration)
    } else {
        Err(DeskError::NotFound.into())
    }
}

fn problems(error: &file::Error) -> String {
    match error {
        file::Error::Parse(error) => error.message().to_owned(),
        file::Error::Invalid(problems) => problems.join("\n"),
    }
}

fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null() && member.as_str() != Some(""));
            members.values_mut().for_each(drop_empty);
        }
        Value::Array(entries) => entries.iter_mut().for_each(drop_empty),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn configured(
    desk: &Desk,
    asker: &TenantUser,
    configuration: &Configuration,
    revision: i64,
    dry_run: bool,
) -> Result<Configured, ApiError> {
    let by = asker.user.author()?;
    let options = Options {
        source: Source::Desk { revision },
        force: false,
        dry_run,
    };
    configure::configure(Acting::by(&desk.pool, by.as_str()), configuration, options)
        .await
        .map_err(|error| refusal(asker.user.language, error))
}

fn refusal(language: Language, error: configure::Error) -> ApiError {
    use configure::Error as Failed;
    let said = |key| text(language, key);
    match error {
        Failed::Tenant(tenants::Error::Older { difference, .. }) => {
            let changed = Refused::conflict("settings-changed", said("settings-error-changed"));
            changed.with("difference", json!(difference)).into()
        }
        Failed::Tenant(tenants::Error::OrgIdForm) => {
            Refused::unprocessable("settings-org-ids", said("settings-error-org-ids"), None).into()
        }
        Failed::Tenant(tenants::Error::SchoolYear { .. }) => {
            let message = said("settings-error-school-year");
            Refused::unprocessable("settings-school-year", message, None).into()
        }
        Failed::Database(error) | Failed::Tenant(tenants::Error::Database(error)) => {
            DeskError::Database(error).into()
        }
        Failed::Tenant(error) => DeskError::Tenant(error).into(),
        Failed::Publication(error) => DeskError::from(error).into(),
        Failed::Usernames(error) => {
            tracing::error!(error = ?error, "the usernames could not be read");
            DeskError::Failed.into()
        }
    }
}
