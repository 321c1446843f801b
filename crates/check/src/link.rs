//! The `Link` header (RFC 8288), read as strictly as the strictest consumer reads it.

use reqwest::Url;

const RELATIONS: [&str; 4] = ["first", "prev", "next", "last"];

/// Where the pages around a page are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links {
    entries: Vec<(String, Url)>,
}

impl Links {
    /// Returns the address of a related page.
    pub(super) fn get(&self, relation: &str) -> Option<&Url> {
        self.entries
            .iter()
            .find(|(name, _)| name == relation)
            .map(|(_, url)| url)
    }

    /// Returns the first address that is on another scheme, host or port than the base.
    pub(super) fn first_foreign(&self, base: &Url) -> Option<&Url> {
        self.entries
            .iter()
            .map(|(_, url)| url)
            .find(|url| url.origin() != base.origin())
    }
}

/// Reads the header.
///
/// Accepts `<absolute-url>; rel="next"` and nothing looser, since there are consumers that split on every comma and
/// refuse unquoted, repeated or further parameters. Each relation at most once.
pub(super) fn parse(header: &str) -> Result<Links, String> {
    let mut links = Links::default();
    for element in header.split(',') {
        let element = element.trim();
        let (url, relation) = element
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .and_then(|(url, rest)| Some((url, rest.trim_start().strip_prefix(';')?.trim())))
            .and_then(|(url, rest)| Some((url, rest.strip_prefix("rel=\"")?.strip_suffix('"')?)))
            .ok_or_else(|| format!("{element:?} is not <URL>; rel=\"word\""))?;
        if !RELATIONS.contains(&relation) {
            return Err(format!("unknown relation {relation:?}"));
        }
        if links.get(relation).is_some() {
            return Err(format!("relation {relation:?} occurs twice"));
        }
        let url = Url::parse(url).map_err(|_| format!("<{url}> is not an absolute URL"))?;
        links.entries.push((relation.to_owned(), url));
    }
    Ok(links)
}

/// Returns a parameter of an address as a number.
pub(super) fn number(url: &Url, parameter: &str) -> Option<usize> {
    url.query_pairs()
        .find(|(name, _)| name == parameter)
        .and_then(|(_, value)| value.parse().ok())
}

/// Returns a parameter of an address.
pub(super) fn parameter(url: &Url, parameter: &str) -> Option<String> {
    url.query_pairs()
        .find(|(name, _)| name == parameter)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{number, parse};

    #[test]
    fn reads_the_form_strict_consumers_read() {
        let links = parse(r#"<https://x.example/users?offset=4&limit=2>; rel="next", <https://x.example/users?offset=0&limit=2>; rel="first""#).unwrap();
        assert_eq!(links.get("next").and_then(|url| number(url, "offset")), Some(4));
        assert!(links.get("last").is_none());
    }

    #[test]
    fn refuses_what_strict_consumers_refuse() {
        for header in [
            "",
            "https://x.example/users; rel=\"next\"",
            "<https://x.example/users>; rel=next",
            "</users?offset=2>; rel=\"next\"",
            "<https://x.example/u>; rel=\"next\"; title=\"more\"",
            "<https://x.example/u>; rel=\"next\", <https://x.example/v>; rel=\"next\"",
            "<https://x.example/u>; rel=\"following\"",
        ] {
            assert!(parse(header).is_err(), "{header:?}");
        }
    }
}
