//! Answers: the headers that go with data.

use axum::body::Body;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LINK, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use oneroster_standard::Moment;

use super::body::ChunkedBody;
use super::etag;
use crate::edge::empty_body;
use crate::serving::{self, Snapshot};

/// How many headers an answer may have: room for all at once is cheaper than growing.
const HEADERS: usize = 16;

/// The media type of a zip.
pub(super) const ZIP: &str = "application/zip";

const X_COUNT: HeaderName = HeaderName::from_static("x-count");
const X_TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
const X_ROSTER_GENERATION: HeaderName = HeaderName::from_static("x-roster-generation");
const X_ONEROSTER_WARNING: HeaderName = HeaderName::from_static("x-oneroster-warning");
const X_ROSTER_PUBLISHED_AT: HeaderName = HeaderName::from_static("x-roster-published-at");

/// Makes a JSON response that is for the client alone and must not be stored.
pub(super) fn json(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// Objects of a generation, and how many.
#[derive(Debug)]
pub(super) struct ObjectsResponse {
    /// The body.
    pub(super) body: serving::Body,
    /// How many objects are in it.
    pub(super) count: usize,
    /// How many the question has in all.
    pub(super) total: usize,
    /// The Link header, on a page.
    pub(super) link: Option<String>,
}

/// Makes the answer that carries objects of a generation.
pub(super) fn data(snapshot: &Snapshot, data: ObjectsResponse) -> Response {
    let mut response = json(StatusCode::OK, Body::new(ChunkedBody(data.body)));
    let headers = response.headers_mut();
    headers.insert(X_TOTAL_COUNT, HeaderValue::from(data.total));
    headers.insert(X_COUNT, HeaderValue::from(data.count));
    headers.insert(X_ROSTER_GENERATION, HeaderValue::from(snapshot.number()));
    insert(
        headers,
        X_ROSTER_PUBLISHED_AT,
        &Moment::from(snapshot.published_at()).rfc3339(),
    );
    if let Some(link) = &data.link {
        insert(headers, LINK, link);
    }
    response
}

/// A zip with files of a generation.
#[derive(Debug)]
pub(super) struct ZipResponse<'r> {
    /// The body.
    pub(super) body: Body,
    /// How long it is, in bytes.
    pub(super) length: u64,
    /// What a browser calls it.
    pub(super) name: &'r str,
    /// The number of the generation.
    pub(super) generation: i64,
    /// Its date.
    pub(super) published_at: DateTime<Utc>,
}

/// Makes the answer that carries a zip.
pub(super) fn zip(zip: ZipResponse<'_>) -> Response {
    let mut response = json(StatusCode::OK, zip.body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(ZIP));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(zip.length));
    let disposition = format!("attachment; filename=\"{}\"", zip.name);
    insert(headers, CONTENT_DISPOSITION, &disposition);
    headers.insert(X_ROSTER_GENERATION, HeaderValue::from(zip.generation));
    let published_at = Moment::from(zip.published_at).rfc3339();
    insert(headers, X_ROSTER_PUBLISHED_AT, &published_at);
    response
}

/// Tells the caller that the answer with this tag, which it has, is still the one. Of the generation it says the number
/// only: to know its date it would have to be loaded.
pub(super) fn not_modified(tag: &str, generation: Option<i64>) -> Response {
    let mut response = Response::new(empty_body());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    if let Some(number) = generation {
        response
            .headers_mut()
            .insert(X_ROSTER_GENERATION, HeaderValue::from(number));
    }
    tagged(response, tag)
}

/// Makes a response one that its client alone may store and revalidate.
pub(super) fn tagged(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    etag::attach(headers, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from(AUTHORIZATION));
    response
}

/// Puts a warning on a response, if there is one.
pub(super) fn warned(mut response: Response, warning: Option<&str>) -> Response {
    if let Some(warning) = warning {
        insert(response.headers_mut(), X_ONEROSTER_WARNING, warning);
    }
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
