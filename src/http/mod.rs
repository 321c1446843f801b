//! The service for consumers: OneRoster operations, the token endpoint, keys and discovery, probes, documents.
//!
//! Paths are matched here rather than by a router, so that a trailing or double slash is served in place: a
//! redirect would break consumers. What every service needs is in [`crate::edge`].

mod association;
mod body;
mod bundle;
mod bundle_error;
pub mod catalog;
mod date;
mod discovery;
mod error;
mod etag;
mod files;
mod files_error;
mod link;
mod malformed;
pub mod metrics;
mod openapi;
mod path;
mod probes;
mod process_figures;
mod reply;
mod request_facts;
mod roster;
mod token;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::DATE;
use axum::response::Response;
use futures_util::FutureExt;
use tower::{Service, service_fn};

use crate::auth::Auth;
use crate::edge::{self, GuardError, PeerAddress, RequestLog, TrustedProxies};
use crate::export::ExportService;
use crate::feeding::{FeedSigns, Uploads};
use crate::publication::{FailingTenants, HeldTenants};
use crate::serving::SnapshotCache;
use crate::synclog::SyncLog;
use date::DateHeader;
use error::ApiError;
pub use etag::SERVED_FORM_VERSION;
pub use malformed::refusal;
use metrics::Metrics;
use openapi::Documents;
use path::{PathError, Route};
use request_facts::RequestFacts;
use token::TokenError;

/// What the routes work with. Clones share it.
#[derive(Clone)]
pub struct App {
    /// Issues and verifies tokens.
    pub auth: Arc<Auth>,
    /// Rosters in memory.
    pub snapshots: SnapshotCache,
    /// Rosters as files.
    pub exports: ExportService,
    /// Bundles that are brought.
    pub uploads: Uploads,
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
    /// When bundles came.
    pub feed: FeedSigns,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Whether figures for monitoring have a listener of their own: then this one names tenants to nobody.
    pub has_monitoring: bool,
    date: Arc<DateHeader>,
}

impl App {
    /// Puts the parts together that every server has; the rest is as for a server that has just started.
    pub fn new(auth: Arc<Auth>, snapshots: SnapshotCache, uploads: Uploads, base_url: String) -> Self {
        Self {
            auth,
            uploads,
            exports: ExportService::new(snapshots.requests().clone()),
            snapshots,
            base_url,
            metrics: Metrics::default(),
            held: HeldTenants::default(),
            failing: FailingTenants::default(),
            sync_log: SyncLog::default(),
            feed: FeedSigns::default(),
            trusted_proxies: TrustedProxies::default(),
            has_monitoring: false,
            date: Arc::default(),
        }
    }

    /// Gives a response its date.
    fn dated(&self, mut response: Response) -> Response {
        let date = self.date.at(self.auth.database_clock());
        response.headers_mut().insert(DATE, date);
        response
    }

    /// Returns where a request comes from, if that is known.
    fn client_address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<PeerAddress>()?;
        self.trusted_proxies.client(peer.0.ip(), request.headers())
    }
}

/// What is served: the parts that were put in, and the documents about them.
struct ServiceState {
    app: App,
    documents: Documents,
}

/// Returns the service that answers every request of consumers, compressed where they accept that.
pub fn service(
    app: App,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let served = Arc::new(ServiceState {
        app,
        documents: Documents::default(),
    });
    edge::compressed(service_fn(move |request| {
        serve(Arc::clone(&served), request).map(Ok::<_, Infallible>)
    }))
}

/// Answers one request, whatever happens in it, and writes its log line.
async fn serve(served: Arc<ServiceState>, request: Request) -> Response {
    let app = &served.app;
    let request_id = edge::request_id(request.headers());
    let facts = RequestFacts::new(&request_id, edge::trace_id(request.headers()));
    let address = app.client_address(&request);
    facts.log.address(address);
    let log = RequestLog::start(request_id, request.method().clone(), &facts.log, |end| {
        app.metrics.observe(&facts.observation(end));
        if let Some(reading) = facts.take_reading(end) {
            app.sync_log.note(reading);
        }
    });
    let route = path::route(&app.base_url, request.uri().path());
    let is_token = matches!(route, Ok(Route::Token(_)));
    let limit = if matches!(route, Ok(Route::Bundle)) {
        bundle::TIMEOUT
    } else {
        edge::REQUEST_TIMEOUT
    };
    let work = answer(&served, route, (request, address), log.request_id(), &facts);
    let response = edge::guard(limit, facts.log.ids(), work)
        .await
        .unwrap_or_else(|error| unanswered(error, is_token, log.request_id(), &facts));
    app.dated(log.finish(response))
}

/// Answers a request whose work gave no response, in the form of the endpoint it was sent to.
fn unanswered(error: GuardError, is_token: bool, request_id: &str, facts: &RequestFacts) -> Response {
    if is_token {
        TokenError::from(error).into_response(&facts.log)
    } else {
        ApiError::from(error).into_response(request_id, &facts.log)
    }
}

async fn answer(
    served: &ServiceState,
    route: Result<Route, PathError>,
    (request, address): (Request, Option<IpAddr>),
    request_id: &str,
    facts: &RequestFacts,
) -> Response {
    if let Ok(Route::Token(dialect)) = route {
        facts.route(&Route::Token(dialect));
        // Boxed to keep the common future small: the compiler reserves room for every branch.
        return Box::pin(token::respond(
            &served.app,
            (request, address),
            dialect,
            &facts.log,
        ))
        .await
        .unwrap_or_else(|error| error.into_response(&facts.log));
    }
    let outcome = match route {
        Ok(Route::Bundle) => {
            facts.route(&Route::Bundle);
            Box::pin(bundle::respond(&served.app, request, facts)).await
        }
        Ok(route) => read_only(served, route, (request, address), request_id, facts).await,
        Err(error) => {
            facts.route(&Route::Unknown);
            Err(ApiError::from(error))
        }
    };
    outcome.unwrap_or_else(|error| error.into_response(request_id, &facts.log))
}

/// Answers everything but the token endpoint: GET, or HEAD as GET without a body.
async fn read_only(
    served: &ServiceState,
    route: Route,
    (request, address): (Request, Option<IpAddr>),
    request_id: &str,
    facts: &RequestFacts,
) -> Result<Response, ApiError> {
    facts.route(&route);
    if matches!(route, Route::Unknown) {
        return Err(ApiError::UnknownPath);
    }
    if matches!(route, Route::Gradebook) {
        return Err(ApiError::Gradebook);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::MethodNotAllowed {
            allow: catalog::METHODS,
        });
    }
    let (head, body) = request.into_parts();
    edge::discard_body(body, edge::UNUSED_BODY_BYTES_MAX).await?;
    let app = &served.app;
    match route {
        Route::Operation { operation, ids } => {
            let operation_request = roster::OperationRequest {
                operation,
                ids: &ids,
                head: &head,
                request_id,
            };
            roster::respond(app, &operation_request, facts).await
        }
        Route::Export { format } => Box::pin(files::respond(app, &format, &head, facts)).await,
        Route::Discovery => Ok(discovery::document(app)),
        Route::KeySet => Ok(discovery::key_set(app)),
        Route::Health => Ok(probes::healthz()),
        Route::OpenApi => Ok(served.documents.json(&app.base_url)),
        Route::Docs => Ok(served.documents.page(&app.base_url)),
        Route::DocsFile { name } => served.documents.file(&name, &head).await,
        Route::Readiness => {
            let may_name = !app.has_monitoring && probes::is_here(address, &head.headers);
            Ok(Box::pin(probes::readyz(app, may_name)).await)
        }
        Route::Token(_) | Route::Bundle | Route::Gradebook | Route::Unknown => Err(ApiError::UnknownPath),
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
        let facts = RequestFacts::new("r1", None);
        let of_token = unanswered(GuardError::Panic, true, "r1", &facts);
        assert_eq!(of_token.status(), 500);
        assert_eq!(body(of_token).await["error"], "server_error");
        let response = unanswered(GuardError::Panic, false, "r1", &facts);
        assert_eq!(response.status(), 500);
        let body = body(response).await;
        assert_eq!(body["statusInfoSet"][0]["imsx_messageRefIdentifier"], "r1");
    }

    #[tokio::test]
    async fn work_without_end_is_answered_with_json_and_503() {
        let facts = RequestFacts::new("r1", None);
        let of_token = unanswered(GuardError::Timeout, true, "r1", &facts);
        let response = unanswered(GuardError::Timeout, false, "r1", &facts);
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
