//! Answers what the HTTP library refuses before it is a request: in the same form as every other refusal, with a request id
//! and a log line.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use oneroster_standard::status_info::{CodeMinor, StatusInfo};

use super::{App, reply};
use crate::edge::{self, LogFields, Refusal, RequestLog};

/// What the log line says in the place of the path.
const NO_PATH: &str = "(none)";

/// What it says in the place of the method, which may not have been one.
const NO_METHOD: &[u8] = b"-";

/// Returns what answers it.
pub fn refusal(app: &App) -> Refusal {
    let app = app.clone();
    Arc::new(move |status, peer| {
        let request_id = edge::request_id(&HeaderMap::new());
        let body = StatusInfo::error(CodeMinor::InvalidData, description(status))
            .body(&request_id)
            .to_string();
        let log = LogFields::new(&request_id, None);
        log.route(NO_PATH, None);
        log.address(app.trusted_proxies.client(peer, &HeaderMap::new()));
        log.refused("malformed request");
        let method = Method::from_bytes(NO_METHOD).unwrap_or(Method::GET);
        let answer = RequestLog::start(request_id, method, &log, |_| {})
            .finish(reply::json(status, Body::from(body.clone())));
        written(&app.dated(answer), &body)
    })
}

fn description(status: StatusCode) -> String {
    match status {
        StatusCode::URI_TOO_LONG => "the address is too long",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "the headers are too many or too long: at most 100",
        StatusCode::REQUEST_TIMEOUT => "the head of the request did not arrive within 10 s",
        _ => {
            "this is no HTTP/1.1 request: in the address write a blank as %20 and what is not ASCII as percent-encoded \
             UTF-8, and each header on one line as `Name: value`"
        }
    }
    .to_owned()
}

/// Returns the response as it is sent.
fn written(response: &Response, body: &str) -> Vec<u8> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"connection: close\r\n\r\n");
    bytes.extend_from_slice(body.as_bytes());
    bytes
}
