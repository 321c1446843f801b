//! From a path to a route. Empty segments do not count, so `//orgs/` is `/orgs`; case does.

use std::borrow::Cow;

use super::catalog::{self, Operation};
use super::error::ApiError;
use super::token::Dialect;

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Route {
    /// A OneRoster operation, with the ids in its path.
    Operation {
        operation: &'static Operation,
        ids: Vec<String>,
    },
    /// The token endpoint, under any of its names.
    Token(Dialect),
    /// Where everything is, for OAuth clients (RFC 8414).
    Discovery,
    /// The public keys.
    KeySet,
    /// Whether the process runs.
    Health,
    /// Whether it can do all it should.
    Readiness,
    /// What is served, for programs.
    OpenApi,
    /// The same for people.
    Docs,
    /// Nowhere.
    Unknown,
}

impl Route {
    /// Returns the path without ids, for the log.
    pub(super) const fn template(&self) -> &'static str {
        match self {
            Self::Operation { operation, .. } => operation.template,
            Self::Token(Dialect::Standard) => "/connect/token",
            Self::Token(Dialect::Login) => "/login",
            Self::Discovery => "/.well-known/openid-configuration",
            Self::KeySet => "/.well-known/jwks.json",
            Self::Health => "/healthz",
            Self::Readiness => "/readyz",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::Unknown => "(unknown)",
        }
    }
}

/// Finds the route of a path. A path in the base address is taken off first, for proxies that pass it on.
pub(super) fn route(base_url: &str, path: &str) -> Result<Route, ApiError> {
    let segments = segments(path)?;
    let words: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let own = words
        .strip_prefix(base_path(base_url).as_slice())
        .unwrap_or(&words);
    Ok(match own {
        ["connect" | "oauth", "token"] | ["token" | "Token"] => Route::Token(Dialect::Standard),
        [".well-known", "openid-configuration"] => Route::Discovery,
        [".well-known", "jwks.json"] => Route::KeySet,
        ["healthz"] => Route::Health,
        ["readyz"] => Route::Readiness,
        ["openapi.json"] => Route::OpenApi,
        ["docs"] => Route::Docs,
        _ => own
            .strip_prefix(&catalog::ROOT)
            .map_or(Route::Unknown, below_root),
    })
}

/// Finds the route of a path below the OneRoster root. Some consumers ask for tokens there and cannot be told otherwise.
fn below_root(segments: &[&str]) -> Route {
    match segments {
        ["token" | "Token"] => Route::Token(Dialect::Standard),
        ["login"] => Route::Token(Dialect::Login),
        segments => catalog::find(segments).map_or(Route::Unknown, |(operation, ids)| Route::Operation {
            operation,
            ids,
        }),
    }
}

/// Splits a path, drops empty segments, and decodes the others.
fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, ApiError> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| decode(segment, false).ok_or(ApiError::BadEncoding { place: "path" }))
        .collect()
}

fn base_path(base_url: &str) -> Vec<&str> {
    let after_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    after_scheme
        .split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// Undoes percent-encoding; `None` when it is broken or gives no UTF-8. In a form, `+` is a blank.
pub(super) fn decode(text: &str, form: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (form && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            b'+' if form => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Splits a query or form into decoded pairs, at the first `=` of each; empty pairs do not count.
pub fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((
                decode(name, true)?.into_owned(),
                decode(value, true)?.into_owned(),
            ))
        })
        .collect()
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3): also the commas that split a Link header.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(
                    char::from_digit(u32::from(digit), 16)
                        .unwrap_or('0')
                        .to_ascii_uppercase(),
                );
            }
        }
    }
    encoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(base_url: &str, path: &str) -> &'static str {
        route(base_url, path).unwrap().template()
    }

    #[test]
    fn slashes_too_many_are_served_in_place() {
        for path in [
            "/ims/oneroster/v1p1/orgs",
            "//ims/oneroster//v1p1/orgs/",
            "/ims/oneroster/v1p1/%6Frgs",
        ] {
            assert_eq!(template("http://a", path), "/orgs", "{path}");
        }
        assert_eq!(template("http://a", "/connect/token/"), "/connect/token");
    }

    #[test]
    fn the_token_endpoint_has_the_names_that_consumers_have_built_in() {
        for path in [
            "/connect/token",
            "/oauth/token",
            "/token",
            "/Token",
            "/ims/oneroster/v1p1/token",
            "/ims/oneroster/v1p1/Token/",
        ] {
            assert_eq!(template("http://a", path), "/connect/token", "{path}");
        }
        assert_eq!(template("http://a", "/ims/oneroster/v1p1/login"), "/login");
    }

    #[test]
    fn case_counts_and_other_paths_are_unknown() {
        for path in [
            "/",
            "",
            "/ims/oneroster/v1p1",
            "/ims/oneroster/v1p1/Orgs",
            "/IMS/oneroster/v1p1/orgs",
            "/orgs",
            "/connect/Token",
            "/login",
            "/ims/oneroster/v1p1/TOKEN",
        ] {
            assert_eq!(template("http://a", path), "(unknown)", "{path:?}");
        }
    }

    #[test]
    fn a_path_in_the_base_address_may_be_there_or_not() {
        let base_url = "https://a.example/b/c";
        assert_eq!(
            template(base_url, "/b/c/ims/oneroster/v1p1/users/x"),
            "/users/{id}"
        );
        assert_eq!(template(base_url, "/ims/oneroster/v1p1/users/x"), "/users/{id}");
    }

    #[test]
    fn an_id_is_decoded_after_the_path_is_split() {
        let Route::Operation { ids, .. } =
            route("http://a", "/ims/oneroster/v1p1/orgs/a%2Fb+c%C3%A9").unwrap()
        else {
            panic!()
        };
        assert_eq!(ids, ["a/b+cé"]);
        for path in ["/ims/oneroster/v1p1/orgs/%", "/%zz", "/%4", "/%FF"] {
            assert!(route("http://a", path).is_err(), "{path}");
        }
    }

    #[test]
    fn pairs_split_at_the_first_equals_sign() {
        let read = pairs("limit=5&&filter=email%3D'a=b+c'&x").unwrap();
        let expected = [("limit", "5"), ("filter", "email='a=b c'"), ("x", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, expected);
        assert_eq!(pairs("a=%"), None);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let text = "a,b 'c'>é%+&=~";
        assert_eq!(encode(text), "a%2Cb%20%27c%27%3E%C3%A9%25%2B%26%3D~");
        assert_eq!(decode(&encode(text), true).as_deref(), Some(text));
    }
}
