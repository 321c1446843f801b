//! Everything that waits has a bound (design §6): what all share, nobody can use up.

mod commits;
mod connections;
mod failures;
mod malformed;
mod waits;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a test waits for what must come: longer than any limit it tries out.
const WAIT: Duration = Duration::from_mins(1);

/// An answer as it came over a socket.
#[derive(Debug)]
struct RawAnswer {
    /// The first line and the headers, in lower case.
    head: String,
    body: String,
}

impl RawAnswer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        let line = |line: &str| {
            line.split_once(": ")
                .map(|(key, value)| (key.to_owned(), value.len()))
        };
        for text in self.head.split("\r\n") {
            if let Some((key, length)) = line(text)
                && key == name
            {
                return &text[text.len() - length..];
            }
        }
        ""
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Reads one answer; nothing if the connection ended without one.
async fn read_answer(socket: &mut TcpStream) -> Option<RawAnswer> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let answer = RawAnswer {
                head,
                body: String::new(),
            };
            let length: usize = answer.header("content-length").parse().unwrap_or_default();
            let mut body = bytes.split_off(end + 4);
            let read = body.len();
            body.resize(length, 0);
            if length > read {
                socket.read_exact(&mut body[read..]).await.unwrap();
            }
            let body = String::from_utf8(body).unwrap();
            return Some(RawAnswer { body, ..answer });
        }
        let mut byte = [0_u8];
        if tokio::time::timeout(WAIT, socket.read(&mut byte))
            .await
            .expect("an answer or an end")
            .ok()?
            == 0
        {
            return None;
        }
        bytes.extend_from_slice(&byte);
    }
}

/// Sends bytes on a connection of their own, and reads one answer.
async fn raw(address: SocketAddr, request: &[u8]) -> Option<RawAnswer> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // The server may have refused before everything was sent.
    let _ = socket.write_all(request).await;
    read_answer(&mut socket).await
}
