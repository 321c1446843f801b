//! The check file: downloaded, judged, applied (R54–R57).
//!
//! A changed file is judged first, row by row; it is applied in a second step, which carries the file again and the fingerprint of
//! what was said of it. Whatever came in between is told, and nothing is changed.

mod judgement;
mod words;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use oneroster_school::rights::Access;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::body::Body as JsonBody;
use crate::accounts::check_file::{self, BYTES_LIMIT, Bounds, Corrected, FileFormat, GivenFile, Step};
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::{Language, text};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::edge::{BodyError, read_body};
pub(super) use judgement::Judgement;

/// How long the name of a file may be, in characters.
const NAME_MAX_LENGTH: usize = 200;

/// A check file that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::desk) struct ExportAsked {
    /// `csv` or `xlsx`.
    format: String,
    /// One org; `None` or empty = every place that may be seen.
    #[serde(default)]
    place: Option<String>,
}

/// A file that is handed in.
struct Given {
    /// Its name, which tells its format.
    name: String,
    /// To apply it: the fingerprint of what was said of it.
    fingerprint: String,
}

impl Given {
    fn read(query: RawQuery) -> Result<Self, DeskError> {
        let form = Form::read(query.0.unwrap_or_default().as_bytes())?;
        let field = |name| form.get(name).unwrap_or_default().to_owned();
        Ok(Self {
            name: field("name"),
            fingerprint: field("fingerprint"),
        })
    }
}

/// Answers with the check file of the places that may be seen. It is entered in the audit trail before it leaves.
pub(super) async fn export(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    JsonBody(asked): JsonBody<ExportAsked>,
) -> Result<Response, DeskError> {
    let org = asked.place.as_deref().filter(|place| !place.is_empty());
    let is_seen = org.map_or(user.rights.strongest(), |org| user.rights.org_access(org)) > Access::None;
    let format = match asked.format.as_str() {
        "csv" => FileFormat::Csv,
        "xlsx" => FileFormat::Workbook,
        _ => return Err(DeskError::NotFound),
    };
    if !is_seen {
        return Err(DeskError::NotFound);
    }
    let author = user.user.author()?;
    let bounds = Bounds {
        org,
        rights: Some(&user.rights),
    };
    let file = check_file::export(&desk.pool, &user.tenant_id, format, bounds).await?;
    check_file::note_export(&desk.pool, &user.tenant_id, Some(&author), &file, org).await?;
    let (extension, media_type) = match format {
        FileFormat::Csv => ("csv", "text/csv; charset=utf-8"),
        FileFormat::Workbook => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let name = format!(
        "attachment; filename=\"controlebestand-{}.{extension}\"",
        user.tenant_id
    );
    let mut response = Response::new(Body::from(file.bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Judges a file and changes nothing.
pub(super) async fn judge(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Response, DeskError> {
    let (given, language) = (Given::read(query)?, user.user.language);
    let file = match taken(&user, given.name, body).await? {
        Ok(file) => file,
        Err(error) => return Ok(not_taken(language, error)),
    };
    let corrected = read(&desk, &user, file, Step::Judge).await?;
    Ok(Json(Judgement::new(language, corrected)).into_response())
}

/// Applies a file if what is said of it is still what was said before.
pub(super) async fn apply(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Response, DeskError> {
    let (given, language) = (Given::read(query)?, user.user.language);
    let file = match taken(&user, given.name, body).await? {
        Ok(file) => file,
        Err(error) => return Ok(not_taken(language, error)),
    };
    let corrected = read(&desk, &user, file, Step::ApplyIf(&given.fingerprint)).await?;
    let (status, code, key) = if corrected.is_applied {
        return Ok(Json(Judgement::new(language, corrected)).into_response());
    } else if corrected.fingerprint == given.fingerprint {
        (StatusCode::UNPROCESSABLE_ENTITY, "refused", "check-file-refused")
    } else {
        (
            StatusCode::CONFLICT,
            "changed-meanwhile",
            "check-file-changed-meanwhile",
        )
    };
    let preview = Judgement::new(language, corrected);
    let error = json!({ "code": code, "message": text(language, key) });
    Ok((status, Json(json!({ "error": error, "preview": preview }))).into_response())
}

async fn read(
    desk: &Desk,
    user: &TenantUser,
    file: GivenFile,
    step: Step<'_>,
) -> Result<Corrected, DeskError> {
    let bounds = Bounds {
        org: None,
        rights: Some(&user.rights),
    };
    let author = user.user.author()?;
    Ok(check_file::import(&desk.pool, &user.tenant_id, &author, file, bounds, step).await?)
}

/// Takes a file from whoever may change a username somewhere.
async fn taken(
    user: &TenantUser,
    name: String,
    body: Body,
) -> Result<Result<GivenFile, BodyError>, DeskError> {
    if user.rights.strongest() < Access::Write {
        return Err(DeskError::NotFound);
    }
    let name = name.chars().filter(|character| !character.is_control());
    let name: String = name.take(NAME_MAX_LENGTH).collect();
    Ok(read_body(body, BYTES_LIMIT).await.map(|bytes| GivenFile {
        name,
        bytes: bytes.into(),
    }))
}

fn not_taken(language: Language, error: BodyError) -> Response {
    let (code, key) = match error {
        BodyError::TooLarge { .. } => ("too-large", "check-file-too-large"),
        BodyError::Incomplete | BodyError::Slow { .. } => ("incomplete", "check-file-incomplete"),
    };
    let error_body = json!({ "error": { "code": code, "message": text(language, key) } });
    (error.status(), Json(error_body)).into_response()
}
