//! The username format: placeholders and separators (R11, R12, informat-domain §6.5). Filling it in is `username`'s.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::braces::{Token, tokens};
use super::text::text_type;

/// Longest local part that Entra takes, in characters.
pub const LOCAL_PART_MAX_LENGTH: usize = 64;

/// A username format, such as `{voornaam}.{familienaam}`. `{voornaam.familienaam}` is short for that one, and
/// `{familienaam.voornaam}` for the other order; `{naam}` is the family name (R141).
///
/// ```
/// use oneroster_school::tenant::UsernameFormat;
///
/// assert!("{voornaam:1}{familienaam}".parse::<UsernameFormat>().is_ok());
/// let error = "{voornaam} {familienaam}".parse::<UsernameFormat>().unwrap_err();
/// assert!(error.to_string().starts_with("' ' at character 11 is not allowed"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UsernameFormat {
    text: String,
    pieces: Vec<Piece>,
}

/// A piece of a username format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// A name of the person.
    Name {
        /// Which.
        part: NamePart,
        /// How many of its characters; all without it.
        first: Option<usize>,
    },
    /// A separator.
    Separator(char),
}

/// The names a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamePart {
    /// The given name.
    Given,
    /// The family name.
    Family,
}

/// A username format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsernameFormatError {
    /// A brace without its counterpart.
    #[error("the brace at character {0} has no counterpart")]
    Brace(usize),
    /// A word in braces that means nothing.
    #[error(
        "{{{word}}} at character {position} is no placeholder: {{voornaam}}, {{familienaam}} (or {{naam}}), {{voornaam:N}}, \
         {{familienaam:N}} (the first N characters, 1 to 64), {{voornaam.familienaam}} and {{familienaam.voornaam}} are"
    )]
    Placeholder {
        /// The word.
        word: String,
        /// Where its brace stands, counted from 1.
        position: usize,
    },
    /// A character between placeholders that is not allowed.
    #[error(
        "{character:?} at character {position} is not allowed: only . _ and - may stand between placeholders"
    )]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
    /// No placeholder at all.
    #[error("it holds no placeholder: {{voornaam}} or {{familienaam}} must stand in it")]
    NoPlaceholder,
}

text_type!(UsernameFormat);

impl UsernameFormat {
    /// Returns what the format consists of.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

impl FromStr for UsernameFormat {
    type Err = UsernameFormatError;

    fn from_str(text: &str) -> Result<Self, UsernameFormatError> {
        let mut pieces = Vec::new();
        for (position, token) in tokens(text) {
            match token {
                Token::Word(word) => {
                    let read =
                        placeholder(&word).ok_or(UsernameFormatError::Placeholder { word, position })?;
                    pieces.extend(read);
                }
                Token::Character(character) if is_separator(character) => {
                    pieces.push(Piece::Separator(character));
                }
                Token::Character(character) => {
                    return Err(UsernameFormatError::Character { character, position });
                }
                Token::Brace => return Err(UsernameFormatError::Brace(position)),
            }
        }
        if pieces.iter().any(|piece| matches!(piece, Piece::Name { .. })) {
            Ok(Self {
                text: text.to_owned(),
                pieces,
            })
        } else {
            Err(UsernameFormatError::NoPlaceholder)
        }
    }
}

/// Reads what stands in braces: a name, its first characters, or both names with a dot between them.
fn placeholder(word: &str) -> Option<Vec<Piece>> {
    if let Some((one, other)) = word.split_once('.') {
        let (one, other) = (whole_name(one)?, whole_name(other)?);
        let pieces = [name(one, None), Piece::Separator('.'), name(other, None)];
        return (one != other).then(|| pieces.to_vec());
    }
    let Some((word, count)) = word.split_once(':') else {
        return Some(vec![name(name_part(word)?, None)]);
    };
    let count = count
        .parse()
        .ok()
        .filter(|count| (1..=LOCAL_PART_MAX_LENGTH).contains(count))?;
    Some(vec![name(name_part(word)?, Some(count))])
}

const fn name(part: NamePart, first: Option<usize>) -> Piece {
    Piece::Name { part, first }
}

/// Reads the words that the manuals know beside a dot.
fn whole_name(word: &str) -> Option<NamePart> {
    match word {
        "voornaam" => Some(NamePart::Given),
        "familienaam" => Some(NamePart::Family),
        _ => None,
    }
}

fn name_part(word: &str) -> Option<NamePart> {
    match word {
        "naam" => Some(NamePart::Family),
        other => whole_name(other),
    }
}

/// Returns `true` if a character only separates name parts.
pub fn is_separator(character: char) -> bool {
    matches!(character, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_format_says_where_and_what_is_allowed() {
        for (format, expected) in [
            ("{voornaam", "brace at character 1"),
            ("{voornaam}}", "brace at character 11"),
            ("{voornaam}.{achternaam}", "{achternaam} at character 12"),
            ("{voornaam.voornaam}", "{voornaam.voornaam} at character 1"),
            ("{voornaam.}", "{voornaam.} at character 1"),
            ("{voornaam.familienaam:2}", "{familienaam.voornaam} are"),
            ("{naam:65}", "1 to 64"),
            ("{voornaam:0}", "1 to 64"),
            ("{voornaam:x}", "1 to 64"),
            ("{voornaam} {familienaam}", "' ' at character 11"),
            ("leerling.{voornaam}", "'l' at character 1"),
            (".", "no placeholder"),
            ("", "no placeholder"),
        ] {
            let message = format.parse::<UsernameFormat>().expect_err(format).to_string();
            assert!(message.contains(expected), "{format:?}: {message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<UsernameFormat>();
        }
    }
}
