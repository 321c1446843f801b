//! The HTTP side: routes, the token endpoint, health, errors, replies.
//!
//! Paths are matched here rather than by a router, so that a trailing or double slash is served in place: a
//! redirect would break consumers (design §4.2). Every answer is JSON, also to a panic or a timeout, and every
//! request leaves one log line, which carries ids only.

mod body;
mod catalog;
mod error;
mod health;
mod link;
mod path;
mod reply;
mod roster;
mod token;
mod trace;
mod wire;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;
use futures_util::FutureExt;
use http_body::Body as _;

pub use wire::TolerantListener;

use crate::auth::Auth;
use crate::publication::HeldTenants;
use crate::serving::Snapshots;
use error::ApiError;
use path::Route;
use token::TokenError;
use trace::Trace;

/// How long a request may take before it is answered 503, loading a roster and waiting for the database included.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// How much body of a request that needs none is read and dropped, in bytes. More is refused.
const IDLE_BODY_MAX: usize = 1 << 20;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the routes work with.
pub struct App {
    /// Issues and verifies tokens.
    pub auth: Arc<Auth>,
    /// Rosters in memory.
    pub snapshots: Snapshots,
    /// Address consumers reach the server at, without a slash at the end. A path in it is taken off requests.
    pub base_url: String,
    /// Tenants whose publications are held.
    pub held: HeldTenants,
}

/// Returns the routes: OneRoster, the token endpoint, keys and discovery, health.
pub fn router(app: App) -> Router {
    Router::new().fallback(serve).with_state(Arc::new(app))
}

/// Answers one request, whatever happens in it, and writes its log line.
async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let started = Instant::now();
    let request_id = trace::request_id(request.headers());
    let method = request.method().clone();
    let trace = Trace::default();
    let route = path::route(&app.base_url, request.uri().path());
    let is_token = matches!(route, Ok(Route::Token));
    let failure = match guard(REQUEST_TIMEOUT, answer(&app, route, request, &request_id, &trace)).await {
        Ok(response) => return finish(response, &method, &request_id, &trace, started),
        Err(failure) => failure,
    };
    let response = if is_token {
        TokenError::from_failure(&failure).into_response(&trace)
    } else {
        failure.into_response(&request_id, &trace)
    };
    finish(response, &method, &request_id, &trace, started)
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
    app: &App,
    route: Result<Route, ApiError>,
    request: Request,
    request_id: &str,
    trace: &Trace,
) -> Response {
    if let Ok(Route::Token) = route {
        trace.route(&Route::Token);
        return token::respond(app, request, trace)
            .await
            .unwrap_or_else(|error| error.into_response(trace));
    }
    let outcome = match route {
        Ok(route) => read_only(app, route, request, request_id, trace).await,
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| error.into_response(request_id, trace))
}

/// Answers everything but the token endpoint: GET, or HEAD as GET without a body.
async fn read_only(
    app: &App,
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
        return Err(ApiError::MethodNotAllowed { allow: "GET, HEAD" });
    }
    let (head, body) = request.into_parts();
    body::discard(body, IDLE_BODY_MAX).await?;
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
        Route::Readiness => Ok(health::readyz(app).await),
        Route::Token | Route::Unknown => Err(ApiError::UnknownPath),
    }
}

fn finish(
    mut response: Response,
    method: &Method,
    request_id: &str,
    trace: &Trace,
    started: Instant,
) -> Response {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let body_length = response.body().size_hint().exact();
    if let Some(length) = body_length {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if method == Method::HEAD {
        *response.body_mut() = axum::body::Body::empty();
    }
    trace.log(&trace::Outcome {
        request_id,
        method,
        status: response.status(),
        body_length: body_length.unwrap_or_default(),
        duration: started.elapsed(),
    });
    response
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
    async fn work_without_end_is_answered_with_503() {
        let failure = guard(Duration::from_millis(1), std::future::pending())
            .await
            .unwrap_err();
        let response = failure.into_response("r1", &Trace::default());
        assert_eq!(
            (
                response.status().as_u16(),
                response.headers()["retry-after"].to_str().unwrap()
            ),
            (503, "30")
        );
    }
}
