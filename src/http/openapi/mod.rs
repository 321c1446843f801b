//! The `OpenAPI` document (3.1), made from the catalog, the entity types and the limits that requests are held to, and
//! a page for people that shows it.

#![expect(
    clippy::indexing_slicing,
    reason = "a member that a JSON value does not have reads as null; written to are objects made a line above"
)]

mod operations;
mod page;
mod responses;
mod schemas;
mod service;

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::catalog::{OPERATIONS, ROOT};
use super::reply;
use crate::auth::Scope;

/// How the API works, in a few words; the guide says more.
const DESCRIPTION: &str = "Read operations of OneRoster 1.1 rostering and resources. Take a token per run: it is a \
    ticket to one published state, and every page read with it comes from there. Each GET also takes HEAD. Slashes too \
    many are served in place. Unknown query parameters are passed over.";

/// The document and the page, rendered on the first request for one.
#[derive(Debug, Default)]
pub(super) struct Documents(OnceLock<RenderedDocuments>);

#[derive(Debug)]
struct RenderedDocuments {
    json: Bytes,
    page: Bytes,
    /// Lets the page be styled by its own style sheet and load nothing, from here or anywhere.
    content_security_policy: Option<HeaderValue>,
}

impl Documents {
    fn rendered(&self, base_url: &str) -> &RenderedDocuments {
        self.0.get_or_init(|| {
            let document = document(base_url);
            let policy = page::content_security_policy();
            RenderedDocuments {
                json: document.to_string().into(),
                page: page::html(&document).into(),
                content_security_policy: HeaderValue::from_str(&policy).ok(),
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
        let rendered = self.rendered(base_url);
        let mut response = public(Body::from(rendered.page.clone()), "text/html; charset=utf-8");
        let headers = response.headers_mut();
        if let Some(policy) = &rendered.content_security_policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }
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
