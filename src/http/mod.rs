//! The HTTP side: routes, the token endpoint, health, errors, replies.
//!
//! Paths are matched here rather than by a router, so that a trailing or double slash is served in place: a
//! redirect would break consumers (design §4.2). Every answer is JSON, also to a panic or a timeout, and every
//! request leaves one log line, which carries ids only, also one whose caller hung up.

mod body;
pub mod catalog;
mod ending;
mod error;
mod etag;
mod health;
mod link;
pub mod metrics;
mod openapi;
mod part;
mod path;
mod reply;
mod roster;
mod token;
mod trace;
mod wire;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{Extensions, HeaderMap, HeaderName, Method, StatusCode, Version};
use axum::response::Response;
use futures_util::future::Either;
use futures_util::{FutureExt, TryFutureExt};
use tower::{Layer, Service, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

pub use path::pairs as query_parameters;
pub use wire::TolerantListener;

use crate::auth::Auth;
use crate::publication::{FailingTenants, HeldTenants};
use crate::serving::Snapshots;
use crate::synclog::SyncLog;
use ending::Ending;
use error::ApiError;
use metrics::Metrics;
use openapi::Documents;
use path::Route;
use token::TokenError;
use trace::Trace;

/// How long a request may take before it is answered 503, loading a roster and waiting for the database included.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// How much body of a request that needs none is read and dropped, in bytes. More is refused.
const IDLE_BODY_MAX: usize = 1 << 20;

/// Answers below so many bytes are not compressed: it would gain nothing.
const COMPRESSED_BYTES_MIN: u16 = 1024;

/// Level of each compression: the first, since a higher one costs many times the CPU for little.
const COMPRESSION_LEVEL: i32 = 1;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the routes work with.
pub struct App {
    /// Issues and verifies tokens.
    pub auth: Arc<Auth>,
    /// Rosters in memory.
    pub snapshots: Snapshots,
    /// Address consumers reach the server at, without a slash at the end. A path in it is taken off requests.
    pub base_url: String,
    /// What is counted for monitoring.
    pub metrics: Metrics,
    /// Tenants whose publications are held.
    pub held: HeldTenants,
    /// Tenants that cannot be published.
    pub failing: FailingTenants,
    /// What consumers read, and who no longer does.
    pub sync_log: SyncLog,
}

/// What is served: the parts that were put in, and the documents about them.
struct Served {
    app: App,
    documents: Documents,
}

/// Returns what answers every request: OneRoster, the token endpoint, keys and discovery, health, documents.
///
/// Answers of 1 KiB and more are compressed for whoever accepts zstd, br or gzip. HEAD gets the headers that GET
/// would get: no length where that would be compressed, since nobody knows it before (RFC 9110 §8.6).
pub fn service(
    app: App,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let served = Arc::new(Served {
        app,
        documents: Documents::default(),
    });
    let plain = service_fn(move |request| serve(Arc::clone(&served), request).map(Ok::<_, Infallible>));
    let compressing = CompressionLayer::new()
        .quality(CompressionLevel::Precise(COMPRESSION_LEVEL))
        .compress_when(SizeAbove::new(COMPRESSED_BYTES_MIN).and(has_body))
        .layer(plain.clone());
    service_fn(move |request: Request| {
        let is_head = request.method() == Method::HEAD;
        if request.headers().contains_key(ACCEPT_ENCODING) {
            // In a box, as it is far larger than the plain one and would make that as large.
            let answer = Box::pin(compressing.clone().call(request));
            Either::Left(answer.map_ok(move |response| sent(response.map(Body::new), is_head)))
        } else {
            let answer = plain.clone().call(request);
            Either::Right(answer.map_ok(move |response| sent(response, is_head)))
        }
    })
}

/// Tells whether an answer with this status has a body that could be compressed.
fn has_body(status: StatusCode, _: Version, _: &HeaderMap, _: &Extensions) -> bool {
    status != StatusCode::NOT_MODIFIED
}

/// Takes the body off an answer to HEAD.
fn sent(response: Response, is_head: bool) -> Response {
    if is_head {
        response.map(|_| reply::no_body())
    } else {
        response
    }
}

/// Answers one request, whatever happens in it, and writes its log line.
async fn serve(served: Arc<Served>, request: Request) -> Response {
    let app = &served.app;
    let request_id = trace::request_id(request.headers());
    let ending = Ending::of(app, request_id, request.method().clone());
    let (request_id, trace) = (&ending.request_id, &ending.trace);
    let route = path::route(&app.base_url, request.uri().path());
    let is_token = matches!(route, Ok(Route::Token(_)));
    let answered = guard(
        REQUEST_TIMEOUT,
        answer(&served, route, request, request_id, trace),
    )
    .await;
    let response = answered.unwrap_or_else(|failure| {
        if is_token {
            TokenError::from_failure(&failure).into_response(trace)
        } else {
            failure.into_response(request_id, trace)
        }
    });
    ending.finish(response)
}

/// Turns a panic, or work without end, into a failure that can be answered.
async fn guard(limit: Duration, work: impl Future<Output = Response>) -> Result<Response, ApiError> {
    match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(ApiError::Panic),
        Err(_) => Err(ApiError::Timeout),
    }
}

async fn answer(
    served: &Served,
    route: Result<Route, ApiError>,
    request: Request,
    request_id: &str,
    trace: &Trace,
) -> Response {
    if let Ok(Route::Token(dialect)) = route {
        trace.route(&Route::Token(dialect));
        // In a box, like all that is seldom: what a request may need is moved about with every one.
        return Box::pin(token::respond(&served.app, request, dialect, trace))
            .await
            .unwrap_or_else(|error| error.into_response(trace));
    }
    let outcome = match route {
        Ok(route) => read_only(served, route, request, request_id, trace).await,
        Err(error) => {
            trace.route(&Route::Unknown);
            Err(error)
        }
    };
    outcome.unwrap_or_else(|error| error.into_response(request_id, trace))
}

/// Answers everything but the token endpoint: GET, or HEAD as GET without a body.
async fn read_only(
    served: &Served,
    route: Route,
    request: Request,
    request_id: &str,
    trace: &Trace,
) -> Result<Response, ApiError> {
    trace.route(&route);
    if matches!(route, Route::Unknown) {
        return Err(ApiError::UnknownPath);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::MethodNotAllowed {
            allow: catalog::METHODS,
        });
    }
    let (head, body) = request.into_parts();
    body::discard(body, IDLE_BODY_MAX).await?;
    let app = &served.app;
    match route {
        Route::Operation { operation, ids } => {
            let call = roster::Call {
                operation,
                ids: &ids,
                head: &head,
                request_id,
            };
            roster::respond(app, &call, trace).await
        }
        Route::Discovery => Ok(health::discovery(app)),
        Route::KeySet => Ok(health::key_set(app)),
        Route::Health => Ok(health::healthz()),
        Route::OpenApi => Ok(served.documents.json(&app.base_url)),
        Route::Docs => Ok(served.documents.page(&app.base_url)),
        Route::Readiness => Ok(Box::pin(health::readyz(app)).await),
        Route::Token(_) | Route::Unknown => Err(ApiError::UnknownPath),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn body(response: Response) -> serde_json::Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_json_and_500() {
        let failure = guard(REQUEST_TIMEOUT, async { panic!("a secret detail") })
            .await
            .unwrap_err();
        let of_token = TokenError::from_failure(&failure).into_response(&Trace::default());
        assert_eq!(of_token.status(), 500);
        assert_eq!(body(of_token).await["error"], "server_error");
        let response = failure.into_response("r1", &Trace::default());
        assert_eq!(response.status(), 500);
        let body = body(response).await;
        assert_eq!(body["statusInfoSet"][0]["imsx_messageRefIdentifier"], "r1");
        assert!(!body.to_string().contains("secret detail"));
    }

    #[tokio::test]
    async fn work_without_end_is_answered_with_json_and_503() {
        let failure = guard(Duration::from_millis(1), std::future::pending())
            .await
            .unwrap_err();
        let of_token = TokenError::from_failure(&failure).into_response(&Trace::default());
        let response = failure.into_response("r1", &Trace::default());
        for (answer, retry_after_s) in [(&response, "30"), (&of_token, "10")] {
            assert_eq!(answer.status(), 503);
            assert_eq!(answer.headers()["retry-after"], retry_after_s);
            assert_eq!(answer.headers()["content-type"], "application/json");
        }
        assert_eq!(body(of_token).await["error"], "temporarily_unavailable");
        let body = body(response).await;
        assert_eq!(body["statusInfoSet"][0]["imsx_codeMinor"], "server_busy");
        assert_eq!(body["CodeMinor"], "server_busy");
    }
}
