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

/// Reads a body that is of no use and keeps none of it, so that the connection can be used again: some consumers send
/// one with GET.
pub(super) async fn discard(mut body: Body, limit: usize) -> Result<(), ApiError> {
    if HttpBody::is_end_stream(&body) {
        return Ok(());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::TooLarge { limit });
    }
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::BodyBroken)?;
        length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if length > limit {
            return Err(ApiError::TooLarge { limit });
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LIMIT: usize = 1 << 20;
    const FRAME_BYTES: usize = 64 << 10;

    static ZEROS: [u8; FRAME_BYTES] = [0; FRAME_BYTES];

    /// A piece of memory that says when it is given back.
    struct Piece(Arc<AtomicUsize>);

    impl AsRef<[u8]> for Piece {
        fn as_ref(&self) -> &[u8] {
            &ZEROS
        }
    }

    impl Drop for Piece {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A body of so many pieces, the count of those in memory, and the most that there were at once.
    fn body(pieces: usize) -> (Body, Arc<AtomicUsize>) {
        let (held, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let frames = (0..pieces).map(move |_| {
            let now = held.fetch_add(1, Ordering::Relaxed) + 1;
            seen.fetch_max(now, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_owner(Piece(Arc::clone(&held))))
        });
        (Body::from_stream(futures_util::stream::iter(frames)), most)
    }

    #[tokio::test]
    async fn a_body_of_no_use_is_dropped_piece_by_piece_up_to_its_limit() {
        let (whole, most) = body(LIMIT / FRAME_BYTES);
        assert!(discard(whole, LIMIT).await.is_ok());
        assert_eq!(most.load(Ordering::Relaxed), 1);
        let (more, most) = body(LIMIT / FRAME_BYTES + 1);
        let refused = discard(more, LIMIT).await;
        assert!(matches!(refused, Err(ApiError::TooLarge { limit: LIMIT })));
        assert_eq!(most.load(Ordering::Relaxed), 1);
        let announced = Body::from(vec![0; LIMIT + 1]);
        let refused = discard(announced, LIMIT).await;
        assert!(matches!(refused, Err(ApiError::TooLarge { limit: LIMIT })));
    }
}
