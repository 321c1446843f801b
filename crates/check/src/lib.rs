//! The consumer's side: what the School Data Sync wizard and a sync run do, against any provider.
//!
//! Shares nothing with the server but the entity types of [`oneroster_standard`]. First the wizard's three ticks (URL,
//! credentials, data access), then, if asked, a full pull, a delta pull and every acceptance rule:
//! [`run`] gathers evidence by HTTP, and the rules are pure functions over it. `docs/check.md` lists them.

mod answer;
mod client;
mod collection;
pub mod compare;
mod endpoints;
mod evidence;
mod link;
mod probe;
mod pull;
mod relations;
mod report;
mod rules;
mod scopes;
mod session;
mod token;
mod variations;
mod wizard;

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use oauth2::AuthType;
use oneroster_standard::Kind;
use reqwest::Url;
use serde::Serialize;

use client::Http;
use evidence::Evidence;
use relations::Relations;
use session::Session;
use token::{Credentials, ROSTER_SCOPE, TokenAnswer};

/// What to check, and how far.
#[derive(Clone)]
pub struct Request {
    /// The base URL as an administrator types it, with or without a slash at the end.
    pub base_url: String,
    /// The token URL.
    pub token_url: String,
    /// The client.
    pub client_id: String,
    /// Its secret; never printed.
    pub client_secret: String,
    /// Whether to run the pulls and the rules after the three ticks.
    pub full: bool,
    /// How long one answer may take; School Data Sync's acceptance tests allow 30 s.
    pub limit: Duration,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Request")
            .field("base_url", &self.base_url)
            .field("client_id", &self.client_id)
            .field("full", &self.full)
            .finish_non_exhaustive()
    }
}

/// One rule and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    /// Stable name of the rule.
    pub id: &'static str,
    /// Whether the provider keeps it.
    pub passed: bool,
    /// What was seen; on failure the first offenders, how many, and what is expected.
    pub detail: String,
}

/// The verdict: `ok` or `failed: …` for each tick, then the rules in order.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The URL answers as a provider.
    pub url: String,
    /// The credentials bring a token.
    pub credentials: String,
    /// The token opens every collection that a sync needs.
    pub data_access: String,
    /// The rules; empty unless a full check was asked for and the ticks are good.
    pub rules: Vec<RuleResult>,
    /// The base URL that answered: as typed, or with the standard path added.
    #[serde(skip)]
    pub base: Option<String>,
    /// Active rows pulled, per collection.
    #[serde(skip)]
    pub rows: Vec<(Kind, usize)>,
    /// Requests made.
    #[serde(skip)]
    pub requests: usize,
    /// How long it took.
    #[serde(skip)]
    pub elapsed: Duration,
}

impl Verdict {
    /// Returns `true` if every tick and every rule is good.
    pub fn passed(&self) -> bool {
        let ticks = [&self.url, &self.credentials, &self.data_access];
        ticks.into_iter().all(|tick| tick == OK) && self.rules.iter().all(|rule| rule.passed)
    }
}

/// The word of a good tick.
const OK: &str = "ok";

/// Steps of the progress bar beside the collections: the three ticks, the other endpoints, the tokens.
const OTHER_STEPS: u64 = 5;

/// Checks a provider. Never fails itself: what goes wrong is part of the verdict.
pub async fn run(request: &Request, progress: &ProgressBar) -> Verdict {
    let begin = Instant::now();
    let mut verdict = Verdict {
        url: String::new(),
        credentials: "failed: not tried, the URL must answer first".to_owned(),
        data_access: "failed: not tried, there is no token".to_owned(),
        rules: Vec::new(),
        base: None,
        rows: Vec::new(),
        requests: 0,
        elapsed: Duration::ZERO,
    };
    progress.set_length(OTHER_STEPS + Kind::ALL.len() as u64);
    match Http::new(request.limit) {
        Ok(http) => check(&http, request, progress, &mut verdict).await,
        Err(fault) => verdict.url = failed(&fault.to_string()),
    }
    progress.finish_and_clear();
    verdict.elapsed = begin.elapsed();
    redact(&mut verdict, &[&request.client_secret]);
    verdict
}

async fn check(http: &Http, request: &Request, progress: &ProgressBar, verdict: &mut Verdict) {
    progress.set_message("URL");
    let bases = wizard::answering(http, &request.base_url).await;
    progress.inc(1);
    // The credentials are judged even if the URL is wrong: the administrator typed both.
    progress.set_message("credentials");
    let credentials = Credentials {
        token_url: &request.token_url,
        client_id: &request.client_id,
        client_secret: &request.client_secret,
    };
    let (header_token, scope_demanded) = first_token(http, &credentials).await;
    progress.inc(1);
    verdict.requests += 2;
    verdict.credentials = tick(header_token.token.as_ref().map(|_| ()));
    verdict.url = tick(bases.as_ref().map(|_| ()));
    let (Ok(bases), Ok(token)) = (bases, header_token.token.clone()) else {
        return;
    };
    progress.set_message("data access");
    let access = wizard::data_access(http, bases, &token).await;
    progress.inc(1);
    verdict.requests += Kind::ALL.len();
    verdict.data_access = tick(access.as_ref().map(|_| ()));
    redact(verdict, &[&token]);
    let Ok(base) = access else { return };
    verdict.base = Some(base.to_string());
    if !request.full {
        return;
    }
    let admission = Admission {
        credentials,
        base,
        token,
        header_token,
        scope_demanded,
    };
    examine(http, admission, request.limit, progress, verdict).await;
}

/// What the wizard found out: a provider that lets the token in.
struct Admission<'a> {
    credentials: Credentials<'a>,
    base: Url,
    token: String,
    header_token: TokenAnswer,
    scope_demanded: Option<String>,
}

/// Pulls everything, asks everything, and judges it by the rules.
async fn examine(
    http: &Http,
    admission: Admission<'_>,
    limit: Duration,
    progress: &ProgressBar,
    verdict: &mut Verdict,
) {
    let credentials = &admission.credentials;
    let mut session = Session::new(http, &admission.base, &admission.token);
    let mut collections = Vec::new();
    for kind in Kind::ALL {
        let step = |message: &str| progress.set_message(message.to_owned());
        let seen = probe::collection(&mut session, kind, step).await;
        verdict.rows.push((kind, seen.full.rows.len()));
        collections.push(seen);
        progress.inc(1);
    }
    let relations = Relations::new(&collections);
    let step = |message: &str| progress.set_message(message.to_owned());
    let endpoints = endpoints::gather(&mut session, &relations, step).await;
    let variations = variations::gather(&mut session, &collections).await;
    progress.inc(1);
    progress.set_message("tokens");
    let active_students = probe::active_students(&mut session).await;
    let without_token = probe::without_token(&mut session).await;
    let scopes = scopes::gather(&mut session, credentials, endpoints.association()).await;
    let scope = admission.scope_demanded.as_ref().map(|_| ROSTER_SCOPE);
    let body_token = session.ask_token(credentials, AuthType::RequestBody, scope).await;
    let wrong = Credentials {
        client_secret: "surely-not-the-secret",
        ..*credentials
    };
    let wrong_secret = session.ask_token(&wrong, AuthType::BasicAuth, scope).await;
    verdict.requests += session.requests;
    let tokens: Vec<String> = scopes.iter().filter_map(|seen| seen.token.clone()).collect();
    let answers = session.answers;
    let evidence = Evidence {
        base: admission.base.clone(),
        answers,
        collections,
        active_students,
        relations,
        endpoints,
        variations,
        scopes,
        scope_demanded: admission.scope_demanded,
        header_token: admission.header_token,
        body_token,
        wrong_secret,
        without_token,
        limit,
    };
    progress.set_message("rules");
    verdict.rules = rules::judge(&evidence);
    let secrets: Vec<&str> = tokens
        .iter()
        .map(String::as_str)
        .chain([&*admission.token])
        .collect();
    redact(verdict, &secrets);
}

/// Asks for a token without a scope; where that alone is the trouble, with one. Returns why a scope was needed.
async fn first_token(http: &Http, credentials: &Credentials<'_>) -> (TokenAnswer, Option<String>) {
    let answer = token::request(http, credentials, AuthType::BasicAuth, None).await;
    if answer.error.as_deref() != Some("invalid_scope") {
        return (answer, None);
    }
    let reason = answer.describe();
    let second = token::request(http, credentials, AuthType::BasicAuth, Some(ROSTER_SCOPE)).await;
    if second.token.is_ok() {
        (second, Some(reason))
    } else {
        (answer, None)
    }
}

fn tick(result: Result<(), &String>) -> String {
    result.map_or_else(|reason| failed(reason), |()| OK.to_owned())
}

fn failed(reason: &str) -> String {
    format!("failed: {reason}")
}

/// Shortest beginning of a secret, in characters, that is taken out where a text was cut off within it.
const BEGINNING_CHARACTERS_MIN: usize = 6;

/// Takes secrets out of the verdict, in case a provider echoes them in an error.
fn redact(verdict: &mut Verdict, secrets: &[&str]) {
    let ticks = [
        &mut verdict.url,
        &mut verdict.credentials,
        &mut verdict.data_access,
    ];
    let details = verdict.rules.iter_mut().map(|rule| &mut rule.detail);
    for text in ticks.into_iter().chain(details) {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            if text.contains(*secret) {
                *text = text.replace(*secret, "(secret)");
            }
            if text.contains('…') {
                *text = without_beginnings(text, secret);
            }
        }
    }
}

/// Takes out what is left of a secret where foreign text was cut off in the middle of it.
fn without_beginnings(text: &str, secret: &str) -> String {
    let beginnings: Vec<&str> = secret
        .char_indices()
        .skip(BEGINNING_CHARACTERS_MIN)
        .filter_map(|(end, _)| secret.get(..end))
        .collect();
    let mut pieces = text.split('…').peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(piece) = pieces.next() {
        let is_cut_off = pieces.peek().is_some();
        let mut found = beginnings.iter().rev();
        match found.find_map(|beginning| piece.strip_suffix(beginning)) {
            Some(kept) if is_cut_off => {
                shown.push_str(kept);
                shown.push_str("(secret)");
            }
            Some(_) | None => shown.push_str(piece),
        }
        if is_cut_off {
            shown.push('…');
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::client::clip;
    use super::{RuleResult, Verdict, redact};

    fn shown(detail: String) -> String {
        let mut verdict = Verdict {
            url: String::new(),
            credentials: String::new(),
            data_access: String::new(),
            rules: vec![RuleResult {
                id: "http-200",
                passed: false,
                detail,
            }],
            base: None,
            rows: Vec::new(),
            requests: 0,
            elapsed: std::time::Duration::ZERO,
        };
        redact(&mut verdict, &["", "sesame-open-abc"]);
        verdict.rules.remove(0).detail
    }

    #[test]
    fn secrets_are_taken_out_also_where_a_text_was_cut_off_within_them() {
        assert_eq!(
            shown("a sesame-open-abc, b sesame-open-abc".to_owned()),
            "a (secret), b (secret)"
        );
        for (before, length) in [(154, 6), (150, 10), (146, 14)] {
            let echo = format!("{}sesame-open-abc", " ".repeat(before));
            let both = format!("{}; {}", clip(&echo), clip(&echo));
            let clean = format!("{}(secret)…", " ".repeat(before));
            assert_eq!(shown(both), format!("{clean}; {clean}"), "{length} characters");
        }
        let word = format!("{}sesame-open-abc", " ".repeat(155));
        assert_eq!(shown(clip(&word)), clip(&word), "a few letters are no secret");
        assert_eq!(shown("sesame-o".to_owned()), "sesame-o", "not cut off");
    }
}
