//! The landing page at `/`, and the way from `/desk` to the first screen.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::DeskError;
use super::language::Language;
use super::page::{self, Frame};
use super::session::{self, User};
use super::state::Desk;

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    frame: Frame,
}

/// Leads to the desk and to the documents for programmers.
pub(super) async fn page(State(desk): State<Arc<Desk>>) -> Response {
    let frame = Frame::new(Language::default(), desk.base_path());
    let nonce = frame.nonce.clone();
    page::rendered(StatusCode::OK, &nonce, &Landing { frame })
}

/// Leads who is signed in to the first screen of their first tenant.
pub(super) async fn desk(State(desk): State<Arc<Desk>>, user: User) -> Result<Response, DeskError> {
    let tenants = session::tenants_of(&desk, &user).await?;
    let (first, _) = tenants.first().ok_or(DeskError::NotFound)?;
    Ok(Redirect::to(&format!("{}/desk/{first}/overzicht", desk.base_path())).into_response())
}
