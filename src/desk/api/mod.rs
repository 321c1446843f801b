//! The API of the pages: JSON in and out, under `/desk/api`.

mod body;
mod check_file;
mod refusal;
mod usernames;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use super::state::Desk;

/// Every route of the API, below `/desk/api`.
pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/{tenant}/check-file/export", post(check_file::export))
        .route("/{tenant}/check-file/judge", post(check_file::judge))
        .route("/{tenant}/check-file/apply", post(check_file::apply))
        .route("/{tenant}/usernames/rows", post(usernames::rows))
        .route("/{tenant}/usernames/counts", post(usernames::counts))
}
