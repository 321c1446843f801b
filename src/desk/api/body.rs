//! The body of a request, as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::refusal::ApiError;
use crate::desk::state::Desk;

/// A body that was read as JSON. One that is something else is refused in words.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, ApiError> {
        match Json::from_request(request, desk).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(ApiError::Malformed(rejection.body_text())),
        }
    }
}
