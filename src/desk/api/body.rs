//! What the handlers take of a request: its body, as JSON, and the last part of its path.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::desk::error::DeskError;
use crate::desk::refusal::ApiError;
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

/// The last part of a path that stands for something.
pub(super) struct LastPart(pub(super) String);

impl FromRequestParts<Arc<Desk>> for LastPart {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, DeskError> {
        let path = RawPathParams::from_request_parts(parts, desk)
            .await
            .map_err(|_| DeskError::NotFound)?;
        let last = path.iter().last();
        last.map(|(_, value)| Self(value.to_owned()))
            .ok_or(DeskError::NotFound)
    }
}
