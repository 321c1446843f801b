//! The log line of a request: whatever happens, each leaves exactly one, which carries ids and never names, secrets,
//! tokens or what a filter looks for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use http_body::Body as _;
use tracing::Span;
use tracing::field::Empty;

use super::request_id::X_REQUEST_ID;

/// The status in the log line of a request whose client closed the connection before the response began. No HTTP status,
/// but widely used for this.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// What the log line of a request will say, as far as it is known, and the span of the request, whose fields every line
/// written meanwhile says too.
#[derive(Debug)]
pub struct LogFields {
    span: Span,
    fields: Mutex<Fields>,
}

#[derive(Debug, Default)]
struct Fields {
    path: &'static str,
    operation: Option<&'static str>,
    rows: Option<usize>,
    reason: Option<String>,
    is_failure: bool,
}

impl LogFields {
    /// Begins the span of a request.
    pub fn new(request_id: &str) -> Self {
        Self {
            span: tracing::error_span!(
                "request",
                request_id,
                tenant = Empty,
                client = Empty,
                generation = Empty
            ),
            fields: Mutex::default(),
        }
    }

    /// Returns the span of the request, for the work on it.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    fn fields(&self) -> MutexGuard<'_, Fields> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the path, with placeholders instead of ids, and the name of the operation.
    pub fn route(&self, path: &'static str, operation: Option<&'static str>) {
        let mut fields = self.fields();
        fields.path = path;
        fields.operation = operation;
    }

    /// Sets whose request it is, once that is proven, and the generation it reads.
    pub fn client(&self, client_id: &str, tenant_id: &str, generation: Option<i64>) {
        self.span.record("tenant", tenant_id);
        self.span.record("client", client_id);
        if let Some(generation) = generation {
            self.span.record("generation", generation);
        }
    }

    /// Sets how many objects the response holds.
    pub fn rows(&self, rows: usize) {
        self.fields().rows = Some(rows);
    }

    /// Sets why the request was refused.
    pub fn refused(&self, reason: impl Into<String>) {
        self.fields().reason = Some(reason.into());
    }

    /// Sets how the server failed, with the causes: the line becomes an error.
    pub fn failed(&self, reason: impl Into<String>) {
        let mut fields = self.fields();
        fields.reason = Some(reason.into());
        fields.is_failure = true;
    }
}

/// How a request ended.
#[derive(Debug)]
pub struct RequestEnd<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The status of the response.
    pub status: StatusCode,
    /// The length of the body before compression, in bytes; 0 where it is not known.
    pub body_length: u64,
    /// How long it took until the response began.
    pub duration: Duration,
}

/// Writes the log line of a request when it ends, and calls `on_end`.
///
/// The work on a request is dropped when its client closes the connection: then dropping this writes the line.
pub struct RequestLog<'a, F: FnMut(&RequestEnd<'_>)> {
    request_id: String,
    method: Method,
    fields: &'a LogFields,
    on_end: F,
    started: Instant,
    is_logged: bool,
}

impl<'a, F: FnMut(&RequestEnd<'_>)> RequestLog<'a, F> {
    /// Begins a request: its duration counts from now.
    pub fn start(request_id: String, method: Method, fields: &'a LogFields, on_end: F) -> Self {
        Self {
            request_id,
            method,
            fields,
            on_end,
            started: Instant::now(),
            is_logged: false,
        }
    }

    /// Returns the id of the request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Ends the request with a response, which gets the headers `X-Request-Id` and, if its length is known,
    /// `Content-Length`.
    pub fn finish(mut self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        let body_length = response.body().size_hint().exact();
        if let Some(length) = body_length {
            response
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        self.end(response.status(), body_length.unwrap_or_default());
        response
    }

    fn end(&mut self, status: StatusCode, body_length: u64) {
        self.is_logged = true;
        let end = RequestEnd {
            method: &self.method,
            status,
            body_length,
            duration: self.started.elapsed(),
        };
        self.fields
            .span
            .in_scope(|| write_line(&self.fields.fields(), &end));
        (self.on_end)(&end);
    }
}

impl<F: FnMut(&RequestEnd<'_>)> Drop for RequestLog<'_, F> {
    fn drop(&mut self) {
        if self.is_logged {
            return;
        }
        self.fields.refused("the client closed the connection");
        let status = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_REQUEST);
        self.end(status, 0);
    }
}

fn write_line(fields: &Fields, end: &RequestEnd<'_>) {
    // One call site per level: the macro fixes the level when compiled.
    macro_rules! line {
        ($event:ident) => {
            tracing::$event!(
                method = end.method.as_str(),
                path = fields.path,
                operation = fields.operation,
                status = end.status.as_u16(),
                rows = fields.rows,
                bytes = end.body_length,
                duration_ms = milliseconds(end.duration),
                reason = fields.reason,
                "request"
            )
        };
    }
    if fields.is_failure {
        line!(error);
    } else {
        line!(info);
    }
}

/// Returns milliseconds, to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    let microseconds = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    f64::from(microseconds) / 1000.0
}
