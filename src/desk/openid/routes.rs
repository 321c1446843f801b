//! The two addresses of signing in by a provider: where it begins, and where the provider sends people back to.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::client::{Begun, CALLBACK_PATH, OpenId};
use super::error::OpenIdError;
use super::identity::Identity;
use super::refusal::{self, Refusal};
use crate::access::account::{self, Account};
use crate::access::claims::Claims;
use crate::access::grants;
use crate::access::pending::{self, PENDING_MINUTES, Pending};
use crate::desk::error::DeskError;
use crate::desk::language::Language;
use crate::desk::route::{Needs, Route};
use crate::desk::session::{self, ClientAddress, SignInPlace, own_path, sign_in_place};
use crate::desk::state::Desk;
use crate::edge;
use crate::tenants;

/// The routes of signing in by a provider; with none in the settings they do not exist.
pub(in crate::desk) fn routes() -> Vec<Route> {
    vec![
        Route::get("/desk/openid", Needs::Nothing, begin),
        Route::get(CALLBACK_PATH, Needs::Nothing, callback),
    ]
}

/// Sends somebody to the provider. `next` is the page they asked for, `account=other` lets them choose another account.
async fn begin(
    State(desk): State<Arc<Desk>>,
    Extension(address): Extension<ClientAddress>,
    uri: Uri,
) -> Response {
    let Some(openid) = &desk.openid else {
        return DeskError::NotFound.into_response();
    };
    let asked = parameters(&uri);
    let language = asked.get("language").and_then(|code| Language::of_code(code));
    let language = language.unwrap_or_default();
    if sign_in_place(&desk, address.0) == SignInPlace::Elsewhere {
        return refusal::page(&desk, language, Refusal::Plain);
    }
    let begun = openid.begin(asked.get("account").is_some_and(|account| account == "other"));
    let (url, begun) = match begun.await {
        Ok(begun) => begun,
        Err(error) => return refusal::page(&desk, language, Refusal::from(error)),
    };
    let Begun {
        state,
        nonce,
        verifier,
    } = begun;
    let pending = Pending {
        nonce,
        verifier,
        next_path: next_path(&desk, &asked),
        language: language.code().to_owned(),
    };
    let from = (address.0, desk.clock.now());
    let kept = pending::keep(&desk.pool, &state, &pending, from).await;
    match kept {
        Ok(cookie) => {
            let cookie = cookie_header(&desk, &cookie, PENDING_MINUTES * 60);
            ([(SET_COOKIE, cookie)], Redirect::to(&url)).into_response()
        }
        Err(error) => DeskError::from(error).into_response(),
    }
}

/// Takes somebody back from the provider: signs them in, or says in words why not.
async fn callback(State(desk): State<Arc<Desk>>, headers: HeaderMap, uri: Uri) -> Response {
    let Some(openid) = &desk.openid else {
        return DeskError::NotFound.into_response();
    };
    let mut language = Language::default();
    match signed_in(&desk, openid, (&headers, &parameters(&uri)), &mut language).await {
        Ok(response) => response,
        Err(refused) => refusal::page(&desk, language, refused),
    }
}

/// Signs somebody in. `language` becomes that of the page they began on, once that is known.
async fn signed_in(
    desk: &Desk,
    openid: &OpenId,
    (headers, asked): (&HeaderMap, &HashMap<String, String>),
    language: &mut Language,
) -> Result<Response, Refusal> {
    if let Some(error) = asked.get("error") {
        return Err(Refusal::ByProvider(error.clone()));
    }
    let (Some(state), Some(code)) = (asked.get("state"), asked.get("code")) else {
        return Err(Refusal::BeginAgain);
    };
    let now = desk.clock.now();
    let cookie = cookie(desk, headers).ok_or(Refusal::BeginAgain)?;
    let pending = pending::take(&desk.pool, cookie, state, now).await?;
    let pending = pending.ok_or(Refusal::BeginAgain)?;
    *language = Language::of_code(&pending.language).unwrap_or_default();
    let begun = Begun {
        state: state.clone(),
        nonce: pending.nonce,
        verifier: pending.verifier,
    };
    let issuer = asked.get("iss").map(String::as_str);
    let identity = openid.finish(begun, code.clone(), issuer).await?;
    let (account, claims) = admit(desk, openid, identity).await?;
    let session = session::begin_with(desk, account.account_id, &claims, headers).await?;
    let session = session.ok_or(Refusal::Disabled)?;
    let mut response = Redirect::to(&pending.next_path).into_response();
    response
        .headers_mut()
        .append(SET_COOKIE, cookie_header(desk, "", 0));
    response.headers_mut().append(SET_COOKIE, session);
    Ok(response)
}

/// Finds or makes the account of who signed in, and what their claims give. Refuses who may do nothing anywhere.
async fn admit(desk: &Desk, openid: &OpenId, identity: Identity) -> Result<(Account, Claims), Refusal> {
    let mut connection = desk.pool.acquire().await.map_err(DeskError::from)?;
    let claims = openid.claims(&identity);
    let tenants = tenants::list(&mut connection).await.map_err(DeskError::from)?;
    let of_identity = identity.account();
    let known = account::by_identity(&mut connection, &of_identity).await?;
    if known
        .as_ref()
        .is_some_and(|account| account.disabled_at.is_some())
    {
        return Err(Refusal::Disabled);
    }
    // Whoever comes from a school's own provider is known from then on, so that somebody can give them rights.
    let is_ours = tenants.iter().any(|tenant| claims.count_in(tenant));
    let is_operator = claims.is_operator() || known.as_ref().is_some_and(|account| account.is_operator);
    if !is_ours && !is_operator {
        return Err(Refusal::UnknownTenant);
    }
    let name = identity.name.clone().unwrap_or_else(|| identity.subject.clone());
    let account = match known {
        Some(account) => account,
        None => account::by_identity_or_new(&mut connection, &of_identity, &name, &name).await?,
    };
    let stored = grants::of_account(&mut connection, account.account_id).await?;
    let has_rights = tenants
        .iter()
        .filter(|tenant| claims.count_in(tenant))
        .any(|tenant| {
            let id = tenant.id.as_str();
            !claims.grants(tenant).is_empty() || stored.iter().any(|grant| grant.tenant_id == id)
        });
    if has_rights || is_operator {
        Ok((account, claims))
    } else {
        Err(Refusal::NoRights {
            name: account.display_name,
        })
    }
}

/// Returns the page that is gone to afterwards: the one that was asked for, if it is one of the desk.
fn next_path(desk: &Desk, asked: &HashMap<String, String>) -> String {
    let next = asked.get("next").and_then(|next| own_path(desk, next));
    next.map_or_else(|| format!("{}/desk", desk.base_path()), str::to_owned)
}

/// Returns the parameters of an address; of one that is given twice none, since each side would read another.
fn parameters(uri: &Uri) -> HashMap<String, String> {
    let pairs = edge::query_parameters(uri.query().unwrap_or_default()).unwrap_or_default();
    let mut parameters = HashMap::new();
    let mut twice = Vec::new();
    for (name, value) in pairs {
        if parameters.insert(name.clone(), value).is_some() {
            twice.push(name);
        }
    }
    parameters.retain(|name, _| !twice.contains(name));
    parameters
}

/// Returns the name of the cookie of who is at the provider. Browsers take one that begins with `__Host-` over TLS only,
/// and from this host alone.
fn cookie_name(desk: &Desk) -> &'static str {
    if desk.is_https() {
        "__Host-oneroster-openid"
    } else {
        "oneroster-openid"
    }
}

fn cookie<'h>(desk: &Desk, headers: &'h HeaderMap) -> Option<&'h str> {
    let name = cookie_name(desk);
    let all = headers.get_all(COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Makes the header that sets the cookie. It comes along when the provider sends somebody back: `Lax`.
fn cookie_header(desk: &Desk, value: &str, max_age_s: i64) -> HeaderValue {
    let name = cookie_name(desk);
    let secure = if name.starts_with("__Host-") {
        "; Secure"
    } else {
        ""
    };
    header(&format!(
        "{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
    ))
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

impl From<OpenIdError> for Refusal {
    fn from(error: OpenIdError) -> Self {
        match error {
            OpenIdError::Provider(_) => Self::ProviderDown(error),
            OpenIdError::Overage(claim) => Self::Overage(claim),
            OpenIdError::Code(_) | OpenIdError::Token(_) => Self::Token(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_given_twice_counts_as_none() {
        let uri: Uri = "/x?state=a&code=c&state=b".parse().unwrap();
        let parameters = parameters(&uri);
        assert_eq!(parameters.get("state"), None);
        assert_eq!(parameters.get("code").map(String::as_str), Some("c"));
    }
}
