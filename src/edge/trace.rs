//! The trace that a request belongs to, by the header of W3C Trace Context.

use axum::http::HeaderMap;

/// The header: version, trace id, id of the caller's span and flags, in hexadecimal digits with `-` between them.
const TRACEPARENT: &str = "traceparent";

/// Length of a header of version 00. A later version may say more behind it.
const LENGTH: usize = 55;

/// The version that is not allowed.
const NO_VERSION: &str = "ff";

/// Returns the trace id of a request whose `traceparent` has the form that the standard asks for; else nothing, as it asks too.
pub fn trace_id(headers: &HeaderMap) -> Option<String> {
    let mut sent = headers.get_all(TRACEPARENT).iter();
    let text = sent.next()?.to_str().ok()?;
    if sent.next().is_some() {
        return None;
    }
    let mut parts = text.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let has_form = hexadecimal(version, 2)
        && version != NO_VERSION
        && (version != "00" || text.len() == LENGTH)
        && hexadecimal(trace, 32)
        && hexadecimal(parent, 16)
        && hexadecimal(flags, 2);
    let is_none = |id: &str| id.bytes().all(|byte| byte == b'0');
    (has_form && !is_none(trace) && !is_none(parent)).then(|| trace.to_owned())
}

/// Whether the text is so many hexadecimal digits, in lower case.
fn hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn of(sent: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in sent {
            headers.append(TRACEPARENT, value.parse().unwrap());
        }
        trace_id(&headers)
    }

    #[test]
    fn a_trace_is_taken_over_from_a_header_of_the_form_and_from_no_other() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(of(&[&good]).as_deref(), Some(TRACE));
        let later = format!("01-{TRACE}-00f067aa0ba902b7-01-more");
        assert_eq!(of(&[&later]).as_deref(), Some(TRACE));
        for bad in [
            String::new(),
            TRACE.to_owned(),
            format!("{good}-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{}é-00f067aa0ba902b7-01", "a".repeat(30)),
        ] {
            assert_eq!(of(&[&bad]), None, "{bad}");
        }
        assert_eq!(of(&[&good, &good]), None);
        assert_eq!(of(&[]), None);
    }
}
