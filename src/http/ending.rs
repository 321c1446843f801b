//! How a request ends: whatever happens, it leaves one log line, is counted, and what was read is noted.

use std::time::Instant;

use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use http_body::Body as _;

use super::trace::{self, Trace};
use super::{App, X_REQUEST_ID};

/// What is said of a request whose caller went away before the answer began: no status, but widely used for it.
const CALLER_GONE: u16 = 499;

/// The end of a request, yet to come.
///
/// The work on a request is dropped when its caller hangs up. Dropping this says so, unless it has ended before.
pub(super) struct Ending<'a> {
    app: &'a App,
    pub(super) request_id: String,
    method: Method,
    pub(super) trace: Trace,
    started: Instant,
    is_told: bool,
}

impl<'a> Ending<'a> {
    /// Takes the time from now on.
    pub(super) fn of(app: &'a App, request_id: String, method: Method) -> Self {
        Self {
            app,
            request_id,
            method,
            trace: Trace::default(),
            started: Instant::now(),
            is_told: false,
        }
    }

    /// Ends it with an answer, which gets its id and its length.
    pub(super) fn finish(mut self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        let body_length = response.body().size_hint().exact();
        if let Some(length) = body_length {
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        self.tell(response.status(), body_length.unwrap_or_default());
        response
    }

    fn tell(&mut self, status: StatusCode, body_length: u64) {
        self.is_told = true;
        let outcome = trace::Outcome {
            request_id: &self.request_id,
            method: &self.method,
            status,
            body_length,
            duration: self.started.elapsed(),
        };
        self.trace.log(&outcome);
        self.app.metrics.observe(&self.trace.observation(&outcome));
        if let Some(reading) = self.trace.reading(&outcome) {
            self.app.sync_log.note(reading);
        }
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        self.trace.refused("the caller went away");
        self.tell(
            StatusCode::from_u16(CALLER_GONE).unwrap_or(StatusCode::BAD_REQUEST),
            0,
        );
    }
}
