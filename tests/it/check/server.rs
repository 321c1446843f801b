//! A small OneRoster provider of the test's own: it shares nothing with the product, and can be made wrong in one
//! place at a time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oneroster_standard::Kind;
use reqwest::Url;
use serde_json::{Value, json};

use super::filter::list;
use super::paths::{Found, find};

pub(super) const CLIENT_ID: &str = "client-1";
pub(super) const CLIENT_SECRET: &str = "correct-horse-battery";
const TOKEN: &str = "token-of-the-day";
const PREFIX: &str = "/ims/oneroster/v1p1/";

/// The three dates that rows have.
pub(super) const DATES: [&str; 3] = [
    "2026-09-01T06:00:00.000Z",
    "2026-09-02T06:00:00.000Z",
    "2026-09-03T06:00:00.000Z",
];

/// A request, as the server understands it; a flaw may change it before it is answered.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRequest {
    pub(super) is_token: bool,
    pub(super) has_basic: bool,
    pub(super) method: Method,
    /// How long the body is, in bytes.
    pub(super) body_length: usize,
    /// The path as received.
    pub(super) path: String,
    /// The path below the root, without empty segments.
    pub(super) segments: Vec<String>,
    /// The collection, if the path is one or an object of one.
    pub(super) kind: Option<Kind>,
    pub(super) id: Option<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) filter: Option<String>,
    pub(super) offset: usize,
    pub(super) limit: usize,
    /// Whether `limit` or `offset` cannot be read.
    pub(super) is_paging_bad: bool,
    pub(super) bearer: Option<String>,
    client: Option<(String, String)>,
    url: String,
}

impl ReceivedRequest {
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind == Some(kind)
    }

    pub(super) fn has_filter(&self, text: &str) -> bool {
        self.filter.as_deref() == Some(text)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the path is this one; `*` stands for any id.
    pub(super) fn at(&self, path: &str) -> bool {
        let words: Vec<&str> = path.split('/').collect();
        let fits = |(word, segment): (&&str, &String)| *word == "*" || word == segment;
        words.len() == self.segments.len() && words.iter().zip(&self.segments).all(fits)
    }

    /// Whether the token was asked for with a scope that ends so.
    pub(super) fn has_scope(&self, end: &str) -> bool {
        self.bearer.as_deref().is_some_and(|bearer| bearer.ends_with(end))
    }

    /// A delta since long ago.
    pub(super) fn is_delta_of_all(&self) -> bool {
        self.has_filter("dateLastModified>'1970-01-01T00:00:00.000Z'")
    }
}

/// An answer; a flaw may change it before it is sent.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<&'static str, String>,
    /// Members of the body, in order.
    pub(super) members: Vec<(String, Value)>,
    /// Sent instead of the members.
    pub(super) text: Option<String>,
}

impl Reply {
    /// The rows of a collection.
    pub(super) fn rows(&mut self) -> Option<&mut Vec<Value>> {
        self.members
            .iter_mut()
            .find_map(|(_, member)| member.as_array_mut())
    }

    /// Makes it an error.
    pub(super) fn fail(&mut self, status: u16, word: &str) {
        self.status = status;
        self.members = vec![
            (
                "statusInfoSet".to_owned(),
                json!([{"imsx_codeMajor": "failure", "imsx_codeMinor": word}]),
            ),
            ("error".to_owned(), json!(word)),
        ];
    }
}

pub(super) type Roster = BTreeMap<Kind, Vec<Value>>;

/// A provider and what is wrong with it.
pub(super) struct Provider {
    pub(super) roster: Roster,
    pub(super) before: fn(&mut ReceivedRequest),
    pub(super) after: fn(&ReceivedRequest, &mut Reply),
    /// How long a page of 5,000 orgs takes to come.
    pub(super) delay_ms: u64,
}

impl Provider {
    /// A provider without a flaw.
    pub(super) fn good() -> Self {
        Self {
            roster: BTreeMap::new(),
            before: |_| (),
            after: |_, _| (),
            delay_ms: 0,
        }
    }

    /// Serves on a free port; `data` may change the roster first. Returns the address.
    pub(super) async fn serve(mut self, data: fn(&mut Roster)) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.roster = roster(&format!("http://{address}{PREFIX}"));
        data(&mut self.roster);
        let router = Router::new().fallback(answer).with_state(Arc::new(self));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

async fn answer(State(provider): State<Arc<Provider>>, request: Request) -> Response {
    let mut ask = understand(request).await;
    (provider.before)(&mut ask);
    let mut reply = if ask.is_token {
        token(&ask)
    } else {
        data(&provider.roster, &ask)
    };
    if ask.limit == 5000 && ask.is(Kind::Orgs) {
        tokio::time::sleep(std::time::Duration::from_millis(provider.delay_ms)).await;
    }
    reply
        .headers
        .entry("content-type")
        .or_insert_with(|| "application/json; charset=utf-8".to_owned());
    (provider.after)(&ask, &mut reply);
    if let Some(count) = reply.rows().map(|rows| rows.len())
        && reply.status == 200
    {
        reply
            .headers
            .entry("x-count")
            .or_insert_with(|| count.to_string());
    }
    let members: Vec<String> = reply
        .members
        .iter()
        .map(|(key, member)| format!("{}:{member}", json!(key)))
        .collect();
    let text = reply.text.unwrap_or_else(|| format!("{{{}}}", members.join(",")));
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(text)).unwrap()
}

async fn understand(request: Request) -> ReceivedRequest {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    let header = |name| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let authorization = header("authorization").unwrap_or_default();
    let host = header("host").unwrap_or_default();
    let url = Url::parse(&format!("http://{host}{}", head.uri)).unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let find = |name: &str| {
        query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let path = url.path().to_owned();
    let below = path.strip_prefix(PREFIX).unwrap_or_default();
    let segments: Vec<String> = below
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect();
    let form: BTreeMap<String, String> = Url::parse(&format!("http://x/?{}", String::from_utf8_lossy(&body)))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    let basic = credentials(&authorization);
    let client = basic
        .clone()
        .or_else(|| Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone())));
    let number = |name: &str| find(name).map(|text| text.parse::<usize>());
    let (offset, limit) = (number("offset"), number("limit"));
    let is_base = segments.len() <= 2;
    let kind = segments.first().filter(|_| is_base);
    let filter = find("filter");
    // Without a limit a delta is everything; other requests get the standard's hundred.
    let is_delta = filter
        .as_deref()
        .is_some_and(|filter| filter.starts_with("dateLast"));
    let default_limit = if is_delta { usize::MAX } else { 100 };
    let mut ask = ReceivedRequest {
        is_token: path == "/token",
        has_basic: basic.is_some(),
        method: head.method.clone(),
        body_length: body.len(),
        kind: kind.and_then(|word| Kind::from_collection(word)),
        id: segments.get(1).filter(|_| is_base).cloned(),
        segments,
        is_paging_bad: matches!(offset, Some(Err(_))) || !matches!(limit, None | Some(Ok(1..))),
        offset: offset.and_then(Result::ok).unwrap_or(0),
        limit: limit.and_then(Result::ok).unwrap_or(default_limit),
        filter,
        bearer: authorization.strip_prefix("Bearer ").map(str::to_owned),
        query,
        client,
        url: format!("http://{host}{path}"),
        path,
    };
    if let Some(scope) = form.get("scope") {
        ask.query.push(("scope".to_owned(), scope.clone()));
    }
    ask
}

/// Reads HTTP Basic credentials.
fn credentials(authorization: &str) -> Option<(String, String)> {
    let text = BASE64_STANDARD
        .decode(authorization.strip_prefix("Basic ")?)
        .unwrap();
    let text = String::from_utf8(text).unwrap();
    let (id, secret) = text.split_once(':').unwrap();
    Some((id.to_owned(), secret.to_owned()))
}

fn token(ask: &ReceivedRequest) -> Reply {
    let mut reply = Reply {
        status: 200,
        ..Reply::default()
    };
    reply.headers.insert("cache-control", "no-store".to_owned());
    if ask.client == Some((CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned())) {
        let scope = ask.parameter("scope").and_then(|scope| scope.rsplit('/').next());
        let token = scope.map_or_else(|| TOKEN.to_owned(), |scope| format!("{TOKEN}-{scope}"));
        reply.members = vec![
            ("access_token".to_owned(), json!(token)),
            ("token_type".to_owned(), json!("Bearer")),
            ("expires_in".to_owned(), json!(3600)),
        ];
    } else {
        reply.fail(401, "invalid_client");
    }
    reply
}

/// Which scopes of the standard open a path.
fn opening(segments: &[String]) -> &'static [&'static str] {
    match segments.len() {
        _ if segments[0] == "demographics" => &["roster-demographics.readonly"],
        _ if segments[0] == "resources" => &["resource.readonly"],
        1 | 2 => &["roster-core.readonly", "roster.readonly"],
        _ => &["roster.readonly"],
    }
}

fn data(roster: &Roster, ask: &ReceivedRequest) -> Reply {
    let mut reply = Reply {
        status: 200,
        ..Reply::default()
    };
    let Some(Found {
        plural,
        singular,
        rows,
    }) = find(roster, &ask.segments)
    else {
        reply.fail(404, "unknown object");
        return reply;
    };
    if !matches!(ask.method, Method::GET | Method::HEAD) {
        reply.headers.insert("allow", "GET, HEAD".to_owned());
        reply.fail(405, "invalid data");
        return reply;
    }
    match ask
        .bearer
        .as_deref()
        .and_then(|bearer| bearer.strip_prefix(TOKEN))
    {
        None => {
            reply.fail(401, "unauthorized");
            return reply;
        }
        Some("") => {}
        Some(scope) if opening(&ask.segments).contains(&scope.trim_start_matches('-')) => {}
        Some(_) => {
            reply.fail(403, "forbidden");
            return reply;
        }
    }
    reply
        .headers
        .insert("x-roster-generation", "generation-1".to_owned());
    if let [.., id] = ask.segments.as_slice()
        && ask.segments.len() == 2
    {
        match rows.iter().find(|row| row["sourcedId"] == json!(id)) {
            Some(row) => {
                reply.headers.insert("x-total-count", "1".to_owned());
                reply.members.push((singular.to_owned(), (*row).clone()));
            }
            None => reply.fail(404, "unknown object"),
        }
        return reply;
    }
    match list(ask, rows) {
        Ok(page) => {
            reply.headers.insert("x-total-count", page.total.to_string());
            if let Some(links) = links(ask, ask.offset.saturating_add(ask.limit), page.total) {
                reply.headers.insert("link", links);
            }
            reply.members.push((plural.to_owned(), Value::Array(page.rows)));
            if let Some(word) = page.warning {
                let entry = json!([{"imsx_codeMajor": "success", "imsx_codeMinor": word}]);
                reply.members.push(("statusInfoSet".to_owned(), entry));
            }
        }
        Err(word) => reply.fail(400, word),
    }
    reply
}

/// The `Link` header of a page that ends at `end`.
pub(super) fn links(ask: &ReceivedRequest, end: usize, total: usize) -> Option<String> {
    let at = |offset: usize| {
        let mut url = Url::parse(&ask.url).unwrap();
        for (name, value) in ask.query.iter().filter(|(name, _)| name != "offset") {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.query_pairs_mut().append_pair("offset", &offset.to_string());
        url
    };
    if ask.limit == usize::MAX {
        return None;
    }
    let mut links = vec![format!("<{}>; rel=\"first\"", at(0))];
    if end < total {
        links.push(format!("<{}>; rel=\"next\"", at(end)));
    }
    Some(links.join(", "))
}

/// A roster that School Data Sync takes: four of each, eight users and enrollments, two of each deleted.
fn roster(base: &str) -> Roster {
    let refer = |kind: Kind, id: &str| json!({"href": format!("{base}{}/{id}", kind.collection()), "sourcedId": id, "type": kind.singular()});
    let mut roster: Roster = Kind::ALL.into_iter().map(|kind| (kind, Vec::new())).collect();
    let mut add = |kind: Kind, mut row: Value| {
        let rows = roster.get_mut(&kind).unwrap();
        let place = rows.len();
        let common = row.as_object_mut().unwrap();
        common.insert(
            "sourcedId".to_owned(),
            json!(format!("{}{place}", kind.singular())),
        );
        common.insert(
            "status".to_owned(),
            json!(if place >= 8 { "tobedeleted" } else { "active" }),
        );
        common.insert("dateLastModified".to_owned(), json!(DATES[place % 3]));
        common.insert("metadata".to_owned(), json!({}));
        rows.push(row);
    };
    for place in 0..4 {
        let kind = ["schoolYear", "semester", "term", "gradingPeriod"][place];
        let mut session = json!({"title": format!("Deel {place}"), "startDate": "2026-09-01", "endDate": "2027-06-30",
            "type": kind, "schoolYear": "2027", "children": []});
        if kind == "gradingPeriod" {
            session["parent"] = refer(Kind::AcademicSessions, "academicSession2");
        }
        add(Kind::AcademicSessions, session);
        add(
            Kind::Orgs,
            json!({"name": format!("School {place}"), "type": "school", "identifier": format!("00150{place}"), "children": []}),
        );
        let org = refer(Kind::Orgs, &format!("org{place}"));
        add(
            Kind::Courses,
            json!({"title": format!("Vak {place}"), "courseCode": format!("{place}A"), "org": org, "grades": ["01"],
            "schoolYear": refer(Kind::AcademicSessions, "academicSession0"), "subjects": [], "subjectCodes": [], "resources": []}),
        );
        add(
            Kind::Classes,
            json!({"title": format!("Klas {place}"), "classType": "homeroom", "grades": [], "subjects": [],
            "course": refer(Kind::Courses, &format!("course{place}")), "school": org, "subjectCodes": [], "periods": [], "resources": [],
            "terms": [refer(Kind::AcademicSessions, "academicSession0"), refer(Kind::AcademicSessions, "academicSession2")]}),
        );
    }
    for place in 0..10 {
        let org = refer(Kind::Orgs, &format!("org{}", place % 4));
        let role = if place % 4 == 0 { "teacher" } else { "student" };
        add(
            Kind::Users,
            json!({"username": format!("gebruiker.{place}"), "userIds": [], "enabledUser": "false", "givenName": "An",
            "familyName": format!("Peeters{place}"), "role": role, "identifier": format!("user{place}"), "agents": [], "orgs": [org],
            "grades": []}),
        );
        add(
            Kind::Enrollments,
            json!({"user": refer(Kind::Users, &format!("user{}", place % 8)), "role": role, "school": org,
            "class": refer(Kind::Classes, &format!("class{}", place % 4)), "beginDate": "2026-09-01"}),
        );
    }
    roster
}
