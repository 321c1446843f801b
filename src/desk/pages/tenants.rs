//! All tenants with their status, for the vendor's operator: the same operation as `oneroster tenant status`.

use std::collections::HashSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use oneroster_school::tenant::Configuration;

use crate::desk::address::query_value;
use crate::desk::dates;
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::{Language, text, text_with};
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::User;
use crate::desk::state::Desk;
use crate::publication::{self, TenantStatus};
use crate::roster::holds;
use crate::synclog::Ending;
use crate::tenants;

/// How many tenants a page shows: each costs a few statements.
const SHOWN_MAX: usize = 50;

#[derive(Template)]
#[template(path = "tenants.html")]
struct Tenants {
    frame: Frame,
    search: String,
    count: String,
    rows: Vec<Row>,
    earlier: Option<String>,
    later: Option<String>,
}

/// A tenant in words.
struct Row {
    path: String,
    name: String,
    id: String,
    school_year: String,
    import: String,
    publication: String,
    pull: String,
    /// What is wrong, each with the class of its badge.
    troubles: Vec<(&'static str, String)>,
    unserved: usize,
    next_change: String,
}

/// Shows the tenants: those that are held first, then by id. Who is no operator is answered as if there were no such page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    user: User,
    RawQuery(query): RawQuery,
) -> Result<Response, DeskError> {
    if !user.is_operator {
        return Err(DeskError::NotFound);
    }
    let wanted = Form::read(query.unwrap_or_default().as_bytes())?;
    // A part of an id or a name, and the page, counted from 1.
    let search = wanted.get("search").unwrap_or_default().to_owned();
    let page_number = wanted
        .get("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1_usize)
        .max(1);
    let found = found(&desk, &search).await?;
    let from = (page_number - 1).saturating_mul(SHOWN_MAX);
    let mut rows = Vec::new();
    for configuration in found.iter().skip(from).take(SHOWN_MAX) {
        let status = publication::status(&desk.pool, configuration.id.as_str(), desk.silent_after).await?;
        rows.push(row(user.language, desk.base_path(), &status));
    }
    let frame = Frame::of_user(&user, desk.base_path());
    let nonce = frame.nonce.clone();
    let base_path = desk.base_path();
    let link = |number: usize| {
        let search = query_value(&search);
        format!("{base_path}/desk/tenants?search={search}&page={number}")
    };
    let shown = Tenants {
        count: text_with(user.language, "tenants-count", [("count", found.len().into())]),
        earlier: (page_number > 1).then(|| link(page_number - 1)),
        later: (from + SHOWN_MAX < found.len()).then(|| link(page_number + 1)),
        search: search.clone(),
        rows,
        frame,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}

async fn found(desk: &Desk, search: &str) -> Result<Vec<Configuration>, DeskError> {
    let mut tenants = tenants::list(&mut *desk.pool.acquire().await?).await?;
    let search = search.trim().to_lowercase();
    tenants.retain(|tenant| {
        tenant.id.as_str().contains(&search) || tenant.name.to_lowercase().contains(&search)
    });
    let held: HashSet<String> = holds::tenants(&desk.pool)
        .await?
        .into_iter()
        .map(|held| held.tenant_id)
        .collect();
    // By id already; the sort keeps that order.
    tenants.sort_by_key(|tenant| !held.contains(tenant.id.as_str()));
    Ok(tenants)
}

fn row(language: Language, base_path: &str, status: &TenantStatus) -> Row {
    let never = || text(language, "tenants-never");
    let since = |key: &str, at| text_with(language, key, [("since", dates::moment(at).into())]);
    let mut troubles = Vec::new();
    if let Some(hold) = &status.held {
        troubles.push(("warn", since("tenants-held", hold.held_at)));
    }
    if let Some(at) = status.failing_since {
        troubles.push(("bad", since("tenants-failing", at)));
    }
    if let Some(at) = status.silent_since {
        troubles.push(("warn", since("tenants-silent", at)));
    }
    if status
        .last_pull
        .as_ref()
        .is_some_and(|run| run.ending() == Ending::BrokenOff)
    {
        troubles.push(("bad", text(language, "tenants-broken-off")));
    }
    let pull = status
        .last_pull
        .as_ref()
        .map(|run| dates::moment(run.last_request_at));
    Row {
        path: format!("{base_path}{}", Screen::Overview.path(&status.tenant_id)),
        name: status.name.clone(),
        id: status.tenant_id.clone(),
        school_year: status.school_year.clone(),
        import: status
            .last_import
            .as_ref()
            .map_or_else(never, |load| dates::moment(load.at)),
        publication: status
            .last_publication
            .map_or_else(never, |(_, at)| dates::moment(at)),
        pull: pull.unwrap_or_else(never),
        troubles,
        unserved: status.unserved,
        next_change: status.next_change.map_or_else(|| "-".to_owned(), dates::shown),
    }
}
