//! Whether a request that changes something comes from another site: its session cookie would be sent along.
//!
//! A browser says so itself, in `Sec-Fetch-Site` or at least in `Origin`; no page can write either. That is one comparison of headers,
//! for which tower-http would have to be raised for the whole service.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, Method};

use crate::desk::state::Desk;

/// Returns `true` for a request that may change something and does not show that it comes from a page of this server.
pub(in crate::desk) fn is_forged(desk: &Desk, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        // `none`: typed or kept by the user.
        return !matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let origin = headers.get(ORIGIN);
    !origin.is_some_and(|origin| origin.as_bytes().eq_ignore_ascii_case(desk.origin().as_bytes()))
}
