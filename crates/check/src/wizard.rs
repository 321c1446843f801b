//! The wizard's ticks that ask the provider itself: does the URL answer, does the token open the data.

use oneroster_standard::Kind;
use reqwest::Url;

use super::client::{Http, Reply, clip};
use super::session::{Session, address};

/// The path of the standard, and the part of it some administrators leave out (OneRoster 1.1 §3).
const STANDARD_PATH: &str = "/ims/oneroster/v1p1";
const UNVERSIONED_PATH: &str = "/ims/oneroster";
const VERSION: &str = "/v1p1";

/// Returns the base URLs worth trying, as typed first.
fn candidates(typed: &str) -> Result<Vec<Url>, String> {
    let trimmed = typed.trim().trim_end_matches('/');
    let parse = |text: &str| {
        let url = Url::parse(text).map_err(|error| format!("{:?} is not a URL: {error}", clip(text)))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("{:?} must begin with http:// or https://", clip(text)));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{:?} must have no ? and no #", clip(text)));
        }
        Ok(url)
    };
    let mut urls = vec![parse(trimmed)?];
    if trimmed.ends_with(STANDARD_PATH) {
        return Ok(urls);
    }
    let missing = if trimmed.ends_with(UNVERSIONED_PATH) {
        VERSION
    } else {
        STANDARD_PATH
    };
    urls.push(parse(&format!("{trimmed}{missing}"))?);
    Ok(urls)
}

/// Returns the base URLs at which something answers as a OneRoster provider answers a request without a token: 401 with JSON.
/// The reason of a failure is that of the last candidate, which has the standard path.
pub(super) async fn answering(http: &Http, typed: &str) -> Result<Vec<Url>, String> {
    let mut found = Vec::new();
    let mut reason = String::new();
    for base in candidates(typed)? {
        let url = address(&base, &[Kind::Orgs.collection()], &[("limit", "1")]);
        let shown = clip(url.as_str());
        match http.get(url, None).await {
            Ok(reply) if is_stranger_refused(&reply) => found.push(base),
            Ok(reply) => {
                reason = format!(
                    "{shown} answered {} to a request without a token; a OneRoster provider answers 401 with JSON",
                    reply.describe()
                );
            }
            Err(fault) => reason = format!("{shown}: {fault}"),
        }
    }
    if found.is_empty() { Err(reason) } else { Ok(found) }
}

fn is_stranger_refused(reply: &Reply) -> bool {
    reply.status.as_u16() == 401 && serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok()
}

/// Reads one page of every collection that a sync needs. Returns the base that was used: of several that refuse
/// strangers, the first that lets the token in. The reason of a failure is that of the last.
pub(super) async fn data_access(http: &Http, bases: Vec<Url>, token: &str) -> Result<Url, String> {
    let mut reason = String::new();
    for base in bases {
        let mut session = Session::new(http, &base, token);
        let mut troubles = Vec::new();
        for kind in Kind::ALL {
            let list = session.list(kind, &[("offset", "0"), ("limit", "1")]).await;
            if list.rows.is_none() || list.answer.status != 200 {
                troubles.push(list.answer.trouble());
            }
        }
        if troubles.is_empty() {
            return Ok(base);
        }
        reason = troubles.join("; ");
    }
    Err(reason)
}

#[cfg(test)]
mod tests {
    use super::candidates;

    fn tried(typed: &str) -> Vec<String> {
        candidates(typed)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_standard_path_is_added_where_it_is_missing() {
        let standard = "https://x.example/ims/oneroster/v1p1";
        assert_eq!(tried("https://x.example/ims/oneroster/v1p1"), [standard]);
        assert_eq!(tried("https://x.example/ims/oneroster/v1p1/"), [standard]);
        assert_eq!(
            tried("https://x.example/ims/oneroster/"),
            ["https://x.example/ims/oneroster", standard]
        );
        assert_eq!(tried(" https://x.example "), ["https://x.example/", standard]);
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for typed in [
            "",
            "x.example",
            "ftp://x.example/",
            "https://x.example/?a=1",
            "https://x.example/#top",
        ] {
            assert!(candidates(typed).is_err(), "{typed:?}");
        }
    }
}
