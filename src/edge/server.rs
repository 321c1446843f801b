//! Serves HTTP/1.1 on a listener: accepts, bounds, answers, and ends what is under way when told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use nix::sys::socket::{MsgFlags, recv};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Service, ServiceExt};

use super::client_address::{PeerAddress, TrustedProxies};
use super::connections::{Admission, ConnectionLimits, ConnectionState, Connections, InFlight};
use super::stream::{BoundedStream, Refusal};

/// How many headers a request may have.
const HEADERS_MAX: usize = 100;

/// How many connections may be open beyond the bound for a moment: those that were told to make room and have not yet.
const CLOSING_MAX: usize = 32;

/// How long accepting pauses when no connection can be accepted, for want of descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// That no connection can be accepted is logged once, and again after so long.
const ACCEPT_FAILURE_LOGGED: Duration = Duration::from_mins(1);

/// How often a request under way looks whether its client is gone.
const PEER_LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// A client that closed its side may still read its answer: it gets so much longer before its request is given up.
const PEER_GRACE: Duration = Duration::from_secs(2);

/// What a listener serves by.
#[derive(Clone)]
pub struct ServerOptions {
    /// How many connections there may be.
    pub connections: ConnectionLimits,
    /// Proxies whose connections are not bounded as those of an address.
    pub trusted_proxies: TrustedProxies,
    /// Answers what is no request.
    pub refusal: Refusal,
}

impl std::fmt::Debug for ServerOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ServerOptions")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Serves until `stop`; then takes no more connections and waits until the requests under way are answered. Each request
/// carries its [`PeerAddress`].
pub async fn serve<S>(
    listener: TcpListener,
    service: S,
    options: ServerOptions,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let connections = Connections::new(options.connections);
    let sockets = Arc::new(Semaphore::new(
        options.connections.total.saturating_add(CLOSING_MAX),
    ));
    let graceful = GracefulShutdown::new();
    let mut failure_logged: Option<tokio::time::Instant> = None;
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &sockets) => accepted,
            () = &mut stop => break,
        };
        let (stream, address, socket) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                if failure_logged.is_none_or(|logged| logged.elapsed() > ACCEPT_FAILURE_LOGGED) {
                    failure_logged = Some(tokio::time::Instant::now());
                    tracing::error!(%error, "no connection can be accepted; those that are open are served");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Else an answer of several pieces waits for the consumer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let ip = address.ip().to_canonical();
        let bounded = (!options.trusted_proxies.contains(ip)).then_some(ip);
        let Some(admission) = connections.admit(bounded) else {
            tracing::debug!(client_address = %ip, "a connection was refused: every other one is being served");
            continue;
        };
        let peer = PeerAddress(address);
        let connection = connection(stream, peer, service.clone(), &admission.state, &options.refusal);
        let watched = graceful.watch(connection);
        tokio::spawn(run(watched, admission, socket));
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Accepts a connection, once there is a descriptor for it.
async fn accept(
    listener: &TcpListener,
    sockets: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let socket = Arc::clone(sockets)
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, address, socket))
}

/// A connection that its client gave up before it was accepted says nothing of the next.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Runs a connection to its end, or until it is to make room.
async fn run(
    connection: impl Future<Output = Result<(), hyper::Error>>,
    admission: Admission,
    _socket: OwnedSemaphorePermit,
) {
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        },
        () = admission.state.evicted.notified() => {}
    }
}

fn connection<S>(
    stream: TcpStream,
    peer: PeerAddress,
    service: S,
    state: &Arc<ConnectionState>,
    refusal: &Refusal,
) -> http1::Connection<
    TokioIo<BoundedStream>,
    impl hyper::service::Service<Request<Incoming>, Response = Response, Error = ClientGone, Future: Send>
    + Send
    + use<S>,
>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let descriptor = stream.as_raw_fd();
    let io = TokioIo::new(BoundedStream::new(
        stream,
        Arc::clone(state),
        (Arc::clone(refusal), peer.0.ip()),
    ));
    let state = Arc::clone(state);
    let service = service_fn(move |request: Request<Incoming>| {
        answer(request, peer, service.clone(), (state.begin(), descriptor))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        // The stream keeps the time, since it knows a head from a pause between requests.
        .header_read_timeout(None)
        .half_close(true)
        .max_headers(HEADERS_MAX)
        .auto_date_header(false)
        .serve_connection(io, service)
}

/// The client of a request is gone, and its answer with it.
#[derive(Debug, thiserror::Error)]
#[error("the client is gone")]
struct ClientGone;

async fn answer<S>(
    request: Request<Incoming>,
    peer: PeerAddress,
    service: S,
    (in_flight, descriptor): (InFlight, RawFd),
) -> Result<Response, ClientGone>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let (mut head, body) = request.into_parts();
    head.extensions.insert(peer);
    let (body, is_read) = if body.is_end_stream() {
        (Body::empty(), None)
    } else {
        let is_read = Arc::new(AtomicBool::new(false));
        let body = WatchedBody {
            inner: body,
            is_read: Arc::clone(&is_read),
        };
        (Body::new(body), Some(is_read))
    };
    let answering = service.oneshot(Request::from_parts(head, body));
    let mut response = tokio::select! {
        biased;
        answered = answering => match answered {
            Ok(response) => response,
            Err(never) => match never {},
        },
        () = peer_gone(descriptor) => return Err(ClientGone),
    };
    if is_read.is_some_and(|is_read| !is_read.load(Ordering::Relaxed)) {
        // What is left of the body would be taken for the next request.
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|inner| {
        Body::new(CountedBody {
            inner,
            _in_flight: in_flight,
        })
    }))
}

/// Waits until the client has closed its side, and a little longer.
async fn peer_gone(descriptor: RawFd) {
    loop {
        tokio::time::sleep(PEER_LOOK_INTERVAL).await;
        let mut byte = [0_u8];
        // The descriptor is open: whoever asks runs within the connection that owns it. Nothing is taken from it.
        let looked = recv(descriptor, &mut byte, MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT);
        match looked {
            Ok(0) => return tokio::time::sleep(PEER_GRACE).await,
            Ok(_) | Err(nix::errno::Errno::EAGAIN) => {}
            Err(_) => return,
        }
    }
}

/// The body of a request, of which it is known whether it was read to its end.
struct WatchedBody {
    inner: Incoming,
    is_read: Arc<AtomicBool>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.inner.is_end_stream() {
            self.is_read.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer, whose request counts as being answered until it is written.
struct CountedBody {
    inner: Body,
    _in_flight: InFlight,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
