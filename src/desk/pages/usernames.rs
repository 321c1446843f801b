//! The page "Gebruikersnamen MS365": the list of usernames, to check, change and release (R58–R84).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use oneroster_school::rights::Access;

use crate::desk::error::DeskError;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

const TEXTS: &str = include_str!("../language/nl/usernames.ftl");

#[derive(Template)]
#[template(path = "usernames.html")]
struct Usernames {
    frame: Frame,
    /// Whether who asks may change any username here (R83).
    may_write: bool,
}

/// Shows the list.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    let frame = Frame::of_tenant(&desk, &asker, Screen::Usernames)
        .await?
        .with_texts(TEXTS);
    let nonce = frame.nonce.clone();
    let shown = Usernames {
        frame,
        may_write: asker.rights.strongest() >= Access::Write,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}
