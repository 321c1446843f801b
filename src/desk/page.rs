//! What every page has: the frame around it, its assets, and headers that keep others out.

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use std::collections::BTreeMap;

use memory_serve::CacheControl;

use super::error::DeskError;
use super::language::{self, Language};
use super::menu::{self, Entry, Screen};
use super::session::{TenantUser, User};
use super::state::Desk;
use crate::tenants;

/// The version of the pages: a page of another one is told to reload.
pub(super) const VERSION: &str = env!("VERSION_WITH_COMMIT");

/// The version of their files, which stands in the address of each: what a browser has kept under it is still the one.
const ASSETS_VERSION: &str = env!("ASSETS_VERSION");

/// Says the version of the pages in every answer, for a page that stands open while the server is replaced.
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-desk-version");

/// The chapter of the guide about one's own password, as the anchor of its heading.
pub(super) const PASSWORD_CHAPTER: &str = "je-wachtwoord";

const FRAME_TEXTS: &str = include_str!("language/nl/frame.ftl");

/// Every screen of a tenant has *Zoeken*.
const SEARCH_TEXTS: &str = include_str!("language/nl/search.ftl");

/// The panel of a person has the swap of usernames.
const SWAP_TEXTS: &str = include_str!("language/nl/swap.ftl");

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
    /// Whether they have a password here.
    pub(super) is_local: bool,
    /// The entries they can use.
    pub(super) entries: Vec<Entry>,
    /// The version of the pages.
    pub(super) version: &'static str,
    /// The tenant it is about.
    pub(super) tenant: Option<FrameTenant>,
    /// The chapter of the guide about it, as the anchor of its heading.
    pub(super) chapter: &'static str,
    /// Texts for scripts, by key.
    script_texts: BTreeMap<&'static str, String>,
}

/// The tenant that a page is about.
pub(super) struct FrameTenant {
    /// As in paths.
    pub(super) id: String,
    /// As people know it.
    pub(super) name: String,
}

impl Frame {
    /// Makes the frame of a page for somebody who is not signed in.
    pub(super) fn new(language: Language, base_path: &str) -> Self {
        Self {
            language,
            nonce: BASE64_STANDARD.encode(rand::random::<[u8; 18]>()),
            base_path: base_path.to_owned(),
            user: None,
            is_local: false,
            entries: Vec::new(),
            version: VERSION,
            tenant: None,
            chapter: "hoe-het-werkt",
            script_texts: language::texts_of(language, FRAME_TEXTS),
        }
    }

    /// Returns the address that the files of the pages stand below.
    pub(super) fn assets(&self) -> String {
        assets_path(&self.base_path)
    }

    /// Makes the frame of a page for somebody who is signed in, about no tenant.
    pub(super) fn of_user(user: &User, base_path: &str) -> Self {
        Self {
            user: Some(user.display_name.clone()),
            is_local: user.is_local,
            ..Self::new(user.language, base_path)
        }
    }

    /// Makes the frame of a screen of a tenant, with the entries that who asks can use.
    pub(super) async fn of_tenant(
        desk: &Desk,
        asker: &TenantUser,
        screen: Screen,
    ) -> Result<Self, DeskError> {
        let mut connection = desk.pool.acquire().await?;
        let tenant = tenants::get(&mut connection, &asker.tenant_id)
            .await
            .map_err(|error| {
                if matches!(error, tenants::Error::Unknown(_)) {
                    DeskError::NotFound
                } else {
                    DeskError::Tenant(error)
                }
            })?;
        let base_path = desk.base_path();
        Ok(Self {
            entries: menu::entries(
                &asker.rights,
                desk.settings.managers_create_clients,
                base_path,
                &asker.tenant_id,
                screen,
            ),
            tenant: Some(FrameTenant {
                id: asker.tenant_id.clone(),
                name: tenant.name,
            }),
            chapter: screen.chapter(),
            ..Self::of_user(&asker.user, base_path)
        }
        .with_texts(SEARCH_TEXTS)
        .with_texts(SWAP_TEXTS))
    }

    /// Gives the page's scripts the texts of a file of `language/nl`, in the page's language.
    pub(super) fn with_texts(mut self, file: &'static str) -> Self {
        self.script_texts.extend(language::texts_of(self.language, file));
        self
    }

    /// Returns the texts for scripts as JSON that can stand in HTML.
    pub(super) fn script_texts(&self) -> String {
        let json = serde_json::to_string(&self.script_texts).unwrap_or_default();
        json.replace('<', "\\u003c")
    }

    /// Returns a text by its key.
    pub(super) fn text(&self, key: &str) -> String {
        language::text(self.language, key)
    }
}

/// Renders a page. Its scripts and styles are those with the frame's nonce, and it talks to this server only.
pub(super) fn rendered(status: StatusCode, nonce: &str, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => answered(status, nonce, html),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Answers with a page that is rendered already, under the same policy.
pub(super) fn answered(status: StatusCode, nonce: &str, html: String) -> Response {
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

/// Returns `true` for a request whose answer a browser shows to somebody: a page, no script's question.
pub(super) fn is_for_person(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    base_path: &'a str,
    assets: String,
    language: Language,
}

/// Says in words that there is no such page, or none for who asks: the same for both, byte for byte.
pub(super) fn missing(base_path: &str) -> Response {
    let language = Language::default();
    let page = Missing {
        base_path,
        assets: assets_path(base_path),
        language,
    };
    let Ok(html) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    (StatusCode::NOT_FOUND, headers, html).into_response()
}

/// Adds the headers that every answer of the desk has.
pub(super) fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(VERSION_HEADER, HeaderValue::from_static(VERSION));
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

/// Serves the files of the pages: below the version of the files, to be kept for a year; below any other, as a page of another build asks
/// for them, to be asked for anew each time.
pub(super) fn assets() -> Router {
    let kept = if cfg!(debug_assertions) {
        CacheControl::NoCache
    } else {
        CacheControl::Long
    };
    Router::new()
        .nest(&format!("/{ASSETS_VERSION}"), files(kept))
        .nest("/{version}", files(CacheControl::NoCache))
}

#[expect(unused_qualifications, reason = "the macro brings in generated code")]
fn files(kept: CacheControl) -> Router {
    memory_serve::load!("desk")
        .index_file(None)
        .cache_control(kept)
        .into_router()
}

/// Returns the address that the files of the pages stand below.
pub(super) fn assets_path(base_path: &str) -> String {
    format!("{base_path}/desk/assets/{ASSETS_VERSION}")
}
