//! Parameters that look like a known one that was misspelt (`OneRoster` 1.1 §3–§6 name the known ones).
//!
//! The standard has a server ignore what it does not know. A consumer whose `pageSize` is ignored reads the first page and
//! thinks it has everything, so it is told beside the data.

/// The parameters of the standard.
const KNOWN: [&str; 6] = ["limit", "offset", "sort", "orderBy", "filter", "fields"];

/// Names that other interfaces have for the same things, without case and signs.
const FOREIGN: [(&str, &str); 27] = [
    ("page", "offset"),
    ("pagenumber", "offset"),
    ("pageno", "offset"),
    ("skip", "offset"),
    ("start", "offset"),
    ("startindex", "offset"),
    ("from", "offset"),
    ("pagesize", "limit"),
    ("perpage", "limit"),
    ("size", "limit"),
    ("count", "limit"),
    ("top", "limit"),
    ("max", "limit"),
    ("maxresults", "limit"),
    ("select", "fields"),
    ("selection", "fields"),
    ("columns", "fields"),
    ("where", "filter"),
    ("query", "filter"),
    ("q", "filter"),
    ("search", "filter"),
    ("sortby", "sort"),
    ("order", "orderBy"),
    ("sortorder", "orderBy"),
    ("orderdirection", "orderBy"),
    ("direction", "orderBy"),
    ("dir", "orderBy"),
];

/// Longest name that is looked at, in bytes: a misspelt one is no longer.
const NAME_BYTES_MAX: usize = 40;

/// Returns the known parameter that a name, which is none, may have been meant for.
pub fn meant_parameter(name: &str) -> Option<&'static str> {
    if name.len() > NAME_BYTES_MAX || KNOWN.contains(&name.trim()) {
        return None;
    }
    // `&` written as in HTML leaves `amp;` before the name.
    let mut bare = name.trim();
    while let Some(rest) = bare.strip_prefix("amp;") {
        bare = rest;
    }
    let plain: String = bare
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    if let Some((_, known)) = FOREIGN.iter().find(|(foreign, _)| *foreign == plain) {
        return Some(known);
    }
    KNOWN.into_iter().find(|known| {
        let known = known.to_ascii_lowercase();
        plain == known || (plain.len() > 3 && strsim::osa_distance(&plain, &known) == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_known_parameter_is_recognised() {
        for (name, meant) in [
            ("page", "offset"),
            ("pageSize", "limit"),
            ("page_size", "limit"),
            ("per-page", "limit"),
            ("Limit", "limit"),
            ("LIMIT", "limit"),
            ("limt", "limit"),
            ("limit[]", "limit"),
            ("Filter", "filter"),
            ("filters", "filter"),
            ("$filter", "filter"),
            ("$top", "limit"),
            ("amp;offset", "offset"),
            ("amp;amp;offset", "offset"),
            ("orderby", "orderBy"),
            ("order_by", "orderBy"),
            ("field", "fields"),
            ("sorts", "sort"),
        ] {
            assert_eq!(meant_parameter(name), Some(meant), "{name}");
        }
    }

    #[test]
    fn known_and_unrelated_ones_are_not() {
        for name in [
            "limit",
            "limit ",
            "orderBy",
            "",
            "utm_source",
            "_",
            "access_token",
            "api-version",
            "v",
            "stray",
            "schoolYear",
            "dateLastModified",
            "cacheBuster",
            "\u{e9}",
            &"limit".repeat(20),
        ] {
            assert_eq!(meant_parameter(name), None, "{name}");
        }
    }
}
