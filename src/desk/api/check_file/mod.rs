//! The check file: downloaded, judged, applied (R54–R57).
//!
//! A changed file is judged first, row by row; it is applied in a second step, which carries the file again and the fingerprint of
//! what was said of it. Whatever came in between is told, and nothing is changed.

mod judgement;
mod matched;
mod words;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use oneroster_entra::{Domains, ReadError};
use oneroster_school::rights::Access;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::body::Body as JsonBody;
use super::upload::{not_taken, unusable};
use crate::accounts;
use crate::accounts::check_file::{
    self, BYTES_LIMIT, Bounds, CheckFile, Corrected, FileFormat, GivenFile, Step,
};
use crate::accounts::matching::{Matched, is_account_file, match_accounts};
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::{Language, text, text_with};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::edge::{BodyError, read_body};
pub(super) use judgement::Judgement;
pub(super) use matched::MatchAnswer;

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
    let format = format_of(&asked.format)?;
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
    Ok(saved(&user.tenant_id, file, format))
}

fn format_of(word: &str) -> Result<FileFormat, DeskError> {
    match word {
        "csv" => Ok(FileFormat::Csv),
        "xlsx" => Ok(FileFormat::Workbook),
        _ => Err(DeskError::NotFound),
    }
}

/// Answers with a check file that a browser saves.
fn saved(tenant_id: &str, file: CheckFile, format: FileFormat) -> Response {
    let (extension, media_type) = match format {
        FileFormat::Csv => ("csv", "text/csv; charset=utf-8"),
        FileFormat::Workbook => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let name = format!("attachment; filename=\"controlebestand-{tenant_id}.{extension}\"");
    let mut response = Response::new(Body::from(file.bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
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
        Err(error) => return Ok(not_taken(language, &error, "check-file-too-large")),
    };
    let (file, is_accounts) = looked_at(file).await?;
    if is_accounts {
        // The page asks for the comparison instead; a program is told where it is.
        return Ok(unusable("accounts-file", &text(language, "match-is-accounts")));
    }
    let corrected = read(&desk, &user, file, Step::Judge).await?;
    Ok(Json(Judgement::new(language, corrected)).into_response())
}

/// Compares the people whom who asks may see with a file of accounts (R142). Nothing is changed.
pub(super) async fn compare(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    body: Body,
) -> Result<Response, DeskError> {
    let language = user.user.language;
    let matched = match compared(&desk, &user, body).await? {
        Ok(matched) => matched,
        Err(refused) => return Ok(refused),
    };
    Ok(Json(MatchAnswer::new(language, &matched)).into_response())
}

/// Answers with the check file of the people whom who asks may see, with what a file of accounts comes to: the third column has the
/// usernames that are beyond doubt. It is entered in the audit trail before it leaves.
pub(super) async fn export_compared(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Response, DeskError> {
    let language = user.user.language;
    let form = Form::read(query.0.unwrap_or_default().as_bytes())?;
    let format = format_of(form.get("format").unwrap_or_default())?;
    let matched = match compared(&desk, &user, body).await? {
        Ok(matched) => matched,
        Err(refused) => return Ok(refused),
    };
    let author = user.user.author()?;
    let writing = tokio::task::spawn_blocking(move || {
        let verdict = |verdict| matched::verdict_words(language, verdict);
        matched.check_file(format, verdict, |candidate| matched::because(language, candidate))
    });
    let file = writing.await.map_err(|_| accounts::Error::Interrupted)?;
    let file = file.map_err(accounts::Error::from)?;
    check_file::note_export(&desk.pool, &user.tenant_id, Some(&author), &file, None).await?;
    Ok(saved(&user.tenant_id, file, format))
}

/// Reads a file of accounts and compares; what cannot be read is told in words.
async fn compared(
    desk: &Desk,
    user: &TenantUser,
    body: Body,
) -> Result<Result<Matched, Response>, DeskError> {
    let language = user.user.language;
    let file = match taken(user, String::new(), body).await? {
        Ok(file) => file,
        Err(error) => return Ok(Err(not_taken(language, &error, "check-file-too-large"))),
    };
    let reading = tokio::task::spawn_blocking(move || oneroster_entra::read(&file.bytes, &[]));
    let accounts = match reading.await.map_err(|_| accounts::Error::Interrupted)? {
        Ok(accounts) => accounts,
        Err(error) => return Ok(Err(unreadable(language, &error))),
    };
    let rights = Some(&user.rights);
    let domains = Domains::default();
    Ok(Ok(match_accounts(
        &desk.pool,
        &user.tenant_id,
        accounts,
        domains,
        rights,
    )
    .await?))
}

/// Tells that a file of accounts cannot be read, and what to do.
fn unreadable(language: Language, error: &ReadError) -> Response {
    let message = match error {
        ReadError::NoUsername(columns) => text_with(
            language,
            "match-no-username",
            [("columns", columns.clone().into())],
        ),
        ReadError::TooLarge => text(language, "check-file-too-large"),
        ReadError::Quotes { line, .. } | ReadError::CutOff { line, .. } => {
            text_with(language, "match-not-whole", [("line", (*line).into())])
        }
        ReadError::NoAccounts => text(language, "match-no-accounts"),
        ReadError::Workbook
        | ReadError::NotText
        | ReadError::Empty
        | ReadError::Document(_)
        | ReadError::TooMany
        | ReadError::MicrosoftError(_)
        | ReadError::NoSuchColumn(..)
        | ReadError::Json { .. }
        | ReadError::NoUsers => text(language, "match-unreadable"),
    };
    unusable("unreadable", &message)
}

/// Tells whether a file is one of accounts.
async fn looked_at(file: GivenFile) -> Result<(GivenFile, bool), DeskError> {
    if FileFormat::of_name(&file.name) == FileFormat::Workbook {
        return Ok((file, false));
    }
    let looking = tokio::task::spawn_blocking(move || {
        let is_accounts = is_account_file(&file.bytes);
        (file, is_accounts)
    });
    Ok(looking.await.map_err(|_| accounts::Error::Interrupted)?)
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
        Err(error) => return Ok(not_taken(language, &error, "check-file-too-large")),
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
