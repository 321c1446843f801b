//! The form in which two spellings of one name are the same.

use unicode_normalization::UnicodeNormalization;

use super::normalise::normalise;
use crate::text::clean;
use crate::text::punctuation::{is_apostrophe, is_dash};

/// Returns a form that is equal for two spellings of one name; never to be shown, stored or sent.
///
/// It is what usernames are made of, so that apostrophes, accents, case, spaces and the kinds of dashes do not count. A name
/// that contains letters without a Latin form, or nothing that a username may hold, is compared as written: composed, in
/// lower case, with one kind of apostrophe, dash and space, and without invisible characters.
pub fn comparable(text: &str) -> String {
    let text = clean(text);
    let normalised = normalise(&text);
    if normalised.gave_up || normalised.text.is_empty() {
        as_written(&text)
    } else {
        normalised.text
    }
}

fn as_written(text: &str) -> String {
    let folded: String = text
        .to_lowercase()
        .nfc()
        .map(|character| match character {
            character if is_apostrophe(character) => '\'',
            character if is_dash(character) => '-',
            other => other,
        })
        .collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ")
}
