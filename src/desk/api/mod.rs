//! The API of the pages: JSON in and out, under `/desk/api`.

mod body;
mod refusal;
mod usernames;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use super::state::Desk;

/// Every route of the API, below `/desk/api`.
pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/{tenant}/usernames/rows", post(usernames::rows))
        .route("/{tenant}/usernames/counts", post(usernames::counts))
}
