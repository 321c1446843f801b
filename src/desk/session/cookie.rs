//! The cookie of a session. Over HTTPS its name begins with `__Host-`: a browser takes it from this host alone, for this host alone.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::access::sessions::ABSOLUTE_HOURS;
use crate::desk::state::Desk;

/// Its name over HTTPS.
const SECURE: &str = "__Host-oneroster-desk";

/// Its name on plain loopback, where a browser refuses the other one.
const PLAIN: &str = "oneroster-desk";

fn name(desk: &Desk) -> &'static str {
    if desk.is_https() { SECURE } else { PLAIN }
}

/// Returns the token in the cookie of a request; `None` without one. Of several the first counts.
pub(super) fn token<'r>(desk: &Desk, headers: &'r HeaderMap) -> Option<&'r str> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name(desk))
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// Returns the `Set-Cookie` of a token.
pub(super) fn set(desk: &Desk, token: &str) -> Option<HeaderValue> {
    value(desk, token, ABSOLUTE_HOURS * 60 * 60)
}

/// Returns the `Set-Cookie` that takes it away.
pub(super) fn clear(desk: &Desk) -> Option<HeaderValue> {
    value(desk, "", 0)
}

fn value(desk: &Desk, token: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if desk.is_https() { "; Secure" } else { "" };
    let text = format!(
        "{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        name(desk)
    );
    HeaderValue::from_str(&text).ok()
}
