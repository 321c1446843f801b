//! Bodies: a request's, read up to a limit, and an answer's, sent in the pieces it has.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::error::ApiError;
use crate::serving;

/// Reads a whole body of at most this many bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    // What the caller announces is refused before any of it is read.
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::TooLarge { limit });
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge { limit }),
        Err(_) => Err(ApiError::BodyBroken),
    }
}

/// Reads a body that is of no use, so that the connection can be used again: some consumers send one with GET.
pub(super) async fn discard(body: Body, limit: usize) -> Result<(), ApiError> {
    if HttpBody::is_end_stream(&body) {
        return Ok(());
    }
    read(body, limit).await.map(|_| ())
}

/// A body that is handed out in pieces; it knows its length.
#[derive(Debug)]
pub(super) struct Pieces(pub(super) serving::Body);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.find(|piece| !piece.is_empty());
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.remaining() as u64)
    }
}
