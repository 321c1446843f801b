//! *Afdrukken per klas*: names and usernames, a page per class, without birth dates.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use oneroster_standard::Moment;
use serde_json::json;

use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::list::{Column, ColumnFilter, Filter, Kind, PrintedClass, Seen};
use crate::desk::page::{self, Frame};
use crate::desk::record::record;
use crate::desk::refusal::ApiError;
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

#[derive(Template)]
#[template(path = "print.html")]
struct Print {
    frame: Frame,
    classes: Vec<PrintedClass>,
    printed_at: String,
}

/// Shows the pages to print: of one class if `class` names one. They are entered in the audit trail before the first byte leaves.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    user: TenantUser,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let mut filter = Filter {
        kind: Some(Kind::Pupil),
        ..Filter::default()
    };
    let asked = Form::read(query.unwrap_or_default().as_bytes())?;
    let class = asked.get("class").unwrap_or_default().trim();
    if !class.is_empty() {
        let named = ColumnFilter {
            equals: Some(class.to_owned()),
            ..ColumnFilter::default()
        };
        filter.columns = BTreeMap::from([(Column::Class, named)]);
    }
    let view = desk.lists.get(&user.tenant_id).await?;
    let classes = Seen::new(&view, &user.rights).by_class(&filter);
    let people: usize = classes.iter().map(|class| class.people.len()).sum();
    let detail = json!({ "people": people, "classes": classes.len() });
    record(&desk, &user, "usernames_printed", &detail)
        .await
        .map_err(DeskError::from)?;
    let frame = Frame::new(user.user.language, desk.base_path());
    let nonce = frame.nonce.clone();
    let shown = Print {
        frame,
        classes,
        printed_at: Moment::from(desk.clock.now()).on_page(),
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}
