//! The `OpenAPI` document (3.1), made from the catalog, the entity types and the limits that requests are held to, and
//! a page for people that shows it.

#![expect(
    clippy::indexing_slicing,
    reason = "a member that a JSON value does not have reads as null; written to are objects made a line above"
)]

mod bundle;
mod operations;
mod page;
mod responses;
mod schemas;
mod service;

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Method, Request, StatusCode, request};
use axum::response::Response;
use bytes::Bytes;
use memory_serve::CacheControl;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use super::catalog::{OPERATIONS, ROOT};
use super::error::ApiError;
use super::{path, reply};
use crate::auth::Scope;

/// How the API works, in a few words; the guide says more.
const DESCRIPTION: &str = "Read operations of OneRoster 1.1 rostering and resources. Take a token per run: it is a \
    ticket to one published state, and every page read with it comes from there. Each GET also takes HEAD. Slashes too \
    many are served in place. Unknown query parameters are passed over.";

/// The document and the page, rendered on the first request for one, and the files of the page.
#[derive(Debug)]
pub(super) struct Documents {
    rendered: OnceLock<RenderedDocuments>,
    files: Router,
}

#[derive(Debug)]
struct RenderedDocuments {
    json: Bytes,
    page: String,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            rendered: OnceLock::new(),
            files: files(),
        }
    }
}

impl Documents {
    fn rendered(&self, base_url: &str) -> &RenderedDocuments {
        self.rendered.get_or_init(|| {
            let document = document(base_url);
            let base_path: String = path::base_path(base_url)
                .into_iter()
                .flat_map(|segment| ["/", segment])
                .collect();
            RenderedDocuments {
                json: document.to_string().into(),
                page: page::html(&document, &base_path),
            }
        })
    }

    /// Gives the `OpenAPI` document.
    pub(super) fn json(&self, base_url: &str) -> Response {
        public(
            Body::from(self.rendered(base_url).json.clone()),
            "application/json",
        )
    }

    /// Gives the page.
    pub(super) fn page(&self, base_url: &str) -> Response {
        let (page, policy) = page::with_nonce(&self.rendered(base_url).page);
        let mut response = public(Body::from(page), "text/html; charset=utf-8");
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        // What allows its scripts is good for this answer only.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }

    /// Gives a file of the page, or 304 to whom has it.
    pub(super) async fn file(&self, name: &str, head: &request::Parts) -> Result<Response, ApiError> {
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(format!("/{name}"))
            .body(Body::empty())
            .map_err(|_not_a_path| ApiError::UnknownPath)?;
        *request.headers_mut() = head.headers.clone();
        let Ok(mut response) = self.files.clone().oneshot(request).await;
        if response.status() == StatusCode::NOT_FOUND {
            return Err(ApiError::UnknownPath);
        }
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response)
    }
}

/// Reads the files of the page. A browser asks each time whether its copy is still the one.
#[expect(unused_qualifications, reason = "the macro brings in generated code")]
fn files() -> Router {
    memory_serve::load!("docs")
        .index_file(None)
        .cache_control(CacheControl::NoCache)
        .into_router()
}

fn public(body: Body, content_type: &'static str) -> Response {
    let mut response = reply::json(StatusCode::OK, body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

/// Makes the document of a server at this address.
fn document(base_url: &str) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = format!("/{}{}", ROOT.join("/"), operation.template);
        paths.insert(path, json!({ "get": operations::item(operation) }));
    }
    paths.extend(service::paths());
    paths.insert("/operator/bundle".to_owned(), json!({ "put": bundle::put() }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OneRoster 1.1",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "servers": [{ "url": base_url }],
        "tags": [
            { "name": operations::BASE, "description": "Collections, their parts, and single objects." },
            { "name": operations::ASSOCIATIONS, "description": "What belongs to an object." },
            { "name": service::TAG, "description": "Tokens, keys, health, this document: none needs a token. And the roster as files, which does." },
        ],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "responses": responses::all(),
            "headers": responses::headers(),
            "securitySchemes": security_schemes(base_url),
        },
    })
}

fn security_schemes(base_url: &str) -> Value {
    let scopes: Map<String, Value> = Scope::ALL
        .into_iter()
        .map(|scope| {
            let opened = OPERATIONS
                .iter()
                .filter(|operation| operation.scopes.contains(&scope));
            (
                scope.uri().to_owned(),
                json!(format!("{} operations", opened.count())),
            )
        })
        .collect();
    json!({
        "token": {
            "type": "oauth2",
            "description": "Authorization: Bearer, with a token of the token endpoint.",
            "flows": { "clientCredentials": { "tokenUrl": format!("{base_url}/connect/token"), "scopes": scopes } },
        },
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "Client id and client secret.",
        },
    })
}

#[cfg(test)]
mod tests;
