//! HTTP as a consumer does it: no redirects, one time limit, one size limit, nothing taken for granted.

use std::time::{Duration, Instant};

use oauth2::{HttpRequest, HttpResponse};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode, Url};

/// Largest body read, in bytes: a delta without a limit of about half a million rows.
const BODY_BYTES_MAX: usize = 512 << 20;

/// Most characters of foreign text shown in a report.
const SHOWN_CHARACTERS: usize = 160;

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The answer was not complete in time.
    #[error("no complete answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// No connection.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The connection broke, or the answer is not HTTP.
    #[error("the answer broke off: {0}")]
    Interrupted(String),
    /// More than anyone should send.
    #[error("the answer is larger than {} MiB", BODY_BYTES_MAX >> 20)]
    Oversized,
    /// The request cannot be built.
    #[error("the request cannot be made: {0}")]
    Unusable(String),
}

/// An answer as received.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) elapsed: Duration,
}

impl Reply {
    /// Returns a header as text; bytes outside ASCII are replaced.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// Describes the answer in a few words, for an error.
    pub(super) fn describe(&self) -> String {
        if self.status.is_redirection() {
            let target = self.header("location").unwrap_or_else(|| "nowhere".to_owned());
            return format!(
                "{}, a redirect to {}; consumers follow none",
                self.status,
                clip(&target)
            );
        }
        let form = self
            .header("content-type")
            .unwrap_or_else(|| "no content type".to_owned());
        format!("{} with {}", self.status, clip(&form))
    }
}

/// The HTTP client of one check.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    limit: Duration,
}

impl Http {
    /// Makes a client whose every request must be answered completely within the limit.
    pub(super) fn new(limit: Duration) -> Result<Self, Fault> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(limit)
            .user_agent(concat!("oneroster-check/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Fault::Unusable(causes(&error)))?;
        Ok(Self { client, limit })
    }

    /// Asks for a document, with the token if there is one.
    pub(super) async fn get(&self, url: Url, token: Option<&str>) -> Result<Reply, Fault> {
        self.send(Method::GET, url, token, None).await
    }

    /// Makes any request; a body is JSON.
    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        token: Option<&str>,
        body: Option<&'static str>,
    ) -> Result<Reply, Fault> {
        let mut request = self
            .client
            .request(method, url)
            .header(ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let request = request.build().map_err(|error| Fault::Unusable(causes(&error)))?;
        self.execute(request).await
    }

    /// Sends a request of the `oauth2` crate, which asks for tokens.
    pub(super) async fn carry(&self, request: HttpRequest) -> Result<Reply, Fault> {
        let request = request
            .try_into()
            .map_err(|error| Fault::Unusable(causes(&error)))?;
        self.execute(request).await
    }

    async fn execute(&self, request: reqwest::Request) -> Result<Reply, Fault> {
        let begin = Instant::now();
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| self.fault(error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(Fault::Oversized);
            }
            body.extend_from_slice(&chunk);
        }
        let elapsed = begin.elapsed();
        Ok(Reply {
            status: response.status(),
            headers: response.headers().clone(),
            body,
            elapsed,
        })
    }

    fn fault(&self, error: reqwest::Error) -> Fault {
        // The address is known to the reader, and a token URL may carry credentials.
        let error = error.without_url();
        if error.is_timeout() {
            Fault::TimedOut(self.limit)
        } else if error.is_connect() {
            Fault::Unreachable(causes(&error))
        } else {
            Fault::Interrupted(causes(&error))
        }
    }
}

/// Turns an answer into what the `oauth2` crate reads.
pub(super) fn oauth_response(reply: &Reply) -> HttpResponse {
    let mut response = HttpResponse::new(reply.body.clone());
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers.clone();
    response
}

/// Returns the innermost cause of an error: the outer ones only say that the request failed.
fn causes(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    clip(&innermost.to_string())
}

/// Makes foreign text fit for a report: one line, no control characters, not too long.
pub(super) fn clip(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARACTERS)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if text.chars().nth(SHOWN_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}
