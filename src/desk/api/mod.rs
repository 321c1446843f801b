//! The API of the pages: JSON in and out, under `/desk/api`.

mod body;
mod bulk;
mod check_file;
mod edit;
mod refusal;
mod search;
mod usernames;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::state::Desk;

/// Every route of the API, below `/desk/api`.
pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/{tenant}/check-file/export", post(check_file::export))
        .route("/{tenant}/check-file/judge", post(check_file::judge))
        .route("/{tenant}/check-file/apply", post(check_file::apply))
        .route("/{tenant}/search", get(search::search))
        .route("/{tenant}/why", get(search::why))
        .route("/{tenant}/why/findings", get(search::findings))
        .route("/{tenant}/usernames/rows", post(usernames::rows))
        .route("/{tenant}/usernames/counts", post(usernames::counts))
        .route("/{tenant}/usernames/name", post(edit::name))
        .route("/{tenant}/usernames/sync", post(edit::sync))
        .route("/{tenant}/usernames/bulk/preview", post(bulk::preview))
        .route("/{tenant}/usernames/bulk", post(bulk::act))
        .route("/{tenant}/usernames/bulk/last", get(bulk::last))
        .route("/{tenant}/usernames/bulk/undo", post(bulk::undo))
}
