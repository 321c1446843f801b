//! Compression of responses, and HEAD as GET without the body.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Version};
use axum::response::Response;
use futures_util::TryFutureExt;
use futures_util::future::Either;
use tower::{Layer, Service, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use super::body::empty_body;

/// Responses below so many bytes are not compressed: it would gain nothing.
const COMPRESSED_BYTES_MIN: u16 = 1024;

/// Level of each compression: the lowest, since a higher one costs many times the CPU for little.
const COMPRESSION_LEVEL: i32 = 1;

/// Wraps a service: responses of 1 KiB and more are compressed for a client that accepts zstd, br or gzip, and a response
/// to HEAD loses its body.
///
/// HEAD gets the headers that GET would get: no length where that would be compressed, since it is not known before
/// (RFC 9110 §8.6).
pub fn compressed<S>(
    service: S,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let compressing = CompressionLayer::new()
        .quality(CompressionLevel::Precise(COMPRESSION_LEVEL))
        .compress_when(
            SizeAbove::new(COMPRESSED_BYTES_MIN)
                .and(has_body)
                // It is compressed already.
                .and(NotForContentType::const_new("application/zip")),
        )
        .layer(service.clone());
    service_fn(move |request: Request| {
        let is_head = request.method() == Method::HEAD;
        if request.headers().contains_key(ACCEPT_ENCODING) {
            // Boxed because it is far larger than the plain one, and would make that as large.
            let response = Box::pin(compressing.clone().call(request));
            Either::Left(response.map_ok(move |response| without_body_if(is_head, response.map(Body::new))))
        } else {
            let response = service.clone().call(request);
            Either::Right(response.map_ok(move |response| without_body_if(is_head, response)))
        }
    })
}

/// Returns `true` if a response with this status has a body that could be compressed.
fn has_body(status: StatusCode, _: Version, _: &HeaderMap, _: &Extensions) -> bool {
    status != StatusCode::NOT_MODIFIED
}

fn without_body_if(is_head: bool, response: Response) -> Response {
    if is_head {
        response.map(|_| empty_body())
    } else {
        response
    }
}
