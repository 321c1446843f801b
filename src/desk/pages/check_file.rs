//! *Controlebestand*: the check file downloaded, and read back in two steps (R54–R57).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use oneroster_school::rights::Access;

use crate::accounts;
use crate::desk::error::DeskError;
use crate::desk::menu::Screen;
use crate::desk::page::{self, Frame};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;

const TEXTS: &str = include_str!("../language/nl/check_file.ftl");
const MATCH_TEXTS: &str = include_str!("../language/nl/match.ftl");

#[derive(Template)]
#[template(path = "check_file.html")]
struct CheckFile {
    frame: Frame,
    /// Whether who asks may see any username here.
    is_open: bool,
    /// Whether they may change any.
    may_write: bool,
    /// Where the list of usernames is.
    back: String,
    /// The places they may see: id and name.
    places: Vec<(String, String)>,
}

/// Shows the page.
pub(in crate::desk) async fn page(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
) -> Result<Response, DeskError> {
    let frame = Frame::of_tenant(&desk, &asker, Screen::Usernames)
        .await?
        .with_texts(TEXTS)
        .with_texts(MATCH_TEXTS);
    let access = asker.rights.strongest();
    let mut places: Vec<(String, String)> = accounts::places(&desk.pool, &asker.tenant_id)
        .await?
        .into_iter()
        .filter(|(org, _)| asker.rights.org_access(org) > Access::None)
        .collect();
    places.sort_by(|one, other| one.1.cmp(&other.1));
    let nonce = frame.nonce.clone();
    let back = format!("{}{}", desk.base_path(), Screen::Usernames.path(&asker.tenant_id));
    let shown = CheckFile {
        frame,
        is_open: access >= Access::Read,
        may_write: access >= Access::Write,
        back,
        places,
    };
    Ok(page::rendered(StatusCode::OK, &nonce, &shown))
}
