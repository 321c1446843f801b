//! Signing out, here and everywhere, and the choice of a language.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

use super::next::{own_path, sign_in_path};
use super::{User, cookie};
use crate::access::account::{self, Change};
use crate::access::sessions;
use crate::desk::error::DeskError;
use crate::desk::form::Form;
use crate::desk::language::Language;
use crate::desk::state::Desk;

/// Ends the session of the request, if it has one, and leads to the sign-in.
pub(in crate::desk) async fn sign_out(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
) -> Result<Response, DeskError> {
    if let Some(token) = cookie::token(&desk, &headers) {
        sessions::end(&desk.pool, token).await?;
    }
    Ok(signed_out(&desk))
}

/// Ends every session of who asks, on every machine.
pub(in crate::desk) async fn everywhere(
    State(desk): State<Arc<Desk>>,
    user: User,
) -> Result<Response, DeskError> {
    let mut connection = desk.pool.acquire().await?;
    let account = account::by_id(&mut connection, user.account_id).await?;
    drop(connection);
    let account = account.ok_or(DeskError::SignedOut)?;
    account::change(&desk.pool, &account, &Change::SignOut, &user.name).await?;
    Ok(signed_out(&desk))
}

fn signed_out(desk: &Desk) -> Response {
    let mut response = Redirect::to(&sign_in_path(desk, None)).into_response();
    if let Some(cleared) = cookie::clear(desk) {
        response.headers_mut().insert(SET_COOKIE, cleared);
    }
    response
}

/// Keeps the language that somebody chose, and leads back to the page they chose it on.
pub(in crate::desk) async fn language(
    State(desk): State<Arc<Desk>>,
    user: User,
    body: Bytes,
) -> Result<Response, DeskError> {
    let form = Form::read(&body)?;
    let language = form.get("language").and_then(Language::of_code);
    let language = language.ok_or(DeskError::Malformed)?;
    account::set_language(&desk.pool, user.account_id, language.code()).await?;
    let home = format!("{}/desk", desk.base_path());
    let next = form.get("next").and_then(|next| own_path(&desk, next));
    Ok(Redirect::to(next.unwrap_or(&home)).into_response())
}
