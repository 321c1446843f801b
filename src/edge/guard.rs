//! A guard around the work on a request: a panic and work without end become errors that can be answered.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use futures_util::FutureExt;

use crate::telemetry::request::{self, RequestIds};

/// How long a request may take before it is answered 503, loading a roster and waiting for the database included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Why the work on a request gave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// It panicked.
    #[error("panic")]
    Panic,
    /// It took longer than it may.
    #[error("timeout")]
    Timeout,
}

/// Runs the work on a request for at most `limit`; what it logs says the ids of the request.
pub async fn guard(
    limit: Duration,
    ids: Arc<RequestIds>,
    work: impl Future<Output = Response>,
) -> Result<Response, GuardError> {
    let work = request::within(ids, AssertUnwindSafe(work).catch_unwind());
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(GuardError::Panic),
        Err(_) => Err(GuardError::Timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_and_work_without_end_become_errors() {
        let panicked = guard(REQUEST_TIMEOUT, RequestIds::new("r1", None), async {
            panic!("a secret detail")
        })
        .await;
        assert_eq!(panicked.unwrap_err(), GuardError::Panic);
        let endless = guard(
            Duration::from_millis(1),
            RequestIds::new("r1", None),
            std::future::pending(),
        )
        .await;
        assert_eq!(endless.unwrap_err(), GuardError::Timeout);
    }
}
