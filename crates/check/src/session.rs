//! Requests to a provider with one token, and what its answers say.

use std::collections::HashMap;
use std::time::Duration;

use oauth2::AuthType;
use oneroster_standard::Kind;
use reqwest::{Method, Url};
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::{Answer, ExpectedBody, List, RawAnswer, ReceivedRow};
use super::client::{Fault, Http, Reply, clip};
use super::link;
use super::token::{self, Credentials, TokenAnswer};

/// What a base URL usually ends with.
const VERSION: &str = "/v1p1";

/// How much of a body is kept for the rules that look into it, in characters.
const BODY_KEPT_CHARACTERS: usize = 4096;

/// After this many requests without any answer no further one is made.
const FAULTS_MAX: usize = 3;

/// One token's questions; keeps every answer that should have been 200.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) http: &'a Http,
    pub(super) base: &'a Url,
    pub(super) token: &'a str,
    pub(super) answers: Vec<Answer>,
    pub(super) requests: usize,
    faults: usize,
}

impl<'a> Session<'a> {
    /// Begins a session with a token.
    pub(super) fn new(http: &'a Http, base: &'a Url, token: &'a str) -> Self {
        Self {
            http,
            base,
            token,
            answers: Vec::new(),
            requests: 0,
            faults: 0,
        }
    }

    /// Asks for a page of a collection; parameters are percent-encoded here.
    pub(super) async fn list(&mut self, kind: Kind, parameters: &[(&str, &str)]) -> List {
        let url = address(self.base, &[kind.collection()], parameters);
        self.list_at(kind, url).await
    }

    /// Asks for a page of a collection at an address the provider gave; it must be on the provider's origin.
    pub(super) async fn list_at(&mut self, kind: Kind, url: Url) -> List {
        let (mut answer, body) = self.ask(ExpectedBody::List(kind), url).await;
        let rows = if answer.fault.is_none() && (200..300).contains(&answer.status) {
            read_rows(&mut answer, kind, &body)
        } else {
            None
        };
        answer.row_count = rows.as_ref().map_or(0, Vec::len);
        self.answers.push(answer.clone());
        List { answer, rows }
    }

    /// Asks for a page that has a rule of its own, which says what is right even when the answer is an error.
    pub(super) async fn edge(&mut self, kind: Kind, parameters: &[(&str, &str)]) -> List {
        self.edge_at(kind, &[kind.collection()], parameters).await
    }

    /// Asks for such a page below another path than the collection's; its objects are of this kind.
    pub(super) async fn edge_at(&mut self, kind: Kind, path: &[&str], parameters: &[(&str, &str)]) -> List {
        let url = address(self.base, path, parameters);
        let mut list = self.list_at(kind, url).await;
        list.answer.edge = true;
        if let Some(last) = self.answers.last_mut() {
            last.edge = true;
        }
        list
    }

    /// Asks for one object; returns it as sent.
    pub(super) async fn single(&mut self, kind: Kind, id: &str) -> (Answer, Option<Value>) {
        self.single_at(kind, &[kind.collection(), id]).await
    }

    /// Asks for one object of this kind below another path than the collection's.
    pub(super) async fn single_at(&mut self, kind: Kind, path: &[&str]) -> (Answer, Option<Value>) {
        let url = address(self.base, path, &[]);
        let (mut answer, body) = self.ask(ExpectedBody::Single(kind), url).await;
        answer.edge = true;
        let object = if answer.status == 200 {
            envelope(&mut answer, kind.singular(), &body)
                .and_then(|member| serde_json::from_str(member.get()).ok())
        } else {
            None
        };
        self.answers.push(answer.clone());
        (answer, object)
    }

    /// Follows the address of a reference; returns the object found there, or why there is none.
    pub(super) async fn follow(&mut self, url: Url) -> Result<Value, String> {
        if !same_origin(&url, self.base) {
            return Err(format!(
                "{} is on another host; the token is not sent there",
                clip(url.as_str())
            ));
        }
        let reply = self.reach(Method::GET, url, Some(self.token), None).await;
        let reply = reply.map_err(|refusal| refusal.to_string())?;
        if reply.status.as_u16() != 200 {
            return Err(format!("answered {}", reply.describe()));
        }
        let body: serde_json::Map<String, Value> =
            serde_json::from_slice(&reply.body).map_err(|error| format!("not a JSON object: {error}"))?;
        body.into_iter()
            .map(|(_, member)| member)
            .find(|member| member.get("sourcedId").is_some())
            .ok_or_else(|| "the answer holds no object with a sourcedId".to_owned())
    }

    /// Asks for a document whose answer is judged as received; parameters are percent-encoded here.
    pub(super) async fn raw(
        &mut self,
        path: &[&str],
        parameters: &[(&str, &str)],
        token: Option<&str>,
    ) -> RawAnswer {
        self.send(Method::GET, path, parameters, token, None).await
    }

    /// Makes any request whose answer is judged as received.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &[&str],
        parameters: &[(&str, &str)],
        token: Option<&str>,
        body: Option<&'static str>,
    ) -> RawAnswer {
        let url = address(self.base, path, parameters);
        let mut request = readable(&url);
        if method != Method::GET {
            request = format!("{method} {request}");
        }
        match self.reach(method, url, token, body).await {
            Ok(reply) => RawAnswer {
                request,
                status: reply.status.as_u16(),
                json: serde_json::from_slice::<HashMap<String, &RawValue>>(&reply.body).is_ok(),
                described: reply.describe(),
                allow: reply.header("allow"),
                total_count: reply.header("x-total-count"),
                body: String::from_utf8_lossy(&reply.body)
                    .chars()
                    .take(BODY_KEPT_CHARACTERS)
                    .collect(),
            },
            Err(silence) => RawAnswer {
                request,
                status: 0,
                json: false,
                described: silence.to_string(),
                allow: None,
                total_count: None,
                body: String::new(),
            },
        }
    }

    async fn ask(&mut self, wanted: ExpectedBody, url: Url) -> (Answer, Vec<u8>) {
        let request = readable(&url);
        match self.reach(Method::GET, url, Some(self.token), None).await {
            Ok(reply) => (answered(request, wanted, &reply), reply.body),
            Err(silence) => {
                let timed_out = matches!(silence, Silence::Fault(Fault::TimedOut(_)));
                (
                    unanswered(request, wanted, silence.to_string(), timed_out),
                    Vec::new(),
                )
            }
        }
    }

    /// Asks for another token.
    pub(super) async fn ask_token(
        &mut self,
        credentials: &Credentials<'_>,
        place: AuthType,
        scope: Option<&str>,
    ) -> TokenAnswer {
        if self.is_given_up() {
            return TokenAnswer::none(Silence::NotAsked.to_string());
        }
        self.requests += 1;
        let answer = token::request(self.http, credentials, place, scope).await;
        self.faults += usize::from(answer.status.is_none());
        answer
    }

    /// Makes a request, unless the provider has stopped answering.
    async fn reach(
        &mut self,
        method: Method,
        url: Url,
        token: Option<&str>,
        body: Option<&'static str>,
    ) -> Result<Reply, Silence> {
        if self.is_given_up() {
            return Err(Silence::NotAsked);
        }
        self.requests += 1;
        let reply = self.http.send(method, url, token, body).await;
        self.faults += usize::from(reply.is_err());
        reply.map_err(Silence::Fault)
    }

    const fn is_given_up(&self) -> bool {
        self.faults >= FAULTS_MAX
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Silence {
    /// Too many requests before it had none.
    #[error("not asked, {FAULTS_MAX} requests before it had no answer")]
    NotAsked,
    /// There was none.
    #[error(transparent)]
    Fault(Fault),
}

fn answered(request: String, wanted: ExpectedBody, reply: &Reply) -> Answer {
    Answer {
        request,
        wanted,
        edge: false,
        fault: None,
        timed_out: false,
        status: reply.status.as_u16(),
        described: reply.describe(),
        content_type: reply.header("content-type"),
        total_count: reply.header("x-total-count"),
        count: reply.header("x-count"),
        links: reply.header("link").map(|header| link::parse(&header)),
        generation: reply.header("x-roster-generation"),
        elapsed: reply.elapsed,
        body_problem: None,
        first_key: None,
        has_key: false,
        row_count: 0,
    }
}

fn unanswered(request: String, wanted: ExpectedBody, reason: String, timed_out: bool) -> Answer {
    Answer {
        request,
        wanted,
        edge: false,
        described: reason.clone(),
        fault: Some(reason),
        timed_out,
        status: 0,
        content_type: None,
        total_count: None,
        count: None,
        links: None,
        generation: None,
        elapsed: Duration::ZERO,
        body_problem: None,
        first_key: None,
        has_key: false,
        row_count: 0,
    }
}

/// Takes the member of an envelope out of a body, and notes what is wrong with the envelope.
fn envelope<'a>(answer: &mut Answer, key: &str, body: &'a [u8]) -> Option<&'a RawValue> {
    let members: HashMap<String, &RawValue> = match serde_json::from_slice(body) {
        Ok(members) => members,
        Err(error) => {
            answer.body_problem = Some(format!(
                "the body is not a JSON object: {}",
                clip(&error.to_string())
            ));
            return None;
        }
    };
    answer.first_key = first_key(body);
    answer.has_key = members.contains_key(key);
    // A collection under a wrong key is still read, so that one fault is reported once.
    let opening = if matches!(answer.wanted, ExpectedBody::List(_)) {
        '['
    } else {
        '{'
    };
    let found = members
        .get(key)
        .or_else(|| members.values().find(|member| member.get().starts_with(opening)))
        .copied();
    if found.is_none() {
        answer.body_problem = Some(format!("the body has no member {key:?}"));
    }
    found
}

fn read_rows(answer: &mut Answer, kind: Kind, body: &[u8]) -> Option<Vec<ReceivedRow>> {
    let member = envelope(answer, kind.collection(), body)?;
    match serde_json::from_str::<Vec<Box<RawValue>>>(member.get()) {
        Ok(rows) => Some(rows.into_iter().map(ReceivedRow::new).collect()),
        Err(error) => {
            answer.body_problem = Some(format!(
                "the collection is not an array: {}",
                clip(&error.to_string())
            ));
            None
        }
    }
}

/// Returns the first member name of a JSON object; maps forget the order.
fn first_key(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text
        .trim_start()
        .strip_prefix('{')?
        .trim_start()
        .strip_prefix('"')?;
    rest.split_once('"').map(|(key, _)| clip(key))
}

/// Returns `true` if two addresses have the same scheme, host and port.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// Builds an address below the base.
pub(super) fn address(base: &Url, path: &[&str], parameters: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    // An http address always has a path to extend.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    url
}

/// Path and query as a person would write them: below the base URL, if it is below it.
fn readable(url: &Url) -> String {
    let path = url.path();
    let path = path.split_once(VERSION).map_or(path, |(_, rest)| rest);
    let path = path.strip_prefix('/').unwrap_or(path);
    let query: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", clip(&name), clip(&value)))
        .collect();
    if query.is_empty() {
        format!("/{path}")
    } else {
        format!("/{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oauth2::AuthType;
    use reqwest::Url;

    use super::{FAULTS_MAX, Session, address, first_key, readable};
    use crate::client::Http;
    use crate::token::Credentials;

    #[tokio::test]
    async fn after_three_requests_without_an_answer_nothing_is_asked_any_more() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nowhere = format!("http://{}/v1p1", listener.local_addr().unwrap());
        drop(listener);
        let http = Http::new(Duration::from_secs(5)).unwrap();
        let base = Url::parse(&nowhere).unwrap();
        let mut session = Session::new(&http, &base, "token");
        let credentials = Credentials {
            token_url: &nowhere,
            client_id: "id",
            client_secret: "secret",
        };
        session.raw(&["orgs"], &[], None).await;
        session.follow(base.clone()).await.unwrap_err();
        let token = session.ask_token(&credentials, AuthType::BasicAuth, None).await;
        assert!(token.describe().contains("cannot connect"), "{token:?}");
        assert_eq!(session.requests, FAULTS_MAX);
        let given_up = "not asked, 3 requests before it had no answer";
        assert_eq!(session.raw(&["orgs"], &[], None).await.described, given_up);
        assert_eq!(session.follow(base.clone()).await.unwrap_err(), given_up);
        let token = session.ask_token(&credentials, AuthType::BasicAuth, None).await;
        assert_eq!(token.describe(), given_up);
        assert_eq!(session.requests, FAULTS_MAX, "none was made");
    }

    #[test]
    fn addresses_extend_the_base_with_or_without_slash() {
        for base in [
            "https://x.example/ims/oneroster/v1p1",
            "https://x.example/ims/oneroster/v1p1/",
        ] {
            let url = address(&Url::parse(base).unwrap(), &["users", "a b"], &[("limit", "1")]);
            assert_eq!(
                url.as_str(),
                "https://x.example/ims/oneroster/v1p1/users/a%20b?limit=1"
            );
        }
    }

    #[test]
    fn requests_are_shown_from_the_collection_on() {
        let base = Url::parse("https://x.example/ims/oneroster/v1p1").unwrap();
        let url = address(&base, &["users"], &[("filter", "status='active'")]);
        assert_eq!(readable(&url), "/users?filter=status='active'");
    }

    #[test]
    fn the_first_key_is_read_before_maps_forget_the_order() {
        assert_eq!(
            first_key(b" {\n \"zebra\": [], \"apple\": 1}").as_deref(),
            Some("zebra")
        );
        assert_eq!(first_key(b"[]"), None);
    }
}
