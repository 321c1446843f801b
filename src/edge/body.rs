//! Bodies of requests, read or dropped up to a limit, and the body of a response that has none.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::io::AsyncWriteExt;

/// How much body of a request that needs none is read and dropped, in bytes. More is refused.
pub const UNUSED_BODY_BYTES_MAX: usize = 1 << 20;

/// Why the body of a request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than it may be.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// How large it may be, in bytes.
        limit: usize,
    },
    /// The client broke off.
    #[error("the body did not arrive whole")]
    Incomplete,
    /// Nothing of it came for too long.
    #[error("nothing of the body came for {limit_s} s")]
    Stalled {
        /// For how long nothing may come, in seconds.
        limit_s: u64,
    },
    /// It took too long.
    #[error("the body did not arrive within {limit_s} s")]
    Slow {
        /// How long it may take, in seconds.
        limit_s: u64,
    },
}

impl BodyError {
    /// Returns the status that says it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::Stalled { .. } | Self::Slow { .. } => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Why a body could not be kept in a file.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It could not be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The file could not be written.
    #[error("cannot write the body to a file")]
    File(#[from] std::io::Error),
}

/// How long a body may take to arrive.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long nothing may come of one that may take longer. Shorter than what the connection waits, which can only break it off.
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// How long a body that is kept in a file may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// In all.
    within: Duration,
    /// Without any part of it.
    pause: Duration,
}

impl Patience {
    /// Waits so long in all, and for 20 s at the most for any part.
    pub const fn within(within: Duration) -> Self {
        Self {
            within,
            pause: PAUSE_MAX,
        }
    }
}

/// Waits for a body no longer than it may take.
async fn in_time<T, E: From<BodyError>>(
    limit: Duration,
    reading: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let limit_s = limit.as_secs();
    tokio::time::timeout(limit, reading)
        .await
        .unwrap_or_else(|_elapsed| Err(BodyError::Slow { limit_s }.into()))
}

/// Writes a body of at most `limit` bytes to a file, a part at a time, and waits for it no longer than `patience` has it. A larger announced length
/// is refused before anything is read. On an error, a part of it may be in the file.
pub async fn keep_body(
    mut body: Body,
    file: &mut tokio::fs::File,
    limit: u64,
    patience: Patience,
) -> Result<(), KeepError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    refuse_announced(&body, limit)?;
    let stalled = BodyError::Stalled {
        limit_s: patience.pause.as_secs(),
    };
    in_time(patience.within, async {
        let mut length = 0_usize;
        loop {
            let coming = tokio::time::timeout(patience.pause, body.frame());
            let Some(frame) = coming.await.map_err(|_elapsed| stalled)? else {
                break;
            };
            let frame = frame.map_err(|_| BodyError::Incomplete)?;
            let Some(part) = frame.data_ref() else {
                continue;
            };
            length = length.saturating_add(part.len());
            if length > limit {
                return Err(BodyError::TooLarge { limit }.into());
            }
            file.write_all(part).await?;
        }
        Ok(file.flush().await?)
    })
    .await
}

/// Reads a whole body of at most `limit` bytes, within 30 s. A larger announced length is refused before anything is read.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    refuse_announced(&body, limit)?;
    in_time(ARRIVAL_TIMEOUT, async {
        match Limited::new(body, limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit }),
            Err(_) => Err(BodyError::Incomplete),
        }
    })
    .await
}

/// Reads a body of at most `limit` bytes, within 30 s, that nobody needs and keeps none of it, so that the connection can be used
/// again: some consumers send one with GET.
pub async fn discard_body(mut body: Body, limit: usize) -> Result<(), BodyError> {
    if body.is_end_stream() {
        return Ok(());
    }
    refuse_announced(&body, limit)?;
    in_time(ARRIVAL_TIMEOUT, async {
        let mut length = 0_usize;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| BodyError::Incomplete)?;
            length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if length > limit {
                return Err(BodyError::TooLarge { limit });
            }
        }
        Ok(())
    })
    .await
}

fn refuse_announced(body: &Body, limit: usize) -> Result<(), BodyError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge { limit });
    }
    Ok(())
}

/// Makes the body of a response that has none. Its length is unknown: a length of 0 would be said of the response that
/// is not sent.
pub fn empty_body() -> Body {
    Body::from_stream(futures_util::stream::empty::<Result<Bytes, Infallible>>())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LIMIT: usize = 1 << 20;
    const FRAME_BYTES: usize = 64 << 10;

    static ZEROS: [u8; FRAME_BYTES] = [0; FRAME_BYTES];

    /// A frame that counts itself out when its memory is freed.
    struct CountedFrame(Arc<AtomicUsize>);

    impl AsRef<[u8]> for CountedFrame {
        fn as_ref(&self) -> &[u8] {
            &ZEROS
        }
    }

    impl Drop for CountedFrame {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Returns a body of so many frames, and the most of them that were in memory at once.
    fn body(frame_count: usize) -> (Body, Arc<AtomicUsize>) {
        let (held, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&most);
        let frames = (0..frame_count).map(move |_| {
            let now = held.fetch_add(1, Ordering::Relaxed) + 1;
            counted.fetch_max(now, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_owner(CountedFrame(Arc::clone(&held))))
        });
        (Body::from_stream(futures_util::stream::iter(frames)), most)
    }

    #[tokio::test]
    async fn an_unneeded_body_is_dropped_frame_by_frame_up_to_its_limit() {
        let too_large = Err(BodyError::TooLarge { limit: LIMIT });
        let (whole, most) = body(LIMIT / FRAME_BYTES);
        assert_eq!(discard_body(whole, LIMIT).await, Ok(()));
        assert_eq!(most.load(Ordering::Relaxed), 1);
        let (more, most) = body(LIMIT / FRAME_BYTES + 1);
        assert_eq!(discard_body(more, LIMIT).await, too_large);
        assert_eq!(most.load(Ordering::Relaxed), 1);
        assert_eq!(
            discard_body(Body::from(vec![0; LIMIT + 1]), LIMIT).await,
            too_large
        );
    }

    #[tokio::test]
    async fn a_body_is_kept_in_a_file_part_by_part_up_to_its_limit() {
        let minute = Patience::within(Duration::from_mins(1));
        let kept = tempfile::tempfile().unwrap();
        let mut file = tokio::fs::File::from_std(kept.try_clone().unwrap());
        let (whole, most) = body(LIMIT / FRAME_BYTES);
        keep_body(whole, &mut file, LIMIT as u64, minute).await.unwrap();
        assert_eq!(kept.metadata().unwrap().len(), LIMIT as u64);
        assert_eq!(most.load(Ordering::Relaxed), 1);
        let (more, _) = body(LIMIT / FRAME_BYTES + 1);
        let refused = keep_body(more, &mut file, LIMIT as u64, minute)
            .await
            .unwrap_err();
        assert!(matches!(
            refused,
            KeepError::Body(BodyError::TooLarge { limit: LIMIT })
        ));
        let mut full = tokio::fs::File::create("/dev/full").await.unwrap();
        let no_room = keep_body(Body::from("a"), &mut full, 1, minute)
            .await
            .unwrap_err();
        assert!(matches!(no_room, KeepError::File(_)));
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>());
        let soon = Duration::from_millis(1);
        let slow = keep_body(never, &mut file, 1, Patience::within(soon))
            .await
            .unwrap_err();
        assert!(matches!(slow, KeepError::Body(BodyError::Slow { limit_s: 0 })));
        // A part now and then is enough, until the time for all of it is over.
        let parts = |pause_ms| {
            Body::from_stream(futures_util::stream::unfold(0, move |number| async move {
                tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                (number < 5).then_some((Ok::<_, Infallible>("a"), number + 1))
            }))
        };
        let patience = |within_ms, pause_ms| Patience {
            within: Duration::from_millis(within_ms),
            pause: Duration::from_millis(pause_ms),
        };
        for (body, patience, ends) in [
            (parts(30), patience(60_000, 20_000), true),
            (parts(200), patience(60_000, 20), false),
            (parts(50), patience(120, 20_000), false),
        ] {
            let kept = keep_body(body, &mut file, 5, patience).await;
            assert_eq!(kept.is_ok(), ends, "{patience:?}: {kept:?}");
        }
    }

    #[tokio::test]
    async fn a_body_is_read_whole_or_refused() {
        let too_large = Err(BodyError::TooLarge { limit: 3 });
        assert_eq!(read_body(Body::from("abc"), 3).await, Ok(Bytes::from("abc")));
        assert_eq!(read_body(Body::from("abcd"), 3).await, too_large);
        let frames = |parts: Vec<Result<&'static str, std::io::Error>>| {
            Body::from_stream(futures_util::stream::iter(parts))
        };
        assert_eq!(read_body(frames(vec![Ok("ab"), Ok("cd")]), 3).await, too_large);
        let broken_off = frames(vec![Ok("a"), Err(std::io::Error::other("closed"))]);
        assert_eq!(read_body(broken_off, 3).await, Err(BodyError::Incomplete));
    }
}
