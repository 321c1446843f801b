//! The token endpoint (RFC 6749 §4.4): credentials in, a token out, in all the forms consumers send
//! (OneRoster 1.1 §9.1).

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::json;

use super::path::TokenDialect;
use super::{App, reply};
use crate::auth::{Auth, ClientRefusal, IssueError};
use crate::edge::{BodyError, GuardError, LogFields, decode_form, query_parameters, read_body};

/// Largest body, in bytes.
const BODY_BYTES_MAX: usize = 16 << 10;
/// Longest query string, in bytes.
const QUERY_BYTES_MAX: usize = 8192;

/// What a consumer is told that signs requests.
pub(super) const OAUTH1_REFUSED: &str = "OAuth 1.0a is not offered: choose OAuth 2.0 (client credentials) in the consumer, \
     with the token URL {server}/connect/token, and send Authorization: Bearer <access_token>";

/// What a consumer is told that sends something else than a form.
const NOT_A_FORM: &str = "the body must be a form: Content-Type: application/x-www-form-urlencoded, and \
     grant_type=client_credentials in the body";

/// After how many seconds it is worth asking again.
const RETRY_AFTER_S: u32 = 10;

/// Some clients leave the padding off.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why no token was given (RFC 6749 §5.2).
#[derive(Debug)]
pub(super) enum TokenError {
    /// The request is malformed: how.
    InvalidRequest(&'static str),
    /// A parameter is there twice: which.
    Repeated(&'static str),
    /// The request is signed as OAuth 1.0a has it.
    OAuth1,
    /// The query string is too long.
    QueryTooLong,
    /// No credentials.
    NoCredentials,
    /// Credentials that are no good.
    InvalidClient(ClientRefusal),
    /// Too many sign-ins from the same address failed: how long it is to wait.
    TooManyFailures(Duration),
    /// Another grant than `client_credentials`.
    UnsupportedGrantType,
    /// None of the scopes asked for is offered.
    InvalidScope,
    /// Not POST.
    MethodNotAllowed,
    /// The body could not be read.
    Body(BodyError),
    /// The database is out of reach. With the causes, for the log.
    Unavailable(String),
    /// The database went back. With what it lacks, for the log.
    WentBack(String),
    /// The clocks are too far apart. With how far, for the log.
    ClocksApart(String),
    /// The next publication is waited for. With why, for the log.
    AwaitsPublication(String),
    /// A fault here. With the causes, for the log.
    Internal(String),
    /// The work on it gave no response.
    Guard(GuardError),
}

impl TokenError {
    /// Returns the status, the error word and its description: the one place that decides.
    fn answer(&self) -> (StatusCode, &'static str, Cow<'static, str>) {
        let (status, error, description) = match self {
            &Self::InvalidRequest(problem) => (StatusCode::BAD_REQUEST, "invalid_request", problem),
            Self::Repeated(name) => {
                return (
                    StatusCode::BAD_REQUEST,
                    "invalid_request",
                    Cow::from(format!("{name} is there twice: send it once")),
                );
            }
            Self::OAuth1 => (StatusCode::UNAUTHORIZED, "invalid_client", OAUTH1_REFUSED),
            Self::NoCredentials => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "client credentials are needed: HTTP Basic, or client_id and client_secret in the body",
            ),
            Self::InvalidClient(_) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "client authentication failed",
            ),
            Self::TooManyFailures(wait) => {
                let wait_s = whole_seconds(wait);
                return (
                    StatusCode::TOO_MANY_REQUESTS,
                    "temporarily_unavailable",
                    Cow::from(format!(
                        "too many sign-ins from this address failed: check client id and secret, and try again in {wait_s} s"
                    )),
                );
            }
            Self::UnsupportedGrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be client_credentials",
            ),
            Self::InvalidScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "none of the scopes asked for is offered; /.well-known/openid-configuration lists them",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_request",
                "this path takes POST only",
            ),
            Self::QueryTooLong => {
                return (
                    StatusCode::BAD_REQUEST,
                    "invalid_request",
                    Cow::from(format!("the query is longer than {QUERY_BYTES_MAX} bytes")),
                );
            }
            Self::Body(error) => return (error.status(), "invalid_request", Cow::from(error.to_string())),
            Self::Unavailable(_)
            | Self::WentBack(_)
            | Self::ClocksApart(_)
            | Self::AwaitsPublication(_)
            | Self::Guard(GuardError::Timeout) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "not available just now: try again later",
            ),
            Self::Internal(_) | Self::Guard(GuardError::Panic) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "a fault of the server; its log has the details under the request id",
            ),
        };
        (status, error, Cow::from(description))
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::TooManyFailures(wait) => Some((RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))),
            Self::NoCredentials | Self::OAuth1 | Self::InvalidClient(_) => Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"oneroster\", charset=\"UTF-8\""),
            )),
            Self::MethodNotAllowed => Some((ALLOW, HeaderValue::from_static("POST"))),
            Self::Unavailable(_)
            | Self::WentBack(_)
            | Self::ClocksApart(_)
            | Self::AwaitsPublication(_)
            | Self::Guard(GuardError::Timeout) => Some((RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S))),
            Self::InvalidRequest(_)
            | Self::Repeated(_)
            | Self::QueryTooLong
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::Body(_)
            | Self::Internal(_)
            | Self::Guard(GuardError::Panic) => None,
        }
    }

    fn note(&self, log: &LogFields) {
        match self {
            Self::InvalidClient(refusal) => log.refused(refusal.to_string()),
            Self::Internal(causes)
            | Self::Unavailable(causes)
            | Self::WentBack(causes)
            | Self::ClocksApart(causes)
            | Self::AwaitsPublication(causes) => {
                log.failed(causes.clone());
            }
            Self::Guard(error) => log.failed(error.to_string()),
            Self::TooManyFailures(_) => log.refused("too many failed sign-ins from this address"),
            Self::InvalidRequest(_)
            | Self::Repeated(_)
            | Self::OAuth1
            | Self::QueryTooLong
            | Self::NoCredentials
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::MethodNotAllowed
            | Self::Body(_) => log.refused(self.answer().2),
        }
    }

    /// Makes the answer, and notes the reason for the log.
    pub(super) fn into_response(self, log: &LogFields) -> Response {
        self.note(log);
        let (status, error, description) = self.answer();
        let document = json!({ "error": error, "error_description": description });
        let mut response = uncached(status, document.to_string());
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<BodyError> for TokenError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<GuardError> for TokenError {
    fn from(error: GuardError) -> Self {
        Self::Guard(error)
    }
}

impl From<IssueError> for TokenError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::InvalidClient(refusal) => Self::InvalidClient(refusal),
            IssueError::TooManyFailures { retry_after } => Self::TooManyFailures(retry_after),
            IssueError::InvalidScope => Self::InvalidScope,
            apart @ IssueError::ClocksApart { .. } => Self::ClocksApart(apart.to_string()),
            waiting @ IssueError::AwaitsPublication => Self::AwaitsPublication(waiting.to_string()),
            IssueError::WentBack(lack) => Self::WentBack(format!("the database went back: {lack}")),
            IssueError::Unavailable(cause) => {
                let in_general = "the database is out of reach";
                Self::Unavailable(cause.map_or_else(
                    || format!("{in_general}: no answer in time"),
                    |cause| format!("{in_general}: {}", cause.with_causes()),
                ))
            }
            IssueError::Internal(cause) => Self::Internal(cause.with_causes()),
        }
    }
}

/// Answers a token request.
pub(super) async fn respond(
    app: &App,
    (request, address): (Request, Option<IpAddr>),
    dialect: TokenDialect,
    log: &LogFields,
) -> Result<Response, TokenError> {
    if request.method() != Method::POST {
        return Err(TokenError::MethodNotAllowed);
    }
    let (head, body) = request.into_parts();
    let body = read_body(body, BODY_BYTES_MAX).await?;
    let token_request = match dialect {
        TokenDialect::Standard => TokenRequest::read(&head, &body)?,
        TokenDialect::Login => TokenRequest::read_login(&head, &body)?,
    };
    let issued = app
        .auth
        .issue(
            &token_request.client_id,
            token_request.secret(&app.auth),
            token_request.scope.as_deref(),
            address,
        )
        .await
        .inspect_err(|_| log_claim(&app.auth, &token_request.client_id, log))?;
    log.client(&issued.client_id, &issued.tenant_id, issued.number);
    if dialect == TokenDialect::Login {
        let mut response = uncached(StatusCode::OK, issued.access_token);
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        return Ok(response);
    }
    let document = json!({
        "access_token": issued.access_token,
        "token_type": "bearer",
        "expires_in": issued.expires_in_s,
        "scope": issued.scope,
    });
    Ok(uncached(StatusCode::OK, document.to_string()))
}

/// Notes in whose name a sign-in failed, if the name is or looks like a client id: it may be anything, a secret too.
fn log_claim(auth: &Auth, client_id: &str, log: &LogFields) {
    if let Some(tenant_id) = auth.tenant_of(client_id) {
        log.claimed(client_id, &tenant_id);
    }
}

/// Returns a wait in whole seconds, rounded up, at least one.
fn whole_seconds(wait: &Duration) -> u64 {
    let is_more = wait.subsec_nanos() > 0;
    (wait.as_secs() + u64::from(is_more)).max(1)
}

fn uncached(status: StatusCode, body: String) -> Response {
    let mut response = reply::json(status, Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        axum::http::header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    );
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// A token request: the credentials, and the scopes it names.
struct TokenRequest {
    client_id: String,
    client_secret: String,
    /// The secret as it stood in the header, if decoding changed it.
    undecoded_secret: Option<String>,
    scope: Option<String>,
}

impl TokenRequest {
    fn read(head: &Parts, body: &[u8]) -> Result<Self, TokenError> {
        let query = head.uri.query().unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX {
            return Err(TokenError::QueryTooLong);
        }
        let body = text(body)?;
        let basic = basic(head)?;
        // One client in the field sends nothing but the header, with a JSON content type and no body.
        let is_bare = basic.is_some() && matches!(body, "" | "{}") && is_media_type(head, "application/json");
        if !is_bare {
            must_be_form(head, body)?;
        }
        let form = FormParameters::read(body)?;
        let query = FormParameters::read(query)?;
        match form.or(&query, "grant_type")? {
            Some("client_credentials") => {}
            Some(_) => return Err(TokenError::UnsupportedGrantType),
            None if is_bare => {}
            None => {
                return Err(TokenError::InvalidRequest(
                    "grant_type is missing: send grant_type=client_credentials in the body",
                ));
            }
        }
        let scope = form.or(&query, "scope")?.map(str::to_owned);
        let undecoded_secret = basic.as_ref().and_then(|basic| basic.undecoded_secret.clone());
        let (client_id, client_secret) = credentials(basic, &form)?;
        Ok(Self {
            client_id,
            client_secret,
            undecoded_secret,
            scope,
        })
    }

    fn read_login(head: &Parts, body: &[u8]) -> Result<Self, TokenError> {
        let body = text(body)?;
        must_be_form(head, body)?;
        let form = FormParameters::read(body)?;
        let (Some(id), Some(secret)) = (form.one("clientid")?, form.one("clientsecret")?) else {
            return Err(TokenError::NoCredentials);
        };
        Ok(Self {
            client_id: pasted(id).to_owned(),
            client_secret: pasted(secret).to_owned(),
            undecoded_secret: None,
            scope: None,
        })
    }

    /// Returns the secret. One that another server made may have characters that decoding changes, and most clients do not encode.
    fn secret(&self, auth: &Auth) -> &str {
        let undecoded = self.undecoded_secret.as_deref();
        let is_right = |secret: &&str| auth.knows_secret(&self.client_id, secret);
        undecoded.filter(is_right).unwrap_or(&self.client_secret)
    }
}

fn text(body: &[u8]) -> Result<&str, TokenError> {
    std::str::from_utf8(body)
        .map(str::trim)
        .map_err(|_| TokenError::InvalidRequest("the body is not UTF-8"))
}

/// Decides whose credentials count. Those in the query do not: they would stand in logs (RFC 6749 §2.3.1).
fn credentials(basic: Option<Basic>, form: &FormParameters) -> Result<(String, String), TokenError> {
    let id = form.one("client_id")?.map(pasted);
    let secret = form.one("client_secret")?.map(pasted);
    match (basic, id, secret) {
        (Some(basic), id, secret) => {
            let is_secret =
                |secret: &str| secret == basic.secret || basic.undecoded_secret.as_deref() == Some(secret);
            if id.is_none_or(|id| id == basic.id) && secret.is_none_or(is_secret) {
                Ok((basic.id, basic.secret))
            } else {
                Err(TokenError::InvalidRequest(
                    "the header and the body carry different credentials",
                ))
            }
        }
        (None, Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
        (None, _, _) => Err(TokenError::NoCredentials),
    }
}

/// Credentials of HTTP Basic.
struct Basic {
    id: String,
    secret: String,
    undecoded_secret: Option<String>,
}

/// Reads HTTP Basic credentials. They may be form-encoded before base64, as RFC 6749 §2.3.1 has it, or not, as
/// most clients do: ids, and secrets made here, have no character that decoding would change.
fn basic(head: &Parts) -> Result<Option<Basic>, TokenError> {
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(TokenError::InvalidRequest("more than one Authorization header"));
    }
    let refused = TokenError::NoCredentials;
    let Some((scheme, encoded)) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')) else {
        return Err(refused);
    };
    if scheme.eq_ignore_ascii_case("oauth") {
        return Err(TokenError::OAuth1);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused);
    }
    let pair = BASE64
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((id, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) else {
        return Err(refused);
    };
    let plain = |text: &str| decode_form(text).map_or_else(|| text.to_owned(), Cow::into_owned);
    let undecoded = pasted(secret);
    let (id, secret) = (plain(id), plain(secret));
    let (id, secret) = (pasted(&id).to_owned(), pasted(&secret).to_owned());
    Ok(Some(Basic {
        undecoded_secret: Some(undecoded.to_owned()).filter(|undecoded| *undecoded != secret),
        id,
        secret,
    }))
}

/// Takes off what comes along when an id or a secret is copied from a page or a mail: blanks, line ends, marks without width.
/// None of them can be part of either.
fn pasted(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '\u{200b}' | '\u{feff}')
    })
}

/// Refuses a body that is no form, whatever it is called: read as one it would only lack everything.
fn must_be_form(head: &Parts, body: &str) -> Result<(), TokenError> {
    let is_other = body.starts_with(['{', '[', '<'])
        || body.starts_with("--")
        || is_media_type(head, "multipart/form-data");
    if is_other {
        return Err(TokenError::InvalidRequest(NOT_A_FORM));
    }
    Ok(())
}

fn is_media_type(head: &Parts, media_type: &str) -> bool {
    let content_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

/// Decoded parameters. One without a value counts as absent (RFC 6749 §3.2).
struct FormParameters(Vec<(String, String)>);

impl FormParameters {
    fn read(text: &str) -> Result<Self, TokenError> {
        let mut pairs =
            query_parameters(text).ok_or(TokenError::InvalidRequest("not valid percent-encoded UTF-8"))?;
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self(pairs))
    }

    /// Returns a parameter, which must not be there twice (RFC 6749 §3.2).
    fn one(&self, name: &'static str) -> Result<Option<&str>, TokenError> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(TokenError::Repeated(name)),
        }
    }

    /// Returns a parameter from here, or from the other place when it is not here.
    fn or<'a>(&'a self, other: &'a Self, name: &'static str) -> Result<Option<&'a str>, TokenError> {
        match (self.one(name)?, other.one(name)?) {
            (Some(here), Some(there)) if here != there => {
                Err(TokenError::InvalidRequest("the body and the query differ"))
            }
            (here, there) => Ok(here.or(there)),
        }
    }
}
