//! Percent-encoding of paths and queries (RFC 3986 §2.1), and forms, in which `+` is a space.

use std::borrow::Cow;

/// Undoes percent-encoding of a part of a path; `None` when it is broken or gives no UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    decode_bytes(text, false)
}

/// Undoes percent-encoding of a part of a form or query, where `+` is a space; `None` when it is broken or gives no UTF-8.
pub fn decode_form(text: &str) -> Option<Cow<'_, str>> {
    decode_bytes(text, true)
}

fn decode_bytes(text: &str, is_form: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (is_form && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            b'+' if is_form => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Splits a path at its slashes, drops empty segments, and decodes the others; `None` when one cannot be decoded.
pub fn path_segments(path: &str) -> Option<Vec<Cow<'_, str>>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(decode)
        .collect()
}

/// Splits a query or form into decoded pairs, at the first `=` of each, without empty pairs; `None` when one cannot be
/// decoded.
pub fn query_parameters(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_form(name)?.into_owned(), decode_form(value)?.into_owned()))
        })
        .collect()
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3): also the commas that split a Link header.
pub fn encode(text: &str) -> String {
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

    #[test]
    fn parameters_split_at_the_first_equals_sign() {
        let read = query_parameters("limit=5&&filter=email%3D'a=b+c'&x").unwrap();
        let expected = [("limit", "5"), ("filter", "email='a=b c'"), ("x", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, expected);
        assert_eq!(query_parameters("a=%"), None);
    }

    #[test]
    fn a_path_is_split_before_it_is_decoded_and_a_plus_in_it_stands_for_itself() {
        assert_eq!(path_segments("//a%2Fb+c//é%20/").unwrap(), ["a/b+c", "é "]);
        for broken in ["%", "/%zz", "/a/%4", "/%FF"] {
            assert_eq!(path_segments(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let text = "a,b 'c'>é%+&=~";
        assert_eq!(encode(text), "a%2Cb%20%27c%27%3E%C3%A9%25%2B%26%3D~");
        assert_eq!(decode_form(&encode(text)).as_deref(), Some(text));
        assert_eq!(decode(&encode(text)).as_deref(), Some(text));
    }
}
