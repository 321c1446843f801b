//! A connection as the HTTP library reads and writes it: raw characters in addresses are let through, every wait has a bound,
//! and what the library refuses by itself is answered in the service's own form.

use std::io::IoSlice;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::connections::ConnectionState;
use super::request_line::RequestLineEncoder;

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 8192;

/// How long the first byte of the first request may take.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may lie still between requests: longer than proxies keep theirs, which so close them themselves.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// How long the head of a request may take, from its first byte.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a body may stand still. How long it may take in all, [`super::read_body`] says.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may take nothing of its answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// What the answers begin with that the HTTP library gives by itself to what is no request.
const REFUSAL_START: &[u8] = b"HTTP/1.1 4";

/// What every answer of a service has and those of the library have not.
const REQUEST_ID_HEADER: &[u8] = b"x-request-id:";

/// Writes the answer to what is no request, on a connection from this address: the whole response, head and body.
pub type Refusal = Arc<dyn Fn(StatusCode, IpAddr) -> Vec<u8> + Send + Sync>;

/// What is read next; each has its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    FirstByte,
    NextRequest,
    Head,
    Body,
}

impl Awaited {
    const fn limit(self) -> Duration {
        match self {
            Self::FirstByte => FIRST_BYTE_TIMEOUT,
            Self::NextRequest => IDLE_TIMEOUT,
            Self::Head => HEAD_TIMEOUT,
            Self::Body => BODY_TIMEOUT,
        }
    }
}

/// A connection whose request lines are made palatable and whose waits end.
pub(super) struct BoundedStream {
    stream: TcpStream,
    state: Arc<ConnectionState>,
    refusal: Refusal,
    peer: IpAddr,
    encoder: RequestLineEncoder,
    /// Read and rewritten, of which the first `given` bytes have been handed on.
    ready: Vec<u8>,
    given: usize,
    /// What the running time is for; `None` when there is none.
    awaited: Option<Awaited>,
    is_first: bool,
    read_deadline: Instant,
    read_timer: Pin<Box<Sleep>>,
    write_timer: Pin<Box<Sleep>>,
    is_write_timed: bool,
    /// An answer of our own, of which the first `answered` bytes are written.
    answer: Vec<u8>,
    answered: usize,
}

impl BoundedStream {
    pub(super) fn new(
        stream: TcpStream,
        state: Arc<ConnectionState>,
        (refusal, peer): (Refusal, IpAddr),
    ) -> Self {
        Self {
            stream,
            state,
            refusal,
            peer,
            encoder: RequestLineEncoder::default(),
            ready: Vec::new(),
            given: 0,
            awaited: None,
            is_first: true,
            read_deadline: Instant::now() + FIRST_BYTE_TIMEOUT,
            read_timer: Box::pin(tokio::time::sleep(FIRST_BYTE_TIMEOUT)),
            write_timer: Box::pin(tokio::time::sleep(WRITE_TIMEOUT)),
            is_write_timed: false,
            answer: Vec::new(),
            answered: 0,
        }
    }

    const fn expected(&self) -> Awaited {
        if self.is_first {
            Awaited::FirstByte
        } else if self.encoder.is_between_requests() {
            Awaited::NextRequest
        } else if self.encoder.is_in_head() {
            Awaited::Head
        } else {
            Awaited::Body
        }
    }

    /// Reads; after the limit of what is awaited the connection ends as if the client had ended it.
    fn poll_bytes(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                self.is_first &= buffer.filled().len() == before;
                // The time of a head goes on from its first byte; any other begins anew.
                if self.awaited != Some(Awaited::Head) {
                    self.awaited = None;
                }
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => {}
        }
        let expected = self.expected();
        if self.awaited != Some(expected) {
            self.awaited = Some(expected);
            self.read_deadline = Instant::now() + expected.limit();
            // A timer that rings earlier is set anew when it does: setting it for every request would cost more than reading.
            if self.read_deadline < self.read_timer.deadline() {
                self.read_timer.as_mut().reset(self.read_deadline);
            }
        }
        loop {
            ready!(self.read_timer.as_mut().poll(context));
            if Instant::now() >= self.read_deadline {
                break;
            }
            self.read_timer.as_mut().reset(self.read_deadline);
        }
        self.awaited = None;
        if expected == Awaited::Head {
            self.answer = (self.refusal)(StatusCode::REQUEST_TIMEOUT, self.peer);
            // The library answers nothing to a head that ends early. What cannot be written at once is not waited for.
            let _ = self.poll_answer(context);
        }
        // A body that does not come is an error, as when the client breaks off.
        Poll::Ready(Ok(()))
    }

    /// Notes how a write went; one that waits for too long is an error.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<std::io::Result<usize>>,
    ) -> Poll<std::io::Result<usize>> {
        if outcome.is_ready() {
            if self.is_write_timed {
                self.is_write_timed = false;
                self.state.note_write(true);
            }
            return outcome;
        }
        if !self.is_write_timed {
            self.is_write_timed = true;
            self.state.note_write(false);
            self.write_timer.as_mut().reset(Instant::now() + WRITE_TIMEOUT);
        }
        ready!(self.write_timer.as_mut().poll(context));
        Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()))
    }

    /// Writes what is left of an answer of our own.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while let Some(rest) = self.answer.get(self.answered..).filter(|rest| !rest.is_empty()) {
            let outcome = Pin::new(&mut self.stream).poll_write(context, rest);
            let written = ready!(self.written(context, outcome))?;
            if written == 0 {
                return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
            }
            self.answered += written;
        }
        Poll::Ready(Ok(()))
    }

    /// Puts an answer of our own in the place of one that the library gives by itself; returns whether it did.
    fn replace_refusal(&mut self, bytes: &[u8]) -> bool {
        if !bytes.starts_with(REFUSAL_START) {
            return false;
        }
        let head_end = memchr::memmem::find(bytes, b"\r\n\r\n");
        let is_ours = memchr::memmem::find(bytes, REQUEST_ID_HEADER).is_some();
        // The library's answers have no body.
        if is_ours || head_end != Some(bytes.len().saturating_sub(4)) {
            return false;
        }
        let code = bytes.get(9..12).unwrap_or_default();
        let status = StatusCode::from_bytes(code).unwrap_or(StatusCode::BAD_REQUEST);
        self.answer = (self.refusal)(status, self.peer);
        true
    }
}

impl AsyncRead for BoundedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        if this.given >= this.ready.len() {
            if this.encoder.is_off() {
                return this.poll_bytes(context, buffer);
            }
            let mut storage = [0_u8; READ_SIZE];
            let mut read = ReadBuf::new(&mut storage);
            ready!(this.poll_bytes(context, &mut read))?;
            this.ready.clear();
            this.given = 0;
            this.encoder.feed(read.filled(), &mut this.ready);
            if this.awaited == Some(Awaited::Head) && !this.encoder.is_in_head() {
                this.awaited = None;
            }
        }
        let rest = this.ready.get(this.given..).unwrap_or_default();
        let (now, _) = rest.split_at_checked(buffer.remaining()).unwrap_or((rest, &[]));
        buffer.put_slice(now);
        this.given += now.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let this = &mut *self;
        if this.replace_refusal(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(this.poll_answer(context))?;
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let this = &mut *self;
        if let [only] = slices
            && this.replace_refusal(only)
        {
            return Poll::Ready(Ok(only.len()));
        }
        ready!(this.poll_answer(context))?;
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        ready!(self.poll_answer(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        ready!(self.poll_answer(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
