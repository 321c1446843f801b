//! What the routes work with.

use std::time::Duration;

use axum::extract::Request;
use axum::http::Uri;
use sqlx::PgPool;

use super::bulk::Choices;
use super::list::Lists;
use super::openid::OpenId;
use super::search::Directories;
use crate::access::Passwords;
use crate::clock::Clock;
use crate::config;
use crate::edge::TrustedProxies;
use crate::publication::outlook::Outlooks;
use crate::publication::{Examinations, SilentAfter};

/// What every route of the desk works with.
pub struct Desk {
    /// Connections for the desk's work.
    pub pool: PgPool,
    /// The lists of usernames in memory.
    pub lists: Lists,
    /// Whom bulk changes were shown for.
    pub choices: Choices,
    /// What *Zoeken* looks through, in memory.
    pub directories: Directories,
    /// Address people reach the server at, without a slash at the end.
    pub base_url: String,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// What was found in the data of tenants.
    pub examinations: Examinations,
    /// After how long silence counts.
    pub silent_after: SilentAfter,
    /// What the operator allows on the desk.
    pub settings: config::Desk,
    /// What other days bring, kept for a while.
    pub outlooks: Outlooks,
    /// When sessions end.
    pub clock: Clock,
    /// Verifies passwords, few at a time.
    pub passwords: Passwords,
    /// Signs people in by a provider, if one is set.
    pub openid: Option<OpenId>,
}

impl Desk {
    /// Makes the desk of a server on connections of the desk ([`crate::db::Database::desk`]).
    pub fn new(pool: PgPool, base_url: String, trusted_proxies: TrustedProxies) -> Self {
        Self {
            lists: Lists::new(pool.clone()),
            choices: Choices::default(),
            directories: Directories::new(pool.clone()),
            pool,
            base_url,
            trusted_proxies,
            examinations: Examinations::default(),
            silent_after: SilentAfter {
                poll: Duration::from_hours(config::Synclog::default().poll_silence_h.into()),
                import: Duration::from_hours(config::Feeding::default().import_silence_h.into()),
            },
            settings: config::Desk::default(),
            outlooks: Outlooks::default(),
            clock: Clock::System,
            passwords: Passwords::default(),
            openid: None,
        }
    }

    /// Returns `true` if people reach it over HTTPS.
    pub(super) fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Returns its origin: scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        self.base_url
            .strip_suffix(self.base_path())
            .unwrap_or(&self.base_url)
    }

    /// Returns the host of its address, without the port.
    pub(super) fn host(&self) -> &str {
        let authority = self
            .origin()
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    /// Returns the path in the base address: empty, or with a slash before and none after.
    pub fn base_path(&self) -> &str {
        let after_scheme = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme
            .find('/')
            .and_then(|at| after_scheme.get(at..))
            .unwrap_or("")
    }

    /// Takes the path of the base address off a request, for proxies that pass it on.
    pub(super) fn without_base_path(&self, mut request: Request) -> Request {
        let path_and_query = request.uri().path_and_query().map_or("/", |whole| whole.as_str());
        if let Some(own) = path_and_query.strip_prefix(self.base_path())
            && own.starts_with('/')
            && let Ok(uri) = own.parse::<Uri>()
        {
            *request.uri_mut() = uri;
        }
        request
    }
}
