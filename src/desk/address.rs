//! Texts in the addresses of links.

/// Returns a text as a value of a query.
pub(super) fn query_value(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_in_a_link_as_it_was_typed() {
        assert_eq!(query_value("zand & zee é"), "zand%20%26%20zee%20%C3%A9");
    }
}
