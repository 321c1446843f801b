//! A server that was not told its public address, and is asked for another.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;

/// Paths that load balancers and container engines ask for by whatever address they have.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Warns once when a request came for another host than the one that references begin with.
#[derive(Debug)]
pub struct ForeignHost {
    base_url: String,
    is_said: AtomicBool,
}

impl ForeignHost {
    /// Begins for a server whose references begin with `base_url`, which nobody has set.
    pub const fn new(base_url: String) -> Self {
        Self {
            base_url,
            is_said: AtomicBool::new(false),
        }
    }

    /// Looks at a request: the first one for a host that is not this machine by its loopback name is warned of.
    pub fn look(&self, request: &Request) {
        if self.is_said.load(Ordering::Relaxed) || PROBES.contains(&request.uri().path()) {
            return;
        }
        let Some(host) = foreign(request) else { return };
        if !self.is_said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request came for {host}, and references in the data begin with {}: set server.public_url to the address that \
                 consumers use, such as https://{host}",
                self.base_url
            );
        }
    }
}

/// Returns the host that a request is for, unless that is a name of the loopback address.
fn foreign(request: &Request) -> Option<Authority> {
    let authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => request.headers().get(HOST)?.to_str().ok()?.parse().ok()?,
    };
    let host = authority.host();
    let is_loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    // What stands before an `@` is nothing that a log should hold.
    (!host.is_empty() && !is_loopback && !authority.as_str().contains('@')).then_some(authority)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn hosts_other_than_the_loopback_address_are_foreign() {
        let of = |host: &str, uri: &str| {
            let request = Request::builder().uri(uri).header(HOST, host);
            foreign(&request.body(Body::empty()).unwrap()).map(|host| host.to_string())
        };
        assert_eq!(of("sis.example", "/x").as_deref(), Some("sis.example"));
        assert_eq!(of("10.0.0.7:8080", "/x").as_deref(), Some("10.0.0.7:8080"));
        assert_eq!(
            of("localhost", "http://sis.example/x").as_deref(),
            Some("sis.example")
        );
        for own in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "me:secret@sis.example",
            "a b",
            "",
        ] {
            assert_eq!(of(own, "/x"), None, "{own}");
        }
    }
}
