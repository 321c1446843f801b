//! The page to sign in to a local account, and what it sends.
//!
//! Whoever fails is told the same in the same time: an unknown name, a wrong password, a disabled account, one without a password.

use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::next::own_path;
use super::place::{SignInPlace, sign_in_place};
use crate::access::back_off::{self, Turn};
use crate::access::sessions::Way;
use crate::access::{self, account};
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::{self, Language};
use crate::desk::page::{self, Frame};
use crate::desk::state::Desk;

/// Longest name or password that is looked at, in bytes.
pub(super) const FIELD_MAX: usize = 1_024;

/// Where a request comes from, behind trusted proxies.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) struct ClientAddress(pub(in crate::desk) Option<IpAddr>);

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    place: SignInPlace,
    name: String,
    next: String,
    other: Language,
    other_path: String,
    problem: Option<String>,
    openid: Option<String>,
}

/// Shows the page. `next` is where to go afterwards, `language` the one that was chosen.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(address): Extension<ClientAddress>,
    RawQuery(query): RawQuery,
) -> Result<Response, DeskError> {
    let form = Form::read(query.unwrap_or_default().as_bytes())?;
    Ok(show(&desk, address, &form, StatusCode::OK, None))
}

/// Signs somebody in and leads to where they wanted to go.
pub(in crate::desk) async fn submit(
    State(desk): State<Arc<Desk>>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, DeskError> {
    let form = Form::read(&body)?;
    let language = language_of(&form);
    if sign_in_place(&desk, address.0) == SignInPlace::Elsewhere {
        return Ok(show(&desk, address, &form, StatusCode::FORBIDDEN, None));
    }
    let name = form.get("name").unwrap_or_default().trim();
    let password = form.get("password").unwrap_or_default();
    if name.len() > FIELD_MAX || password.len() > FIELD_MAX {
        return Err(DeskError::Malformed);
    }
    if let Turn::In(seconds) = back_off::attempt(&desk.pool, name, address.0, desk.clock.now()).await? {
        let problem = language::text_with(language, "sign-in-wait", [("seconds", seconds.into())]);
        let mut response = show(
            &desk,
            address,
            &form,
            StatusCode::TOO_MANY_REQUESTS,
            Some(problem),
        );
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let Some(cookie) = verify(&desk, name, password, &headers).await? else {
        let problem = language::text(language, "sign-in-failed");
        return Ok(show(
            &desk,
            address,
            &form,
            StatusCode::UNAUTHORIZED,
            Some(problem),
        ));
    };
    back_off::succeeded(&desk.pool, name, address.0).await?;
    let home = format!("{}/desk", desk.base_path());
    let next = form.get("next").and_then(|next| own_path(&desk, next));
    let mut response = Redirect::to(next.unwrap_or(&home)).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// Returns the cookie of a new session if name and password belong together.
async fn verify(
    desk: &Desk,
    name: &str,
    password: &str,
    headers: &HeaderMap,
) -> Result<Option<HeaderValue>, access::Error> {
    let known = account::credentials(&desk.pool, name).await?;
    let stored = known.as_ref().map(|(_, hashed)| hashed);
    if !desk.passwords.verify(password, stored).await? {
        return Ok(None);
    }
    match known {
        Some((account_id, _)) => super::begin(desk, account_id, Way::Password, headers).await,
        None => Ok(None),
    }
}

fn language_of(form: &Form) -> Language {
    form.get("language")
        .and_then(Language::of_code)
        .unwrap_or_default()
}

fn show(
    desk: &Desk,
    address: ClientAddress,
    form: &Form,
    status: StatusCode,
    problem: Option<String>,
) -> Response {
    let language = language_of(form);
    let other = match language {
        Language::Dutch => Language::English,
        Language::English => Language::Dutch,
    };
    let next = form
        .get("next")
        .and_then(|next| own_path(desk, next))
        .unwrap_or_default();
    let mut other_path = format!("{}/desk/sign-in?language={}", desk.base_path(), other.code());
    if !next.is_empty() {
        other_path = format!("{other_path}&next={}", crate::edge::encode(next));
    }
    let frame = Frame::new(language, desk.base_path());
    let nonce = frame.nonce.clone();
    let openid = desk.openid.as_ref().map(|openid| {
        let label = openid.label().map(str::to_owned);
        label.unwrap_or_else(|| frame.text("sign-in-openid"))
    });
    let page = Page {
        frame,
        place: sign_in_place(desk, address.0),
        name: form
            .get("name")
            .unwrap_or_default()
            .chars()
            .take(FIELD_MAX)
            .collect(),
        next: next.to_owned(),
        other,
        other_path,
        problem,
        openid,
    };
    page::rendered(status, &nonce, &page)
}
