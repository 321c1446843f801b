//! Lets raw `<`, `>` and `"` in a request's address through.
//!
//! Microsoft documents its filters unencoded (`filter=dateLastModified>'…'`), and curl, Go, Java and Python send
//! them as written. The HTTP library refuses the whole request for such a character, so it is percent-encoded on
//! the way in. Only request lines are touched. To find them the framing of HTTP/1.1 is followed as far as it is
//! plain: after anything unusual (a transfer coding, two lengths, an upgrade) the connection passes unchanged,
//! since a longer body would make the next request begin elsewhere.

use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 8192;

/// How much of a header line is looked at, in bytes: more than any plain length needs.
const HEADER_LOOK_MAX: usize = 64;

/// How many digits a plain length has at the most: no body is as long.
const LENGTH_DIGITS_MAX: usize = 15;

/// Accepts connections, without delaying small writes, and lets raw characters through.
#[derive(Debug)]
pub struct TolerantListener(pub TcpListener);

impl Listener for TolerantListener {
    type Io = TolerantStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TolerantStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Else an answer of several pieces waits for the consumer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        (
            TolerantStream {
                stream,
                encoder: RequestLineEncoder::default(),
                ready: Vec::new(),
                given: 0,
            },
            address,
        )
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection whose request lines are made palatable.
#[derive(Debug)]
pub struct TolerantStream {
    stream: TcpStream,
    encoder: RequestLineEncoder,
    /// Read and rewritten, of which the first `given` bytes have been handed on.
    ready: Vec<u8>,
    given: usize,
}

impl AsyncRead for TolerantStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        if this.given >= this.ready.len() {
            if matches!(this.encoder.place, Position::Unchanged) {
                return Pin::new(&mut this.stream).poll_read(context, buffer);
            }
            let mut storage = [0_u8; READ_SIZE];
            let mut read = ReadBuf::new(&mut storage);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            this.ready.clear();
            this.given = 0;
            this.encoder.feed(read.filled(), &mut this.ready);
        }
        let rest = this.ready.get(this.given..).unwrap_or_default();
        let (now, _) = rest.split_at_checked(buffer.remaining()).unwrap_or((rest, &[]));
        buffer.put_slice(now);
        this.given += now.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TolerantStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where in a connection's bytes the next one stands.
#[derive(Debug, Default, Clone, Copy)]
enum Position {
    /// Before a request: empty lines may come.
    #[default]
    Between,
    /// In the request line, after this many blanks: the address comes after the first.
    RequestLine { blanks: u8 },
    /// In a header line.
    Header,
    /// In a body of which this much is to come.
    Body { remaining: u64 },
    /// Nothing is touched from here on.
    Unchanged,
}

#[derive(Debug, Default)]
struct RequestLineEncoder {
    place: Position,
    /// The beginning of the header line.
    line: Vec<u8>,
    /// The length the headers announce.
    content_length: Option<u64>,
    /// Whether the framing is not plain.
    is_unusual: bool,
}

impl RequestLineEncoder {
    /// Takes bytes as they come and appends what is to be passed on.
    fn feed(&mut self, input: &[u8], output: &mut Vec<u8>) {
        let mut rest = input;
        while let [byte, after @ ..] = rest {
            match self.place {
                Position::Unchanged => {
                    output.extend_from_slice(rest);
                    return;
                }
                Position::Body { remaining } => {
                    let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(rest.len());
                    let (body, next) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                    output.extend_from_slice(body);
                    let remaining = remaining.saturating_sub(body.len() as u64);
                    self.place = if remaining == 0 {
                        Position::Between
                    } else {
                        Position::Body { remaining }
                    };
                    rest = next;
                }
                Position::Between => {
                    output.push(*byte);
                    if !matches!(byte, b'\r' | b'\n') {
                        self.place = Position::RequestLine { blanks: 0 };
                    }
                    rest = after;
                }
                Position::RequestLine { blanks } => {
                    self.request_line(*byte, blanks, output);
                    rest = after;
                }
                Position::Header => {
                    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |place| place + 1);
                    let (part, next) = rest.split_at_checked(end).unwrap_or((rest, &[]));
                    output.extend_from_slice(part);
                    self.header(part);
                    rest = next;
                }
            }
        }
    }

    fn request_line(&mut self, byte: u8, blanks: u8, output: &mut Vec<u8>) {
        match byte {
            b'<' if blanks == 1 => output.extend_from_slice(b"%3C"),
            b'>' if blanks == 1 => output.extend_from_slice(b"%3E"),
            b'"' if blanks == 1 => output.extend_from_slice(b"%22"),
            other => output.push(other),
        }
        if byte == b' ' {
            self.place = Position::RequestLine {
                blanks: blanks.saturating_add(1),
            };
        } else if byte == b'\n' {
            self.place = Position::Header;
            self.line.clear();
            self.content_length = None;
            self.is_unusual = false;
        }
    }

    /// Takes a part of a header line, up to its end at the most.
    fn header(&mut self, part: &[u8]) {
        let (text, is_end) = match part {
            [text @ .., b'\n'] => (text, true),
            text => (text, false),
        };
        let room = HEADER_LOOK_MAX.saturating_sub(self.line.len());
        self.line.extend(text.iter().take(room));
        if !is_end {
            return;
        }
        if matches!(self.line.as_slice(), [] | [b'\r']) {
            self.place = match (self.is_unusual, self.content_length) {
                (true, _) => Position::Unchanged,
                (false, None | Some(0)) => Position::Between,
                (false, Some(remaining)) => Position::Body { remaining },
            };
        } else {
            self.header_line();
        }
        self.line.clear();
    }

    /// Notes what a header line says about framing.
    fn header_line(&mut self) {
        let mut parts = self.line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            self.is_unusual = true;
            return;
        };
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            let is_cut = self.line.len() >= HEADER_LOOK_MAX;
            let value = value.trim_ascii();
            let is_plain =
                (1..=LENGTH_DIGITS_MAX).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
            let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            if is_cut || !is_plain || self.content_length.is_some() {
                self.is_unusual = true;
            }
            self.content_length = length;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") || name.eq_ignore_ascii_case(b"upgrade") {
            self.is_unusual = true;
        } else if self.line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            // A folded line continues the one before, whatever that said.
            self.is_unusual = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the bytes whole and one by one; both must give the same.
    fn pass(input: &str) -> String {
        let (mut whole, mut single) = (Vec::new(), Vec::new());
        RequestLineEncoder::default().feed(input.as_bytes(), &mut whole);
        let mut encoder = RequestLineEncoder::default();
        for byte in input.bytes() {
            encoder.feed(&[byte], &mut single);
        }
        assert_eq!(whole, single);
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn raw_characters_in_an_address_are_encoded_and_nothing_else_is_touched() {
        assert_eq!(
            pass("GET /users?filter=a>'<\"x\"' HTTP/1.1\r\nX-A: <\">\r\n\r\n"),
            "GET /users?filter=a%3E'%3C%22x%22' HTTP/1.1\r\nX-A: <\">\r\n\r\n"
        );
        for plain in [
            "",
            "GET / HTTP/1.1\r\n\r\n",
            "\r\n\r\nGET /?a=%3E HTTP/1.1\nHost: x\n\n",
            "G>T / HTT>/1.1\r\n\r\n",
        ] {
            assert_eq!(pass(plain), plain);
        }
    }

    #[test]
    fn the_next_request_on_the_connection_is_found_behind_a_body() {
        let post = "POST /t HTTP/1.1\r\ncontent-LENGTH:  12 \r\n\r\nGET /> H\r\n\r\n";
        assert_eq!(
            pass(&format!("{post}GET /?> HTTP/1.1\r\n\r\n")),
            format!("{post}GET /?%3E HTTP/1.1\r\n\r\n")
        );
        let empty = "POST /t HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(pass(&format!("{empty}GET /> H")), format!("{empty}GET /%3E H"));
    }

    #[test]
    fn behind_unusual_framing_nothing_is_touched() {
        for header in [
            "Transfer-Encoding: chunked",
            "transfer-encoding : chunked",
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5, 5",
            "Content-Length: +5",
            "Content-Length:",
            "Content-Length: 5\r\n 0",
            "Content-Length: 99999999999999999999",
            "Content-Length:                                                             5",
            "Upgrade: h2c",
            "no colon",
        ] {
            let request = format!("POST / HTTP/1.1\r\n{header}\r\n\r\n\r\nGET /?> HTTP/1.1\r\n\r\n");
            assert_eq!(pass(&request), request, "{header}");
        }
    }
}
