//! OneRoster requests: who asks, for which generation, what.

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;

use super::App;
use super::catalog::{Operation, Target};
use super::error::ApiError;
use super::link;
use super::path::{encode, pairs};
use super::reply::{self, Data};
use super::trace::Trace;
use crate::auth::{ClientSettings, Ticket};
use crate::query::{ListQuery, Policy, SingleQuery};
use crate::serving::{self, Snapshot};
use crate::synclog::Page;

/// Longest query string, in bytes.
const QUERY_MAX: usize = 8192;

/// One request for an operation.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: &'static Operation,
    pub(super) ids: &'a [String],
    pub(super) head: &'a Parts,
    pub(super) request_id: &'a str,
}

/// Answers a OneRoster request.
pub(super) async fn respond(app: &App, call: &Call<'_>, trace: &Trace) -> Result<Response, ApiError> {
    let ticket = app.auth.verify(bearer(call.head)?).await?;
    trace.ticket(&ticket);
    let scopes = call.operation.scopes;
    if !ticket.scopes.has_any(scopes) {
        return Err(ApiError::InsufficientScope { scopes });
    }
    let parameters = parameters(call.head)?;
    let policy = policy(app.auth.settings(&ticket.client_id));
    match call.operation.target {
        Target::Collection => collection(app, call, &ticket, parameters, &policy, trace).await,
        Target::Single => single(app, call, &ticket, &parameters, &policy, trace).await,
    }
}

async fn collection(
    app: &App,
    call: &Call<'_>,
    ticket: &Ticket,
    parameters: Vec<(String, String)>,
    policy: &Policy,
    trace: &Trace,
) -> Result<Response, ApiError> {
    let kind = call.operation.kind;
    let query = ListQuery::parse(kind, &parameters, policy)?;
    let snapshot = snapshot(app, ticket).await?;
    let (limit, offset, is_unpaged) = (query.limit(), query.offset(), query.is_unpaged());
    let is_delta = query.is_delta();
    let is_plain = parameters.iter().all(|(name, _)| link::is_paging(name));
    let page = if is_plain {
        snapshot.list(kind, &query, call.request_id)
    } else {
        // A filter or sort may look at every object: that would hold up the other requests of this thread.
        let (snapshot, request_id) = (Arc::clone(&snapshot), call.request_id.to_owned());
        tokio::task::spawn_blocking(move || snapshot.list(kind, &query, &request_id))
            .await
            .map_err(|_| ApiError::Panic)?
    };
    trace.page(Page {
        offset,
        rows: page.count,
        total: page.total,
        is_delta,
    });
    let link = (!is_unpaged).then(|| {
        let address = address(app, call);
        link::header(&link::Page {
            address: &address,
            parameters: &parameters,
            limit,
            offset,
            total: page.total,
        })
    });
    Ok(reply::data(
        &snapshot,
        Data {
            pieces: page.body,
            count: page.count,
            total: page.total,
            link,
        },
    ))
}

async fn single(
    app: &App,
    call: &Call<'_>,
    ticket: &Ticket,
    parameters: &[(String, String)],
    policy: &Policy,
    trace: &Trace,
) -> Result<Response, ApiError> {
    let kind = call.operation.kind;
    let query = SingleQuery::parse(kind, parameters, policy)?;
    let snapshot = snapshot(app, ticket).await?;
    let sourced_id = call.ids.last().map_or("", String::as_str);
    let found = snapshot
        .single(kind, sourced_id, &query, call.request_id)
        .ok_or(ApiError::UnknownObject { kind })?;
    trace.rows(1);
    Ok(reply::data(
        &snapshot,
        Data {
            pieces: found.body,
            count: 1,
            total: 1,
            link: None,
        },
    ))
}

/// Returns the token of a request. The scheme's case does not matter (RFC 9110 §11.1).
fn bearer(head: &Parts) -> Result<&str, ApiError> {
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::NoToken);
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
        .ok_or(ApiError::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    Ok(token.trim())
}

fn parameters(head: &Parts) -> Result<Vec<(String, String)>, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    if query.len() > QUERY_MAX {
        return Err(ApiError::QueryTooLong { limit: QUERY_MAX });
    }
    pairs(query).ok_or(ApiError::BadEncoding { place: "query" })
}

fn policy(settings: ClientSettings) -> Policy {
    let default = Policy::default();
    Policy {
        include_tombstones_unfiltered: settings
            .include_tombstones
            .unwrap_or(default.include_tombstones_unfiltered),
        unpaged_delta: settings.unpaged_delta.unwrap_or(default.unpaged_delta),
        native_booleans: settings.native_booleans.unwrap_or(default.native_booleans),
    }
}

/// Returns the generation the token is a ticket to.
async fn snapshot(app: &App, ticket: &Ticket) -> Result<Arc<Snapshot>, ApiError> {
    let Some(generation_id) = ticket.generation_id else {
        return Err(match app.auth.has_published(&ticket.tenant_id).await {
            Ok(true) => ApiError::NoTicket,
            Ok(false) => ApiError::NotPublished,
            Err(error) if error.is_unavailable() => ApiError::Unavailable(error.with_causes()),
            Err(error) => ApiError::Internal(error.with_causes()),
        });
    };
    app.snapshots
        .get(&ticket.tenant_id, generation_id)
        .await
        .map_err(|error| match error {
            serving::Error::NotFound => ApiError::NoTicket,
            serving::Error::Database(cause) => ApiError::Unavailable(cause.to_string()),
        })
}

/// Returns the address of the collection asked for, for links.
fn address(app: &App, call: &Call<'_>) -> String {
    let mut ids = call.ids.iter();
    let path = call.operation.template.split('/').map(|part| {
        if part.starts_with('{') {
            encode(ids.next().map_or("", String::as_str))
        } else {
            part.to_owned()
        }
    });
    format!(
        "{}/ims/oneroster/v1p1{}",
        app.base_url,
        path.collect::<Vec<_>>().join("/")
    )
}
