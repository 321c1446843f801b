//! Pulls a roster whole, as a consumer does: a token, then pages of each collection; bounded in time, rows and retries.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use oauth2::AuthType;
use oneroster_standard::Kind;
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::object::{KINDS, Roster};
use crate::client::{Fault, Http, Reply, clip};
use crate::session::address;
use crate::token::{self, Credentials, ROSTER_SCOPE};

/// Rows a page.
const PAGE_ROWS: usize = 5_000;

/// Most rows of a collection.
pub(super) const ROWS_MAX: usize = 1_000_000;

/// How long one server may take for everything.
const PULL_MAX: Duration = Duration::from_hours(1);

/// How often a request is made again that had no answer, or one that it is worth trying again after.
const RETRIES: u32 = 4;

/// The pause before the first of these; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause, whatever the server asks for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A server, and what a consumer is told of it.
#[derive(Clone)]
pub struct Provider {
    /// The base URL, with `/ims/oneroster/v1p1` or whatever the server has instead.
    pub base_url: String,
    /// The token URL.
    pub token_url: String,
    /// The client.
    pub client_id: String,
    /// Its secret; never printed.
    pub client_secret: String,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Provider")
            .field("base_url", &self.base_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A roster was not pulled whole: nothing can be said of it.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The base URL is none.
    #[error("{0:?} is no URL that begins with http:// or https://")]
    BaseUrl(String),
    /// HTTP cannot be had.
    #[error("{0}")]
    Client(String),
    /// No token was given.
    #[error("no token of {server}: {reason}")]
    Token {
        /// The token URL's server.
        server: String,
        /// Why.
        reason: String,
    },
    /// A page could not be read.
    #[error("{request}: {reason}")]
    Page {
        /// Path and query.
        request: String,
        /// Why.
        reason: String,
    },
    /// It has more rows than are compared.
    #[error("{0} has more than {ROWS_MAX} rows, or its pages never end")]
    TooMany(&'static str),
    /// It took too long.
    #[error("not everything came within {} minutes", PULL_MAX.as_secs() / 60)]
    TooSlow,
}

/// Pulls everything that is compared. Each answer must be complete within `limit`.
pub async fn pull(provider: &Provider, limit: Duration, progress: &ProgressBar) -> Result<Roster, PullError> {
    let base = Url::parse(provider.base_url.trim().trim_end_matches('/')).ok();
    let base = base.filter(|base| matches!(base.scheme(), "http" | "https") && base.query().is_none());
    let base = base.ok_or_else(|| PullError::BaseUrl(clip(&provider.base_url)))?;
    let http = Http::new(limit).map_err(|fault| PullError::Client(fault.to_string()))?;
    let mut puller = Puller {
        http,
        base,
        provider,
        token: String::new(),
        until: Instant::now() + PULL_MAX,
    };
    puller.token = puller.ask_token().await?;
    let mut roster = Roster::default();
    for kind in KINDS {
        progress.set_message(kind.collection());
        puller.collection(kind, &mut roster).await?;
        progress.inc(1);
    }
    Ok(roster)
}

/// One server's pull.
struct Puller<'a> {
    http: Http,
    base: Url,
    provider: &'a Provider,
    token: String,
    until: Instant,
}

impl Puller<'_> {
    /// Asks for a token as consumers do: in the header first, then in the body; without a scope first, then with one.
    async fn ask_token(&self) -> Result<String, PullError> {
        let credentials = Credentials {
            token_url: &self.provider.token_url,
            client_id: &self.provider.client_id,
            client_secret: &self.provider.client_secret,
        };
        let mut reason = String::new();
        for (place, scope) in [
            (AuthType::BasicAuth, None),
            (AuthType::RequestBody, None),
            (AuthType::BasicAuth, Some(ROSTER_SCOPE)),
            (AuthType::RequestBody, Some(ROSTER_SCOPE)),
        ] {
            match token::request(&self.http, &credentials, place, scope).await.token {
                Ok(token) => return Ok(token),
                Err(error) if reason.is_empty() => reason = error,
                Err(_) => {}
            }
        }
        let server = Url::parse(&self.provider.token_url).ok();
        let server = server.and_then(|url| url.host_str().map(str::to_owned));
        Err(PullError::Token {
            server: server.unwrap_or_default(),
            reason: reason.replace(&self.provider.client_secret, "(secret)"),
        })
    }

    async fn collection(&mut self, kind: Kind, roster: &mut Roster) -> Result<(), PullError> {
        let mut offset = 0;
        let mut first_before = None;
        while offset < ROWS_MAX {
            let parameters = [
                ("offset", &*offset.to_string()),
                ("limit", &PAGE_ROWS.to_string()),
                ("filter", "status='active'"),
            ];
            let url = address(&self.base, &[kind.collection()], &parameters);
            let (rows, total) = self.page(kind, url.clone()).await?;
            let first = rows.first().and_then(|row| row.get("sourcedId")).cloned();
            if first.is_some() && first == first_before {
                let reason = "begins like the page before it: offset is ignored".to_owned();
                return Err(PullError::Page {
                    request: shown(&url),
                    reason,
                });
            }
            first_before = first;
            offset += rows.len();
            for row in &rows {
                roster.add(kind, row);
            }
            // Without a count, only an empty page is surely the end: a server may give fewer rows than asked for.
            if rows.is_empty() || total.is_some_and(|total| offset >= total) {
                if let Some(total) = total.filter(|total| offset < *total) {
                    let reason = format!("{offset} rows came, and {total} were promised");
                    return Err(PullError::Page {
                        request: shown(&url),
                        reason,
                    });
                }
                return Ok(());
            }
        }
        Err(PullError::TooMany(kind.collection()))
    }

    /// Asks for a page, again where that may help, with another token where this one has ended.
    async fn page(&mut self, kind: Kind, url: Url) -> Result<(Vec<Value>, Option<usize>), PullError> {
        let mut pause = PAUSE;
        let mut has_new_token = false;
        for attempt in 0.. {
            if Instant::now() >= self.until {
                return Err(PullError::TooSlow);
            }
            let (reason, asked_pause) = match self.http.get(url.clone(), Some(&self.token)).await {
                Ok(reply) if reply.status == StatusCode::OK => {
                    return rows(kind, &reply).map_err(|reason| PullError::Page {
                        request: shown(&url),
                        reason,
                    });
                }
                Ok(reply) if reply.status == StatusCode::UNAUTHORIZED && !has_new_token => {
                    self.token = self.ask_token().await?;
                    has_new_token = true;
                    continue;
                }
                Ok(reply) if is_worth_trying_again(reply.status) => (
                    format!("answered {}", reply.describe()),
                    Some(retry_after(&reply)),
                ),
                Ok(reply) => (format!("answered {}", reply.describe()), None),
                Err(fault @ (Fault::TimedOut(_) | Fault::Unreachable(_) | Fault::Interrupted(_))) => {
                    (fault.to_string(), Some(pause))
                }
                Err(fault) => (fault.to_string(), None),
            };
            let Some(asked_pause) = asked_pause.filter(|_| attempt < RETRIES) else {
                return Err(PullError::Page {
                    request: shown(&url),
                    reason,
                });
            };
            tokio::time::sleep(asked_pause.max(pause).min(PAUSE_MAX)).await;
            pause *= 2;
        }
        Err(PullError::TooSlow)
    }
}

fn is_worth_trying_again(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// Returns how long a server asks to wait; zero if it does not say.
fn retry_after(reply: &Reply) -> Duration {
    let seconds = reply
        .header("retry-after")
        .and_then(|text| text.trim().parse().ok());
    seconds.map_or(Duration::ZERO, Duration::from_secs)
}

fn rows(kind: Kind, reply: &Reply) -> Result<(Vec<Value>, Option<usize>), String> {
    let mut body: serde_json::Map<String, Value> = serde_json::from_slice(&reply.body)
        .map_err(|error| format!("the body is not a JSON object: {}", clip(&error.to_string())))?;
    let Some(Value::Array(rows)) = body.remove(kind.collection()) else {
        return Err(format!("the body has no list {:?}", kind.collection()));
    };
    let total = reply.header("x-total-count");
    Ok((rows, total.and_then(|total| total.trim().parse().ok())))
}

fn shown(url: &Url) -> String {
    let query: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    clip(&format!("{}?{}", url.path(), query.join("&")))
}
