//! What a damaged text looks like.

use std::fmt;

use super::{double_encoding, html_entity};

/// What happened to a text before it reached us. Such a text is *doubtful*: it is kept as it came, and a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Damage {
    /// Bytes that were no text in the assumed encoding were replaced by U+FFFD.
    ReplacementCharacter,
    /// UTF-8 was read as Windows-1252 or Latin-1 and written as UTF-8 again, once or twice.
    DoublyEncoded,
    /// A character was written as HTML does it: `&eacute;`, `&#233;`, `&#xE9;`.
    HtmlEntity,
    /// A letter that an encoding did not have was written as `?`.
    QuestionMark,
}

impl Damage {
    /// Every damage, in the order in which [`judge`] looks for it.
    pub const ALL: [Self; 4] = [
        Self::ReplacementCharacter,
        Self::DoublyEncoded,
        Self::HtmlEntity,
        Self::QuestionMark,
    ];

    /// The id in reports and in JSON, in kebab-case.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ReplacementCharacter => "replacement-character",
            Self::DoublyEncoded => "doubly-encoded",
            Self::HtmlEntity => "html-entity",
            Self::QuestionMark => "question-mark",
        }
    }

    /// What happened, in a sentence for people.
    pub const fn description(self) -> &'static str {
        match self {
            Self::ReplacementCharacter => "characters were lost; the sign \u{FFFD} stands in their place",
            Self::DoublyEncoded => "letters with accents were encoded twice (Ã© instead of é)",
            Self::HtmlEntity => "characters are written as in a web page (&eacute; instead of é)",
            Self::QuestionMark => "letters were lost; a question mark stands in their place",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// What a text is for: it decides which signs are expected in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextUse {
    /// A given or family name.
    PersonName,
    /// Any other text: titles of classes, names of schools and sites, codes.
    Title,
}

/// Returns the damage that a text shows, or `None` if it is healthy.
///
/// Expects the text as it came: trimming may remove a no-break space or a C1 control that is half a letter. A C1 control in
/// a text judged [`Damage::DoublyEncoded`] is part of that damage and no fault of its own.
///
/// Two limits. A text of which only a part is doubly encoded, or that was cut in the middle of a letter, counts as healthy,
/// and so does a title whose lost letter was the first or last of a word. The other way round, capitals followed by an en
/// dash or quotation mark may read as one letter: `HEIKKILÄ–VIRTANEN` is flagged, because it may be `HEIKKILĖVIRTANEN`.
pub fn judge(text: &str, text_use: TextUse) -> Option<Damage> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        Some(Damage::ReplacementCharacter)
    } else if double_encoding::is_doubly_encoded(text, text_use) {
        Some(Damage::DoublyEncoded)
    } else if html_entity::contains_entity(text) {
        Some(Damage::HtmlEntity)
    } else if has_suspicious_question_mark(text, text_use) {
        Some(Damage::QuestionMark)
    } else {
        None
    }
}

fn has_suspicious_question_mark(text: &str, text_use: TextUse) -> bool {
    match text_use {
        TextUse::PersonName => text.contains('?'),
        TextUse::Title => is_question_mark_between_letters(text),
    }
}

/// Several in a row count as one: a letter of two bytes may have become two question marks.
fn is_question_mark_between_letters(text: &str) -> bool {
    let mut after_letter = false;
    let mut after_question_mark = false;
    for character in text.chars() {
        if character == '?' {
            after_question_mark = after_letter;
        } else {
            after_letter = character.is_alphabetic();
            if after_letter && after_question_mark {
                return true;
            }
            after_question_mark = false;
        }
    }
    false
}
