//! Healthy text in the form in which it is kept.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Composes letters and accents (NFC) and removes invisible characters; nothing else is changed, not even space at the ends.
///
/// For text that [`judge()`](super::judge) found healthy: a doubly encoded letter may contain a soft hyphen. The
/// result may be empty. Doing it again changes nothing.
pub fn clean(text: &str) -> Cow<'_, str> {
    let has_invisible = text.chars().any(is_invisible);
    if !has_invisible && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    // Invisible characters go first: one of them may keep a letter and its accent apart.
    Cow::Owned(
        text.chars()
            .filter(|character| !is_invisible(*character))
            .nfc()
            .collect(),
    )
}

/// Returns `true` for characters without a shape of their own: soft hyphen, joiners and zero-width spaces, marks, embeddings
/// and isolates of writing direction, byte order marks, interlinear annotations, tags.
///
/// Controls (C0, C1) and line separators are not among them: those are faults. Variation selectors stay.
pub(super) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}
