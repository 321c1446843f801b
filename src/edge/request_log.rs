//! The log line of a request: whatever happens, each leaves exactly one, which carries ids and never names, secrets,
//! tokens or what a filter looks for.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use http_body::Body as _;

use super::request_id::X_REQUEST_ID;
use crate::telemetry::request::RequestIds;

/// The status in the log line of a request whose client closed the connection before the response began. No HTTP status,
/// but widely used for this.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// What the log line of a request will say, as far as it is known, and the ids of the request, which every line written
/// meanwhile says too.
#[derive(Debug)]
pub struct LogFields {
    ids: Arc<RequestIds>,
    fields: Mutex<Fields>,
}

#[derive(Debug, Default)]
struct Fields {
    path: &'static str,
    operation: Option<&'static str>,
    address: Option<IpAddr>,
    /// Client and tenant in whose name a sign-in failed.
    claimed: Option<(String, String)>,
    rows: Option<usize>,
    reason: Option<String>,
    is_failure: bool,
}

impl LogFields {
    /// Begins with the id of a request and, if its caller sent one, that of its trace.
    pub fn new(request_id: &str, trace_id: Option<String>) -> Self {
        Self {
            ids: RequestIds::new(request_id, trace_id),
            fields: Mutex::default(),
        }
    }

    /// Returns the ids of the request, for the work on it.
    pub fn ids(&self) -> Arc<RequestIds> {
        Arc::clone(&self.ids)
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
        self.ids.set_ticket(tenant_id, client_id, generation);
    }

    /// Sets where the request comes from, if that is known.
    pub fn address(&self, address: Option<IpAddr>) {
        self.fields().address = address;
    }

    /// Sets in whose name a sign-in failed. It is not proven: the line says so by its status.
    pub fn claimed(&self, client_id: &str, tenant_id: &str) {
        self.fields().claimed = Some((client_id.to_owned(), tenant_id.to_owned()));
    }

    /// Sets how many objects the response holds.
    pub fn rows(&self, rows: usize) {
        self.fields().rows = Some(rows);
    }

    /// Sets what is worth knowing about a request that was answered.
    pub fn noted(&self, reason: impl Into<String>) {
        self.fields().reason = Some(reason.into());
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
        write_line(&self.fields.ids, &self.fields.fields(), &end);
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

fn write_line(ids: &RequestIds, fields: &Fields, end: &RequestEnd<'_>) {
    let ticket = ids.ticket();
    let claimed = fields.claimed.as_ref();
    let tenant = ticket
        .map(|ticket| ticket.tenant.as_str())
        .or(claimed.map(|(_, tenant)| tenant.as_str()));
    let client = ticket
        .map(|ticket| ticket.client.as_str())
        .or(claimed.map(|(client, _)| client.as_str()));
    // One call site per level: the macro fixes the level when compiled.
    macro_rules! line {
        ($event:ident) => {
            tracing::$event!(
                parent: None,
                request_id = ids.request_id(),
                trace_id = ids.trace_id(),
                tenant,
                client,
                generation = ticket.and_then(|ticket| ticket.generation),
                client_address = fields.address.map(tracing::field::display),
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
