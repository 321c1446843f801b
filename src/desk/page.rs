//! What every page has: the frame around it, its assets, and headers that keep others out.

use askama::Template;
use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::language::{self, Language};

/// The version of the pages: a page of another one is told to reload.
pub(super) const VERSION: &str = env!("VERSION_WITH_COMMIT");

/// What stands around every page.
pub(super) struct Frame {
    /// The language of its texts.
    pub(super) language: Language,
    /// What allows the page's own scripts and styles.
    pub(super) nonce: String,
    /// Where paths begin: the path of the base address.
    pub(super) base_path: String,
    /// The name of who is signed in.
    pub(super) user: Option<String>,
    /// The entries they can use.
    pub(super) entries: Vec<Entry>,
    /// The version of the pages.
    pub(super) version: &'static str,
}

/// An entry of the menu.
pub(super) struct Entry {
    /// Key of its text.
    pub(super) key: &'static str,
    /// Where it leads.
    pub(super) path: String,
    /// Whether it is the page that is shown.
    pub(super) is_current: bool,
}

impl Frame {
    /// Makes the frame of a page for somebody who is not signed in.
    pub(super) fn new(language: Language, base_path: &str) -> Self {
        Self {
            language,
            nonce: BASE64_STANDARD.encode(rand::random::<[u8; 18]>()),
            base_path: base_path.to_owned(),
            user: None,
            entries: Vec::new(),
            version: VERSION,
        }
    }

    /// Returns a text by its key.
    pub(super) fn text(&self, key: &str) -> String {
        language::text(self.language, key)
    }
}

/// Renders a page. Its scripts and styles are those with the frame's nonce, and it talks to this server only.
pub(super) fn rendered(status: StatusCode, nonce: &str, template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Adds the headers that every answer of the desk has.
pub(super) fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert_with(|| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert_with(|| HeaderValue::from_static("private, no-store"));
    response
}

/// Serves the files of the pages.
#[expect(unused_qualifications, reason = "the macro brings in generated code")]
pub(super) fn assets() -> Router {
    memory_serve::load!().index_file(None).into_router()
}
