//! Tokens, asked for with the `oauth2` crate as an outsider would (RFC 6749 §4.4).

use std::sync::Mutex;

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenType};
use oauth2::{AuthType, ClientId, ClientSecret, RequestTokenError, Scope, TokenResponse, TokenUrl};

use super::client::{Fault, Http, Reply, clip, oauth_response};

/// The scope that opens all rostering (OneRoster 1.1 §3.7), for providers that demand one.
pub(super) const ROSTER_SCOPE: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly";

/// How a request for a token ended.
#[derive(Debug)]
pub(super) struct TokenAnswer {
    /// The token, or why there is none.
    pub(super) token: Result<String, String>,
    /// HTTP status; `None` when there was no answer.
    pub(super) status: Option<u16>,
    /// The `Cache-Control` header.
    pub(super) cache_control: Option<String>,
    /// The `error` word of a refusal (RFC 6749 §5.2).
    pub(super) error: Option<String>,
    /// Whether `token_type` is `Bearer`, in any case.
    pub(super) bearer: bool,
}

/// Where and with what to ask.
#[derive(Debug)]
pub(super) struct Credentials<'a> {
    pub(super) token_url: &'a str,
    pub(super) client_id: &'a str,
    pub(super) client_secret: &'a str,
}

/// Asks for a token; credentials in the `Authorization` header or in the body. School Data Sync asks without a
/// scope.
pub(super) async fn request(
    http: &Http,
    credentials: &Credentials<'_>,
    place: AuthType,
    scope: Option<&str>,
) -> TokenAnswer {
    let url = match TokenUrl::new(credentials.token_url.to_owned()) {
        Ok(url) => url,
        Err(error) => return TokenAnswer::none(format!("the token URL is not a URL: {error}")),
    };
    let client = BasicClient::new(ClientId::new(credentials.client_id.to_owned()))
        .set_client_secret(ClientSecret::new(credentials.client_secret.to_owned()))
        .set_token_uri(url)
        .set_auth_type(place);
    // The crate hands back only what it understood; rules also look at status and headers.
    let seen: Mutex<Option<Reply>> = Mutex::new(None);
    let carrier = |request| async {
        let reply = http.carry(request).await?;
        let response = oauth_response(&reply);
        if let Ok(mut place) = seen.lock() {
            *place = Some(reply);
        }
        Ok::<_, Fault>(response)
    };
    let scopes = scope.map(|scope| Scope::new(scope.to_owned()));
    let outcome = client
        .exchange_client_credentials()
        .add_scopes(scopes)
        .request_async(&carrier)
        .await;
    let reply = seen.into_inner().ok().flatten();
    let mut answer = TokenAnswer::none(String::new());
    answer.status = reply.as_ref().map(|reply| reply.status.as_u16());
    answer.cache_control = reply.as_ref().and_then(|reply| reply.header("cache-control"));
    match outcome {
        Ok(token) => {
            answer.bearer = *token.token_type() == BasicTokenType::Bearer;
            answer.token = Ok(token.access_token().secret().clone());
        }
        Err(error) => {
            if let RequestTokenError::ServerResponse(refusal) = &error {
                answer.error = Some(word(refusal.error()));
            }
            answer.token = Err(explain(&error, reply.as_ref()));
        }
    }
    answer
}

impl TokenAnswer {
    /// There is none, for this reason.
    pub(super) fn none(reason: String) -> Self {
        Self {
            token: Err(reason),
            status: None,
            cache_control: None,
            error: None,
            bearer: false,
        }
    }

    /// Describes a refusal or a surprise, for a rule.
    pub(super) fn describe(&self) -> String {
        match (&self.token, self.status) {
            (Ok(_), _) => "a token".to_owned(),
            (Err(reason), _) => reason.clone(),
        }
    }
}

fn word(error: &BasicErrorResponseType) -> String {
    clip(error.as_ref())
}

type TokenError = RequestTokenError<Fault, oauth2::basic::BasicErrorResponse>;

fn explain(error: &TokenError, reply: Option<&Reply>) -> String {
    let came = reply.map_or_else(|| "nothing".to_owned(), Reply::describe);
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            let description = refusal.error_description().map_or("", String::as_str);
            let status = reply.map_or_else(String::new, |reply| reply.status.to_string());
            format!(
                "the token endpoint refused: {status}, {} {}",
                word(refusal.error()),
                clip(description)
            )
            .trim_end()
            .to_owned()
        }
        RequestTokenError::Request(fault) => format!("the token endpoint did not answer: {fault}"),
        RequestTokenError::Parse(problem, _) => {
            format!(
                "the token endpoint answered {came}, not a token ({})",
                clip(&problem.inner().to_string())
            )
        }
        RequestTokenError::Other(problem) => {
            format!(
                "the token endpoint answered {came}, not a token ({})",
                clip(problem)
            )
        }
    }
}
