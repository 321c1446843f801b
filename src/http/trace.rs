//! The one log line of a request: ids, never names, secrets, tokens, or what a filter looks for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use uuid::Uuid;

use super::X_REQUEST_ID;
use super::metrics::Observation;
use super::path::Route;
use crate::auth::Ticket;
use crate::synclog::{Answer, Page, Reading};

/// Longest request id taken over from a caller, in characters.
const REQUEST_ID_MAX: usize = 64;

/// What is learnt about a request on the way.
#[derive(Debug, Default)]
pub(super) struct Trace(Mutex<Facts>);

#[derive(Debug, Default)]
struct Facts {
    template: &'static str,
    operation: Option<&'static str>,
    client_id: Option<String>,
    tenant_id: Option<String>,
    generation: Option<i64>,
    token_id: Option<Uuid>,
    rows: Option<usize>,
    page: Option<Page>,
    reason: Option<String>,
    failed_here: bool,
}

/// How a request ended.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a Method,
    pub(super) status: StatusCode,
    pub(super) body_length: u64,
    pub(super) duration: Duration,
}

impl Trace {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where it goes: the path without the ids in it, and the standard's name for it.
    pub(super) fn route(&self, route: &Route) {
        let mut facts = self.facts();
        facts.template = route.template();
        facts.operation = match route {
            Route::Operation { operation, .. } => Some(operation.id),
            Route::Token(_)
            | Route::Discovery
            | Route::KeySet
            | Route::Health
            | Route::Readiness
            | Route::OpenApi
            | Route::Docs
            | Route::Unknown => None,
        };
    }

    /// Notes who asks, once that is proven, and for which generation.
    pub(super) fn caller(&self, client_id: &str, tenant_id: &str, generation: Option<i64>) {
        let mut facts = self.facts();
        facts.client_id = Some(client_id.to_owned());
        facts.tenant_id = Some(tenant_id.to_owned());
        facts.generation = generation;
    }

    /// Notes the ticket it is asked with, once that is proven.
    pub(super) fn ticket(&self, ticket: &Ticket) {
        self.caller(&ticket.client_id, &ticket.tenant_id, ticket.number);
        self.facts().token_id = Some(ticket.token_id);
    }

    /// Notes which part of a collection the answer holds.
    pub(super) fn page(&self, page: Page) {
        let mut facts = self.facts();
        facts.rows = Some(page.rows);
        facts.page = Some(page);
    }

    /// Notes how many objects the answer holds.
    pub(super) fn rows(&self, rows: usize) {
        self.facts().rows = Some(rows);
    }

    /// Notes why a request was refused.
    pub(super) fn refused(&self, reason: impl Into<String>) {
        self.facts().reason = Some(reason.into());
    }

    /// Notes a failure of this side, with its causes: the line becomes an error.
    pub(super) fn failed(&self, reason: impl Into<String>) {
        let mut facts = self.facts();
        facts.reason = Some(reason.into());
        facts.failed_here = true;
    }

    /// Returns what monitoring counts of it.
    pub(super) fn observation(&self, outcome: &Outcome<'_>) -> Observation {
        let facts = self.facts();
        Observation {
            path: facts.template,
            status: outcome.status,
            duration: outcome.duration,
            rows: facts.rows.unwrap_or_default(),
            bytes: outcome.body_length,
        }
    }

    /// Returns what the sync log is told: of a request with a good ticket that wanted the body.
    pub(super) fn reading(&self, outcome: &Outcome<'_>) -> Option<Reading> {
        let facts = self.facts();
        if outcome.method == Method::HEAD {
            return None;
        }
        Some(Reading {
            tenant_id: facts.tenant_id.clone()?,
            client_id: facts.client_id.clone()?,
            token_id: facts.token_id?,
            generation: facts.generation,
            path: facts.template,
            answer: match (outcome.status, facts.page) {
                (StatusCode::NOT_MODIFIED, _) => Answer::Unchanged,
                (status, _) if !status.is_success() => Answer::Failure,
                (_, Some(page)) => Answer::Page(page),
                (_, None) => Answer::Single,
            },
        })
    }

    /// Writes the line.
    pub(super) fn log(&self, outcome: &Outcome<'_>) {
        let facts = self.facts();
        // One call site per level: the macro fixes the level when compiled.
        macro_rules! line {
            ($event:ident) => {
                tracing::$event!(
                    request_id = outcome.request_id,
                    method = outcome.method.as_str(),
                    path = facts.template,
                    operation = facts.operation,
                    client = facts.client_id,
                    tenant = facts.tenant_id,
                    generation = facts.generation,
                    status = outcome.status.as_u16(),
                    rows = facts.rows,
                    bytes = outcome.body_length,
                    duration_us = u64::try_from(outcome.duration.as_micros()).unwrap_or(u64::MAX),
                    reason = facts.reason,
                    "request"
                )
            };
        }
        if facts.failed_here {
            line!(error);
        } else {
            line!(info);
        }
    }
}

/// Returns the id of a request: the caller's own if it is harmless, else a random one.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    let harmless = |text: &&str| {
        (1..=REQUEST_ID_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    headers
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(harmless)
        .map_or_else(
            || Uuid::from_u128(rand::random()).simple().to_string(),
            str::to_owned,
        )
}
