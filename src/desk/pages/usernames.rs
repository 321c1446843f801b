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
    /// Whether who asks may see any username here.
    is_open: bool,
    /// Whether they may change any (R83).
    may_write: bool,
}

/// Shows the list. Who has no rights anywhere in the tenant is told so in words (R66).
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    let frame = Frame::of_tenant(&desk, &asker, Screen::Usernames)
        .await?
        .with_texts(TEXTS);
    let access = asker.rights.strongest();
    let nonce = frame.nonce.clone();
    let shown = Usernames {
        frame,
        is_open: access >= Access::Read,
        may_write: access >= Access::Write,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}
