//! The id of a request, which stands in its response and in every log line about it.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id taken over from a client, in characters.
const REQUEST_ID_MAX: usize = 64;

/// Returns the id of a request: the client's own if it is harmless in a log and in a header, else a random one.
pub fn request_id(headers: &HeaderMap) -> String {
    let is_harmless = |text: &&str| {
        (1..=REQUEST_ID_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    headers
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(is_harmless)
        .map_or_else(
            || Uuid::from_u128(rand::random()).simple().to_string(),
            str::to_owned,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(sent: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, sent.parse().unwrap());
        request_id(&headers)
    }

    #[test]
    fn a_harmless_id_of_the_client_is_kept_and_any_other_replaced() {
        assert_eq!(id_for("sync-7_a.b"), "sync-7_a.b");
        for other in ["", "a b", "a\"b", "a\tb", &"a".repeat(REQUEST_ID_MAX + 1)] {
            let id = id_for(other);
            assert_ne!(id, other);
            assert_eq!(id.len(), 32, "{id}");
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }
}
