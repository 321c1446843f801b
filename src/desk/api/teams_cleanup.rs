//! The file with which School Data Sync archives the Teams of a school year that is over (R146): of the one that an administrator
//! downloads there, the rows of that year and none of the active one.
//!
//! It is of the whole school group, so only who is manager of all its schools makes it. Nothing is changed or kept here.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use oneroster_entra::usage::{Judged, Sheet, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::upload::{not_taken, unusable};
use crate::access::grants;
use crate::db::scope;
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::{Language, text, text_with};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::edge::read_body;
use crate::microsoft::{self, OldClassesError};
use crate::tenants;

/// How large the file may be, in bytes.
const BYTES_LIMIT: usize = 32 << 20;

/// How many rows are listed.
const ROWS_MAX: usize = 500;

/// What a file of Teams comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct TeamsAnswer {
    /// What it comes to, in words.
    summary: String,
    /// How many rows are not in the file to upload, by reason, in words.
    left_out: Vec<String>,
    /// The Teams in the file to upload: the first of them.
    kept: Vec<KeptTeam>,
    /// How many more there are.
    kept_left_off: usize,
}

/// A Team in the file to upload.
#[derive(Debug, Serialize, JsonSchema)]
struct KeptTeam {
    /// The line.
    line: u64,
    /// What the class is called.
    name: String,
}

/// A file that was read, and what its rows are.
struct Looked {
    sheet: Sheet,
    judged: Judged,
    year: String,
}

/// Says what would be in the file to upload.
pub(super) async fn judge(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Response, DeskError> {
    let language = user.user.language;
    Ok(match looked(&desk, &user, query, body).await? {
        Ok(looked) => Json(answer(language, &looked)).into_response(),
        Err(refused) => refused,
    })
}

/// Answers with the file to upload: the columns, order and encoding of the one that was handed in.
pub(super) async fn file(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Response, DeskError> {
    let Looked { sheet, judged, .. } = match looked(&desk, &user, query, body).await? {
        Ok(looked) => looked,
        Err(refused) => return Ok(refused),
    };
    let kept = judged
        .rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Kept(_)));
    let bytes = sheet.with_rows(kept.filter_map(|row| sheet.rows().get(row.index)));
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"SectionUsage.csv\""),
    );
    Ok(response)
}

async fn looked(
    desk: &Desk,
    user: &TenantUser,
    query: RawQuery,
    body: Body,
) -> Result<Result<Looked, Response>, DeskError> {
    let language = user.user.language;
    let form = Form::read(query.0.unwrap_or_default().as_bytes())?;
    let year = form.get("year").unwrap_or_default().to_owned();
    if !manages_all(desk, user).await? {
        return Err(DeskError::NotFound);
    }
    let bytes = match read_body(body, BYTES_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(not_taken(language, &error, "teams-too-large"))),
    };
    let known = match microsoft::old_classes(&desk.pool, &user.tenant_id, &year).await {
        Ok(known) => known,
        Err(error) => return told(language, &year, error).map(Err),
    };
    let looking = tokio::task::spawn_blocking(move || {
        let sheet = Sheet::read(&bytes).ok()?;
        let judged = known.years.judge(&sheet, &year, &known.active_year);
        Some(Looked { sheet, judged, year })
    });
    let Some(looked) = looking.await.map_err(|_| DeskError::Failed)? else {
        return Ok(Err(unusable("unreadable", &text(language, "teams-unreadable"))));
    };
    Ok(refusal(language, &looked).map_or(Ok(looked), Err))
}

/// Returns `true` for who is manager of every school of the school group.
pub(in crate::desk) async fn manages_all(desk: &Desk, user: &TenantUser) -> Result<bool, DeskError> {
    let mut transaction = scope::begin_look(&desk.pool, &user.tenant_id).await?;
    let configuration = tenants::get(&mut transaction, &user.tenant_id).await?;
    transaction.commit().await?;
    Ok(grants::manages_all(&user.rights, &configuration))
}

/// Tells why no file can be made of a school year.
fn told(language: Language, year: &str, error: OldClassesError) -> Result<Response, DeskError> {
    let key = match error {
        OldClassesError::Active(_) => "teams-refused-active",
        OldClassesError::Unknown { .. } => "teams-refused-unknown",
        OldClassesError::Purged { .. } => "teams-refused-purged",
        OldClassesError::Database(error) => return Err(error.into()),
        OldClassesError::Tenant(error) => return Err(error.into()),
        other @ (OldClassesError::Roster(_) | OldClassesError::Content(..)) => {
            tracing::error!(error = ?other, "the classes of a school year cannot be read");
            return Err(DeskError::Failed);
        }
    };
    let message = text_with(language, key, [("year", year.to_owned().into())]);
    Ok(unusable("year-refused", &message))
}

/// Refuses a file from which more would be archived than is meant, or nothing.
fn refusal(language: Language, looked: &Looked) -> Option<Response> {
    let judged = &looked.judged;
    if judged.header_is_class {
        return Some(unusable("no-header", &text(language, "teams-refused-header")));
    }
    if let Some(first) = judged.contradictions.first() {
        let arguments = [
            ("count", judged.contradictions.len().into()),
            ("line", first.line.into()),
            ("name", first.class.name.clone().into()),
        ];
        return Some(unusable(
            "in-use",
            &text_with(language, "teams-refused-in-use", arguments),
        ));
    }
    let has_kept = judged
        .rows
        .iter()
        .any(|row| matches!(row.verdict, Verdict::Kept(_)));
    let year = looked.year.clone().into();
    (!has_kept).then(|| {
        unusable(
            "nothing",
            &text_with(language, "teams-refused-nothing", [("year", year)]),
        )
    })
}

fn answer(language: Language, looked: &Looked) -> TeamsAnswer {
    let kept: Vec<KeptTeam> = looked
        .judged
        .rows
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::Kept(class) => Some(KeptTeam {
                line: row.line,
                name: class.name.clone(),
            }),
            Verdict::OfActiveYear(_) | Verdict::OfOtherYear(_) | Verdict::Unknown | Verdict::Empty => None,
        })
        .collect();
    let count = |is_it: fn(&Verdict) -> bool| {
        let rows = looked.judged.rows.iter();
        rows.filter(|row| is_it(&row.verdict)).count()
    };
    let reasons = [
        (
            "teams-left-active",
            count(|verdict| matches!(verdict, Verdict::OfActiveYear(_))),
        ),
        (
            "teams-left-other",
            count(|verdict| matches!(verdict, Verdict::OfOtherYear(_))),
        ),
        (
            "teams-left-unknown",
            count(|verdict| matches!(verdict, Verdict::Unknown)),
        ),
    ];
    let left_out = reasons.iter().filter(|(_, count)| *count > 0);
    let arguments = [("count", kept.len().into()), ("year", looked.year.clone().into())];
    let summary = text_with(language, "teams-summary", arguments);
    let kept_left_off = kept.len().saturating_sub(ROWS_MAX);
    TeamsAnswer {
        summary,
        left_out: left_out
            .map(|(key, count)| text_with(language, key, [("count", (*count).into())]))
            .collect(),
        kept: kept.into_iter().take(ROWS_MAX).collect(),
        kept_left_off,
    }
}
