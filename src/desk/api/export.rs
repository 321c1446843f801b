//! The list as a file: everybody who matches, with the columns as they are shown.

use std::sync::Arc;

use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::Body;
use crate::desk::error::DeskError;
use crate::desk::list::{Column, Filter, Seen, Sort, cell, heading};
use crate::desk::record::record;
use crate::desk::refusal::ApiError;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::tabular::{sheet, workbook};

/// How wide the columns of a workbook are, in characters.
const WIDTH: f64 = 24.0;

/// A form of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::desk) enum Format {
    /// Text with `;`, as a spreadsheet here wants it.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// Which file is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct ExportQuestion {
    /// Its form.
    format: Format,
    /// Which people are meant.
    #[serde(default)]
    filter: Filter,
    /// The columns to sort by.
    #[serde(default)]
    sort: Vec<Sort>,
    /// The columns, in their order.
    columns: Vec<Column>,
}

/// Answers the file. It is entered in the audit trail before its first byte leaves.
pub(super) async fn export(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    Body(question): Body<ExportQuestion>,
) -> Result<Response, ApiError> {
    let ExportQuestion {
        format,
        filter,
        sort,
        mut columns,
    } = question;
    let mut known = Vec::new();
    columns.retain(|column| {
        let is_new = !known.contains(column);
        known.push(*column);
        is_new
    });
    let view = desk.lists.get(&user.tenant_id).await?;
    let (rights, language) = (user.rights.clone(), user.user.language);
    let work = {
        let columns = columns.clone();
        move || {
            let seen = Seen::new(&view, &rights);
            let selection = seen.people(&filter, &sort);
            let people = seen.range(&selection, 0, selection.len());
            let row = |person| {
                columns
                    .iter()
                    .map(|column| cell(language, person, *column))
                    .collect()
            };
            let rows: Vec<Vec<String>> = people.iter().map(row).collect();
            let headings: Vec<String> = columns.iter().map(|column| heading(language, *column)).collect();
            let bytes = match format {
                Format::Csv => sheet(std::iter::once(headings).chain(rows.iter().cloned())).into_bytes(),
                Format::Xlsx => {
                    let columns = headings
                        .iter()
                        .map(|name| workbook::Column { name, width: WIDTH });
                    let columns: Vec<workbook::Column<'_>> = columns.collect();
                    workbook::write("Gebruikersnamen", &columns, rows.iter())?
                }
            };
            Ok::<_, crate::tabular::WorkbookError>((bytes, rows.len()))
        }
    };
    let made = tokio::task::spawn_blocking(work).await;
    let Ok(Ok((bytes, people))) = made else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let kind = if columns.contains(&Column::BirthDate) {
        "birth_dates_exported"
    } else {
        "usernames_exported"
    };
    let detail = json!({ "people": people, "columns": columns });
    record(&desk, &user, kind, &detail)
        .await
        .map_err(DeskError::from)?;
    Ok(file(format, &user.tenant_id, bytes))
}

fn file(format: Format, tenant_id: &str, bytes: Vec<u8>) -> Response {
    let (extension, media_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Xlsx => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let name = format!("attachment; filename=\"gebruikersnamen-{tenant_id}.{extension}\"");
    let mut response = Response::new(Bytes::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}
