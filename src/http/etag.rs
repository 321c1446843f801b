//! Entity tags: a token is a ticket to one generation, so the same request gets the same response (RFC 9110 §8.8.3).
//!
//! A tag is made from the request, the generation and the version of the served form, not from the response: a client that
//! sends the tag of the response it has is answered 304 without a page being built.

use std::fmt::Write as _;

use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::ClientSettings;

/// The version of the form in which a generation is served: of the headers and the bytes that a request gets for it. Raise
/// it when either changes, or clients keep what they have: `tests/it/served_form.rs` fails until it is raised.
pub const SERVED_FORM_VERSION: u32 = 3;

/// Longest `If-None-Match` that is looked at, in bytes; a longer one is as good as none.
const IF_NONE_MATCH_MAX: usize = 4096;

/// How much of the digest a tag has, in bytes.
const TAG_BYTES: usize = 16;

/// All that decides about an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaggedRequest<'a> {
    pub(super) generation_id: Uuid,
    /// Address that references in the answer begin with.
    pub(super) base_url: &'a str,
    pub(super) operation: &'static str,
    pub(super) ids: &'a [String],
    /// As sent.
    pub(super) query: &'a str,
    pub(super) settings: ClientSettings,
}

/// Returns the tag of an answer. It is weak: a compressed answer is another sequence of bytes.
pub(super) fn of(question: &TaggedRequest<'_>) -> String {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    part(&SERVED_FORM_VERSION.to_le_bytes());
    part(question.generation_id.as_bytes());
    part(question.base_url.as_bytes());
    part(question.operation.as_bytes());
    part(question.query.as_bytes());
    if let Some(settings) = page_settings(question.settings) {
        part(settings.as_bytes());
    }
    for id in question.ids {
        part(id.as_bytes());
    }
    let mut tag = String::with_capacity(2 * TAG_BYTES + 4);
    tag.push_str("W/\"");
    for byte in digest.finalize().iter().take(TAG_BYTES) {
        for nibble in [byte >> 4, byte & 15] {
            tag.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    tag.push('"');
    tag
}

/// Returns the settings that a page depends on, if any is set. A setting is added here only if it changes pages, and so that it is
/// written only where it is set: the tags of all clients with settings would change with it.
fn page_settings(settings: ClientSettings) -> Option<String> {
    let ClientSettings {
        token_lifetime_s,
        include_tombstones,
        unpaged_delta,
        native_booleans,
        unknown_parent_404,
        email,
        enabled_users,
        ended_enrollments,
        district_org,
        unpaged_full,
        files: _,
        import: _,
    } = settings;
    let of_pages = ClientSettings {
        files: None,
        import: None,
        ..settings
    };
    let since = [
        ("email", email),
        ("enabled_users", enabled_users),
        ("ended_enrollments", ended_enrollments),
        ("district_org", district_org),
        ("unpaged_full", unpaged_full),
    ];
    (of_pages != ClientSettings::default()).then(|| {
        let mut text = format!(
            "ClientSettings {{ token_lifetime_s: {token_lifetime_s:?}, include_tombstones: {include_tombstones:?}, \
             unpaged_delta: {unpaged_delta:?}, native_booleans: {native_booleans:?}, \
             unknown_parent_404: {unknown_parent_404:?} }}"
        );
        for (name, value) in since {
            if let Some(value) = value {
                // Writing to a string does not fail.
                let _ = write!(text, " {name}={value}");
            }
        }
        text
    })
}

/// Returns `true` if the client has the response with this tag. Tags are compared weakly (RFC 9110 §13.1.2).
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    let wanted = opaque(tag);
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter(|value| value.len() <= IF_NONE_MATCH_MAX)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .any(|known| opaque(known) == wanted)
}

/// Puts the tag on an answer.
pub(super) fn attach(headers: &mut HeaderMap, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question<'a>(ids: &'a [String], query: &'a str) -> TaggedRequest<'a> {
        TaggedRequest {
            generation_id: Uuid::from_u128(7),
            base_url: "https://sis.example",
            operation: "getUser",
            ids,
            query,
            settings: ClientSettings::default(),
        }
    }

    #[test]
    fn whatever_decides_about_an_answer_is_in_its_tag() {
        let ids = ["a".to_owned(), "b".to_owned()];
        let joined = ["ab".to_owned()];
        let asked = question(&ids, "limit=5");
        let settings = ClientSettings {
            native_booleans: Some(true),
            ..ClientSettings::default()
        };
        let others = [
            TaggedRequest {
                generation_id: Uuid::from_u128(8),
                ..asked
            },
            TaggedRequest {
                base_url: "https://other.example",
                ..asked
            },
            TaggedRequest {
                operation: "getClass",
                ..asked
            },
            TaggedRequest {
                ids: &joined,
                ..asked
            },
            TaggedRequest {
                query: "limit=6",
                ..asked
            },
            TaggedRequest { settings, ..asked },
        ];
        assert_eq!(of(&asked), of(&question(&ids, "limit=5")));
        let files = ClientSettings {
            files: Some(true),
            import: Some(true),
            ..ClientSettings::default()
        };
        let with_files = TaggedRequest {
            settings: files,
            ..asked
        };
        assert_eq!(of(&asked), of(&with_files), "no page depends on it");
        let mut tags = std::collections::BTreeSet::from([of(&asked)]);
        for key in [
            "email",
            "enabled_users",
            "ended_enrollments",
            "district_org",
            "unpaged_full",
        ] {
            let settings = ClientSettings::default().with(&[format!("{key}=true")]).unwrap();
            assert!(tags.insert(of(&TaggedRequest { settings, ..asked })), "{key}");
        }
        for other in others {
            assert_ne!(of(&asked), of(&other), "{other:?}");
        }
    }

    #[test]
    fn a_tag_is_found_weak_or_strong_and_among_others() {
        let tag = of(&question(&[], ""));
        let strong = tag.trim_start_matches("W/").to_owned();
        let sent = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, text.parse().unwrap());
            is_known(&headers, &tag)
        };
        assert!(sent(&tag) && sent(&strong) && sent(&format!("\"x\", {tag} ,W/\"y\"")));
        assert!(!sent("\"x\"") && !sent("*") && !sent(""));
        assert!(!sent(&format!("{}{tag}", " ".repeat(IF_NONE_MATCH_MAX))));
        assert!(!is_known(&HeaderMap::new(), &tag));
    }
}
