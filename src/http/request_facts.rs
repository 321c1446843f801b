//! What becomes known about a OneRoster or token request on the way: for its log line, for monitoring and for the sync
//! log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{Method, StatusCode};
use uuid::Uuid;

use super::metrics::Observation;
use super::path::Route;
use crate::auth::Ticket;
use crate::edge::{LogFields, RequestEnd};
use crate::synclog::{NotedAnswer, Page, Reading};

/// What is known about a request so far.
#[derive(Debug)]
pub(super) struct RequestFacts {
    /// For the log line.
    pub(super) log: LogFields,
    facts: Mutex<Facts>,
}

#[derive(Debug, Default)]
struct Facts {
    path: &'static str,
    reader: Option<Reader>,
    rows: Option<usize>,
    page: Option<Page>,
}

/// Whose ticket a request was sent with, as the sync log names it.
#[derive(Debug)]
struct Reader {
    tenant_id: String,
    client_id: String,
    token_id: Uuid,
    generation: Option<i64>,
}

impl RequestFacts {
    /// Begins with nothing but the id of the request and that of its trace.
    pub(super) fn new(request_id: &str, trace_id: Option<String>) -> Self {
        Self {
            log: LogFields::new(request_id, trace_id),
            facts: Mutex::default(),
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where it goes: the path without the ids in it, and the standard's name for it.
    pub(super) fn route(&self, route: &Route) {
        let path = route.template();
        self.facts().path = path;
        let operation = match route {
            Route::Operation { operation, .. } => Some(operation.id),
            Route::Token(_)
            | Route::Export { .. }
            | Route::Bundle
            | Route::Discovery
            | Route::KeySet
            | Route::Health
            | Route::Readiness
            | Route::OpenApi
            | Route::Docs
            | Route::DocsFile { .. }
            | Route::Gradebook
            | Route::Unknown => None,
        };
        self.log.route(path, operation);
    }

    /// Notes whose ticket it was sent with, once that is proven, of a request that reads nothing: it is in no sync log.
    pub(super) fn caller(&self, ticket: &Ticket) {
        self.log
            .client(&ticket.client_id, &ticket.tenant_id, ticket.number);
    }

    /// Notes the ticket it was sent with, once that is proven.
    pub(super) fn ticket(&self, ticket: &Ticket) {
        self.caller(ticket);
        self.facts().reader = Some(Reader {
            tenant_id: ticket.tenant_id.clone(),
            client_id: ticket.client_id.clone(),
            token_id: ticket.token_id,
            generation: ticket.number,
        });
    }

    /// Notes which part of a collection the response holds.
    pub(super) fn page(&self, page: Page) {
        self.rows(page.rows);
        self.facts().page = Some(page);
    }

    /// Notes how many objects the response holds.
    pub(super) fn rows(&self, rows: usize) {
        self.facts().rows = Some(rows);
        self.log.rows(rows);
    }

    /// Returns what monitoring counts of it.
    pub(super) fn observation(&self, end: &RequestEnd<'_>) -> Observation {
        let facts = self.facts();
        Observation {
            path: facts.path,
            status: end.status,
            duration: end.duration,
            rows: facts.rows.unwrap_or_default(),
            bytes: end.body_length,
        }
    }

    /// Takes out what the sync log is to hold: of a request with a valid ticket that asked for the body.
    pub(super) fn take_reading(&self, end: &RequestEnd<'_>) -> Option<Reading> {
        let mut facts = self.facts();
        let reader = facts.reader.take()?;
        if end.method == Method::HEAD {
            return None;
        }
        Some(Reading {
            tenant_id: reader.tenant_id,
            client_id: reader.client_id,
            token_id: reader.token_id,
            generation: reader.generation,
            path: facts.path,
            answer: match (end.status, facts.page) {
                (StatusCode::NOT_MODIFIED, _) => NotedAnswer::Unchanged,
                (status, _) if !status.is_success() => NotedAnswer::Failure,
                (_, Some(page)) => NotedAnswer::Page(page),
                (_, None) => NotedAnswer::Single,
            },
        })
    }
}
