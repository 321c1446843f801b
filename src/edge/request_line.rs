//! Lets raw `<`, `>` and `"` in a request's address through.
//!
//! Microsoft documents its filters unencoded (`filter=dateLastModified>'…'`), and curl, Go, Java and Python send
//! them as written. The HTTP library refuses the whole request for such a character, so it is percent-encoded on
//! the way in. Only request lines are touched. To find them the framing of HTTP/1.1 is followed as far as it is
//! plain, chunked bodies included: after anything unusual (two lengths, another transfer coding, an upgrade) the
//! connection passes unchanged, since a longer body would make the next request begin elsewhere.

/// How much of a header line is looked at, in bytes: more than any plain length needs.
const HEADER_LOOK_MAX: usize = 64;

/// How many digits a plain length has at the most: no body is as long.
const LENGTH_DIGITS_MAX: usize = 15;

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
    /// In the line that says the length of a chunk.
    ChunkSize { length: u64, is_read: bool },
    /// In a chunk of which this much is to come, the line end behind it included.
    Chunk { remaining: u64 },
    /// In the lines behind the last chunk; the line so far is empty or not.
    Trailer { is_empty: bool },
    /// Nothing is touched from here on.
    Unchanged,
}

/// Follows the requests of a connection, and encodes raw characters in their addresses.
#[derive(Debug, Default)]
pub(super) struct RequestLineEncoder {
    place: Position,
    /// The beginning of the header line.
    line: Vec<u8>,
    /// The length the headers announce.
    content_length: Option<u64>,
    /// Whether the headers announce chunks.
    is_chunked: bool,
    /// Whether the framing is not plain.
    is_unusual: bool,
}

impl RequestLineEncoder {
    /// Returns `true` between requests.
    pub(super) const fn is_between_requests(&self) -> bool {
        matches!(self.place, Position::Between)
    }

    /// Returns `true` from the first byte of a request to the end of its headers.
    pub(super) const fn is_in_head(&self) -> bool {
        matches!(self.place, Position::RequestLine { .. } | Position::Header)
    }

    /// Returns `true` if nothing that follows is touched.
    pub(super) const fn is_off(&self) -> bool {
        matches!(self.place, Position::Unchanged)
    }

    /// Takes bytes as they come and appends what is to be passed on.
    pub(super) fn feed(&mut self, input: &[u8], output: &mut Vec<u8>) {
        let mut rest = input;
        while let [byte, after @ ..] = rest {
            match self.place {
                Position::Unchanged => {
                    output.extend_from_slice(rest);
                    return;
                }
                Position::Body { remaining } => {
                    let (remaining, next) = pass(rest, remaining, output);
                    self.place = if remaining == 0 {
                        Position::Between
                    } else {
                        Position::Body { remaining }
                    };
                    rest = next;
                }
                Position::Chunk { remaining } => {
                    let (remaining, next) = pass(rest, remaining, output);
                    self.place = if remaining == 0 {
                        CHUNK_SIZE
                    } else {
                        Position::Chunk { remaining }
                    };
                    rest = next;
                }
                Position::ChunkSize { length, is_read } => {
                    output.push(*byte);
                    self.place = chunk_size(*byte, length, is_read);
                    rest = after;
                }
                Position::Trailer { is_empty } => {
                    output.push(*byte);
                    self.place = match (byte, is_empty) {
                        (b'\n', true) => Position::Between,
                        (b'\n', false) => Position::Trailer { is_empty: true },
                        (b'\r', is_empty) => Position::Trailer { is_empty },
                        _ => Position::Trailer { is_empty: false },
                    };
                    rest = after;
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
            self.is_chunked = false;
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
            self.place = match (self.is_unusual, self.is_chunked, self.content_length) {
                (true, _, _) | (_, true, Some(_)) => Position::Unchanged,
                (false, true, None) => CHUNK_SIZE,
                (false, false, None | Some(0)) => Position::Between,
                (false, false, Some(remaining)) => Position::Body { remaining },
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
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.is_chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                self.is_unusual = true;
            }
            self.is_chunked = true;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.is_unusual = true;
        } else if self.line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            // A folded line continues the one before, whatever that said.
            self.is_unusual = true;
        }
    }
}

/// Before the length of a chunk.
const CHUNK_SIZE: Position = Position::ChunkSize {
    length: 0,
    is_read: false,
};

/// Largest chunk that is followed, in bytes.
const CHUNK_BYTES_MAX: u64 = 1 << 40;

/// How long the line end behind a chunk is, in bytes.
const LINE_END_BYTES: u64 = 2;

/// Passes on at most `remaining` bytes; returns how many are still to come, and the rest of the input.
fn pass<'a>(input: &'a [u8], remaining: u64, output: &mut Vec<u8>) -> (u64, &'a [u8]) {
    let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(input.len());
    let (body, next) = input.split_at_checked(length).unwrap_or((input, &[]));
    output.extend_from_slice(body);
    (remaining.saturating_sub(body.len() as u64), next)
}

/// Takes a byte of the line that says the length of a chunk: hexadecimal digits, then perhaps an extension.
fn chunk_size(byte: u8, length: u64, is_read: bool) -> Position {
    let digit = char::from(byte).to_digit(16).filter(|_| !is_read);
    match (byte, digit) {
        (b'\n', _) if length == 0 => Position::Trailer { is_empty: true },
        (b'\n', _) => Position::Chunk {
            remaining: length + LINE_END_BYTES,
        },
        (_, Some(digit)) => {
            let length = length * 16 + u64::from(digit);
            if length > CHUNK_BYTES_MAX {
                return Position::Unchanged;
            }
            Position::ChunkSize { length, is_read }
        }
        (_, None) => Position::ChunkSize {
            length,
            is_read: true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the bytes whole and one by one; both must give the same.
    fn passed(input: &str) -> String {
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
            passed("GET /users?filter=a>'<\"x\"' HTTP/1.1\r\nX-A: <\">\r\n\r\n"),
            "GET /users?filter=a%3E'%3C%22x%22' HTTP/1.1\r\nX-A: <\">\r\n\r\n"
        );
        for plain in [
            "",
            "GET / HTTP/1.1\r\n\r\n",
            "\r\n\r\nGET /?a=%3E HTTP/1.1\nHost: x\n\n",
            "G>T / HTT>/1.1\r\n\r\n",
        ] {
            assert_eq!(passed(plain), plain);
        }
    }

    #[test]
    fn the_next_request_on_the_connection_is_found_behind_a_body() {
        let post = "POST /t HTTP/1.1\r\ncontent-LENGTH:  12 \r\n\r\nGET /> H\r\n\r\n";
        assert_eq!(
            passed(&format!("{post}GET /?> HTTP/1.1\r\n\r\n")),
            format!("{post}GET /?%3E HTTP/1.1\r\n\r\n")
        );
        let empty = "POST /t HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(passed(&format!("{empty}GET /> H")), format!("{empty}GET /%3E H"));
    }

    #[test]
    fn the_next_request_on_the_connection_is_found_behind_chunks() {
        let head = "POST /t HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n";
        for body in [
            "0\r\n\r\n",
            "5\r\nGET >\r\n0\r\n\r\n",
            "A;name=>\r\n0123456>\r\n\r\n00\r\nX-T: >\r\nY: >\r\n\r\n",
        ] {
            assert_eq!(
                passed(&format!("{head}{body}GET /?> HTTP/1.1\r\n\r\n")),
                format!("{head}{body}GET /?%3E HTTP/1.1\r\n\r\n"),
                "{body:?}"
            );
        }
        let endless = format!("{head}fffffffffffffffffff\r\nGET /> H");
        assert_eq!(passed(&endless), endless);
    }

    #[test]
    fn behind_unusual_framing_nothing_is_touched() {
        for header in [
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
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
            assert_eq!(passed(&request), request, "{header}");
        }
    }
}
