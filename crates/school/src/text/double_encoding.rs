//! Text whose UTF-8 was read as Windows-1252 or Latin-1, and written as UTF-8 again.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::TextUse;
use super::clean::is_invisible;
use super::punctuation::{is_name_punctuation, is_title_punctuation};
use super::script::{Script, is_accent, script_of};

/// How many times an encoding is undone.
const LAYER_LIMIT: usize = 2;

/// Returns `true` if the whole text can be read as doubly encoded, and what it then says is made of words.
pub(super) fn is_doubly_encoded(text: &str, text_use: TextUse) -> bool {
    if text.is_ascii() {
        return false;
    }
    // A file system may have taken the letters apart since: `Ã` came as `A` and a tilde.
    let mut layer: String = text.nfc().collect();
    for _ in 0..LAYER_LIMIT {
        let Some(inner) = undo(&layer) else {
            return false;
        };
        if is_made_of_words(&inner, text_use) {
            return true;
        }
        layer = inner;
    }
    false
}

/// Writes a text in the encoding it was wrongly read in, and reads the bytes as the UTF-8 they were.
fn undo(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(single_byte).collect();
    String::from_utf8(bytes?).ok()
}

/// The byte of a character in Windows-1252 or, for C1 controls, in Latin-1. Programs differ in which of the two they use for
/// the five bytes that Windows-1252 leaves undefined, so both are taken for one encoding.
fn single_byte(character: char) -> Option<u8> {
    Some(match character {
        '€' => 0x80,
        '‚' => 0x82,
        'ƒ' => 0x83,
        '„' => 0x84,
        '…' => 0x85,
        '†' => 0x86,
        '‡' => 0x87,
        'ˆ' => 0x88,
        '‰' => 0x89,
        'Š' => 0x8A,
        '‹' => 0x8B,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '˜' => 0x98,
        '™' => 0x99,
        'š' => 0x9A,
        '›' => 0x9B,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        other => u8::try_from(u32::from(other)).ok()?,
    })
}

/// Returns `true` if every word consists of letters of one script, and all else is what stands between words in such a text.
///
/// Without this, healthy capitals would be taken for halves of letters: `ÍŠ` in `LÍŠKA` reads as one combining mark.
fn is_made_of_words(text: &str, text_use: TextUse) -> bool {
    let mut word: Option<Script> = None;
    for character in text.chars() {
        // A replacement character was there before the encoding was doubled.
        if is_invisible(character) || character == char::REPLACEMENT_CHARACTER {
            continue;
        }
        match (script_of(character), word) {
            (Some(script), None) if !is_combining_mark(character) => word = Some(script),
            (Some(script), Some(of_word)) if script == of_word => {}
            (None, Some(_)) if is_accent(character) => {}
            (None, _) if is_between_words(character, text_use) => word = None,
            (Some(_) | None, _) => return false,
        }
    }
    true
}

fn is_between_words(character: char, text_use: TextUse) -> bool {
    if character.is_whitespace() && !character.is_control() {
        return true;
    }
    match text_use {
        TextUse::PersonName => is_name_punctuation(character),
        TextUse::Title => is_title_punctuation(character),
    }
}
