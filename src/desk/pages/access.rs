//! *Toegang*: who may do what at the schools of a manager (R4, R83, R90).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::desk::error::DeskError;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

const TEXTS: &str = include_str!("../language/nl/access.ftl");

#[derive(Template)]
#[template(path = "access.html")]
struct Access {
    frame: Frame,
}

/// Shows the screen.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    let frame = Frame::of_tenant(&desk, &asker, Screen::Access)
        .await?
        .with_texts(TEXTS);
    let nonce = frame.nonce.clone();
    Ok(page::rendered(StatusCode::OK, &nonce, &Access { frame }))
}
