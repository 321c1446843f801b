//! The page where somebody with a local account changes their own password. For who signs in by a provider it does not exist.
//!
//! The old password is asked for: a browser that stands open is not enough. Who fails waits as at the sign-in, and by the same count.

use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::User;
use super::sign_in::{ClientAddress, FIELD_MAX};
use crate::access::account::{self, Change};
use crate::access::back_off::{self, Turn};
use crate::access::sessions::Way;
use crate::access::{Error, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN};
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::text_with;
use crate::desk::page::{self, Frame};
use crate::desk::state::Desk;

/// The path of the page, behind the base address.
const PATH: &str = "/desk/wachtwoord";

#[derive(Template)]
#[template(path = "password.html")]
struct Page {
    frame: Frame,
    name: String,
    rule: String,
    problem: Option<String>,
    is_done: bool,
}

/// Why a password was not changed.
enum Problem {
    /// The two new ones differ.
    Differs,
    /// It is the old one.
    Same,
    /// It is too short, too long, or the name.
    Rule,
    /// The old one is not theirs.
    Wrong,
    /// They have to wait so many seconds.
    Wait(i64),
}

/// Shows the page. `done` says that the password was changed.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    user: User,
    RawQuery(query): RawQuery,
) -> Result<Response, DeskError> {
    if !user.is_local {
        return Err(DeskError::NotFound);
    }
    let is_done = query.as_deref() == Some("done");
    Ok(show(&desk, &user, (StatusCode::OK, None), is_done))
}

/// Changes the password, ends every session of the account, and begins a new one here.
pub(in crate::desk) async fn submit(
    State(desk): State<Arc<Desk>>,
    Extension(address): Extension<ClientAddress>,
    user: User,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, DeskError> {
    if !user.is_local {
        return Err(DeskError::NotFound);
    }
    let form = Form::read(&body)?;
    let fields = ["current", "new", "again"].map(|name| form.get(name).unwrap_or_default());
    if fields.iter().any(|field| field.len() > FIELD_MAX) {
        return Err(DeskError::Malformed);
    }
    if let Some(problem) = change(&desk, &user, address.0, fields).await? {
        return Ok(refused(&desk, &user, &problem));
    }
    let cookie = super::begin(&desk, user.account_id, Way::Password, &headers).await?;
    let cookie = cookie.ok_or(DeskError::SignedOut)?;
    let path = format!("{}{PATH}?done", desk.base_path());
    let mut response = Redirect::to(&path).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

async fn change(
    desk: &Desk,
    user: &User,
    address: Option<IpAddr>,
    [current, new, again]: [&str; 3],
) -> Result<Option<Problem>, DeskError> {
    if new != again {
        return Ok(Some(Problem::Differs));
    }
    if new == current {
        return Ok(Some(Problem::Same));
    }
    if let Turn::In(seconds) = back_off::attempt(&desk.pool, &user.name, address, desk.clock.now()).await? {
        return Ok(Some(Problem::Wait(seconds)));
    }
    let stored = account::credentials(&desk.pool, &user.name).await?;
    let stored = stored.as_ref().map(|(_, hashed)| hashed);
    if !desk.passwords.verify(current, stored).await? {
        return Ok(Some(Problem::Wrong));
    }
    back_off::succeeded(&desk.pool, &user.name, address).await?;
    let hashed = match desk.passwords.hash(&user.name, new).await {
        Ok(hashed) => hashed,
        Err(Error::Password) => return Ok(Some(Problem::Rule)),
        Err(error) => return Err(error.into()),
    };
    let mut connection = desk.pool.acquire().await?;
    let account = account::by_id(&mut connection, user.account_id).await?;
    drop(connection);
    let account = account.ok_or(DeskError::SignedOut)?;
    account::change(&desk.pool, &account, &Change::Password(hashed), &user.name).await?;
    Ok(None)
}

fn refused(desk: &Desk, user: &User, problem: &Problem) -> Response {
    let said = |key| crate::desk::language::text(user.language, key);
    let (status, words) = match problem {
        Problem::Differs => (StatusCode::UNPROCESSABLE_ENTITY, said("password-differs")),
        Problem::Same => (StatusCode::UNPROCESSABLE_ENTITY, said("password-same")),
        Problem::Rule => (StatusCode::UNPROCESSABLE_ENTITY, rule(user)),
        Problem::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, said("password-wrong")),
        Problem::Wait(seconds) => {
            let words = text_with(user.language, "sign-in-wait", [("seconds", (*seconds).into())]);
            (StatusCode::TOO_MANY_REQUESTS, words)
        }
    };
    let mut response = show(desk, user, (status, Some(words)), false);
    if let Problem::Wait(seconds) = problem {
        let seconds = HeaderValue::from(*seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// Returns what a password must be, in words.
fn rule(user: &User) -> String {
    let lengths = [
        ("min", PASSWORD_LENGTH_MIN.into()),
        ("max", PASSWORD_LENGTH_MAX.into()),
    ];
    text_with(user.language, "password-rule", lengths)
}

fn show(
    desk: &Desk,
    user: &User,
    (status, problem): (StatusCode, Option<String>),
    is_done: bool,
) -> Response {
    let mut frame = Frame::of_user(user, desk.base_path());
    frame.chapter = page::PASSWORD_CHAPTER;
    let nonce = frame.nonce.clone();
    let page = Page {
        frame,
        name: user.name.clone(),
        rule: rule(user),
        problem,
        is_done,
    };
    page::rendered(status, &nonce, &page)
}
