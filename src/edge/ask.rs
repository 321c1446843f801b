//! Asking a server on this machine for one of its pages, as a probe does.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::HOST;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long the answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A server gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It did not answer in time.
    #[error("no answer from http://{0} within {seconds} s", seconds = TIMEOUT.as_secs())]
    Timeout(String),
    /// It cannot be connected to.
    #[error("nothing answers at http://{0}")]
    Connect(String, #[source] std::io::Error),
    /// The connection ended, or what came is not HTTP.
    #[error("http://{0} gave no HTTP answer")]
    Answer(String, #[source] hyper::Error),
    /// The address makes no request.
    #[error("cannot ask http://{0}")]
    Request(String, #[source] axum::http::Error),
}

/// Asks a server for a path; returns the address that was asked, with the path, and the status of the answer. A server that listens on
/// every address is asked by the loopback address. At most five seconds.
pub async fn ask(address: SocketAddr, path: &str) -> Result<(String, u16), AskError> {
    let address = reachable(address);
    let place = format!("{address}{path}");
    let Ok(asked) = tokio::time::timeout(TIMEOUT, status(address, path, &place)).await else {
        return Err(AskError::Timeout(place));
    };
    Ok((format!("http://{place}"), asked?))
}

async fn status(address: SocketAddr, path: &str, place: &str) -> Result<u16, AskError> {
    let connected = TcpStream::connect(address).await;
    let stream = connected.map_err(|error| AskError::Connect(place.to_owned(), error))?;
    let no_answer = |error| AskError::Answer(place.to_owned(), error);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
    let request = Request::get(path)
        .header(HOST, address.to_string())
        .body(Body::empty())
        .map_err(|error| AskError::Request(place.to_owned(), error))?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    connection.abort();
    Ok(response.map_err(no_answer)?.status().as_u16())
}

/// Returns the address that a server can be reached by which listens on every address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_server_on_every_address_is_asked_by_the_loopback_address() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let length = socket.read(&mut head).await.unwrap();
            assert!(
                head.get(..length)
                    .unwrap()
                    .starts_with(b"GET /healthz HTTP/1.1\r\n")
            );
            let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
            socket.write_all(answer).await.unwrap();
        });
        let (url, status) = ask(address, "/healthz").await.unwrap();
        assert_eq!(
            (url, status),
            (format!("http://127.0.0.1:{}/healthz", address.port()), 503)
        );
        // It is gone with its task.
        assert!(matches!(
            ask(address, "/healthz").await,
            Err(AskError::Connect(..))
        ));
    }
}
