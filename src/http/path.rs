//! From a path to a route. Empty segments do not count, so `//orgs/` is `/orgs`; case does.

use super::catalog::{self, Operation};
use crate::edge::path_segments;

/// Why a path leads to no route, not even to an unknown one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PathError {
    /// Broken percent-encoding, or not UTF-8.
    #[error("the path is not valid percent-encoded UTF-8")]
    BadEncoding,
}

/// How a token is requested and given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenDialect {
    /// As RFC 6749 §4.4 defines it.
    Standard,
    /// As one consumer in the field does it: `clientid` and `clientsecret` in the body, nothing else, and the body of
    /// the response is the token.
    Login,
}

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Route {
    /// A OneRoster operation, with the ids in its path.
    Operation {
        operation: &'static Operation,
        ids: Vec<String>,
    },
    /// The token endpoint, under any of its names.
    Token(TokenDialect),
    /// A generation as files.
    Export {
        /// The name of the format, as asked.
        format: String,
    },
    /// A bundle that is brought.
    Bundle,
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
    /// A file of that page.
    DocsFile {
        /// Its name, as asked.
        name: String,
    },
    /// The gradebook service of the standard, which is not offered.
    Gradebook,
    /// Nowhere.
    Unknown,
}

impl Route {
    /// Returns the path without ids, for the log.
    pub(super) const fn template(&self) -> &'static str {
        match self {
            Self::Operation { operation, .. } => operation.template,
            Self::Token(TokenDialect::Standard) => "/connect/token",
            Self::Token(TokenDialect::Login) => "/login",
            Self::Export { .. } => "/export/{format}",
            Self::Bundle => "/operator/bundle",
            Self::Discovery => "/.well-known/openid-configuration",
            Self::KeySet => "/.well-known/jwks.json",
            Self::Health => "/healthz",
            Self::Readiness => "/readyz",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::DocsFile { .. } => "/docs/assets/{name}",
            Self::Gradebook => "(gradebook)",
            Self::Unknown => "(unknown)",
        }
    }
}

/// Finds the route of a path. A path in the base address is taken off first, for proxies that pass it on.
pub(super) fn route(base_url: &str, path: &str) -> Result<Route, PathError> {
    let segments = path_segments(path).ok_or(PathError::BadEncoding)?;
    let words: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let own = words
        .strip_prefix(base_path(base_url).as_slice())
        .unwrap_or(&words);
    Ok(match own {
        ["connect" | "oauth", "token"]
        | ["oauth", "access_token"]
        | ["token" | "Token"]
        | ["ims", "oneroster", "token"] => Route::Token(TokenDialect::Standard),
        [".well-known", "openid-configuration"] => Route::Discovery,
        [".well-known", "jwks.json"] => Route::KeySet,
        ["export", format] => Route::Export {
            format: (*format).to_owned(),
        },
        ["operator", "bundle"] => Route::Bundle,
        ["healthz"] => Route::Health,
        ["readyz"] => Route::Readiness,
        ["openapi.json"] => Route::OpenApi,
        ["docs"] => Route::Docs,
        ["docs", "assets", name] => Route::DocsFile {
            name: (*name).to_owned(),
        },
        _ => own
            .strip_prefix(&catalog::ROOT)
            .map_or(Route::Unknown, below_root),
    })
}

/// Finds the route of a path below the OneRoster root. Some consumers request tokens there and cannot be configured otherwise.
fn below_root(segments: &[&str]) -> Route {
    match segments {
        ["token" | "Token"] | ["oauth", "token"] => Route::Token(TokenDialect::Standard),
        ["login"] => Route::Token(TokenDialect::Login),
        segments => match catalog::find(segments) {
            Some((operation, ids)) => Route::Operation { operation, ids },
            None if segments.iter().any(|segment| is_gradebook(segment)) => Route::Gradebook,
            None => Route::Unknown,
        },
    }
}

/// Returns `true` for the collections of the gradebook service (OneRoster 1.1 §1.4), in any case: consumers spell them
/// differently.
fn is_gradebook(segment: &str) -> bool {
    ["categories", "lineItems", "results"]
        .iter()
        .any(|collection| collection.eq_ignore_ascii_case(segment))
}

/// Returns the segments of the path in the base address.
pub(super) fn base_path(base_url: &str) -> Vec<&str> {
    let after_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    after_scheme
        .split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
        .collect()
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
            "/ims/oneroster/v1p1/oauth/token",
            "/ims/oneroster/token",
            "/oauth/access_token",
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
}
