//! Looks into ready JSON documents without parsing all of them.
//!
//! The documents are compact (no blanks between tokens) and well-formed, as `serde_json` wrote them. On anything
//! else the walk ends early; it never panics.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

/// Walks the members of an object, in order: name and value as they stand (the name without quotes and unescaped only
/// if it needs no escape, which names of fields never do).
pub(super) struct ObjectMembers<'a> {
    rest: &'a str,
}

impl<'a> ObjectMembers<'a> {
    /// Starts at an object.
    pub(super) const fn of(object: &'a str) -> Self {
        Self { rest: object }
    }
}

impl<'a> Iterator for ObjectMembers<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let opened = self.rest.strip_prefix(['{', ','])?.strip_prefix('"')?;
        let (name, rest) = opened.split_at_checked(string_length(opened.as_bytes())?)?;
        let after = rest.strip_prefix("\":")?;
        let (value, rest) = after.split_at_checked(value_length(after.as_bytes())?)?;
        self.rest = rest;
        Some((name, value))
    }
}

/// Walks the members of an object, in order: the name, and where the value stands, in bytes from the beginning of the object.
pub(super) fn placed_members(object: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    ObjectMembers::of(object).scan(0, |read, (name, value)| {
        // An opening brace or a comma, two quotes, a colon.
        let start = *read + name.len() + 4;
        *read = start + value.len();
        Some((name, start..*read))
    })
}

/// Finds a member of an object; its value as it stands.
pub(super) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    ObjectMembers::of(object)
        .find(|&(member, _)| member == name)
        .map(|(_, value)| value)
}

/// Returns the text of a JSON string; `None` for another value.
pub(super) fn text(value: &str) -> Option<Cow<'_, str>> {
    let inside = value.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(value).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

/// Parses a value; `None` for what is no JSON.
pub(super) fn parsed(value: &str) -> Option<Value> {
    serde_json::from_str(value).ok()
}

/// Returns how long a string is whose opening quote has been read, without the closing one.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes
            .get(at..)?
            .iter()
            .position(|&byte| byte == b'"' || byte == b'\\')?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Returns how long the value is that begins here.
fn value_length(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => Some(string_length(bytes.get(1..)?)? + 2),
        b'{' | b'[' => nested_length(bytes),
        _ => bytes.iter().position(|byte| b",}]".contains(byte)),
    }
}

/// Returns how long the object or list is that begins here.
fn nested_length(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => at += string_length(bytes.get(at + 1..)?)? + 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\],:é\n]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_walk_sees_what_a_parser_sees(
            object in proptest::collection::btree_map("[a-z]{1,6}", any_value(), 0..6),
        ) {
            let object: serde_json::Map<String, Value> = object.into_iter().collect();
            let written = serde_json::to_string(&object).unwrap();
            let seen: Vec<(String, Value)> = ObjectMembers::of(&written)
                .map(|(name, value)| (name.to_owned(), serde_json::from_str(value).unwrap()))
                .collect();
            let expected: Vec<(String, Value)> = object.clone().into_iter().collect();
            prop_assert_eq!(seen, expected);
            for (name, place) in placed_members(&written) {
                prop_assert_eq!(written.get(place), member(&written, name));
            }
            for (name, value) in &object {
                let seen = member(&written, name).and_then(text);
                prop_assert_eq!(seen.as_deref(), value.as_str());
            }
        }

        #[test]
        fn anything_else_ends_the_walk(text in "\\PC{0,40}|[{}\\[\\]\",:a\\\\]{0,20}") {
            prop_assert!(ObjectMembers::of(&text).count() <= text.len());
        }
    }
}
