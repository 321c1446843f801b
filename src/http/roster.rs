//! OneRoster requests: who asks, for which generation, what.

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use oneroster_standard::query::{ListQuery, ObjectForm, Policy, SingleQuery, meant_parameter};

use super::App;
use super::association::{self, Selection};
use super::catalog::{Operation, ROOT, Target};
use super::error::ApiError;
use super::etag;
use super::link;
use super::reply::{self, ObjectsResponse};
use super::request_facts::RequestFacts;
use crate::auth::{ClientSettings, Ticket};
use crate::edge::{GuardError, encode, query_parameters};
use crate::serving::{self, CollectionAnswer, Snapshot};
use crate::synclog;

/// Longest query string, in bytes.
const QUERY_BYTES_MAX: usize = 8192;

/// One request for an operation.
#[derive(Debug)]
pub(super) struct OperationRequest<'a> {
    pub(super) operation: &'static Operation,
    pub(super) ids: &'a [String],
    pub(super) head: &'a Parts,
    pub(super) request_id: &'a str,
}

/// Answers a OneRoster request.
pub(super) async fn respond(
    app: &App,
    request: &OperationRequest<'_>,
    facts: &RequestFacts,
) -> Result<Response, ApiError> {
    let ticket = app.auth.verify(bearer(request.head)?).await?;
    facts.ticket(&ticket);
    let scopes = request.operation.scopes;
    if !ticket.scopes.has_any(scopes) {
        return Err(ApiError::InsufficientScope { scopes });
    }
    let parameters = parameters(request.head)?;
    let warning = misspelt(&parameters, facts);
    let settings = app.auth.settings(&ticket.client_id);
    let tag = ticket.generation_id.map(|generation_id| {
        etag::of(&etag::TaggedRequest {
            generation_id,
            base_url: &app.base_url,
            operation: request.operation.id,
            ids: request.ids,
            query: request.head.uri.query().unwrap_or_default(),
            settings,
        })
    });
    if let Some(tag) = tag
        .as_ref()
        .filter(|tag| etag::is_known(&request.head.headers, tag))
    {
        return Ok(reply::warned(
            reply::not_modified(tag, ticket.number),
            warning.as_deref(),
        ));
    }
    let response = if request.operation.is_single() {
        single(app, request, &ticket, &parameters, settings, facts).await
    } else {
        collection(app, request, &ticket, parameters, settings, facts).await
    }?;
    let response = reply::warned(response, warning.as_deref());
    Ok(match tag {
        Some(tag) => reply::tagged(response, &tag),
        None => response,
    })
}

/// Writes a warning about parameters that look like misspelt known ones, which are served as if they were not there. The log says
/// what was meant, not what was sent.
fn misspelt(parameters: &[(String, String)], facts: &RequestFacts) -> Option<String> {
    let mut warnings = Vec::new();
    let mut all_meant = Vec::new();
    for (name, _) in parameters {
        let Some(meant) = meant_parameter(name) else {
            continue;
        };
        let printable = |character: char| {
            if character.is_ascii_graphic() {
                character
            } else {
                '?'
            }
        };
        let shown: String = name.chars().map(printable).collect();
        warnings.push(format!(
            "parameter {shown} is not known and was passed over; did you mean {meant}?"
        ));
        all_meant.push(meant);
    }
    if warnings.is_empty() {
        return None;
    }
    facts.log.noted(format!(
        "parameters that may be misspelt, meant: {}",
        all_meant.join(" ")
    ));
    Some(warnings.join(" "))
}

async fn collection(
    app: &App,
    request: &OperationRequest<'_>,
    ticket: &Ticket,
    parameters: Vec<(String, String)>,
    settings: ClientSettings,
    facts: &RequestFacts,
) -> Result<Response, ApiError> {
    let view = request.operation.view;
    let query = ListQuery::parse(view.object_type, &parameters, &policy(settings))?;
    let snapshot = snapshot(app, ticket).await?;
    let (limit, offset, is_unpaged) = (query.limit(), query.offset(), query.is_unpaged());
    let is_delta = query.is_delta();
    let is_quick = serving::is_quick(&query);
    let question = CollectionQuery {
        operation: request.operation,
        ids: request.ids.to_vec(),
        query,
        is_unknown_parent_404: settings.unknown_parent_404.unwrap_or(false),
        request_id: request.request_id.to_owned(),
    };
    let is_everything = request.operation.target == Target::Collection && view.only.is_none();
    let page = if is_everything && is_quick {
        question.answer(&snapshot)?
    } else {
        // It may look at every object: that would hold up the other requests of this thread.
        let snapshot = Arc::clone(&snapshot);
        tokio::task::spawn_blocking(move || question.answer(&snapshot))
            .await
            .map_err(|_| ApiError::Guard(GuardError::Panic))??
    };
    facts.page(synclog::Page {
        offset,
        rows: page.count,
        total: page.total,
        is_delta,
    });
    let link = (!is_unpaged).then(|| {
        let address = address(app, request);
        link::header(&link::LinkedPage {
            address: &address,
            parameters: &parameters,
            limit,
            offset,
            total: page.total,
        })
    });
    Ok(reply::data(
        &snapshot,
        ObjectsResponse {
            body: page.body,
            count: page.count,
            total: page.total,
            link,
        },
    ))
}

/// A question about a collection, complete.
struct CollectionQuery {
    operation: &'static Operation,
    ids: Vec<String>,
    query: ListQuery,
    is_unknown_parent_404: bool,
    request_id: String,
}

impl CollectionQuery {
    fn answer(&self, snapshot: &Snapshot) -> Result<CollectionAnswer, ApiError> {
        match association::select(snapshot, self.operation, &self.ids)? {
            Selection::Published(kind, restriction) => {
                Ok(snapshot.list_within(kind, &restriction, &self.query, &self.request_id))
            }
            Selection::NoParent(parent) if self.is_unknown_parent_404 => {
                Err(ApiError::UnknownObject { name: parent.name })
            }
            Selection::NoParent(_) | Selection::Nothing => Ok(serving::nothing(
                self.operation.view.object_type,
                &self.query,
                &self.request_id,
            )),
        }
    }
}

async fn single(
    app: &App,
    request: &OperationRequest<'_>,
    ticket: &Ticket,
    parameters: &[(String, String)],
    settings: ClientSettings,
    facts: &RequestFacts,
) -> Result<Response, ApiError> {
    let view = request.operation.view;
    let query = SingleQuery::parse(view.object_type, parameters, &policy(settings))?;
    let snapshot = snapshot(app, ticket).await?;
    let sourced_id = request.ids.last().map_or("", String::as_str);
    let selection = if view.also.is_some() {
        // To tell may take an index over another collection: that would hold up the other requests of this thread.
        let (snapshot, operation, ids) = (Arc::clone(&snapshot), request.operation, request.ids.to_vec());
        tokio::task::spawn_blocking(move || association::select(&snapshot, operation, &ids))
            .await
            .map_err(|_| ApiError::Guard(GuardError::Panic))??
    } else {
        association::select(&snapshot, request.operation, request.ids)?
    };
    let found = match selection {
        Selection::Published(kind, restriction) => {
            snapshot.single_within(kind, &restriction, sourced_id, &query, request.request_id)
        }
        Selection::Nothing | Selection::NoParent(_) => None,
    };
    let found = found.ok_or(ApiError::UnknownObject { name: view.name })?;
    facts.rows(1);
    Ok(reply::data(
        &snapshot,
        ObjectsResponse {
            body: found.body,
            count: 1,
            total: 1,
            link: None,
        },
    ))
}

/// Returns the token of a request. The scheme's case does not matter (RFC 9110 §11.1).
pub(super) fn bearer(head: &Parts) -> Result<&str, ApiError> {
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::NoToken);
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
        .ok_or(ApiError::NoToken)?;
    if scheme.eq_ignore_ascii_case("oauth") {
        return Err(ApiError::OAuth1);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    Ok(token.trim())
}

fn parameters(head: &Parts) -> Result<Vec<(String, String)>, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    if query.len() > QUERY_BYTES_MAX {
        return Err(ApiError::QueryTooLong {
            limit: QUERY_BYTES_MAX,
        });
    }
    query_parameters(query).ok_or(ApiError::BadEncoding { place: "query" })
}

fn policy(settings: ClientSettings) -> Policy {
    let default = Policy::default();
    Policy {
        include_tombstones_unfiltered: settings
            .include_tombstones
            .unwrap_or(default.include_tombstones_unfiltered),
        unpaged_delta: settings.unpaged_delta.unwrap_or(default.unpaged_delta),
        unpaged_full: settings.unpaged_full.unwrap_or(default.unpaged_full),
        form: form(settings),
    }
}

/// Returns how objects are written for a client. Every setting of it is off by default.
fn form(settings: ClientSettings) -> ObjectForm {
    let is_on = |setting: Option<bool>| setting.unwrap_or(false);
    ObjectForm {
        native_booleans: is_on(settings.native_booleans),
        email: is_on(settings.email),
        enabled_users: is_on(settings.enabled_users),
        ended_enrollments: is_on(settings.ended_enrollments),
        district_org: is_on(settings.district_org),
    }
}

/// Returns why a token is a ticket to no generation.
pub(super) async fn no_generation(app: &App, ticket: &Ticket) -> ApiError {
    match Box::pin(app.auth.has_published(&ticket.tenant_id)).await {
        Ok(true) => ApiError::NoTicket,
        Ok(false) => ApiError::NotPublished,
        Err(error) if error.is_unavailable() => ApiError::Unavailable(error.with_causes()),
        Err(error) => ApiError::Internal(error.with_causes()),
    }
}

/// Returns the generation the token is a ticket to.
async fn snapshot(app: &App, ticket: &Ticket) -> Result<Arc<Snapshot>, ApiError> {
    let Some(generation_id) = ticket.generation_id else {
        return Err(no_generation(app, ticket).await);
    };
    app.snapshots
        .get(&ticket.tenant_id, generation_id)
        .await
        .map_err(|error| match error {
            serving::Error::NotFound => ApiError::NoTicket,
            serving::Error::Database(ref cause) if error.is_unavailable() => {
                ApiError::Unavailable(cause.to_string())
            }
            serving::Error::Database(cause) => ApiError::Internal(cause.to_string()),
        })
}

/// Returns the address of the collection asked for, for links.
fn address(app: &App, request: &OperationRequest<'_>) -> String {
    let ids: Vec<String> = request.ids.iter().map(|id| encode(id)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    format!(
        "{}/{}{}",
        app.base_url,
        ROOT.join("/"),
        request.operation.path(&ids)
    )
}
